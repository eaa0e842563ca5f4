#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/settings.hpp"
#include "data/dataset.hpp"
#include "learn/learner.hpp"
#include "measure/subject.hpp"

namespace crosstalk::run {

/// How long a run is.
struct Length {
  Unit unit;                             // steps, or updates
  std::int64_t count;                    // of them, and what these owe
  std::optional<std::int64_t> episodes;  // it ends after so many and what they owe, where that comes first

  std::int64_t done(const learn::Clock& clock) const {
    return unit == Unit::steps ? clock.steps : clock.updates;
  }
  /// `settled`: no update is owed to the steps so far.
  bool reached(const learn::Clock& clock, bool settled) const {
    return settled && (done(clock) >= count || (episodes && clock.episodes >= *episodes));
  }
};

/// What a run is about: data or an environment, a network, and what learns; and what there is to be measured.
class Task : public measure::Subject {
 public:
  /// What gradients of the loss that is learned by are multiplied by to be those of d^2 / 2.
  virtual double scale_of_gradients() const { return 1; }
  virtual learn::Learner& learner() = 0;
  virtual const learn::Learner& learner() const = 0;
  virtual Length length() const = 0;
  /// How many steps an agent will have kept at the end; 0 where nobody acts.
  virtual std::int64_t kept() const { return 0; }
  /// Why the run cannot be repeated to the last bit, as far as is known by now; nothing: it can.
  virtual std::optional<std::string> unrepeatable() const { return std::nullopt; }
  /// What must be known of its returns where an episode of the policy that is judged was cut before its
  /// environment ended it: "...: evaluation episodes were cut after ..."; nothing: none was by now.
  virtual std::optional<std::string> cut() const { return std::nullopt; }

  const learn::Networks& networks() const override { return learner().networks(); }
  const learn::Objective* objective(const std::string& name) const override {
    return name == "own" ? &learner().objective() : nullptr;
  }
  learn::Optimizer::Average average() const override {
    learn::Optimizer::Average average = learner().optimizer().average();
    if (average.gradients.defined()) average.gradients *= scale_of_gradients();
    return average;
  }
};

/// What is a user's own and the desk has found: the file of an environment's class, or the folder of stored
/// trajectories.
struct OwnFile {
  std::string path, sha256;
};

/// The folders in which a run may keep what is large, and what other runs need too; empty: in memory alone.
struct Places {
  std::filesystem::path replay;  // an agent's observations
  std::filesystem::path lives;   // agents that several runs learn from
};

/// The task of task.kind; `dataset` is nullptr where the run has none, `file` empty where there is none of
/// the user's own. Error(config) or Error(data) where its parts do not fit.
std::unique_ptr<Task> make_task(const Settings& settings, std::uint64_t seed, const data::Dataset* dataset,
                                const OwnFile& file = {}, const Places& places = {});

/// The first `count` rows of a table, or all, as a set that is the same at each measurement.
measure::Set first_rows(const std::string& name, const data::Table& table, std::int64_t count);

/// Classification and regression.
std::unique_ptr<Task> supervised_task(const Settings& settings, std::uint64_t seed,
                                      const data::Dataset& dataset);
/// An agent that looks at images through a window; that whose steps it learns from, where it takes none
/// itself, lives once for all runs with the same `lives`.
std::unique_ptr<Task> windowed_task(const Settings& settings, std::uint64_t seed,
                                    const data::Dataset& dataset, const std::filesystem::path& lives);
/// An agent in an environment that is written in Python. What it has seen lies in files of `replay` where it
/// is large, or in memory where that is empty.
std::unique_ptr<Task> foreign_task(const Settings& settings, std::uint64_t seed, const OwnFile& file,
                                   const std::filesystem::path& replay);
/// What learns from stored trajectories, without acting. Error(data) where these are not what they were.
std::unique_ptr<Task> stored_task(const Settings& settings, std::uint64_t seed, const OwnFile& folder);
/// An agent in an exact environment, or the values of a policy there.
std::unique_ptr<Task> exact_task(const Settings& settings, std::uint64_t seed);

}  // namespace crosstalk::run
