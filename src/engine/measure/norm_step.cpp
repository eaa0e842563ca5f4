#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// How far an update moves the parameters: theta before and theta' after the first update that follows the
/// measurement,
///     norm.step           | theta' - theta |
///     norm.step.relative  | theta' - theta | / |theta|
/// (the paper's footnote 3 asks whether steps late in training are still large). It is the whole step, with
/// the optimiser's momentum, scales and weight decay. The split is "parameters". The last measurement, which
/// no update follows, has no row. Costs a copy of theta and two operations a parameter.
namespace crosstalk::measure {
namespace {

class NormOfStep final : public Measure {
 public:
  std::string_view name() const override { return "norm.step"; }
  void declare(Needs& needs) const override { needs.step(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    const Weights& weights = *evidence.weights;
    const double step = (weights.after - weights.before).norm().item<double>(),
                 length = weights.before.norm().item<double>();
    readings.add(name(), "parameters", step);
    if (length > 0) readings.add("norm.step.relative", "parameters", step / length);
  }
};

}  // namespace

std::unique_ptr<Measure> norm_step() { return std::make_unique<NormOfStep>(); }

}  // namespace crosstalk::measure
