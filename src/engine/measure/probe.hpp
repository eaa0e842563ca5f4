#pragma once

#include <memory>
#include <vector>

#include "measure/measure.hpp"
#include "measure/prediction.hpp"
#include "measure/subject.hpp"
#include "trace/scratch.hpp"

namespace crosstalk::measure {

/// Gathers what its measures need and no more, each thing once: one forward pass over the stacked samples,
/// one backward pass and one Gram a function, the subject's errors. It draws nothing and changes nothing:
/// training is the same to the last bit without it.
class Probe {
 public:
  /// `subject` must outlive the probe; `function` is probe.function.
  Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Prediction function);
  Evidence gather(std::int64_t step);
  std::vector<Row> rows(const Evidence& evidence, std::int64_t step) const;

  /// For people: each layer's method in the last Gram, and its cost (trace/plan.hpp); empty where none was
  /// made.
  std::string methods() const;

  /// Whether measures wait for the update that follows the last gather(); another gather() ends the waiting.
  bool awaits_change() const { return before_.defined(); }
  /// Their rows, after that update, under the step of that gather().
  std::vector<Row> change_rows();

 private:
  Evidence gather_grams();
  Gram gram(const at::Tensor& cotangent);

  std::vector<std::unique_ptr<Measure>> measures_;
  Subject& subject_;
  Prediction function_;
  Needs needs_;
  nn::Tape tape_;
  nn::Gradients gradients_;
  trace::Scratch scratch_;
  at::Tensor before_;  // outputs (N, p) at the samples, while a change is awaited
  std::int64_t step_ = 0;
};

}  // namespace crosstalk::measure
