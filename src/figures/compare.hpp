#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "figures/figure.hpp"

namespace crosstalk::figures {

struct Results;

/// Two studies side by side. Keys whose values have nothing in common are those in which the two differ; a
/// run of A and one of B with the same values of all other keys (runtime.* aside) and the same seed are a
/// pair, if they are of one kind (task.kind, learner.algorithm): errors of two kinds have no difference.
/// Where one side has several such runs, their mean is taken. Tables:
///   keys         key, a, b (their values as text), differs (nothing in common), first those that differ
///   differences  experiment, measure, unit, mean_a, mean_b, difference (B - A), low, high, n,
///   configurations, no_interval pairs        experiment, run_a, run_b, seed, measure, a, b, difference
///   unpaired     side, runs
/// Measures at the last measurement: gap, train_error, test_error, log_interference (train-train, natural
/// logarithm: a difference of 0.1 is a tenth more), log_interference_train_test, stiffness.
FigureData compare(const Results& a, const Results& b);

/// The same from folders, as JSON: {"title", "caption", "alternative", "tables", "facts", "notes", "a", "b"}.
Json comparison(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace crosstalk::figures
