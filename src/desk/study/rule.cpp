#include "study/rule.hpp"

#include <algorithm>
#include <utility>

#include "study/rule_reader.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

using Kind = RuleToken::Kind;

constexpr std::size_t most_given = 6;
constexpr std::string_view whole_example =
    "r(log interference, gap given examples) > 0 where kind = classify";
const RuleReader::Words statistics{"r", "mean", "median", "slope"};

bool begins_statistic(const RuleReader& reader) {
  return reader.at().kind == Kind::word && contains(statistics, reader.at().text);
}

void read_fields(RuleReader& reader, std::vector<std::string>& fields) {
  do fields.push_back(read_group_field(reader));
  while (reader.takes(","));
}

/// A field has a level for each of its values; anything else is given as a number, linear in it.
void read_given(RuleReader& reader, Statistic& statistic) {
  reader.show("r(log interference, gap given examples, network) > 0");
  do {
    if (statistic.expressions.size() + statistic.levels.size() == most_given + 2)
      reader.expected("at most " + std::to_string(most_given) + " quantities behind \"given\"");
    if (begins_group_field(reader))
      statistic.levels.push_back(read_group_field(reader));
    else
      statistic.expressions.push_back(read_expression(reader));
  } while (reader.takes(","));
}

void read_pooled(RuleReader& reader, Statistic& statistic) {
  reader.show("r(log interference, gap pooled over examples) < 0 where panel = value-based");
  if (statistic.kind != Statistic::Kind::correlation)
    reader.fault("only r(...) can be pooled: each level has an r of its own, and their mean is taken");
  if (!statistic.levels.empty())
    reader.fault(
        "either a level is given or r is pooled over it: with \"pooled over\", only numbers are given");
  reader.next();
  reader.take("over", "\"over\"");
  statistic.pooled = true;
  read_fields(reader, statistic.levels);
}

Statistic read_statistic(RuleReader& reader) {
  reader.show(whole_example);
  if (!begins_statistic(reader))
    reader.expected("r(...), mean(...), median(...) or slope(...)",
                    {"r", "mean", "median", "slope", "needs"});
  Statistic statistic;
  statistic.kind = reader.takes("r")        ? Statistic::Kind::correlation
                   : reader.takes("slope")  ? Statistic::Kind::slope
                   : reader.takes("median") ? Statistic::Kind::median
                                            : Statistic::Kind::mean;
  if (statistic.kind == Statistic::Kind::mean) reader.take("mean", "mean(...)");
  reader.take("(", "\"(\"");
  statistic.expressions.push_back(read_expression(reader));
  if (statistic.of_two()) {
    const bool is_r = statistic.kind == Statistic::Kind::correlation;
    reader.show(is_r ? whole_example : "slope(log capacity, log interference given examples) < 0");
    reader.take(",", is_r ? "a comma: r is of two quantities" : "a comma: a slope is of two quantities");
    statistic.expressions.push_back(read_expression(reader));
    if (reader.takes("given")) read_given(reader, statistic);
    if (reader.is("pooled")) read_pooled(reader, statistic);
  }
  if (reader.takes("where")) statistic.where = read_tests(reader);
  reader.take(")", statistic.of_two() ? "\"given\", \"pooled over\", \"where\" or \")\""
                                      : "\"-\", \"where\" or \")\"");
  return statistic;
}

double read_limit(RuleReader& reader, bool magnitude) {
  if (magnitude && reader.at().kind == Kind::number && reader.at().number < 0)
    reader.expected("a number above 0, for a magnitude");
  return reader.number();
}

/// "-0.91 < r(...) < -0.8".
void read_between(RuleReader& reader, Rule& rule) {
  reader.show("-0.91 < r(log examples, gap) < -0.8");
  rule.low = reader.number();
  if (!reader.takes("<") && !reader.takes("<=")) reader.expected("\"<\"");
  rule.value = read_statistic(reader);
  if (reader.takes("-")) rule.other = read_statistic(reader);
  reader.show("-0.91 < r(log examples, gap) < -0.8");
  if (!reader.takes("<") && !reader.takes("<=")) reader.expected("\"<\"");
  if (reader.at().kind == Kind::number && reader.at().number <= rule.low)
    reader.expected("a number above the first limit");
  rule.high = reader.number();
}

