#include "measure/registry.hpp"

/// Mean over all rows of one row's loss J (agents: over the transitions measured, from the first update on;
/// from stored trajectories: over the samples of training and of test episodes):
///     cross-entropy    J = log sum_k exp f_k(x) - f_y(x)
///     squared error    J = mean_k (f_k(x) - y_k)^2
///     Double DQN       J = sum over heads of min(d^2, |d|), d the head's TD error
///     Rainbow          J = - sum_z m_z log p_z, m the distribution that is aimed at
///     REINFORCE        J = - sum over heads of (return log p(a) + entropy bonus)
/// whatever the batch's reduction: a sum over the batch trains faster, but is no other loss of a row. 0 is
/// the best but for REINFORCE, whose loss has no best value and either sign; log(classes) is the
/// cross-entropy of equal outputs. With broadcast targets it is squared_error's. Costs a forward pass over
/// all rows, shared with accuracy, squared_error and gap; an agent's comes with the gradients of
/// loss_interference and stiffness, or costs a pass over the samples where neither is asked for.
namespace crosstalk::measure {
namespace {

class MeanLoss final : public Measure {
 public:
  std::string_view name() const override { return "loss"; }
  void declare(Needs& needs) const override { needs.number("loss"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> loss() { return std::make_unique<MeanLoss>(); }

}  // namespace crosstalk::measure
