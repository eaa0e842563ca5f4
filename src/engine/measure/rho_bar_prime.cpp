#include "measure/pair_rows.hpp"
#include "measure/registry.hpp"

/// The derivative of function interference rho-bar(A, B) = grad f(A) . grad f(B) by the step size of a step
/// of SGD on B, theta - alpha grad J(B) (Bengio, Pineau and Precup 2020, eq. 15):
///     rho-bar' = - d_B (grad f_B . H_A grad f_B + grad f_A . H_B grad f_B),   H the Hessian of f
/// f is the number whose error d is pulled (the value of what was done), J = d^2 / 2. Pairs as rho_prime has
/// them; nothing where the loss is of several numbers. 0 in a linear function, where interference does not
/// evolve. rho_prime is that of the losses, in which the errors change too. Shares all of rho_prime's cost.
namespace crosstalk::measure {
namespace {

class RhoBarPrime final : public Measure {
 public:
  std::string_view name() const override { return "rho_bar_prime"; }
  void declare(Needs& needs) const override { needs.evolution(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution || !evidence.evolution->terms.bar.defined()) return;
    add_pairs_with_quantiles(std::string(name()), evidence.evolution->terms.bar, readings);
    add_pairs_array(*evidence.evolution, std::string(name()), evidence.evolution->terms.bar, readings);
  }
};

}  // namespace

std::unique_ptr<Measure> rho_bar_prime() { return std::make_unique<RhoBarPrime>(); }

}  // namespace crosstalk::measure
