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
    for (const store::ArrayForm& form : store_of(folder).array_forms()) {
      if (form.shape.size() == 1) holders_[folder][form.name].insert(form.run);
    }
  }
}

store::Store StoredCurves::store_of(std::size_t folder) const {
  return store::Store::open_to_read(results_.folders[folder].path / "study.sqlite");
}

std::string StoredCurves::axis_of(const std::string& name) const {
  for (const auto& [folder, names] : holders_) {
    const auto found = names.find(name);
    if (found == names.end()) continue;
    const std::vector<Array> arrays = store_of(folder).arrays(*found->second.begin(), name);
    if (!arrays.empty()) return store::axes_of(arrays.front()).front().name;
  }
  return "";
}

std::set<std::string> StoredCurves::names(const std::optional<std::string>& axis) const {
  std::set<std::string> all;
  for (const auto& [_, names] : holders_)
    for (const auto& [name, runs] : names) all.insert(name);
  std::erase_if(all, [&](const std::string& name) {
    const std::string along = axis_of(name);
    return axis ? along != *axis : along == offset_axis || name.ends_with(".rows");
  });
  return all;
}

void StoredCurves::each(const std::string& name, const Visit& visit) const {
  for (const auto& [folder, names] : holders_) {
    const auto found = names.find(name);
    if (found == names.end()) continue;
    const store::Store store = store_of(folder);
    for (const MeasuredRun& run : results_.runs) {
      if (run.folder != folder || !run.done() || !found->second.contains(run.record.run)) continue;
      for (Array& array : store.arrays(run.record.run, name)) {
        if (array.shape.size() == 1) visit(run, std::move(array));
      }
    }
  }
}

}  // namespace crosstalk::figures
