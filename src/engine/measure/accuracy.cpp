#include "measure/registry.hpp"

/// Classification: the share of rows whose largest output is their class, over all rows of the training
/// subset and of the test set:
///     accuracy = mean_n [ argmax_k f_k(x_n) = y_n ]
/// (the paper's section 4, "classification"). 1: all right; 1 / classes: chance on balanced classes. Of equal
/// outputs the first counts. Beside it accuracy.constant, which a network that never looks earns: the share
/// of each split that the training subset's most frequent class has, of equally frequent ones the first.
/// Costs a forward pass over all rows, shared with loss and gap; the constant one is computed once a run.
///
/// Agents: the share of episodes that end with the right class within 20 steps, from the episodes that reward
/// plays. Naming ten classes one after the other earns 1 (accuracy.blind), naming them at random 0.878
/// (accuracy.random); read first_guess beside it.
namespace crosstalk::measure {
namespace {

class Accuracy final : public Measure {
 public:
  std::string_view name() const override { return "accuracy"; }
  void declare(Needs& needs) const override { needs.number("accuracy"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> accuracy() { return std::make_unique<Accuracy>(); }

}  // namespace crosstalk::measure
