#include "figures/array_curves.hpp"

#include <cmath>

#include "figures/lines.hpp"
#include "figures/words.hpp"
#include "store/axes.hpp"

namespace crosstalk::figures {

std::vector<ArrayLine> array_lines(const Results& results) {
  std::vector<ArrayLine> lines;
  for (const Experiment& experiment : results.experiments) {
    for (const double size : experiment.sizes()) {
      ArrayLine& line = lines.emplace_back(ArrayLine{experiment.name,
                                                     experiment.name,
                                                     "training examples",
                                                     counted(std::llround(size), "example"),
                                                     size,
                                                     {}});
      for (const Point& point : experiment.points) {
        if (point.examples == size) line.runs.push_back(point.run);
      }
    }
  }
  for (const LinePanel& panel : line_panels(results)) {
    for (const Line& line : panel.lines)
      lines.push_back({line.experiment, panel.title, panel.key, line.label, line.number, line.done});
  }
  return lines;
}

StoredCurves::StoredCurves(const Results& results) : results_(results) {
  for (std::size_t folder = 0; folder < results.folders.size(); ++folder) {
    if (results.folders[folder].path.empty()) continue;  // a test's, in memory
    const store::Store store = store_of(folder);
    for (const store::ArrayForm& form : store.array_forms()) {
      if (form.shape.size() == 1) holders_[folder][form.name].insert(form.run);
    }
    for (const auto& [name, runs] : holders_[folder]) {
      if (name.ends_with(".rows") || along_offsets_.contains(name) || elsewhere_.contains(name)) continue;
      const Array any = store.arrays(*runs.begin(), name).front();
      const std::string axis = store::axes_of(any).front().name;
      if (axis == "sample") continue;
      (axis == "offset" ? along_offsets_ : elsewhere_).insert(name);
    }
  }
}

store::Store StoredCurves::store_of(std::size_t folder) const {
  return store::Store::open_to_read(results_.folders[folder].path / "study.sqlite");
}

void StoredCurves::each(const std::string& name, const Visit& visit) const {
  for (const auto& [folder, names] : holders_) {
    const auto found = names.find(name);
    if (found == names.end()) continue;
    const store::Store store = store_of(folder);
    for (const MeasuredRun& run : results_.runs) {
      if (run.folder != folder || !(run.done() || run.is_watched()) ||
          !found->second.contains(run.record.run))
        continue;
      for (Array& array : store.arrays(run.record.run, name)) {
        if (array.shape.size() == 1) visit(run, std::move(array));
      }
    }
  }
}

}  // namespace crosstalk::figures
