#include "figures/grams.hpp"

#include <algorithm>
#include <tuple>

#include "figures/point.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

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

}  // namespace

Json grams_of(const Results& results) {
  Json grams = Json::array();
  for (const Experiment& experiment : results.experiments) {
    std::vector<double> sizes = experiment.sizes();
    if (sizes.size() > 2) sizes = {sizes.front(), sizes.back()};
    for (const double size : sizes) {
      const Point* point = typical(experiment, size);
      const MeasuredRun& run = *point->run;
      const std::filesystem::path& folder = results.folders[run.folder].path;
      if (folder.empty()) continue;
      const store::Store store = store::Store::open_to_read(folder / "study.sqlite");
      for (const char* name : {"function_gram", "loss_gram"}) {
        const std::vector<Array> arrays = store.arrays(run.record.run, name);
        if (arrays.empty()) continue;
        const Array& array = arrays.back();
        const auto axis = [&](const char* what) {
          return array.axes.is_object() && array.axes.contains(what) ? array.axes[what] : Json::array();
        };
        grams.push_back({{"run", run.record.run},
                         {"experiment", experiment.name},
                         {"nT", size},
                         {"name", array.name},
                         {"split", array.split},
                         {"step", array.step},
                         {"shape", array.shape},
                         {"values", finite(array.values)},
                         {"rows", axis("rows")},
                         {"labels", axis("labels")}});
      }
    }
  }
  return grams;
}

}  // namespace crosstalk::figures
