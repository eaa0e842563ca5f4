#pragma once

#include <memory>

#include "learn/agent.hpp"
#include "learn/descent.hpp"
#include "learn/interaction.hpp"
#include "learn/policy_gradient.hpp"

namespace crosstalk::learn {

struct ReinforceSettings {
  Return weight;
  double entropy;
  std::int64_t collect;  // an update at the end of the first episode with more steps collected than this
  std::int64_t keep;     // so many of the last steps are there to be measured
};

/// REINFORCE without a baseline over two heads, a class and a move, both drawn from their softmax: the
/// undiscounted return weighs the log-probability of both, mean over the steps of an update.
class Reinforce final : public Agent {
 public:
  Reinforce(const nn::Network& network, const nn::Parameters& parameters, const env::Images& images,
            Storing storing, ReinforceSettings settings, std::unique_ptr<Optimizer> optimizer,
            std::uint64_t seed);

  std::optional<double> advance() override;
  void save(State& state) const override;
  void load(const State& state) override;

  env::Action act(std::span<const double> outputs, tensor::Stream& stream) const override;
  std::vector<Experience> weighed(const Episode& episode) const override;
  /// The last ones of episodes that have ended: nothing is drawn.
  std::vector<Experience> recent(std::int64_t count, tensor::Stream& stream) const override;
  SampleLoss loss(std::span<const Experience> steps, const env::Images& images,
                  const at::Tensor& output) override;
  bool has_values() const override { return false; }

 private:
  double update();

  const env::Images& images_;
  Heads heads_;
  ReinforceSettings settings_;
  Interaction interaction_;
  Descent descent_;
  Actor actor_;
  tensor::Stream policy_;
  std::uint64_t updates_ = 0;
  Episode episode_;                             // the one that is being played
  std::vector<Experience> collected_, recent_;  // for the next update; the last `keep`
  at::Tensor observations_;
};

}  // namespace crosstalk::learn
