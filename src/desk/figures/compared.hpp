#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace crosstalk::figures {

struct Scoring;
struct Point;

/// What two studies are compared in, each run's mean over its last quarter. Errors are in a unit that both
/// have: a regression's over the variance of its targets, which two studies may scale in two ways.
enum Compared {
  gap_difference,
  train_error,
  test_error,
  log_interference,
  log_interference_train_test,
  stiffness_cosine,
  function_cosine,
  compared
};

std::string_view name_of(int which);
std::string unit_of(int which, const Scoring& scoring);
std::optional<double> value_of(const Point& point, int which);

/// Whether it has one unit on both sides, where these keys differ: function interference is in that of the
/// function measured.
bool is_comparable(int which, const std::set<std::string>& apart);

}  // namespace crosstalk::figures
