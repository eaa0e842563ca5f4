#include "measure/registry.hpp"

/// Share of episodes whose first class is right: what looking at the first window earns, where `accuracy` can
/// be had by naming one class after the other. 1 / classes is chance (first_guess.random); first_guess.blind
/// is the share of the most frequent class. From the episodes that reward plays; costs nothing on top of
/// them.
namespace crosstalk::measure {
namespace {

class FirstGuess final : public Measure {
 public:
  std::string_view name() const override { return "first_guess"; }
  void declare(Needs& needs) const override { needs.number("first_guess"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> first_guess() { return std::make_unique<FirstGuess>(); }

}  // namespace crosstalk::measure
