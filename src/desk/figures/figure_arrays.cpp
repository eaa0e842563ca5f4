#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "figures/curve.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/notes.hpp"
#include "figures/words.hpp"
#include "store/axes.hpp"

namespace crosstalk::figures {
namespace {

/// Every array of one dimension that runs stored: a curve over its axis, such as an offset.
class FigureArrays final : public Figure {
 public:
  std::string name() const override { return "figureArrays"; }
  std::string title() const override { return "What the runs measured along an axis"; }
  std::string caption() const override {
    return "Mean over runs of the array that each stored last, with 90% intervals over their seeds (of runs "
           "of "
           "several configurations: leaving one configuration out with all its seeds), each for its place "
           "alone.";
  }
  bool applies(const Results& results) const override;
  FigureData compute(const Results& results) const override;
};

/// Which runs have a name's arrays of one dimension; by folder, since each has a store of its own.
using Holders = std::map<std::size_t, std::map<std::string, std::set<std::string>>>;  // folder, name: runs

store::Store store_of(const Results& results, std::size_t folder) {
  return store::Store::open_to_read(results.folders[folder].path / "study.sqlite");
}

Holders holders_of(const Results& results) {
  Holders holders;
  for (std::size_t folder = 0; folder < results.folders.size(); ++folder) {
    if (results.folders[folder].path.empty()) continue;  // a test's, in memory
    for (const store::ArrayForm& form : store_of(results, folder).array_forms()) {
      if (form.shape.size() == 1) holders[folder][form.name].insert(form.run);
    }
  }
  return holders;
}

bool FigureArrays::applies(const Results& results) const { return !holders_of(results).empty(); }

/// What each run stored last under a name, by run and split.
using LastArrays = std::map<std::pair<const MeasuredRun*, std::string>, Array>;

LastArrays last_arrays(const Results& results, const Holders& holders, const std::string& name) {
  LastArrays last;
  for (const auto& [folder, names] : holders) {
    const auto found = names.find(name);
    if (found == names.end()) continue;
    const store::Store store = store_of(results, folder);
    for (const MeasuredRun& run : results.runs) {
      if (run.folder != folder || !run.done() || !found->second.contains(run.record.run)) continue;
      for (Array& array : store.arrays(run.record.run, name)) {
        if (array.shape.size() == 1) last[{&run, array.split}] = std::move(array);
      }
    }
  }
  return last;
}

/// Runs that are one line, whether they learn from examples or not.
struct Group {
  std::string experiment, panel, key, line;
  std::optional<double> number;
  std::vector<const MeasuredRun*> runs;
};

std::vector<Group> groups_of(const Results& results) {
  std::vector<Group> groups;
  for (const Experiment& experiment : results.experiments) {
    for (const double size : experiment.sizes()) {
      Group& group = groups.emplace_back(Group{experiment.name,
                                               experiment.name,
                                               "training examples",
                                               counted(std::llround(size), "example"),
                                               size,
                                               {}});
      for (const Point& point : experiment.points) {
        if (point.examples == size) group.runs.push_back(point.run);
      }
    }
  }
  for (const LinePanel& panel : line_panels(results)) {
    for (const Line& line : panel.lines)
      groups.push_back({line.experiment, panel.title, panel.key, line.label, line.number, line.done});
  }
  return groups;
}

/// The values of several runs at one place of the axis.
struct At {
  std::vector<const MeasuredRun*> runs;
  std::vector<double> values;
};

/// By the label of the place: a number, or a text with its number in the axis.
std::map<std::pair<double, std::string>, At> places_of(const Group& group, const LastArrays& arrays,
                                                       const std::string& split, std::string& axis) {
  std::map<std::pair<double, std::string>, At> places;
  for (const MeasuredRun* run : group.runs) {
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

void add_group(FigureData& data, Table& table, const Group& group, const LastArrays& arrays,
               const std::string& name, const std::string& split) {
  std::string axis;
  std::vector<std::pair<std::string, double>> means;
  for (const auto& [place, at] : places_of(group, arrays, split, axis)) {
    const stats::Inference mean = mean_over_runs(at.runs, at.values);
    table.rows.push_back({group.experiment, group.panel, group.key, group.line, cell(group.number), name,
                          split, in_words(name, split), axis, place.first,
                          place.second.empty() ? Cell() : Cell(place.second), cell(mean.value),
                          low(mean.interval), high(mean.interval), static_cast<double>(at.values.size()),
                          reason(mean.interval.undefined)});
    if (mean.value.defined())
      means.emplace_back(place.second.empty() ? significant(place.first) : place.second, mean.value.value);
  }
  const std::string said = group.line.empty() ? group.panel : group.panel + ", " + group.line + ",";
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
  const Holders holders = holders_of(results);
  const std::vector<Group> groups = groups_of(results);
  std::set<std::string> names;
  for (const auto& [_, found] : holders) {
    for (const auto& [name, runs] : found) names.insert(name);
  }
  for (const std::string& name : names) {
    const LastArrays arrays = last_arrays(results, holders, name);
    std::set<std::string> splits;
    for (const auto& [of, _] : arrays) splits.insert(of.second);
    for (const std::string& split : splits) {
      for (const Group& group : groups) add_group(data, table, group, arrays, name, split);
    }
  }
  data.tables = {{"curves", std::move(table)}};
  return data;
}

}  // namespace

std::unique_ptr<Figure> make_figure_arrays() { return std::make_unique<FigureArrays>(); }

}  // namespace crosstalk::figures
