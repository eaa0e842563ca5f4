#include <ATen/ATen.h>

#include "measure/pair_rows.hpp"
#include "measure/registry.hpp"

/// How interference evolves under momentum (Bengio, Pineau and Precup 2020, eq. 18 to 21). The interference
/// of an update on B with A is grad J(A) . m, m = beta mu + (1 - beta) grad J(B) and mu the moving average of
/// the gradients before it. Its derivative
///     rho_prime.momentum.first    (1 - beta) rho'
///     rho_prime.momentum.second   - beta mu . H_A grad J_B
///     rho_prime.momentum          their sum: (21), along grad J_B, without its error of sign
///     rho_prime.momentum.printed  - first + second, as (21) prints it: its mean alone
///     rho_prime.momentum.step     - m . H_A m - (1 - beta) grad J_A . H_B m: along the step that is made
/// beta is learner.momentum. The optimiser's velocity v = gradient + beta v is mu / (1 - beta), and its
/// gradients are those of the loss that is learned by, weight decay included. Aims move as the run's own do.
/// Pairs as rho_prime has them; second near first in size: what was stepped along before moves interference
/// as much as B does. Costs two tangents of each side along mu and two Grams beside rho_prime.
namespace crosstalk::measure {
namespace {

class RhoPrimeMomentum final : public Measure {
 public:
  std::string_view name() const override { return "rho_prime.momentum"; }
  void declare(Needs& needs) const override { needs.evolution_with_momentum(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution) return;
    const MomentumTerms& terms = *evidence.evolution->momentum;
    const std::string name(this->name());
    add_pairs_with_quantiles(name, terms.first + terms.second, readings);
    add_pairs(name + ".first", terms.first, readings);
    add_pairs(name + ".second", terms.second, readings);
    add_pairs(name + ".step", terms.step, readings);
    readings.add(name + ".printed", of_pairs, (terms.second - terms.first).mean().item<double>());
    add_pairs_array(*evidence.evolution, name + ".first", terms.first, readings);
    add_pairs_array(*evidence.evolution, name + ".second", terms.second, readings);
    add_pairs_array(*evidence.evolution, name + ".step", terms.step, readings);
  }
};

}  // namespace

std::unique_ptr<Measure> rho_prime_momentum() { return std::make_unique<RhoPrimeMomentum>(); }

}  // namespace crosstalk::measure
