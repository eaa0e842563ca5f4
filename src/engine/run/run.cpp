#include "run/run.hpp"

#include <ATen/ATen.h>

#include "measure/registry.hpp"

namespace crosstalk::run {

Run::Run(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset)
    : every_(configuration.probe.every),
      task_(make_task(configuration, seed, dataset)),
      probe_(std::make_unique<measure::Probe>(measure::measures(configuration.probe.measures), *task_,
                                              measure::prediction(configuration.probe.function))) {}

Run::~Run() = default;

Measurement Run::measure() {
  const measure::Evidence evidence = probe_->gather(step_);
  Measurement measurement{probe_->rows(evidence, step_), {}};
  if (finished()) measurement.arrays = pictures(evidence);
  return measurement;
}

/// The training samples' part of each Gram, for the pictures that sort images by class.
std::vector<Array> Run::pictures(const measure::Evidence& evidence) const {
  std::vector<Array> arrays;
  const Json axes = task_->picture_axes();
  if (axes.is_null()) return arrays;
  const std::int64_t n = evidence.train(), stacked = evidence.train() + evidence.test();
  for (const auto& [function, name] : {std::pair{measure::Function::output, "function_gram"},
                                       std::pair{measure::Function::loss, "loss_gram"}}) {
    if (!evidence.has(function)) continue;
    const std::vector<double>& dots = evidence.gram(function).dots;
    Array array{step_, name, "train-train", {n, n}, {}, axes};
    for (std::int64_t u = 0; u < n; ++u) {
      array.values.insert(array.values.end(), dots.begin() + u * stacked, dots.begin() + u * stacked + n);
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

std::optional<double> Run::advance() {
  const std::optional<double> loss = task_->learner().advance();
  change_due_ = loss && probe_->awaits_change();
  ++step_;
  return loss;
}

Measurement Run::measure_change() {
  change_due_ = false;
  return {probe_->change_rows(), {}};
}

bool Run::is_finite() const { return at::isfinite(theta()).all().item<bool>(); }

learn::State Run::save() const {
  learn::State state;
  task_->learner().save(state);
  return state;
}

void Run::load(const learn::State& state, std::int64_t step) {
  task_->learner().load(state);
  step_ = step;
}

}  // namespace crosstalk::run
