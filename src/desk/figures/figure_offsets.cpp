#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "figures/array_curves.hpp"
#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/point.hpp"
#include "figures/words.hpp"
#include "store/axes.hpp"

namespace crosstalk::figures {
namespace {

constexpr double nearest = 5;  // offsets that sentences are about, as measures are (docs/measures.md)
constexpr const char* count_ending = ".count";

/// What was measured along trajectories, against the offset in steps: Figs. 3 to 6 of Bengio, Pineau and
/// Precup (2020) for loss differences and cosines.
class FigureOffsets final : public Figure {
 public:
  std::string name() const override { return "figureOffsets"; }
  std::string title() const override {
    return "Loss differences and cosines of gradients along trajectories";
  }
  std::string caption() const override {
    return "At each temporal offset the mean over a run's transitions and its measurements, without the one "
           "before the first update where there are others; then the mean over runs, with 90% intervals over "
           "their seeds where there are at least four (of runs of several configurations: leaving one "
           "configuration out with all its seeds), each for its offset alone; early measurements, whose "
           "steps "
           "are large, weigh most. Dotted: transitions at random. An update moves these too, by what all "
           "states share, by momentum and by weight decay; what a curve has more than that belongs to the "
           "offset. Far offsets are of long episodes alone. Offset 0, the transition itself, stands apart: "
           "it "
           "would hide the others.";
  }
  bool applies(const Results& results) const override {
    return !StoredCurves(results).along_offsets().empty();
  }
  FigureData compute(const Results& results) const override;
};

/// A mean over measurements at each offset, each as often as transitions are in it.
struct OffsetMean {
  std::map<double, std::pair<double, double>> sums;  // offset: of values, of counts

  void add(double offset, double value, double count) {
    if (!std::isfinite(value) || count <= 0) return;
    sums[offset].first += value * count;
    sums[offset].second += count;
  }
};

/// By run and split.
using OffsetMeans = std::map<std::pair<const MeasuredRun*, std::string>, OffsetMean>;
/// By run, split and step.
using At = std::tuple<const MeasuredRun*, std::string, std::int64_t>;

std::map<At, Array> arrays_of(const StoredCurves& curves, const std::string& name) {
  std::map<At, Array> all;
  curves.each(name, [&](const MeasuredRun& run, Array array) {
    const At at{&run, array.split, array.step};
    all[at] = std::move(array);
  });
  return all;
}

/// Whether a run has measured it later than before its first update.
bool has_learned(const std::map<At, Array>& arrays, const MeasuredRun* run, const std::string& split) {
  const auto later = arrays.lower_bound({run, split, 1});
  return later != arrays.end() && std::get<0>(later->first) == run && std::get<1>(later->first) == split;
}

OffsetMeans offset_means(const StoredCurves& curves, const std::string& name) {
  const std::map<At, Array> arrays = arrays_of(curves, name), counts = arrays_of(curves, name + count_ending);
  OffsetMeans means;
  for (const auto& [at, array] : arrays) {
    const auto& [run, split, step] = at;
    if (step == 0 && has_learned(arrays, run, split)) continue;
    const auto counted = counts.find(at);
    const store::Axis along = store::axes_of(array).front();
    for (std::int64_t i = 0; i < array.shape[0]; ++i) {
      const auto place = static_cast<std::size_t>(i);
      const bool known = counted != counts.end() && counted->second.values.size() == array.values.size();
      const Json offset = store::label_at(along, i);
      if (offset.is_number())
        means[{run, split}].add(offset.get<double>(), array.values[place],
                                known ? counted->second.values[place] : 1);
    }
  }
  return means;
}

struct Values {
  std::vector<const MeasuredRun*> runs;
  std::vector<double> values;
  void add(const MeasuredRun* run, double value) {
    runs.push_back(run);
    values.push_back(value);
  }
};

/// The rows of what is compared with transitions at random: a split of a loss difference, a measure of its
/// own of a cosine. By each run the mean over its measurements, as of the curve.
Values at_random(const Results& results, const ArrayLine& line, const std::string& name,
                 const std::string& split) {
  Values values;
  for (const MeasuredRun* run : line.runs) {
    const Series* series = results.find(*run, name, "others");
    if (series == nullptr) series = results.find(*run, name + ".others", split);
    if (series == nullptr || series->steps.empty()) continue;
    const std::int64_t from = series->steps.back() == 0 ? 0 : 1;
    if (const auto mean = mean_over(series, from, series->steps.back())) values.add(run, *mean);
  }
  return values;
}

/// "0.012 (90% interval 0.0101 to 0.0139)": loss differences are small numbers.
std::string told(const Values& values) {
  const stats::Inference mean = mean_over_runs(values.runs, values.values);
  if (!mean.value.defined()) return "unknown";
  const std::string interval = mean.interval.defined()
                                   ? significant(mean.interval.low) + " to " + significant(mean.interval.high)
                                   : in_words(mean.interval);
  return significant(mean.value.value) + " (90% interval " + interval + ")";
}

/// Of one line: its rows, and what they say in words.
class OffsetLine {
 public:
  OffsetLine(const Results& results, const ArrayLine& line, const OffsetMeans& means, std::string name,
             std::string split)
      : line_(line),
        name_(std::move(name)),
        split_(std::move(split)),
        others_(at_random(results, line, name_, split_)) {
    for (const MeasuredRun* run : line.runs)
      if (const auto found = means.find({run, split_}); found != means.end()) add(run, found->second);
  }