void read_comparison(RuleReader& reader, Rule& rule) {
  const bool magnitude = reader.takes("|");
  rule.value = read_statistic(reader);
  if (reader.takes("-")) rule.other = read_statistic(reader);
  reader.show(magnitude ? "|r(log interference, gap)| < 0.3" : whole_example);
  if (magnitude) reader.take("|", rule.other ? "\"|\"" : "\"|\" or \"-\"");
  const std::string sign = reader.at().text;
  if (!contains({"<", "<=", ">", ">=", "!="}, sign) || reader.at().kind != Kind::sign)
    reader.expected("\"<\", \">\" or \"!=\"");
  reader.next();
  double limit = 0;
  if (begins_statistic(reader) && !rule.other && !magnitude)
    rule.other = read_statistic(reader);
  else if (reader.at().kind != Kind::number && !rule.other && !magnitude)
    reader.expected("a number, r(...), mean(...), median(...) or slope(...)", statistics);
  else
    limit = read_limit(reader, magnitude);
  const bool below = sign[0] == '<';
  if (sign == "!=" || (magnitude && !below)) rule.outside = true;
  if (below || rule.outside) rule.high = limit;
  if (!below || magnitude) rule.low = magnitude ? -limit : limit;
}

void read_cells(RuleReader& reader, Rule& rule) {
  reader.show("mean(gap where panel = value-based) > mean(gap where kind = classify) on common cells");
  if (!rule.other) reader.fault("\"on\" belongs to a rule that compares two statistics");
  reader.next();
  if (!reader.is("common") && !reader.is("all"))
    reader.expected("\"common cells\" or \"all cells\"", {"common", "all"});
  rule.common_cells = reader.next().text == "common";
  reader.take("cells", "\"cells\"");
}

void read_across(RuleReader& reader, Rule& rule) {
  reader.show("r(log examples, gap) < -0.91 across 20 to 50000 examples");
  const double from = reader.number();
  reader.take("to", "\"to\"");
  if (reader.at().kind == Kind::number && reader.at().number <= from)
    reader.expected("a number above the first");
  rule.across = {from, reader.number()};
  reader.take("examples", "\"examples\"");
}

void read_over(RuleReader& reader, Rule& rule) {
  reader.show("r(log interference seen-seen, sign_variance seen) > 0.3 over all series");
  reader.take("all", "\"all series\"");
  reader.take("series", "\"series\"");
  rule.all_series = true;
}

void read_groups(RuleReader& reader, Rule& rule) {
  reader.show("r(log interference, gap) > 0 for each examples, learner.rate");
  rule.some = reader.is("some");
  if (!reader.takes("some") && !reader.takes("each"))
    reader.expected("\"each\" or \"some\"", {"each", "some"});
  read_fields(reader, rule.by);
}

Rule read_rule(RuleReader& reader) {
  Rule rule;
  reader.show(whole_example);
  if (reader.takes("needs")) {
    if (reader.at().kind == Kind::end) reader.expected("what it takes to test the claim");
    rule.needs = reader.rest();
    return rule;
  }
  if (reader.at().kind == Kind::number)
    read_between(reader, rule);
  else
    read_comparison(reader, rule);
  if (reader.is("on")) read_cells(reader, rule);
  if (reader.takes("across")) read_across(reader, rule);
  if (reader.takes("over")) read_over(reader, rule);
  if (reader.takes("where")) rule.where = read_tests(reader);
  if (reader.takes("for")) read_groups(reader, rule);
  reader.show(whole_example);
  if (reader.at().kind != Kind::end)
    reader.expected(
        rule.by.empty() ? "\"where\", \"for\" or the end of the rule" : "a comma or the end of the rule",
        {"where", "for", "and", "across", "over", "on"});
  return rule;
}

}  // namespace

bool Statistic::is_given(std::string_view field) const { return contains(levels, field); }

bool Statistic::asks_for(std::string_view quantity) const {
  return std::any_of(expressions.begin(), expressions.end(), [&](const Expression& expression) {
    return expression.quantity.name == quantity || (expression.minus && expression.minus->name == quantity);
  });
}

bool Rule::is_by(std::string_view field) const { return contains(by, field); }

std::variant<Rule, RuleFault> parse_rule(std::string_view text) {
  try {
    RuleReader reader(text);
    return read_rule(reader);
  } catch (RuleFault& fault) {
    return std::move(fault);
  }
}

}  // namespace crosstalk::study
