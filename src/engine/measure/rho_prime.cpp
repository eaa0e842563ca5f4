#include <ATen/ATen.h>

#include "measure/pair_rows.hpp"
#include "measure/registry.hpp"

/// How interference evolves: the derivative of rho(A, B) = grad J(A) . grad J(B) by the step size alpha after
/// a step of plain SGD on B, theta - alpha grad J(B), at alpha = 0 (Bengio, Pineau and Precup 2020, eq. 14):
///     rho' = - (grad J_B . H_A grad J_B + grad J_A . H_B grad J_B) = - r1 - r2 - r3,   H the Hessian of J
/// B are the minibatch of the first update that follows the measurement (probe.others of it at most), A
/// probe.others other rows at random. J is d^2 / 2 of one number a sample, whatever function of d is learned
/// by: the TD error of what was done (dqn, polyak, ql, double-dqn), the error against a return (mc), a
/// lambda-return (td-lambda), an expert's target (td-star) or an expert's value of what was done (reg), one
/// regression's; of a classifier, or of several numbers to predict, the loss itself (of squares half of it).
/// A TD error's aim moves with the network here, as (17) has it, whatever bootstraps it: rho_prime.own has it
/// move as it does in the run (not at all with a copied target, by tau with polyak). rho_prime.printed is
/// what (16) prints, whose second term is twice too large; only where the aims are held. Above 0: a step on B
/// makes A and B interfere more. It is a derivative at a point, of SGD on one sample: rho_prime.step is of
/// the step really taken. Costs a forward and backward pass over A, B and what follows them, and a second
/// derivative along a direction for each pair (trace/jet.hpp).
namespace crosstalk::measure {
namespace {

class RhoPrime final : public Measure {
 public:
  std::string_view name() const override { return "rho_prime"; }
  void declare(Needs& needs) const override { needs.evolution(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution) return;
    const Evolution& evolution = *evidence.evolution;
    const Terms& terms = evolution.terms;
    const at::Tensor total = terms.total();
    add_pairs_with_quantiles("rho_prime", total, readings);
    add_tails("rho_prime", total, readings);
    add_pairs_apart(evolution, "rho_prime", total, readings);
    add_pairs("rho_prime.own", terms.total_own(), readings);
    if (!terms.aims_move)
      readings.add("rho_prime.printed", of_pairs, (total - terms.r2).mean().item<double>());
    add_pairs("rho_prime.rho", evolution.interference, readings);
    add_pairs_array(evolution, "rho_prime", total, readings);
    add_pairs_array(evolution, "rho_prime.rho", evolution.interference, readings);
  }
};

/// One of its three terms, as (16) and (17) have them (docs/evolution.md): r1 and r2 with the aims moving
/// with the network, and as they do in the run (.own); rho_prime.r2.printed is twice r2, as (16) prints it.
class Term final : public Measure {
 public:
  Term(std::string_view name, at::Tensor Terms::* term, at::Tensor Terms::* own)
      : name_(name), term_(term), own_(own) {}
  std::string_view name() const override { return name_; }
  void declare(Needs& needs) const override { needs.evolution(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution) return;
    const Terms& terms = evidence.evolution->terms;
    const std::string name(name_);
    add_pairs_with_quantiles(name, terms.*term_, readings);
    if (own_ != nullptr) add_pairs(name + ".own", terms.*own_, readings);
    if (term_ == &Terms::r2 && !terms.aims_move)
      readings.add(name + ".printed", of_pairs, 2 * terms.r2.mean().item<double>());
    add_pairs_array(*evidence.evolution, name, terms.*term_, readings);
    if (own_ != nullptr) add_pairs_array(*evidence.evolution, name + ".own", terms.*own_, readings);
  }

 private:
  std::string_view name_;
  at::Tensor Terms::*term_, Terms::*own_;
};

}  // namespace

std::unique_ptr<Measure> rho_prime() { return std::make_unique<RhoPrime>(); }
std::unique_ptr<Measure> rho_prime_r1() {
  return std::make_unique<Term>("rho_prime.r1", &Terms::r1, &Terms::r1_own);
}
std::unique_ptr<Measure> rho_prime_r2() {
  return std::make_unique<Term>("rho_prime.r2", &Terms::r2, &Terms::r2_own);
}
std::unique_ptr<Measure> rho_prime_r3() {
  return std::make_unique<Term>("rho_prime.r3", &Terms::r3, nullptr);
}

}  // namespace crosstalk::measure
