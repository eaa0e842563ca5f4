#include <utility>

#include "base/error.hpp"
#include "base/measures.hpp"
#include "base/vocabulary.hpp"
#include "study/measures.hpp"
#include "study/rule_reader.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

using Kind = RuleToken::Kind;
using Words = RuleReader::Words;

const Words pair_splits = words_in(find_measure("function_interference")->splits);
const Words sizes{"examples", "capacity"};
const Words errors{"train error", "test error"};

const Words& measures() {
  static const Words names = measure_names();
  return names;
}

/// What a measure has rows of beside its own: "reward.blind". Of quantiles there are rows too, but figures
/// and claims do not load them.
Words parts_of(const std::string& measure) {
  Words parts = words_in(find_measure(measure)->parts);
  std::erase(parts, "quantiles");
  for (std::string& part : parts) part = measure + "." + part;
  return parts;
}

void known_suffix(const RuleReader& reader) {
  const std::string& name = reader.at().text;
  const std::string measure(measure_of(name));
  Words names{measure};
  for (const std::string& part : parts_of(measure)) names.push_back(part);
  if (contains(names, name)) return;
  const bool quantile = lists(find_measure(measure)->parts, "quantiles") && name.starts_with(measure + ".q");
  const std::string some = some_alternatives(names, "docs/measures.md");
  if (!quantile) reader.expected(some, names);
  reader.fault("expected " + some + ", not " + in_words(reader.at()) +
               "; quantiles are stored, but no claim is judged by them");
}

/// Said; else the first of pairs, the only one there is, or that of all levels.
void split(RuleReader& reader, Quantity& quantity) {
  const Words splits = words_in(find_measure(measure_of(quantity.name))->splits);
  const bool of_pairs = splits.front().find('-') != std::string::npos;
  if (contains(splits, reader.at().text)) {
    quantity.split = reader.next().text;
  } else if (of_pairs || splits.size() == 1 || splits.front() == "evaluation") {
    quantity.split = splits.front();
  } else {
    reader.expected("a split of " + quantity.name + ", " + alternatives(splits), splits);
  }
}

void name(RuleReader& reader, Quantity& quantity) {
  const RuleToken token = reader.at();
  const std::string pair = token.text + " " + reader.after().text;
  quantity.name = token.text;
  if (contains(errors, pair)) {
    quantity.name = pair;
    reader.next();
    reader.next();
    return;
  }
  if (token.kind == Kind::word && (contains(sizes, token.text) || token.text == "gap")) {
    if (quantity.variation && token.text != "gap")
      reader.expected("a measure: this does not change during a run");
    reader.next();
    if (token.text == "gap") reader.takes("train-test");  // its only split
    return;
  }
  if (reader.takes("interference")) {
    quantity.name = "function_interference";
    quantity.split = "train-train";
    if (contains(pair_splits, reader.at().text)) quantity.split = reader.next().text;
    return;
  }
  if (token.kind != Kind::word || !contains(measures(), std::string(measure_of(token.text)))) {
    Words known = measures();
    known.insert(known.end(), {"interference", "gap", "examples", "capacity", "train", "test"});
    reader.expected("a quantity (" +
                        alternatives({"interference", "gap", "train error", "test error", "examples",
                                      "capacity", "a measure"}) +
                        ")",
                    known);
  }
  known_suffix(reader);
  reader.next();
  split(reader, quantity);
}

/// "first_guess train >= 0.9".
Milestone read_milestone(RuleReader& reader) {
  Quantity reached;
  name(reader, reached);
  const std::string sign = reader.at().text;
  if (!contains({"<=", ">="}, sign) || reader.at().kind != Kind::sign)
    reader.expected("\">=\" or \"<=\": a moment is where a measure first reaches a limit");
  reader.next();
  return {reached.name, reached.split, sign[0] == '>', reader.number()};
}

void moment(RuleReader& reader, Quantity& quantity) {
  using Moment = Quantity::Moment;
  if (reader.takes("last")) {
    quantity.moment = Moment::last;
  } else if (reader.takes("first")) {
    quantity.moment = Moment::first;
  } else if (reader.takes("best")) {
    quantity.moment = Moment::best;
  } else if (reader.at().kind == Kind::number && reader.at().number >= 0 && reader.at().number <= 100) {
    quantity.moment = Moment::share;
    quantity.percent = reader.next().number;
    reader.take("%", "\"%\"");
  } else if (reader.at().kind == Kind::word &&
             contains(measures(), std::string(measure_of(reader.at().text)))) {
    quantity.moment = Moment::milestone;
    quantity.milestone = read_milestone(reader);
  } else {
    reader.expected(
        "a moment (last, first, best, a share of the steps such as 50%, or what a measure reaches, such as "
        "first_guess train >= 0.9)",
        {"last", "first", "best"});
  }
}

Quantity read_quantity(RuleReader& reader) {
  Quantity quantity;
  quantity.logarithm = reader.takes("log");
  quantity.variation = reader.takes("variation");
  name(reader, quantity);
  if (!reader.takes("at")) return quantity;
  if (quantity.variation || contains(sizes, quantity.name)) {
    reader.back();
    reader.expected("no moment: this is a number of the whole run");
  }
  moment(reader, quantity);
  return quantity;
}

}  // namespace

Expression read_expression(RuleReader& reader) {
  reader.show("mean(|log interference at last - log interference at 50%|) < 0.69");
  const bool magnitude = reader.takes("|");
  Expression expression{read_quantity(reader), {}, magnitude};
  if (reader.takes("-")) expression.minus = read_quantity(reader);
  if (magnitude) reader.take("|", expression.minus ? "\"|\"" : "\"|\" or \"-\"");
  return expression;
}

std::string milestone_in_one_form(const std::string& text) {
  if (text == "never") return text;
  try {
    RuleReader reader(text);
    if (reader.at().text != "interference" &&
        !contains(measures(), std::string(measure_of(reader.at().text))))
      reader.expected("a measure with its split, as in \"accuracy train >= 0.9\"", measures());
    Milestone milestone = read_milestone(reader);
    if (reader.at().kind != Kind::end) reader.expected("the end");
    if (milestone.name == "gap") milestone.split = find_measure("gap")->splits;
    return milestone.name + " " + milestone.split + (milestone.above ? " >= " : " <= ") +
           to_toml(milestone.limit);
  } catch (const RuleFault& fault) {
    throw Error(ErrorKind::config, fault.message);
  }
}

}  // namespace crosstalk::study
