#include <ATen/ATen.h>

#include "measure/correlation.hpp"
#include "measure/pair_rows.hpp"
#include "measure/registry.hpp"

/// What the step s = theta' - theta that theta really made changes of interference, with the whole minibatch,
/// the optimiser's momentum and scales, the weight decay and the loss that is learned by:
///     rho_prime.step       s . H_A grad J_B + grad J_A . H_B s: to first order
///     rho_prime.step.came  rho after it minus rho before
///     rho_prime.step.r     Pearson's r of the two over the pairs
/// Aims move as they did: with the network, by a copy, or by polyak, by as much as the target really moved.
/// rho_prime is along a step of SGD on one sample, of length 1: neither sign nor size need be those of this.
/// Pairs and J as rho_prime has them. Costs a tangent of each side along s, four Grams, and both sides'
/// passes again, beside rho_prime.
namespace crosstalk::measure {
namespace {

class RhoPrimeStep final : public Measure {
 public:
  std::string_view name() const override { return "rho_prime.step"; }
  void declare(Needs& needs) const override { needs.evolution_at_the_step(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution) return;
    const StepTerms& terms = *evidence.evolution->step;
    const std::string name(this->name());
    add_pairs_with_quantiles(name, terms.predicted, readings);
    add_pairs(name + ".came", terms.came, readings);
    Correlation correlation;
    const at::Tensor said = terms.predicted.contiguous(), is = terms.came.contiguous();
    for (std::int64_t i = 0; i < said.numel(); ++i)
      correlation.add(said.const_data_ptr<double>()[i], is.const_data_ptr<double>()[i]);
    if (const std::optional<double> r = correlation.value()) readings.add(name + ".r", of_pairs, *r);
    add_pairs_array(*evidence.evolution, name, terms.predicted, readings);
    add_pairs_array(*evidence.evolution, name + ".came", terms.came, readings);
  }
};

}  // namespace

std::unique_ptr<Measure> rho_prime_step() { return std::make_unique<RhoPrimeStep>(); }

}  // namespace crosstalk::measure
