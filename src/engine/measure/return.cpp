#include "measure/registry.hpp"

/// What the policy that was learned earns: the mean over probe.episodes evaluation episodes of the
/// undiscounted sum of rewards, played greedily but for a share probe.explore of random actions. Its size and
/// sign are the environment's. Of a game whose rewards are clipped it is the game's own score, and
/// return.clipped beside it the sum of what is learned from. Beside it, at the first measurement alone,
/// return.random: what the policy earns there that draws its actions uniformly, from a stream of its own. An
/// agent that learns on some of its environment's levels alone (task.train-levels) plays as many episodes on
/// these, under train, and on all others, under test. Costs the episodes.
namespace crosstalk::measure {
namespace {

class MeanReturn final : public Measure {
 public:
  std::string_view name() const override { return "return"; }
  void declare(Needs& needs) const override { needs.number("return"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> episode_return() { return std::make_unique<MeanReturn>(); }

}  // namespace crosstalk::measure
