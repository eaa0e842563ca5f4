#pragma once

#include "env/policies.hpp"
#include "env/windowed.hpp"
#include "run/agent_task.hpp"

namespace crosstalk::run {

/// What agents at images share, whoever makes the steps that they learn from: the images of each split, and
/// the episodes that are played on them to be judged.
class WindowedTask : public AgentTask {
 public:
  Length length() const override { return {Unit::steps, settings().count("learner.steps"), std::nullopt}; }
  void prepare(std::int64_t step) override;
  measure::Numbers numbers(const measure::Needs& needs) override;
  std::optional<std::int64_t> longest_episode() const override { return windowed_steps; }

 protected:
  /// Rewards are kept in single precision, as published, whatever the run's precision is.
  static constexpr at::ScalarType reward_type = at::kFloat;

  /// One split: its images, and at a measurement the episodes played; empty until somebody asks.
  struct Side {
    std::string name;
    std::shared_ptr<const env::Images> images;
    std::int64_t plays;  // episodes at a measurement: of the first so many images
    env::Score blind;
    std::vector<learn::Played> played;
    std::unique_ptr<replay::Trajectories> steps;  // of them
  };

  /// `images_seed`: of the draw of training images (task.subset).
  WindowedTask(const Settings& settings, std::uint64_t seed, std::uint64_t images_seed,
               const data::Dataset& dataset);

  learn::Ground ground() const;
  /// None yet, of steps on these images.
  replay::Trajectories steps_on(const Side& side) const;
  /// An episode on each of these images of a side, by a policy; the steps go into `steps`.
  std::vector<learn::Played> play(const Side& side, std::span<const std::uint64_t> images,
                                  const learn::Policy& policy, tensor::Stream& actions,
                                  replay::Trajectories& steps);
  /// Those of the policy that is judged, once a measurement, on those images that are played then.
  void play(Side& side);
  static std::vector<std::uint64_t> images_played(const Side& side);
  /// Some of the test episodes' steps, as a set.
  measure::Set set_of_tests(const replay::Trajectories& steps) const;

  Side train_{.name = "train"}, test_{.name = "test"};

 private:
  void check(const data::Dataset& dataset) const;
  std::shared_ptr<const env::Images> images(const data::Dataset& dataset, const data::Half& half,
                                            std::vector<std::int64_t> rows) const;

  learn::Values outputs_;
};

/// An agent that learns from its own steps.
class WindowedAgent final : public WindowedTask {
 public:
  /// `remembers`: it keeps all of its life, whatever its replay forgets.
  WindowedAgent(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset,
                bool remembers = false);

  std::vector<measure::Set> samples() override;

  /// Ticks to its end, without a measurement.
  void live();
  /// What it remembers.
  replay::Trajectories& life() { return *life_; }
  const replay::Trajectories& life() const { return *life_; }
  /// Steps of the policy by which it acts by then, the share of random actions of its last step among them:
  /// whole episodes on training images drawn from the streams "final" of its seed, many at once, until
  /// there are `count` steps or more; or one on each of the test images that are played at a measurement.
  void play_on(std::int64_t count, replay::Trajectories& steps);
  void play_on_tests(replay::Trajectories& steps);
  /// (N, outputs) double, its values of all actions there.
  at::Tensor values_at(const data::Rows& rows, data::At at);
  replay::Trajectories training_steps() const { return steps_on(train_); }
  replay::Trajectories test_steps() const { return steps_on(test_); }

 private:
  learn::EpsilonGreedy last_policy() const;

  std::unique_ptr<replay::Trajectories> life_;
};

}  // namespace crosstalk::run
