#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "figures/figure.hpp"
#include "figures/results.hpp"

namespace crosstalk::figures {

/// Two studies side by side. Keys whose values have nothing in common are those in which the two differ; a
/// run of A and one of B with the same values of all other keys (runtime.* aside) and the same seed are a
/// pair, if they are of one kind (task.kind, learner.algorithm): errors of two kinds have no difference.
/// Where one side has several such runs, their mean is taken. Tables:
///   keys         key, a, b (their values as text), differs (nothing in common), first those that differ
///   differences  experiment, measure, unit, mean_a, mean_b, difference (B - A), low, high, n,
///   configurations, no_interval pairs        experiment, run_a, run_b, seed, measure, a, b, difference
///   unpaired     side, runs
/// Measures, each run's mean over its last quarter: gap, train_error, test_error (of regressions normalised
/// by the variance of their targets, which has no unit); log_interference (train-train, natural logarithm: a
/// difference of 0.1 is a tenth more) and log_interference_train_test, where the function measured has the
/// same unit on both sides; stiffness and function_stiffness. `r` and `r_given_examples` are differences of
/// the correlation of log interference and gap over the pairs' runs, jackknifed by pairs.
FigureData compare(const Results& a, const Results& b);

/// The same from folders, as JSON: {"title", "caption", "alternative", "tables", "facts", "notes", "a", "b"}.
Json comparison(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace crosstalk::figures
