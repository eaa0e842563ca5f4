#include "measure/registry.hpp"

/// Classification: the share of rows whose largest output is their class, over all rows of the training
/// subset and of the test set:
///     accuracy = mean_n [ argmax_k f_k(x_n) = y_n ]
/// (the paper's section 4, "classification"). 1: all right; 1 / classes: chance on balanced classes. Of equal
/// outputs the first counts. Costs a forward pass over all rows, shared with loss and gap.
///
/// Agents: the share of episodes that end with the right class within 20 steps, from the episodes that reward
/// plays. Naming ten classes one after the other earns 1 (accuracy.blind), naming them at random 0.878
/// (accuracy.random); read first_guess beside it.
namespace crosstalk::measure {
namespace {

class Accuracy final : public Measure {
 public:
  std::string_view name() const override { return "accuracy"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    if (const auto value = evidence.errors(Split::train).accuracy) rows.add(name(), "train", *value);
    if (const auto value = evidence.errors(Split::test).accuracy) rows.add(name(), "test", *value);
    add_scores(evidence, name(), &Score::accuracy, rows);
  }
};

}  // namespace

std::unique_ptr<Measure> accuracy() { return std::make_unique<Accuracy>(); }

}  // namespace crosstalk::measure
