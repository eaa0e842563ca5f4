#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "measure/measure.hpp"
#include "measure/prediction.hpp"
#include "nn/network.hpp"

namespace crosstalk::measure {

/// What a probe looks at, as plain structures: a network and its theta, samples, and who knows the loss.
struct Subject {
  const nn::Network& network;
  const nn::Parameters& parameters;
  at::Tensor samples;        // (train + test, input): training samples first
  std::int64_t train, test;  // how many of each
  Prediction function;
  /// (n, p): gradient of each sample's own loss at its outputs, for all samples in order.
  std::function<at::Tensor(const at::Tensor& output)> loss_cotangent;
  /// Over all rows of a split.
  std::function<Errors(Split)> errors;
};

/// Gathers what its measures need, each thing once: one forward pass over the stacked samples, one backward
/// pass and one Gram a function. It draws nothing and changes nothing: training is the same to the last bit
/// without it.
class Probe {
 public:
  Probe(std::vector<std::unique_ptr<Measure>> measures, Subject subject);
  Evidence gather();
  std::vector<Row> rows(const Evidence& evidence, std::int64_t step) const;

 private:
  void gather_grams(Evidence& evidence);
  Gram gram(const at::Tensor& cotangent);

  std::vector<std::unique_ptr<Measure>> measures_;
  Subject subject_;
  Needs needs_;
  nn::Tape tape_;
  nn::Gradients gradients_;
};

}  // namespace crosstalk::measure
