#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figures/capacity.hpp"
#include "figures/kind.hpp"
#include "stats/bootstrap.hpp"

namespace crosstalk::figures {

struct Results;
struct Run;

/// Which measurement of a run stands for it: the last one, or the one with the best test error (what stopping
/// early would have kept; chosen on the test set, as an oracle would; the first of equals). Before an agent's
/// first update there is no interference: such a measurement is no place to stop at.
enum class When { last, early };
/// Which mean over pairs: function interference between distinct training samples, between training and test
/// samples, or the cosine of the loss gradients of distinct training samples.
enum class Which { train_train, train_test, stiffness };

/// One way to read a run as a point. The paper's is {last, train_train}; the five others are its twins.
struct Variant {
  When when = When::last;
  Which which = Which::train_train;

  std::string_view when_name() const;   // "last", "early"
  std::string_view which_name() const;  // "train-train", "train-test", "stiffness"
  std::string name() const;             // "last/train-train"
  /// How facts are called: the experiment alone for the main variant, "digits/early/train-train" for a twin.
  std::string key(const std::string& experiment) const;
  bool is_main() const { return when == When::last && which == Which::train_train; }
  /// Function interference enters by its logarithm (natural); a cosine, which has a scale of its own, as it
  /// is.
  bool in_logarithm() const { return which != Which::stiffness; }
};
const std::vector<Variant>& variants();  // the main one first

/// One measurement of a run: what of it the run has.
struct Moment {
  std::int64_t step = 0;
  std::optional<double> gap, train_error, test_error;  // in the units of the kind
  std::optional<double> interference[3];               // by Which: means over pairs, as measured

  std::optional<double> of(Which which) const { return interference[static_cast<int>(which)]; }
};

/// What a run has at one of its steps.
Moment moment_at(const Results& results, const Run& run, const Kind& kind, std::int64_t step);

/// A run that is done, as the figures see it.
struct Point {
  const Run* run = nullptr;
  const Kind* kind = nullptr;
  double examples = 0;  // nT; 0 where "all" cannot be told
  Capacity capacity;
  Moment last, early;
  // Of an agent whose reward was measured: whether its last one on the training images is below the blind
  // policy's.
  std::optional<bool> below_blind;

  const Moment& at(When when) const { return when == When::last ? last : early; }
};

/// The points of each experiment (sorted by name), in the order of their runs' identifiers, and who is not
/// among them. Only runs that are done count.
struct Experiment {
  std::string name;
  const Kind* kind = nullptr;
  std::vector<Point> points;
  int diverged = 0, failed = 0, unfinished = 0, unknown_kind = 0, without_rows = 0, unknown_examples = 0;
  std::vector<double> sizes() const;  // the different nT, ascending
  int below_blind() const;            // how many points are known to be
};
std::vector<Experiment> experiments_of(const Results& results);

/// Points that a statistic can use, and how many it cannot.
struct Sample {
  std::vector<const Point*> points;
  stats::Points columns;  // x (log mean interference or mean cosine), gap, log nT, log capacity
  int not_positive = 0;   // a mean that is not positive has no logarithm
  int missing = 0;        // the run did not measure it, or it is not finite
  double within = 0;      // share of the variance of x that lies within configurations
};
/// Of the points with `examples` examples, or of all where that is nothing.
Sample sample_of(const Experiment& experiment, Variant variant, std::optional<double> examples = {});

/// Share of the variance of `values` that lies within configurations: 1 - between / total of a one-way
/// analysis; 0 where it cannot be told.
double share_within(const std::vector<double>& values, const std::vector<int>& configuration);

/// Sentences on who is left out: "digits: left out are 3 runs diverged and 1 run failed.", and on who has not
/// learned: "svhn-ddqn: 12 of 72 runs earn less than the policy that never looks."
std::vector<std::string> notes_on(const std::vector<Experiment>& experiments);

}  // namespace crosstalk::figures