  bool empty() const { return places_.empty(); }

  void add_rows(Table& curves, Table& others, Json& facts) const {
    for (const auto& [offset, values] : places_)
      curves.rows.push_back(row(values, offset, counts_.at(offset)));
    if (!others_.values.empty()) others.rows.push_back(row(others_, {}, {}));
    const std::string key =
        line_.experiment + (line_.label.empty() ? "" : "/" + line_.label) + "/" + name_ + "/" + split_;
    if (!ahead_.values.empty())
      facts[key + "/ahead"] = fact(mean_over_runs(ahead_.runs, ahead_.values).value);
    if (!behind_.values.empty())
      facts[key + "/behind"] = fact(mean_over_runs(behind_.runs, behind_.values).value);
    if (!others_.values.empty())
      facts[key + "/others"] = fact(mean_over_runs(others_.runs, others_.values).value);
  }

  /// "In breakout (adam) the loss difference (neighbours) is 0.2 at the transition itself, 0.01 up to 5 steps
  /// ahead and 0.02 up to 5 behind."
  std::string described() const {
    std::vector<std::string> parts;
    if (const auto itself = places_.find(0); itself != places_.end())
      parts.push_back(told(itself->second) + " at the transition itself");
    const std::string reach = "up to " + significant(nearest) + " steps ";
    if (!ahead_.values.empty()) parts.push_back(told(ahead_) + " " + reach + "ahead");
    if (!behind_.values.empty()) parts.push_back(told(behind_) + " " + reach + "behind");
    if (!others_.values.empty()) parts.push_back(told(others_) + " at transitions at random");
    if (parts.empty()) return "";
    return "In " + line_.experiment + (line_.label.empty() ? "" : ", " + line_.label + ",") + " the " +
           in_words(name_, split_) + " is " + joined(parts) + ".";
  }

 private:
  std::vector<Cell> row(const Values& values, Cell offset, Cell transitions) const {
    const stats::Inference mean = mean_over_runs(values.runs, values.values);
    return {line_.experiment,
            line_.panel,
            line_.key,
            line_.label,
            cell(line_.number),
            name_,
            split_,
            in_words(name_, split_),
            std::move(offset),
            cell(mean.value),
            low(mean.interval),
            high(mean.interval),
            std::move(transitions),
            static_cast<double>(values.values.size()),
            reason(mean.interval.undefined)};
  }

  void add(const MeasuredRun* run, const OffsetMean& mean) {
    double ahead = 0, behind = 0;
    int steps_ahead = 0, steps_behind = 0;
    for (const auto& [offset, sums] : mean.sums) {
      const double value = sums.first / sums.second;
      places_[offset].add(run, value);
      counts_[offset] += sums.second;
      if (offset > 0 && offset <= nearest) ahead += value, ++steps_ahead;
      if (offset < 0 && offset >= -nearest) behind += value, ++steps_behind;
    }
    if (steps_ahead > 0) ahead_.add(run, ahead / steps_ahead);
    if (steps_behind > 0) behind_.add(run, behind / steps_behind);
  }

  const ArrayLine& line_;
  std::string name_, split_;
  std::map<double, Values> places_;
  std::map<double, double> counts_;  // transitions in each mean, of all runs
  Values ahead_, behind_;            // each run's mean over the nearest offsets
  Values others_;                    // each run's mean over transitions at random
};

FigureData FigureOffsets::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.without_examples);
  Table table{{"experiment", "panel", "key", "line", "number", "array", "split", "label", "offset", "mean",
               "low", "high", "transitions", "n", "no_interval"},
              {}};
  Table others{table.columns, {}};
  const StoredCurves curves(results);
  const std::vector<ArrayLine> lines = array_lines(results);
  for (const std::string& name : curves.along_offsets()) {
    if (name.ends_with(count_ending)) continue;
    const OffsetMeans means = offset_means(curves, name);
    std::set<std::string> splits;
    for (const auto& [of, _] : means) splits.insert(of.second);
    for (const std::string& split : splits) {
      for (const ArrayLine& each : lines) {
        const OffsetLine line(results, each, means, name, split);
        if (line.empty()) continue;
        line.add_rows(table, others, data.facts);
        if (const std::string text = line.described(); !text.empty()) say(data.alternative, text);
      }
    }
  }
  data.tables = {{"curves", std::move(table)}, {"others", std::move(others)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_offsets() { return std::make_unique<FigureOffsets>(); }

}  // namespace crosstalk::figures
