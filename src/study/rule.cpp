#include "study/rule.hpp"

#include <algorithm>
#include <utility>

#include "study/measures.hpp"
#include "study/nearest.hpp"
#include "study/rule_tokens.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

using Kind = RuleToken::Kind;
using Words = std::vector<std::string>;

constexpr std::size_t most_given = 6;
const Words pair_splits{"train-train", "train-test", "test-test"};
const Words sizes{"examples", "capacity"};
const Words errors{"train error", "test error"};

const Words& measures() {
  static const Words names = measure_names();
  return names;
}

bool contains(const Words& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The measure behind a row's name: "reward" of "reward.blind".
std::string base_of(const std::string& name) { return name.substr(0, name.find('.')); }

bool is_of_pairs(const std::string& measure) {
  return measure.ends_with("_interference") || measure.ends_with("stiffness");
}

/// What a measure has rows of beside its own: "reward.blind". Of quantiles there are rows too, but figures
/// and claims do not load them.
Words suffixes_of(const std::string& measure) {
  if (measure.ends_with("stiffness")) return {".positive", ".zero", ".negative", ".sign", ".left_out"};
  if (is_of_pairs(measure)) return {".positive", ".zero", ".negative"};
  if (measure == "accuracy") return {".random", ".blind", ".constant"};
  if (contains({"reward", "first_guess"}, measure)) return {".random", ".blind"};
  if (measure == "squared_error") return {".constant"};
  return {};
}

/// What a field can be equal to; empty: anything.
Words values_of(const std::string& field) {
  if (field == "panel") return {"supervised", "value-based", "policy gradient"};
  const Key* key = find_key(field == "kind"        ? "task.kind"
                            : field == "algorithm" ? "learner.algorithm"
                                                   : field);
  return key == nullptr ? Words{} : key->allowed;
}

bool is_numeric(const std::string& field) {
  if (contains(sizes, field)) return true;
  const Key* key = find_key(field);
  return key != nullptr &&
         (key->type == Type::integer || key->type == Type::number || key->type == Type::count_or_all);
}

/// Descends the grammar of docs/claims.md; throws the first fault.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), tokens_(rule_tokens(text)) {}

  Rule rule() {
    Rule rule;
    if (takes("needs")) {
      rule.needs = text_.substr(tokens_[at_].column - 1);
      if (at().kind == Kind::end) expected("what it takes to test the claim");
      return rule;
    }
    rule.magnitude = takes("|");
    rule.value = statistic();
    if (takes("-")) rule.other = statistic();
    if (rule.magnitude) take("|", "\"|\" or \"-\"");
    rule.below = comparison();
    limit(rule);
    if (takes("where")) rule.where = tests();
    if (takes("for")) groups(rule);
    if (at().kind != Kind::end)
      expected(
          rule.by.empty() ? "\"where\", \"for\" or the end of the rule" : "a comma or the end of the rule",
          {"where", "for", "and"});
    return rule;
  }

 private:
  const RuleToken& at() const { return tokens_[at_]; }
  bool is(const std::string& text) const {
    return (at().kind == Kind::word || at().kind == Kind::sign) && at().text == text;
  }
  bool takes(const std::string& text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  void take(const std::string& text, const std::string& what) {
    if (!takes(text)) expected(what);
  }

  [[noreturn]] void expected(const std::string& what, const Words& candidates = {}) const {
    std::string message = "expected " + what + ", not " + in_words(at());
    if (const std::string near = nearest(at().text, candidates); !near.empty() && near != at().text)
      message += "; did you mean " + near + "?";
    throw RuleFault{at().column, message};
  }

  Statistic statistic() {
    Statistic statistic;
    statistic.correlation = is("r");
    if (!takes("r") && !takes("mean")) expected("r(...) or mean(...)", {"r", "mean", "needs"});
    take("(", "\"(\"");
    statistic.expressions.push_back(expression());
    if (statistic.correlation) {
      take(",", "a comma: r is of two quantities");
      statistic.expressions.push_back(expression());
      if (takes("given")) given(statistic);
    }
    if (takes("where")) statistic.where = tests();
    take(")", statistic.correlation ? "\"given\", \"where\" or \")\"" : "\"-\", \"where\" or \")\"");
    return statistic;
  }

  void given(Statistic& statistic) {
    do {
      if (statistic.expressions.size() == most_given + 2)
        expected("at most " + std::to_string(most_given) + " quantities behind \"given\"");
      statistic.expressions.push_back(expression());
    } while (takes(","));
  }

  Expression expression() {
    Expression expression{quantity(), {}};
    if (takes("-")) expression.minus = quantity();
    return expression;
  }

  Quantity quantity() {
    Quantity quantity;
    quantity.logarithm = takes("log");
    quantity.variation = takes("variation");
    name(quantity);
    if (!takes("at")) return quantity;
    if (quantity.variation || contains(sizes, quantity.name)) {
      --at_;
      expected("no moment: this is a number of the whole run");
    }
    moment(quantity);
    return quantity;
  }

  void name(Quantity& quantity) {
    const RuleToken token = at();
    const std::string pair = token.text + " " + tokens_[std::min(at_ + 1, tokens_.size() - 1)].text;
    quantity.name = token.text;
    if (contains(errors, pair)) {
      quantity.name = pair;
      at_ += 2;
      return;
    }
    if (token.kind == Kind::word && (contains(sizes, token.text) || token.text == "gap")) {
      if (quantity.variation && token.text != "gap") expected("a measure: this does not change during a run");
      ++at_;
      return;
    }
    if (takes("interference")) {
      quantity.name = "function_interference";
      quantity.split = "train-train";
      if (contains(pair_splits, at().text)) quantity.split = tokens_[at_++].text;
      return;
    }
    if (token.kind != Kind::word || !contains(measures(), base_of(token.text))) {
      Words known = measures();
      known.insert(known.end(), {"interference", "gap", "examples", "capacity", "train", "test"});
      expected("a quantity (" +
                   alternatives({"interference", "gap", "train error", "test error", "examples", "capacity",
                                 "a measure"}) +
                   ")",
               known);
    }
    known_suffix(token.text);
    ++at_;
    split(quantity);
  }

  void known_suffix(const std::string& name) const {
    const std::string measure = base_of(name);
    Words names{measure};
    for (const std::string& suffix : suffixes_of(measure)) names.push_back(measure + suffix);
    if (contains(names, name)) return;
    const bool quantile = is_of_pairs(measure) && name.starts_with(measure + ".q");
    if (!quantile) expected(alternatives(names), names);
    throw RuleFault{at().column, "expected " + alternatives(names) + ", not " + in_words(at()) +
                                     "; quantiles are stored, but no claim is judged by them"};
  }

  void split(Quantity& quantity) {
    const std::string measure = base_of(quantity.name);
    const bool of_pairs = is_of_pairs(measure);
    const Words splits = of_pairs                     ? pair_splits
                         : measure.starts_with("gap") ? Words{"train-test"}
                                                      : Words{"train", "test"};
    if (contains(splits, at().text)) {
      quantity.split = tokens_[at_++].text;
    } else if (splits.size() != 2) {
      quantity.split = splits.front();
    } else {
      expected("a split of " + quantity.name + ", " + alternatives(splits), splits);
    }
  }

  void moment(Quantity& quantity) {
    using Moment = Quantity::Moment;
    if (takes("last")) return;
    if (takes("first")) {
      quantity.moment = Moment::first;
    } else if (takes("best")) {
      quantity.moment = Moment::best;
    } else if (at().kind == Kind::number && at().number >= 0 && at().number <= 100) {
      quantity.moment = Moment::share;
      quantity.percent = tokens_[at_++].number;
      take("%", "\"%\"");
    } else {
      expected("a moment (last, first, best or a share of the steps such as 50%)", {"last", "first", "best"});
    }
  }

  bool comparison() {
    const bool below = is("<") || is("<=");
    if (!below && !is(">") && !is(">=")) expected("\"<\" or \">\"");
    ++at_;
    return below;
  }

  void limit(Rule& rule) {
    if (at().kind == Kind::number) {
      rule.limit = tokens_[at_++].number;
      return;
    }
    if (rule.other || rule.magnitude) expected("a number");
    if (!is("r") && !is("mean")) expected("a number, r(...) or mean(...)", {"r", "mean"});
    rule.other = statistic();
  }

  std::vector<Test> tests() {
    std::vector<Test> tests;
    do tests.push_back(test());
    while (takes("and"));
    return tests;
  }

  std::string field() {
    const std::string name = at().text;
    Words known = rule_fields();
    if (at().kind == Kind::word && (contains(known, name) || find_key(name) != nullptr)) {
      ++at_;
      return name;
    }
    const std::string own = alternatives(known);
    for (const Key& key : keys()) known.push_back(key.name);
    expected("a field (" + own + ") or a key of the configuration", known);
  }

  Test test() {
    Test test{field(), at().text, {}};
    const bool ordered = contains({"<", "<=", ">", ">="}, test.comparison) && at().kind == Kind::sign;
    if (takes("in")) {
      test.comparison = "=";
      take("[", "\"[\"");
      do test.values.push_back(value(test.field, false));
      while (takes(","));
      take("]", "a comma or \"]\"");
      return test;
    }
    if (!ordered && !is("=") && !is("!=")) expected("=, !=, <, <=, >, >= or in");
    if (ordered && !is_numeric(test.field)) expected("= or !=, since " + test.field + " is no number");
    ++at_;
    test.values.push_back(value(test.field, ordered));
    return test;
  }

  Json value(const std::string& field, bool ordered) {
    const RuleToken& token = at();
    if (token.kind == Kind::number) {
      ++at_;
      return token.number;
    }
    if (ordered || contains(sizes, field) || (token.kind != Kind::word && token.kind != Kind::quoted))
      expected(ordered || contains(sizes, field) ? "a number" : "a value");
    const Words allowed = values_of(field);
    if (!allowed.empty() && !contains(allowed, token.text)) expected(alternatives(allowed), allowed);
    ++at_;
    if (token.text == "true" || token.text == "false") return token.text == "true";
    return token.text;
  }

  void groups(Rule& rule) {
    if (takes("some"))
      rule.some = true;
    else if (!takes("each"))
      expected("\"each\" or \"some\"", {"each", "some"});
    do rule.by.push_back(field());
    while (takes(","));
  }

  std::string_view text_;
  std::vector<RuleToken> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

const std::vector<std::string>& rule_fields() {
  static const Words names{"experiment", "panel", "kind", "algorithm", "dataset", "examples", "capacity"};
  return names;
}

std::variant<Rule, RuleFault> parse_rule(std::string_view text) {
  try {
    return Parser(text).rule();
  } catch (RuleFault& fault) {
    return std::move(fault);
  }
}

}  // namespace crosstalk::study
