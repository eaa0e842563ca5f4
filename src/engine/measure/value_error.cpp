#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// How far the values that were learned are from the true ones of an exact environment's policy: the root of
/// the mean square over states (Sutton and Barto 2018, Figs. 7.2 and 12.3 show its mean over episodes),
///     value_error = sqrt( mean_s (v(s) - V(s))^2 ),   v = (I - gamma P)^-1 r by linear algebra
/// over all states that are no ends, each counted once, on the split "states". 0: exact. Its size is that of
/// returns. Costs a forward pass over the states.
/// From stored trajectories that an expert has played, how far they are from the expert's values,
///     value_error = sqrt( mean_n (max_a Q(s_n, a) - max_a Q*(s_n, a))^2 )
/// over the samples of "train" and of "test"; with values of states V(s_n) in place of max_a Q. The expert's
/// values are no true ones. It is not measured where they are of another discount than is learned with (the
/// regression on Q* apart, whose target they are). Costs a forward pass over the samples.
namespace crosstalk::measure {
namespace {

class ValueError final : public Measure {
 public:
  std::string_view name() const override { return "value_error"; }
  void declare(Needs& needs) const override {
    needs.outputs("states");
    needs.number("value_error");
  }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
    const auto states = evidence.others.find("states");
    if (states == evidence.others.end()) return;
    at::Tensor exact;
    const Set& set = states->second.set;
    if (!set.rows.table->beside("value", set.rows.ids, exact)) return;
    const at::Tensor error = states->second.outputs.select(1, 0) - exact;
    readings.add(name(), set.name, error.square().mean().sqrt().item<double>());
  }
};

}  // namespace

std::unique_ptr<Measure> value_error() { return std::make_unique<ValueError>(); }

}  // namespace crosstalk::measure
