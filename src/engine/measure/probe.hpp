#pragma once

#include <memory>
#include <vector>

#include "learn/learner.hpp"
#include "measure/measure.hpp"
#include "measure/subject.hpp"
#include "trace/grams.hpp"

namespace crosstalk::measure {

/// Gathers what its measures need and no more, each thing once: one forward pass over the stacked samples,
/// one backward pass and one Gram a function, the subject's numbers. It draws nothing and changes nothing:
/// training is the same to the last bit without it.
class Probe final : public learn::Watcher {
 public:
  /// `subject` must outlive the probe; `function` is probe.function, `budget_bytes` runtime.memory.
  Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Function function,
        std::int64_t budget_bytes);

  /// The measurement of a step; `last`: after a run's last update.
  Readings measure(std::int64_t step, bool last);

  /// Whether measures wait for the update that follows; the next measure() ends the waiting.
  bool awaits_change() const { return awaited_.has_value(); }
  /// What the update that was awaited has shown, under the step of that measurement; nothing where none was.
  std::optional<Readings> take_change() { return std::exchange(change_, std::nullopt); }

  /// For people: each layer's method in the last Gram, and its cost (trace/plan.hpp); empty where none was
  /// made.
  std::string methods() const { return grams_.methods(); }

  void before(const learn::Update&) override {}
  void after(const learn::Update&) override;

 private:
  void gather_samples(Evidence& evidence);
  void look(Evidence& evidence);
  void add_own_loss(Evidence& evidence);
  void gather_losses(const std::string& objective, Evidence& evidence);
  const at::Tensor& look_ahead(const learn::Objective& objective, const Evidence& evidence);
  void gather_grams(Evidence& evidence);
  void gather_others(Evidence& evidence);
  int matrices() const;

  struct Awaited {
    std::int64_t step;
    Evidence evidence;
    at::Tensor inputs;
  };

  std::vector<std::unique_ptr<Measure>> measures_;
  Subject& subject_;
  Function function_;
  Needs needs_;
  learn::Passes passes_;
  trace::Grams grams_, ahead_;  // of the stack; of s and s' of all its steps
  at::Tensor inputs_;         // of the stack, (n, input)
  bool inputs_stay_ = false;  // all of its sets are fixed
  at::Tensor outputs_;        // of the stack, (n, p)
  at::Tensor own_;            // cotangents of the own objective, (n, p) or (2 n, p), where they were asked for
  std::optional<Awaited> awaited_;
  std::optional<Readings> change_;
};

}  // namespace crosstalk::measure
