#include "figures/matrices.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "figures/results.hpp"
#include "figures/words.hpp"
#include "store/axes.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::int64_t largest = 1024 * 1024;  // numbers

/// The run that stands for its size: median capacity (the lower of two), then the lowest seed.
const Point* typical(const Experiment& experiment, double size) {
  std::vector<const Point*> points;
  for (const Point& point : experiment.points) {
    if (point.examples == size) points.push_back(&point);
  }
  if (points.empty()) return nullptr;
  const auto before = [](const Point* a, const Point* b) {
    return std::tie(a->capacity.value, a->run->record.seed, a->run->record.run) <
           std::tie(b->capacity.value, b->run->record.seed, b->run->record.run);
  };
  std::sort(points.begin(), points.end(), before);
  const double median = points[(points.size() - 1) / 2]->capacity.value;
  return *std::find_if(points.begin(), points.end(),
                       [&](const Point* point) { return point->capacity.value == median; });
}

Json finite(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(fact(value));
  return list;
}

Json axes_of(const Array& array) {
  Json axes = Json::array();
  for (const store::Axis& axis : store::axes_of(array))
    axes.push_back({{"name", axis.name}, {"labels", axis.labels}});
  return axes;
}

Json entry_of(const Array& array, const Experiment& experiment, const Point& point) {
  const auto said = [&](const char* what) {
    return array.axes.is_object() && array.axes.contains(what) ? array.axes[what] : Json::array();
  };
  return {{"run", point.run->record.run},
          {"experiment", experiment.name},
          {"nT", point.scoring == nullptr ? Json() : Json(point.examples)},
          {"name", array.name},
          {"split", array.split},
          {"step", array.step},
          {"shape", array.shape},
          {"values", finite(array.values)},
          {"axes", axes_of(array)},
          {"rows", said("rows")},
          {"labels", said("labels")}};
}

/// Those of two dimensions that the run stored last, one of each name and split.
std::vector<Array> last_matrices(const store::Store& store, const std::string& run,
                                 std::vector<std::string>& notes) {
  std::set<std::string> names;
  for (const store::ArrayForm& form : store.array_forms()) {
    if (form.run != run || form.shape.size() != 2) continue;
    if (form.shape[0] * form.shape[1] <= largest)
      names.insert(form.name);
    else
      notes.push_back("The array " + form.name + " of run " + run +
                      " is too large for a picture; `crosstalk export --arrays` has it.");
  }
  std::vector<Array> matrices;
  for (const std::string& name : names) {
    std::vector<Array> arrays = store.arrays(run, name);
    for (auto array = arrays.begin(); array != arrays.end(); ++array) {
      const bool is_last = std::none_of(array + 1, arrays.end(),
                                        [&](const Array& later) { return later.split == array->split; });
      if (is_last && array->shape.size() == 2) matrices.push_back(std::move(*array));
    }
  }
  return matrices;
}

}  // namespace

Json matrices_of(const Results& results, std::vector<std::string>& notes) {
  Json matrices = Json::array();
  for (const auto* list : {&results.experiments, &results.without_examples}) {
    for (const Experiment& experiment : *list) {
      std::vector<double> sizes = experiment.sizes();
      if (sizes.size() > 2) sizes = {sizes.front(), sizes.back()};
      for (const double size : sizes) {
        const Point* point = typical(experiment, size);
        const std::filesystem::path& folder = results.folders[point->run->folder].path;
        if (folder.empty()) continue;
        const store::Store store = store::Store::open_to_read(folder / "study.sqlite");
        for (const Array& array : last_matrices(store, point->run->record.run, notes))
          matrices.push_back(entry_of(array, experiment, *point));
      }
    }
  }
  return matrices;
}

}  // namespace crosstalk::figures
