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
  void declare(Needs& needs) const override { needs.number("first_guess"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const auto train = evidence.number("first_guess", "train"), test = evidence.number("first_guess", "test");
    if (train && test) readings.add(name(), "train-test", *train - *test);
  }
};

}  // namespace

std::unique_ptr<Measure> gap_first_guess() { return std::make_unique<GapFirstGuess>(); }

}  // namespace crosstalk::measure
