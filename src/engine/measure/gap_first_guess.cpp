#include "measure/registry.hpp"

/// An agent's generalisation gap in what looking at the first window earns, the twin of `gap` in reward:
///     gap_first_guess = first_guess on training images - first_guess on test images
/// Naming one class after the other cannot hide it, as it hides gap_accuracy. Costs nothing on top of the
/// episodes.
namespace crosstalk::measure {
namespace {

class GapFirstGuess final : public Measure {
 public:
  std::string_view name() const override { return "gap_first_guess"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    const Errors &train = evidence.errors(Split::train), &test = evidence.errors(Split::test);
    if (train.score && test.score)
      rows.add(name(), "train-test", train.score->first_guess - test.score->first_guess);
  }
};

}  // namespace

std::unique_ptr<Measure> gap_first_guess() { return std::make_unique<GapFirstGuess>(); }

}  // namespace crosstalk::measure
