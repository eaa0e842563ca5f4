#include "measure/along.hpp"
#include "measure/registry.hpp"

/// What one update makes of the loss of transitions around those that it is about,
///     D_k = mean_t [ L(s_t+k; theta) - L(s_t+k; theta') ]
/// over the samples t of the minibatch whose episodes have a step at the offset k, |k| up to probe.offsets;
/// theta before and theta' after the first update that follows the measurement (Bengio, Pineau and Precup
/// 2020, section 5, Figs. 3, 4 and 6). Above 0: the update makes the loss of s_t+k smaller too; what is
/// more than "others" is k's. L is
/// each loss of probe.losses: loss_difference is of the one that is learned by, loss_difference.td of the TD
/// error, whatever is learned by. Its target is held between both
/// sides; where the learner bootstraps from the network that moves, the TD error's moves with it.
/// k = 0 is the minibatch itself, under "batch"; "others" are probe.others transitions at random. The array
/// of each name has the curve over k, NAME.count how many samples are in each of its means, and
/// loss_difference.rows which transitions they are. Costs three forward passes over these transitions (each
/// once, in blocks of 128): for the targets, before and after.
namespace crosstalk::measure {
namespace {

class LossDifference final : public Measure {
 public:
  std::string_view name() const override { return "loss_difference"; }
  void declare(Needs& needs) const override { needs.update(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.around) return;
    add_rows_of(*evidence.around, std::string(name()), readings);
    for (const auto& [loss, change] : evidence.around->changes)
      add_along(*evidence.around, name_of(loss, name()), change.defined, change.difference(), readings);
  }
};

}  // namespace

std::unique_ptr<Measure> loss_difference() { return std::make_unique<LossDifference>(); }

}  // namespace crosstalk::measure
