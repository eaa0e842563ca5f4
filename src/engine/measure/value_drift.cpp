#include <array>

#include "base/text.hpp"
#include "measure/registry.hpp"

/// How far the value of a transition drifts while it waits to be drawn again:
///     D = f(s, a; theta before its next update) - f(s, a; theta' after its last one)
/// f(s, a) what is predicted of the action taken (of several choices the mean), or of the state where nobody
/// acts. None of the updates between is about that transition: what moves its value is interference, an
/// optimiser's momentum and its weight decay (histograms of it are in the published code of Bengio, Pineau
/// and Precup 2020). It is in units of the value. The transitions are those of the minibatch of the update
/// that follows a measurement; each is read when it is next drawn, however many measurements later, and
/// stands in the rows of the measurement after that: the mean, quantiles and shares of each sign as
/// value_drift, the mean of |D| as value_drift.absolute, the mean number of updates between as
/// value_drift.updates, and how many still wait as value_drift.left_out. 0: it stayed where its update put
/// it. Each transition that is drawn once alone (an agent without a replay) waits for ever; what waits is the
/// newest 4,096 at the most. Arrays: value_drift, the shares of D in fixed bins ("0" apart, edges by factors
/// of about 3 from 0.001 to 100, each edge part of the bin nearer to 0), value_drift.each and
/// value_drift.each.updates, of each by itself, whose axis "sample" says the transitions. REINFORCE's outputs
/// predict nothing: no rows. Costs a forward pass over a minibatch for each measurement, and one over the
/// transitions drawn again.
namespace crosstalk::measure {
namespace {

constexpr std::array edges{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};
constexpr std::size_t bins_a_side = edges.size() + 1, all_bins = 2 * bins_a_side + 1;

/// 0 is the farthest below.
std::size_t bin_of(double drift) {
  if (drift == 0) return bins_a_side;
  const auto edge = std::lower_bound(edges.begin(), edges.end(), std::abs(drift));
  const std::size_t place = 1 + static_cast<std::size_t>(edge - edges.begin());
  return drift > 0 ? bins_a_side + place : bins_a_side - place;
}

/// "-0.003 to -0.001", "0", "above 100".
std::string name_of_bin(std::size_t bin) {
  if (bin == bins_a_side) return "0";
  const bool above = bin > bins_a_side;
  const std::size_t place = above ? bin - bins_a_side : bins_a_side - bin;
  const auto edge = [&](std::size_t at) { return significant(above ? edges[at] : -edges[at]); };
  if (place == bins_a_side) return (above ? "above " : "below ") + edge(place - 2);
  const std::string near = place == 1 ? std::string("0") : edge(place - 2), far = edge(place - 1);
  return above ? near + " to " + far : far + " to " + near;
}

class ValueDrift final : public Measure {
 public:
  std::string_view name() const override { return "value_drift"; }
  void declare(Needs& needs) const override { needs.drift(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.drifts) return;
    const Drifts& drifts = *evidence.drifts;
    readings.add("value_drift.left_out", split, static_cast<double>(drifts.left_out.size()));
    const std::int64_t count = std::ssize(drifts.rows);
    if (count == 0) return;
    Summary each(count);
    std::vector<double> shares(all_bins, 0);
    double absolute = 0, updates = 0;
    for (std::size_t i = 0; i < drifts.rows.size(); ++i) {
      const double drift = drifts.values[i];
      each.add(drift);
      shares[bin_of(drift)] += 1 / static_cast<double>(count);
      absolute += std::abs(drift) / static_cast<double>(count);
      updates += drifts.updates[i] / static_cast<double>(count);
    }
    readings.add(name(), split, each);
    readings.add("value_drift.absolute", split, absolute);
    readings.add("value_drift.updates", split, updates);
    std::vector<std::string> names;
    for (std::size_t bin = 0; bin < all_bins; ++bin) names.push_back(name_of_bin(bin));
    readings.add_array("value_drift", split, {static_cast<std::int64_t>(all_bins)}, std::move(shares),
                       {{"0", {{"name", "drift"}, {"labels", names}}}});
    const Json rows = {{"0", {{"name", "sample"}, {"labels", drifts.rows}}}};
    readings.add_array("value_drift.each", split, {count}, drifts.values, rows);
    readings.add_array("value_drift.each.updates", split, {count}, drifts.updates, rows);
  }

 private:
  static constexpr const char* split = "batch";
};

}  // namespace

std::unique_ptr<Measure> value_drift() { return std::make_unique<ValueDrift>(); }

}  // namespace crosstalk::measure
