#pragma once

#include <memory>
#include <string>

#include "learn/policy.hpp"
#include "learn/source.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk::learn {

/// A source that first steps an environment, and then asks another what is to be learned of the steps seen.
/// Each episode's level is drawn from the stream "environment", actions from the stream `actions`. `levels`:
/// those below it alone; 0: all that the environment has. A network with noisy layers is looked at under
/// noise of its own at each step, from the stream "noise/acting".
class Acting final : public Source {
 public:
  Acting(std::unique_ptr<env::Environment> environment, std::unique_ptr<const Policy> policy,
         std::unique_ptr<replay::Trajectories> steps, const Networks& networks, std::uint64_t seed,
         const std::string& actions, std::int64_t levels = 0);

  const replay::Trajectories& steps() const { return *steps_; }
  const env::Environment& environment() const { return *environment_; }
  void learn_from(std::unique_ptr<Source> seen) { seen_ = std::move(seen); }

  bool next(Batch& batch) override;
  bool settled() const override { return seen_->settled(); }
  void learned(const Update& update) override { seen_->learned(update); }
  void count(Clock& clock) const override;
  void save(tensor::State& state) const override;
  void load(const tensor::State& state) override;

 private:
  void act();
  std::span<const double> look();

  std::unique_ptr<env::Environment> environment_;
  std::unique_ptr<const Policy> policy_;
  std::unique_ptr<replay::Trajectories> steps_;
  std::unique_ptr<Source> seen_;
  const nn::Network& network_;
  nn::Noise noise_;
  nn::Tape tape_;
  tensor::Stream levels_, actions_;
  std::uint64_t level_count_;  // a level drawn is below
  std::int64_t made_ = 0;      // steps
  std::vector<std::int64_t> action_;
  at::Tensor inputs_, outputs_;
};

}  // namespace crosstalk::learn
