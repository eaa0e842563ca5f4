#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figures/capacity.hpp"
#include "figures/scoring.hpp"

namespace crosstalk::figures {

struct Results;
struct MeasuredRun;
struct Series;

/// Which measurement of a run stands for it: the mean of those in its last quarter, the last one, or the one
/// with the best test error (what stopping early would have kept; chosen on the test set, as an oracle would;
/// the first of equals). Before an agent's first update there is no interference: such a measurement is no
/// place to stop at.
enum class PartOfRun { quarter, last, early };
/// Which mean over pairs: function interference between distinct training samples, between training and test
/// samples; the cosine of the loss gradients, or of the function gradients, of distinct training samples.
enum class PairMean { train_train, train_test, stiffness, function_stiffness };
constexpr int parts_of_a_run = 3, pair_means = 4;  // how many of each

/// One way to read a run as a point. The main one is {quarter, train_train}; the others are its twins.
struct Variant {
  PartOfRun part = PartOfRun::quarter;
  PairMean pairs = PairMean::train_train;

  std::string_view part_name() const;   // "quarter", "last", "early"
  std::string_view pairs_name() const;  // "train-train", "train-test", "stiffness", "function-stiffness"
  std::string name() const;             // "quarter/train-train"
  /// How facts are called: the experiment alone for the main variant, "digits/early/train-train" for a twin.
  std::string key(const std::string& experiment) const;
  bool is_main() const { return part == PartOfRun::quarter && pairs == PairMean::train_train; }
  /// Function interference enters by its logarithm (natural); a cosine, which has a scale of its own, as it
  /// is.
  bool in_logarithm() const { return pairs == PairMean::train_train || pairs == PairMean::train_test; }
};
const std::vector<Variant>& variants();  // the main one first
std::string_view name_of(PartOfRun part);

/// One measurement of a run, or the mean of several: what of it the run has.
struct PointValues {
  std::int64_t step = 0;                               // of several, the last
  std::optional<double> gap, train_error, test_error;  // in the units of its scoring
  std::optional<double> normalised_train,
      normalised_test;                             // of regressions: over the variance of the targets
  std::optional<double> interference[pair_means];  // by PairMean: means over pairs, as measured

  std::optional<double> of(PairMean pairs) const { return interference[static_cast<int>(pairs)]; }
};

constexpr double quarter_begins = 0.75;  // of a run's last measurement

/// The mean of a series from one step to another; nothing where it has none there, or one that is not finite.
std::optional<double> mean_over(const Series* series, double from, std::int64_t to);

/// What a run has at one of its steps, and on average over its measurements from `from` to `to`.
PointValues values_at(const Results& results, const MeasuredRun& run, const Scoring* scoring,
                      std::int64_t step);
PointValues values_over(const Results& results, const MeasuredRun& run, const Scoring* scoring, double from,
                        std::int64_t to);

/// A run that is done, as the figures see it.
struct Point {
  const MeasuredRun* run = nullptr;
  const Scoring* scoring = nullptr;  // nullptr: it learns from no examples
  double examples = 0;               // nT; 0 where "all" cannot be told, and where there are none
  Capacity capacity;
  PointValues quarter, last, early;
  /// Whether its training error, over the last quarter, is below 0.9 times that of what needs no input (the
  /// majority class, the mean, the policy that never looks); nothing where the run did not measure that.
  std::optional<bool> learned;

  const PointValues& at(PartOfRun part) const {
    return part == PartOfRun::quarter ? quarter : part == PartOfRun::last ? last : early;
  }
};

/// The last step at which a run measured anything; -1: it did not.
std::int64_t last_step(const MeasuredRun& run);

/// Nothing where the run measured nothing.
std::optional<Point> point_of(const Results& results, const MeasuredRun& run);

}  // namespace crosstalk::figures
