#pragma once

#include <map>

#include "learn/acting.hpp"
#include "learn/learners.hpp"
#include "learn/play.hpp"
#include "run/model.hpp"
#include "run/task.hpp"

namespace crosstalk::run {

/// What all tasks with an agent share: its parts put together over an environment, the steps that it has
/// seen, and the streams of a measurement.
class AgentTask : public Task {
 public:
  learn::Learner& learner() override { return *learner_; }
  const learn::Learner& learner() const override { return *learner_; }
  void prepare(std::int64_t step) override { step_ = step; }
  const learn::Objective* objective(const std::string& name) const override;
  std::int64_t kept() const override { return std::min(capacity_, length().count); }
  double scale_of_gradients() const override;
  at::Tensor taken(const measure::Set& set) override;
  std::vector<data::Id> others(const data::Rows& apart_from, std::int64_t count) override;
  measure::Readout readout() const override;
  std::optional<std::string> unrepeatable() const override {
    return acting_ == nullptr ? std::nullopt : acting_->environment().unrepeatable();
  }

 protected:
  AgentTask(const Settings& settings, std::uint64_t seed) : settings_(settings), seed_(seed) {}

  /// Where steps come from.
  struct Steps {
    std::unique_ptr<env::Environment> environment;
    at::ScalarType rewards;             // the precision in which they are kept
    std::int64_t levels = 0;            // episodes have levels below it; 0: all that there are
    std::filesystem::path replay = {};  // where many large observations lie in files; empty: in memory
    std::unique_ptr<const learn::Policy> policy = nullptr;  // nullptr: the learner's own
    /// pi(a|s) / b(a|s) of a step, where the values of pi are learned from steps of b; empty: they are one.
    std::function<double(const replay::Trajectories& steps, data::Id row)> ratio = {};
  };
  /// Makes the learner of learner.algorithm over the model, from the steps of an environment.
  void make_learner(learn::Ground ground, Steps steps);
  /// The same from steps that are there, which outlive it, as the ground's lessons say.
  void make_learner(learn::Ground ground, const replay::Trajectories& stored);
  /// The same from a source that takes no steps.
  void make_learner(const learn::Ground& ground, std::unique_ptr<learn::Source> source);
  /// `count` different steps that the agent may learn from, or fewer; none before its first update.
  std::vector<data::Id> recent(std::int64_t count);
  /// `count` different steps that are learned from, in the order drawn, or all where there are fewer.
  std::vector<data::Id> drawn(std::int64_t count, tensor::Stream& drawing) const;
  /// The same of those that `like` was drawn among.
  virtual std::vector<data::Id> drawn_like(data::Id like, std::int64_t count, tensor::Stream& drawing) const;
  /// The same as the set "seen", or none.
  std::vector<measure::Set> samples_seen();
  /// Levels that episodes are drawn from, `count` of them, under the split of their rows.
  struct Levels {
    std::string split;
    std::uint64_t first, count;
  };
  /// "return": `play`s an episode at each of probe.episodes of these levels, and puts down their mean reward;
  /// before all learning also that of a uniformly random policy at the same levels. Where the task
  /// counts another number than the reward, "return" is that one, and "return.clipped" the reward.
  using Play = std::function<std::vector<learn::Played>(
      const learn::Policy& policy, std::span<const std::uint64_t> levels, tensor::Stream& actions)>;
  void judge(const Levels& from, const Play& play, measure::Numbers& numbers);
  /// Error(config) where the outputs are values and probe.function asks for a class's probability.
  void refuse_confidence() const;
  /// A stream of this measurement for one use: what is asked for does not change what else is drawn.
  tensor::Stream stream(const std::string& use) const { return {seed_, use + "/" + std::to_string(step_)}; }

  const Settings& settings() const { return settings_; }
  std::uint64_t seed() const { return seed_; }
  const learn::Values& values() const { return values_; }
  /// Those that the agent has seen; nullptr where it takes none.
  const replay::Trajectories* seen() const { return acting_ == nullptr ? nullptr : &acting_->steps(); }
  const learn::Policy& judged() const { return *judged_; }
  learn::Passes& passes() { return *passes_; }

  std::unique_ptr<Model> model_;

 private:
  void finish(const learn::Ground& ground, learn::AgentParts parts, std::unique_ptr<learn::Networks> networks,
              std::unique_ptr<learn::Source> source);
  void make_measured(const learn::Ground& ground, learn::Net net);

  Settings settings_;
  std::uint64_t seed_;
  learn::Values values_;
  std::unique_ptr<learn::Learner> learner_;
  const learn::Acting* acting_ = nullptr;  // the learner's source, where it takes steps
  std::unique_ptr<const learn::Policy> judged_;
  /// What is measured, whatever is learned by: the TD error, where there are values and no distributions of
  /// them, and what probe.losses names.
  std::map<std::string, std::unique_ptr<learn::Objective>> measured_;
  std::unique_ptr<learn::Passes> passes_;  // of measurements
  bool measures_newest_ = false, outputs_are_values_ = true;
  std::int64_t capacity_ = 0;  // of the steps seen
  std::int64_t step_ = 0;      // of the measurement
};

}  // namespace crosstalk::run
