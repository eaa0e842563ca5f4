#include "study/memory.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/gram_memory.hpp"
#include "base/measures.hpp"
#include "base/vocabulary.hpp"
#include "base/windowed.hpp"
#include "study/learners.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

/// How many rows a probe stacks when a run ends: so many at least, and at most.
struct Stack {
  std::int64_t least, most;
};
constexpr std::int64_t unbounded = std::numeric_limits<std::int64_t>::max();

class Sizes {
 public:
  explicit Sizes(const Values& values) : values_(values) {}

  /// With so many probe.samples. How many rows the data have is not known here.
  Stack stack(std::int64_t samples) const {
    if (says("learner.algorithm", "supervised")) {
      const std::int64_t test = samples, train = std::min(samples, count("task.examples").value_or(samples));
      return {count("task.examples") ? train : 0, train + test};
    }
    if (!values_.at("task.trajectories").value.is_null())  // of its training and of its test episodes
      return {0, 2 * samples};
    if (says("learner.source", "expected")) return {0, samples};  // an environment's transitions, often few
    const std::int64_t held = std::min(samples, kept());
    Stack seen = {std::min(held, steps().least), std::min(held, steps().most)};
    if (says("task.kind", "windowed"))
      seen.most += std::min(samples, windowed_steps * *count("probe.episodes"));  // those of the test images
    return seen;
  }

  /// One for each function that the measures ask of. A loss that is differentiated at the next state too has
  /// twice as many rows, and half of the memory.
  std::int64_t matrices() const {
    if (says("learner.algorithm", "residual")) return reads("loss") ? 8 : reads("function") ? 2 : 0;
    return (reads("function") ? 1 : 0) + (reads("loss") ? 1 : 0);
  }

  std::int64_t number_bytes() const { return says("runtime.precision", "double") ? 8 : 4; }
  std::int64_t budget() const { return *count("runtime.memory") * mebibyte; }

  /// The most samples, fewer than `samples`, whose matrices fit however many rows there are.
  std::int64_t most_that_fit(std::int64_t samples) const {
    const std::int64_t rows = most_samples(matrices(), number_bytes(), budget());
    std::int64_t fit = 0, beyond = samples;
    while (beyond - fit > 1) {
      const std::int64_t middle = (fit + beyond) / 2;
      (stack(middle).most <= rows ? fit : beyond) = middle;
    }
    return fit;
  }

 private:
  bool says(const char* key, const char* word) const { return values_.at(key).value == word; }
  std::optional<std::int64_t> count(const char* key) const {
    const Json& value = values_.at(key).value;
    return value.is_number() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
  }

  /// Whether a measure reads the Gram of these gradients.
  bool reads(const char* gradients) const {
    const Json& measures = values_.at("probe.measures").value;
    return std::any_of(measures.begin(), measures.end(), [&](const Json& name) {
      const MeasureEntry* measure = find_measure(name.get_ref<const std::string&>());
      return measure != nullptr && lists(measure->grams, gradients);
    });
  }

  /// Steps that stay in memory: a replay's, elsewhere as many as are measured.
  std::int64_t kept() const {
    const std::string& algorithm = values_.at("learner.algorithm").value.get_ref<const std::string&>();
    const std::vector<std::string> replaying = algorithms_that("replays");
    const bool replays = std::find(replaying.begin(), replaying.end(), algorithm) != replaying.end();
    return (replays ? count("learner.replay") : std::nullopt).value_or(unbounded);
  }

  /// The least and the most that a run may measure in the end. Where it learns values there is at most an
  /// update at a step; an episode has a step at least; reinforce leaves out an episode that has not ended,
  /// pqn a rollout that is not full.
  Stack steps() const {
    const bool acts = !says("task.kind", "evaluate");
    const std::int64_t said = *count(acts ? "learner.steps" : "learner.updates");
    std::int64_t least = std::min(said, count("learner.episodes").value_or(said));
    if (says("learner.algorithm", "reinforce")) least = std::max<std::int64_t>(0, least - windowed_steps);
    if (says("learner.algorithm", "pqn"))
      least = std::max<std::int64_t>(0, least - *count("learner.rollout"));
    return {least, acts ? said : unbounded};
  }

  const Values& values_;
};

}  // namespace

void check_memory(const Values& values, const Experiment& experiment, Problems& problems) {
  const Sizes sizes(values);
  const auto samples = values.at("probe.samples").value.get<std::int64_t>();
  const std::string beyond =
      beyond_memory({sizes.stack(samples).least, sizes.matrices(), sizes.number_bytes()}, sizes.budget());
  if (beyond.empty()) return;
  const std::string message = "probe.samples = " + cut_value(values.at("probe.samples").value) + " " +
                              beyond + "; take at most " + with_commas(sizes.most_that_fit(samples)) +
                              " samples, or allow more";
  for (const char* key : {"probe.samples", "runtime.memory"})
    if (values.at(key).place.said()) return problems.add(values.at(key).place, message);
  problems.add({experiment.file}, message);
}

}  // namespace crosstalk::study
