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
  void declare(Needs& needs) const override { needs.number("accuracy"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const auto train = evidence.number("accuracy", "train"), test = evidence.number("accuracy", "test");
    if (train && test) readings.add(name(), "train-test", *train - *test);
  }
};

}  // namespace

std::unique_ptr<Measure> gap_accuracy() { return std::make_unique<GapAccuracy>(); }

}  // namespace crosstalk::measure
