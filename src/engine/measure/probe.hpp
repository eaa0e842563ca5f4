#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "measure/angles.hpp"
#include "measure/batch_gradient.hpp"
#include "measure/drift.hpp"
#include "measure/evolving.hpp"
#include "measure/kernels.hpp"
#include "measure/measure.hpp"
#include "measure/stack.hpp"
#include "measure/watch.hpp"

namespace crosstalk::measure {

/// Gathers what its measures need and no more, each thing once: one forward pass over the stacked samples,
/// one backward pass and one Gram a function, what an update does to the losses around it, the subject's
/// numbers. It draws nothing and changes nothing: training is the same to the last bit without it.
class Probe final : public learn::Watcher {
 public:
  /// `subject` must outlive the probe; `function` is probe.function, `budget_bytes` runtime.memory. `reach`
  /// counts where a measure looks along trajectories. Error(config) where the subject's are too short for it.
  Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Function function,
        std::int64_t budget_bytes, Reach reach = {});

  /// The measurement of a step; `last`: after a run's last update.
  Readings measure(std::int64_t step, bool last);

  /// Whether measures wait for the update that follows; the next measure() ends the waiting.
  bool awaits_change() const { return awaited_.has_value(); }
  /// What the update that was awaited has shown, under the step of that measurement; nothing where none was.
  std::optional<Readings> take_change() { return std::exchange(change_, std::nullopt); }

  /// For people: each layer's method in the last Gram, and its cost (trace/plan.hpp); empty where none was
  /// made.
  std::string methods() const { return stack_.methods(); }

  /// What the next measurement takes from updates before it, and back; nothing where no measure does.
  void save(tensor::State& state) const;
  void load(const tensor::State& state);

  void before(const learn::Update& update) override;
  void after(const learn::Update& update) override;
  void ended() override;

 private:
  void gather_others(Evidence& evidence);
  void gather_windows(Evidence& evidence);
  void gather_targets(Evidence& evidence);
  void gather_cosines(Evidence& evidence);
  void gather_classes(Evidence& evidence);
  void gather_to_batch(Evidence& evidence);
  void refuse_what_is_not_there() const;
  void await_change(std::int64_t step, Evidence evidence);

  struct Awaited {
    std::int64_t step;
    Evidence evidence;
    at::Tensor inputs;
  };

  std::vector<std::unique_ptr<Measure>> measures_;
  Subject& subject_;
  Reach reach_;
  Needs needs_;
  learn::Passes passes_;
  Stack stack_;
  Angles angles_;
  Kernels kernels_;
  BatchGradient batch_gradient_;
  std::optional<Watch> watch_;        // where a measure asks what an update does around it
  std::optional<Evolving> evolving_;  // where a measure asks how interference evolves
  std::optional<Drift> drift_;        // where a measure asks what became of values
  std::optional<Awaited> awaited_;
  std::optional<Readings> change_;
};

}  // namespace crosstalk::measure
