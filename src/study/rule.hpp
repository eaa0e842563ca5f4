#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"

/// The language of claims (docs/claims.md): what is compared, over which runs, in which groups.
///     r(log interference, gap) < 0 where panel = value-based and examples >= 500 for each examples
namespace crosstalk::study {

/// One number of a run: a measure of one split at one moment, or a size of the run.
struct Quantity {
  enum class Moment { last, first, best, share };
  std::string name;   // "gap", "train error", "test error", "examples", "capacity" or a measure
  std::string split;  // of a measure: "train-train"
  bool logarithm = false;
  bool variation = false;        // its coefficient of variation over training instead of its value
  Moment moment = Moment::last;  // best: with the best test error; share: after `percent` of the run's steps
  double percent = 100;
};

/// A quantity, or the difference of two of the same run.
struct Expression {
  Quantity quantity;
  std::optional<Quantity> minus;
};

/// `field` is a key of the configuration or one of rule_fields(); a run passes where it compares so with one
/// of the values (with !=: with none of them).
struct Test {
  std::string field, comparison;  // "=", "!=", "<", "<=", ">", ">="
  std::vector<Json> values;       // texts and numbers; several for `in`
};

/// What is computed of the runs of a group.
struct Statistic {
  bool correlation = false;  // r of the first two expressions given the others; else the mean of one
  std::vector<Expression> expressions;
  std::vector<Test> where;
};

/// `value [- other]`, or its magnitude, below or above `limit`; or only what it would take to test the claim.
struct Rule {
  std::string needs;
  Statistic value;
  std::optional<Statistic> other;  // subtracted: of the partner group
  bool magnitude = false;
  bool below = false;  // claimed: below the limit; else above
  double limit = 0;
  std::vector<Test> where;
  bool some = false;            // claimed of at least one group, not of each
  std::vector<std::string> by;  // fields whose values tell groups apart, besides the experiment
};

/// The first thing in a rule that cannot be read: "column 12: expected ..., not ...".
struct RuleFault {
  int column = 0;
  std::string message;
};

std::variant<Rule, RuleFault> parse_rule(std::string_view text);

/// Fields of `where` and `for` that are no keys: experiment, panel, kind, algorithm, dataset, examples,
/// capacity.
const std::vector<std::string>& rule_fields();

}  // namespace crosstalk::study
