#include "measure/registry.hpp"

/// Share of rows whose largest output is their class, over all rows of the training subset and of the test
/// set:
///     accuracy = mean_n [ argmax_k f_k(x_n) = y_n ]
/// (the paper's section 4, "classification"). 1: all right; 1 / classes: chance on balanced classes. Of equal
/// outputs the first counts. Classification alone: a regression has no such row. Costs a forward pass over
/// all rows, shared with loss, gap and squared_error.
namespace crosstalk::measure {
namespace {

class Accuracy final : public Measure {
 public:
  std::string_view name() const override { return "accuracy"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    if (const auto value = evidence.errors(Split::train).accuracy) rows.add(name(), "train", *value);
    if (const auto value = evidence.errors(Split::test).accuracy) rows.add(name(), "test", *value);
  }
};

}  // namespace

std::unique_ptr<Measure> accuracy() { return std::make_unique<Accuracy>(); }

}  // namespace crosstalk::measure
