#pragma once

#include <memory>

#include "learn/agent.hpp"
#include "learn/descent.hpp"
#include "learn/interaction.hpp"
#include "learn/td.hpp"
#include "replay/ring.hpp"

namespace crosstalk::learn {

/// Epsilon, falling linearly from `from` to `to` over the first `steps`.
struct Exploration {
  double from, to;
  std::int64_t steps;
  double at(std::int64_t step) const;
};

struct DoubleDqnSettings {
  std::int64_t start, update_every, replay, batch;
  double gamma, tau;
  bool own_argmax;  // the online network chooses the next action (van Hasselt et al. 2015), else the target's
                    // maximum
  Exploration exploration;
};

/// Double DQN over two heads, a class and a move: epsilon-greedy steps (one coin for both) into a replay;
/// after `start` steps, at each step whose number divides by `update_every`, one update on a batch drawn with
/// replacement, each head with its own TD error, and the target network follows by Polyak averaging.
class DoubleDqn final : public Agent {
 public:
  DoubleDqn(const nn::Network& network, const nn::Parameters& parameters, const env::Images& images,
            Storing storing, DoubleDqnSettings settings, std::unique_ptr<Optimizer> optimizer,
            std::uint64_t seed);

  std::optional<double> advance() override;
  void save(State& state) const override;
  void load(const State& state) override;

  env::Action act(std::span<const double> outputs, tensor::Stream& stream) const override;
  std::vector<Experience> weighed(const Episode& episode) const override;
  std::vector<Experience> recent(std::int64_t count, tensor::Stream& stream) const override;
  SampleLoss loss(std::span<const Experience> steps, const env::Images& images,
                  const at::Tensor& output) override;
  bool has_values() const override { return true; }

 private:
  env::Action explore();
  double update();
  at::Tensor targets(std::span<const Experience> steps, const env::Images& images);
  std::vector<Experience> drawn(std::int64_t count, tensor::Stream& stream) const;

  const nn::Network& network_;
  const nn::Parameters& parameters_;
  const env::Images& images_;
  Heads heads_;
  DoubleDqnSettings settings_;
  Interaction interaction_;
  replay::Ring replay_;
  nn::Parameters target_;
  Descent descent_;
  Actor actor_;
  tensor::Stream exploration_, batches_;
  std::int64_t step_ = 0, updates_ = 0;
  nn::Tape after_tape_;        // of the target network, then of the online one
  at::Tensor before_, after_;  // observations (batch, 4, 32, 32)
};

}  // namespace crosstalk::learn
