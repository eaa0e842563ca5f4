#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "figures/array_curves.hpp"
#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/words.hpp"
#include "store/axes.hpp"

namespace crosstalk::figures {
namespace {

/// Every array of one dimension that runs stored but those along offsets (figure_offsets.cpp): a curve over
/// its axis.
class FigureArrays final : public Figure {
 public:
  std::string name() const override { return "figureArrays"; }
  std::string title() const override { return "What the runs measured along an axis"; }
  std::string caption() const override {
    return "Mean over runs of the array that each stored last, with 90% intervals over their seeds where "
           "there are at least four (of runs of several configurations: leaving one configuration out with "
           "all its seeds), each for its place alone.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

bool FigureArrays::applies(const Results& results) const {
  return !StoredCurves(results).elsewhere().empty();
}

/// What each run stored last under a name, by run and split.
using LastArrays = std::map<std::pair<const MeasuredRun*, std::string>, Array>;

LastArrays last_arrays(const StoredCurves& curves, const std::string& name) {
  LastArrays last;
  curves.each(name, [&](const MeasuredRun& run, Array array) {
    const std::string split = array.split;
    last[{&run, split}] = std::move(array);
  });
  return last;
}

/// The values of several runs at one place of the axis.
struct At {
  std::vector<const MeasuredRun*> runs;
  std::vector<double> values;
};

/// By the label of the place: a number, or a text with its number in the axis.
std::map<std::pair<double, std::string>, At> places_of(const ArrayLine& line, const LastArrays& arrays,
                                                       const std::string& split, std::string& axis) {
  std::map<std::pair<double, std::string>, At> places;
  for (const MeasuredRun* run : line.runs) {
    const auto found = arrays.find({run, split});
    if (found == arrays.end()) continue;
    const Array& array = found->second;
    const store::Axis along = store::axes_of(array).front();
    if (axis.empty()) axis = along.name;
    for (std::int64_t i = 0; i < array.shape[0]; ++i) {
      const double value = array.values[static_cast<std::size_t>(i)];
      const Json label = store::label_at(along, i);
      At& at = places[label.is_number() ? std::pair(label.get<double>(), std::string())
                                        : std::pair(static_cast<double>(i), label.get<std::string>())];
      if (!std::isfinite(value)) continue;
      at.runs.push_back(run);
      at.values.push_back(value);
    }
  }
  return places;
}

/// "In random-walk the interference along offset (train) is largest at -1 (0.83) and least at 4 (0.02)."
std::string describe(const std::string& panel, const std::string& name, const std::string& split,
                     const std::string& axis, const std::vector<std::pair<std::string, double>>& means) {
  if (means.size() < 2) return "";
  const auto [least, largest] = std::minmax_element(
      means.begin(), means.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return "In " + panel + " the " + in_words(name, split) + " along " +
         (axis.empty() ? "its axis" : "the " + axis) + " is largest at " + largest->first + " (" +
         significant(largest->second) + ") and least at " + least->first + " (" + significant(least->second) +
         ").";
}

void add_line(FigureData& data, Table& table, const ArrayLine& line, const LastArrays& arrays,
              const std::string& name, const std::string& split) {
  std::string axis;
  std::vector<std::pair<std::string, double>> means;
  for (const auto& [place, at] : places_of(line, arrays, split, axis)) {
    const stats::Inference mean = mean_over_runs(at.runs, at.values);
    table.rows.push_back({line.experiment, line.panel, line.key, line.label, cell(line.number), name, split,
                          in_words(name, split), axis, place.first,
                          place.second.empty() ? Cell() : Cell(place.second), cell(mean.value),
                          low(mean.interval), high(mean.interval), static_cast<double>(at.values.size()),
                          reason(mean.interval.undefined)});
    if (mean.value.defined())
      means.emplace_back(place.second.empty() ? significant(place.first) : place.second, mean.value.value);
  }
  const std::string said = line.label.empty() ? line.panel : line.panel + ", " + line.label + ",";
  if (const std::string text = describe(said, name, split, axis, means); !text.empty())
    say(data.alternative, text);
}

FigureData FigureArrays::compute(const Results& results) const {
  FigureData data;
  data.facts = Json::object();
  data.notes = notes_on(results.without_examples);
  Table table{{"experiment", "panel", "key", "line", "number", "array", "split", "label", "axis", "place",
               "name", "mean", "low", "high", "n", "no_interval"},
              {}};
  const StoredCurves curves(results);
  const std::vector<ArrayLine> lines = array_lines(results);
  if (curves.elsewhere().contains("singular_values"))
    data.notes.push_back(
        "Singular values below a millionth of the largest are rounding and not drawn; the table has them.");
  for (const std::string& name : curves.elsewhere()) {
    const LastArrays arrays = last_arrays(curves, name);
    std::set<std::string> splits;
    for (const auto& [of, _] : arrays) splits.insert(of.second);
    for (const std::string& split : splits) {
      for (const ArrayLine& line : lines) add_line(data, table, line, arrays, name, split);
    }
  }
  data.tables = {{"curves", std::move(table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_arrays() { return std::make_unique<FigureArrays>(); }

}  // namespace crosstalk::figures
