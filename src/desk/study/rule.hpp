#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"

/// The language of claims (docs/claims.md): what is compared, over which runs, in which groups.
///     r(log interference, gap pooled over examples) < -0.3 where panel = value-based and examples >= 500
namespace crosstalk::study {

/// The first measurement at which a measure of one split is on this side of a limit.
struct Milestone {
  std::string name, split;
  bool above = true;
  double limit = 0;
};

/// One number of a run: a measure of one split at one moment, or a size of the run.
struct Quantity {
  enum class Moment { quarter, last, first, best, share, milestone };
  std::string name;   // "gap", "train error", "test error", "examples", "capacity" or a measure
  std::string split;  // of a measure: "train-train"
  bool logarithm = false;
  bool variation = false;           // how much it varies over training instead of its value
  Moment moment = Moment::quarter;  // its mean over the last quarter; best: with the best test error;
  double percent = 100;             // share: after so much of the run's steps
  Milestone milestone = {};
};

/// A quantity, or the difference of two of the same run, or the difference's magnitude.
struct Expression {
  Quantity quantity;
  std::optional<Quantity> minus;
  bool magnitude = false;
};

/// `field` is a key of the configuration or one of test_fields(); a run passes where it compares so with one
/// of the values (with !=: with none of them).
struct Test {
  std::string field, comparison;  // "=", "!=", "<", "<=", ">", ">="
  std::vector<Json> values;       // texts, numbers, true and false; several for `in`
};

/// What is computed of the runs of a group.
struct Statistic {
  enum class Kind { correlation, slope, mean, median };
  Kind kind = Kind::mean;
  std::vector<Expression> expressions;  // of r and slope: x, y, then what is given, linear in it
  std::vector<std::string> levels;      // fields: runs that differ in one are of different levels
  bool pooled = false;                  // the mean over levels of their own r; else r within levels
  std::vector<Test> where;

  bool of_two() const { return kind == Kind::correlation || kind == Kind::slope; }
  bool is_given(std::string_view field) const;
  bool asks_for(std::string_view quantity) const;  // among its expressions
};

/// `value [- other]` lies between `low` and `high` (`outside`: does not); or only what it would take to test
/// the claim.
struct Rule {
  std::string needs;
  Statistic value;
  std::optional<Statistic> other;  // subtracted: of the partner group
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool outside = false;
  bool common_cells = true;  // of two statistics: runs whose number of examples and network both sides have
  std::optional<std::pair<double, double>> across;  // numbers of examples that a group must reach
  bool all_series = false;  // what a report tells apart within an experiment belongs together
  std::vector<Test> where;
  bool some = false;            // claimed of at least one group, not of each
  std::vector<std::string> by;  // fields whose values tell groups apart, besides the experiment

  bool is_by(std::string_view field) const;
};

/// The first thing in a rule that cannot be read: "expected ..., not ...", and a rule that is right in that
/// place.
struct RuleFault {
  int column = 0;
  std::string message, example;
};

std::variant<Rule, RuleFault> parse_rule(std::string_view text);

/// A milestone by itself: "first_guess train >= 0.5", whatever its spaces and figures were; or "never".
/// Error(config) says what is wrong with it.
std::string milestone_in_one_form(const std::string& text);

/// What tests know that is no key, and what tells groups and levels apart.
const std::vector<std::string>& test_fields();
const std::vector<std::string>& group_fields();

}  // namespace crosstalk::study
