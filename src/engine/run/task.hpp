#pragma once

#include <memory>

#include "base/json.hpp"
#include "data/dataset.hpp"
#include "learn/learner.hpp"
#include "measure/subject.hpp"
#include "run/configuration.hpp"

namespace crosstalk::run {

/// What a run is about: data or an environment, a network, and what learns; and what there is to be measured.
class Task : public measure::Subject {
 public:
  virtual learn::Learner& learner() = 0;
  virtual const learn::Learner& learner() const = 0;
  /// How many of the learner's steps a run has.
  virtual std::int64_t steps() const = 0;
  /// For pictures of the training samples' Gram: their rows and classes as {"rows": [...], "labels": [...]};
  /// null where there is nothing to show.
  virtual Json picture_axes() const = 0;
};

/// The task of task.kind. Error(config) or Error(data) where its parts do not fit.
std::unique_ptr<Task> make_task(const Configuration& configuration, std::uint64_t seed,
                                const data::Dataset& dataset);

/// Classification and regression.
std::unique_ptr<Task> supervised_task(const Configuration& configuration, std::uint64_t seed,
                                      const data::Dataset& dataset);
/// An agent that looks at images through a window.
std::unique_ptr<Task> windowed_task(const Configuration& configuration, std::uint64_t seed,
                                    const data::Dataset& dataset);

}  // namespace crosstalk::run
