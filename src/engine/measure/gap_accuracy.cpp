#include "measure/registry.hpp"

/// An agent's generalisation gap in accuracy, the twin of `gap`, which is in reward:
///     gap_accuracy = accuracy on training images - accuracy on test images
/// Both are near 0 for an agent that names one class after the other without looking. Costs nothing on top of
/// the episodes.
namespace crosstalk::measure {
namespace {

class GapAccuracy final : public Measure {
 public:
  std::string_view name() const override { return "gap_accuracy"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    const Errors &train = evidence.errors(Split::train), &test = evidence.errors(Split::test);
    if (train.score && test.score)
      rows.add(name(), "train-test", train.score->accuracy - test.score->accuracy);
  }
};

}  // namespace

std::unique_ptr<Measure> gap_accuracy() { return std::make_unique<GapAccuracy>(); }

}  // namespace crosstalk::measure
