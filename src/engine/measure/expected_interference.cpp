#include <ATen/ATen.h>

#include "measure/along.hpp"
#include "measure/registry.hpp"

/// Expected interference, after Liu, Wang, Tao, Javed, White and White (2023), "Measuring and mitigating
/// interference in reinforcement learning": what one update does to the squared TD error at transitions that
/// it did not learn from,
///     U = mean_o [ d(o; theta')^2 - d(o; theta)^2 ],   d(o) = Q(s, a) - (r + gamma max_a' Q'(s', a'))
/// over probe.others transitions o at random, theta before and theta' after the first update that follows the
/// measurement, the target held (that of td_error: of the target network, or of the network as it was). Above
/// 0: the update interferes; below 0: it helps. The row is the mean, with quantiles and shares of each sign
/// over transitions, on "others" and, to compare it with, on "batch", the minibatch itself.
/// expected_interference.clipped is the mean of max(0, d(o; theta')^2 - d(o; theta)^2): what is lost alone,
/// nothing of what is won. This is the idea of that paper and not its exact formula, which was not at hand:
/// how it gathers updates into iterations (between two copies of a target network), and iterations into one
/// number, is not done here, where one update is seen at each measurement. In units of the value's square;
/// where an action has several choices, their mean. Costs what loss_difference does, and shares its passes.
namespace crosstalk::measure {
namespace {

class ExpectedInterference final : public Measure {
 public:
  std::string_view name() const override { return "expected_interference"; }
  void declare(Needs& needs) const override { needs.squares(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.around || !evidence.around->squares) return;
    const Around& around = *evidence.around;
    std::vector<std::int64_t> batch;
    for (std::int64_t sample = 0; sample < around.near.samples(); ++sample)
      batch.push_back(around.near.place(sample, 0));
    add(*around.squares, "batch", batch, readings);
    add(*around.squares, "others", around.others, readings);
    add_rows_of(around, std::string(name()), readings);
  }

 private:
  void add(const Change& change, const char* split, const std::vector<std::int64_t>& places,
           Readings& readings) const {
    const auto *before = change.before.const_data_ptr<double>(),
               *after = change.after.const_data_ptr<double>();
    const bool* defined = change.defined.const_data_ptr<bool>();
    Summary all(std::ssize(places)), clipped(std::ssize(places));
    for (const std::int64_t place : places) {
      if (place == Neighbours::masked || !defined[place]) continue;
      all.add(after[place] - before[place]);
      clipped.add(std::max(0.0, after[place] - before[place]));
    }
    readings.add(name(), split, all);
    if (clipped.count() > 0) readings.add("expected_interference.clipped", split, clipped.mean());
  }
};

}  // namespace

std::unique_ptr<Measure> expected_interference() { return std::make_unique<ExpectedInterference>(); }

}  // namespace crosstalk::measure
