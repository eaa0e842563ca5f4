#pragma once

#include <memory>

#include "learn/batches.hpp"
#include "learn/descent.hpp"
#include "learn/learner.hpp"
#include "learn/loss.hpp"

namespace crosstalk::learn {

/// Classification and regression: the target is what the data say.
class Supervised final : public Learner {
 public:
  Supervised(Batches batches, const Loss& loss, Descent descent)
      : batches_(std::move(batches)), loss_(loss), descent_(std::move(descent)) {}

  std::optional<double> advance() override {
    batches_.next(batch_);
    const double value = loss_.of_batch(descent_.forward(batch_.inputs), batch_.targets, cotangent_);
    descent_.step(cotangent_);
    return value;
  }
  void save(State& state) const override {
    batches_.save(state);
    descent_.save(state);
  }
  void load(const State& state) override {
    batches_.load(state);
    descent_.load(state);
  }

 private:
  Batches batches_;
  const Loss& loss_;
  Descent descent_;
  Batch batch_;
  at::Tensor cotangent_;
};

}  // namespace crosstalk::learn
