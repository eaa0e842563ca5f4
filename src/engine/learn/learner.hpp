#pragma once

#include <memory>

#include "learn/descent.hpp"
#include "learn/optimizer.hpp"
#include "learn/source.hpp"

namespace crosstalk::learn {

/// Sees every update from both sides, and may change nothing.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void before(const Update& update) = 0;
  /// After the optimiser's step and before anything follows it (a target network, say).
  virtual void after(const Update& update) = 0;
  /// When all that follows the step has followed.
  virtual void ended() {}
};

/// The parts that learn, and the one order in which they do: no algorithm has a loop of its own.
///     source -> batch -> objective: aims, inputs -> forward -> objective: pull -> descent -> optimiser
class Learner {
 public:
  Learner(std::unique_ptr<Networks> networks, std::unique_ptr<Objective> objective,
          std::unique_ptr<Source> source, std::unique_ptr<Descent> descent,
          std::unique_ptr<Optimizer> optimizer);

  /// One tick: at most a step of an environment and an update. The update; nullptr where none was made.
  const Update* tick(Watcher* watcher = nullptr);
  bool settled() const { return source_->settled(); }
  Clock clock() const;
  const Networks& networks() const { return *networks_; }
  const Objective& objective() const { return *objective_; }
  const Optimizer& optimizer() const { return *optimizer_; }

  /// Everything that the next ticks depend on.
  void save(tensor::State& state) const;
  void load(const tensor::State& state);

 private:
  std::unique_ptr<Networks> networks_;
  std::unique_ptr<Objective> objective_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Descent> descent_;
  std::unique_ptr<Optimizer> optimizer_;
  Passes passes_;
  Update update_;
};

}  // namespace crosstalk::learn
