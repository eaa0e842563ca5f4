#pragma once

#include <memory>
#include <optional>

#include "base/settings.hpp"
#include "data/dataset.hpp"
#include "learn/learner.hpp"
#include "measure/subject.hpp"

namespace crosstalk::run {

/// How long a run is.
struct Length {
  Unit unit;           // steps, or updates
  std::int64_t count;  // of them
  std::optional<std::int64_t> episodes;  // it ends after so many and what they owe, where that comes first

  std::int64_t done(const learn::Clock& clock) const { return unit == Unit::steps ? clock.steps : clock.updates; }
  /// `settled`: no update is owed to the steps so far.
  bool reached(const learn::Clock& clock, bool settled) const {
    return done(clock) >= count || (episodes && clock.episodes >= *episodes && settled);
  }
};

/// What a run is about: data or an environment, a network, and what learns; and what there is to be measured.
class Task : public measure::Subject {
 public:
  virtual learn::Learner& learner() = 0;
  virtual const learn::Learner& learner() const = 0;
  virtual Length length() const = 0;
  /// How many steps an agent will have kept at the end; 0 where nobody acts.
  virtual std::int64_t kept() const { return 0; }

  const learn::Networks& networks() const override { return learner().networks(); }
  const learn::Objective* objective(const std::string& name) const override {
    return name == "own" ? &learner().objective() : nullptr;
  }
};

/// The task of task.kind; `dataset` is nullptr where the run has none. Error(config) or Error(data) where its
/// parts do not fit.
std::unique_ptr<Task> make_task(const Settings& settings, std::uint64_t seed, const data::Dataset* dataset);

/// Classification and regression.
std::unique_ptr<Task> supervised_task(const Settings& settings, std::uint64_t seed,
                                      const data::Dataset& dataset);
/// An agent that looks at images through a window.
std::unique_ptr<Task> windowed_task(const Settings& settings, std::uint64_t seed,
                                    const data::Dataset& dataset);
/// An agent in an exact environment, or the values of a policy there.
std::unique_ptr<Task> exact_task(const Settings& settings, std::uint64_t seed);

}  // namespace crosstalk::run
