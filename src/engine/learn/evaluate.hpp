#pragma once

#include "data/examples.hpp"
#include "learn/loss.hpp"
#include "nn/network.hpp"

namespace crosstalk::learn {

/// Errors on all examples, forward in blocks; its slots are reused between calls.
class Evaluation {
 public:
  Evaluation(const nn::Network& network, const Loss& loss);
  Errors operator()(const nn::Parameters& parameters, const data::Examples& examples);

 private:
  const nn::Network& network_;
  const Loss& loss_;
  std::int64_t block_;  // rows at once
  nn::Tape tape_, rest_;
  at::Tensor inputs_, rest_inputs_;
};

}  // namespace crosstalk::learn
