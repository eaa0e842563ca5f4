#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <map>
#include <string>
#include <vector>

#include "stats/bootstrap.hpp"
#include "stats/correlation.hpp"
#include "stats/interquartile.hpp"
#include "stats/jackknife.hpp"
#include "stats/line.hpp"
#include "stats/simulate.hpp"
#include "stats/summary.hpp"

namespace py = pybind11;

/// The statistics, so that they can be held against SciPy's. A number that does not exist is None; the reason
/// is lost here and tested in C++.
namespace crosstalk::stats {
namespace {

using Column = std::vector<double>;

py::object value(const Estimate& estimate) {
  return estimate.defined() ? py::cast(estimate.value) : py::object(py::none());
}

py::object value(const Interval& interval) {
  return interval.defined() ? py::object(py::make_tuple(interval.low, interval.high))
                            : py::object(py::none());
}

py::object value(const Inference& inference) {
  return py::make_tuple(value(inference.value), value(inference.interval));
}

Quantity quantity(const std::string& name) {
  const std::map<std::string, Quantity> names{{"r", Quantity::r},
                                              {"given level", Quantity::given_level},
                                              {"within cell", Quantity::within_cell},
                                              {"pooled", Quantity::pooled},
                                              {"mean", Quantity::mean},
                                              {"median", Quantity::median},
                                              {"slope", Quantity::slope},
                                              {"height", Quantity::height},
                                              {"difference", Quantity::difference},
                                              {"paired", Quantity::paired}};
  const auto found = names.find(name);
  if (found == names.end()) throw py::value_error(name + " is no quantity that is simulated");
  return found->second;
}

py::dict summary(const Column& values) {
  const Summary of = summarise(values);
  py::dict dict;
  dict["n"] = of.n;
  dict["mean"] = value(of.mean);
  dict["sd"] = value(of.sd);
  dict["se"] = value(of.se);
  dict["median"] = value(of.median);
  dict["low_quartile"] = value(of.low_quartile);
  dict["high_quartile"] = value(of.high_quartile);
  dict["min"] = value(of.min);
  dict["max"] = value(of.max);
  return dict;
}

py::object line(const Column& x, const Column& y) {
  const Line of = least_squares(x, y);
  if (!of.defined()) return py::none();
  py::dict dict;
  dict["intercept"] = of.intercept;
  dict["slope"] = of.slope;
  dict["r"] = of.r;
  dict["intercept_error"] = of.intercept_error;
  dict["slope_error"] = of.slope_error;
  return dict;
}

}  // namespace
}  // namespace crosstalk::stats

void bind_stats(py::module_& parent) {
  using namespace crosstalk::stats;
  py::module_ module = parent.def_submodule("stats", "Correlations, intervals, lines and summaries.");
  module.def("pearson", [](const Column& x, const Column& y) { return value(pearson(x, y)); });
  module.def(
      "partial_correlation",
      [](const std::vector<Column>& columns, const std::vector<int>& level) {
        return value(partial_correlation({columns, std::vector<int>(columns.at(0).size()), level}));
      },
      py::arg("columns"), py::arg("level") = std::vector<int>());
  module.def("residuals", [](const Column& values, const std::vector<Column>& covariates) {
    return residuals(values, covariates);
  });
  module.def("quantile", [](const Column& values, double q) { return value(quantile(values, q)); });
  module.def("summary", &summary);
  module.def("line", &line);
  // Each gives (value, (low, high)).
  const auto add = [&module](const char* name, Inference (*infer)(const Points&, double)) {
    module.def(
        name,
        [infer](const std::vector<Column>& columns, const std::vector<int>& configuration,
                const std::vector<int>& level,
                double share) { return value(infer({columns, configuration, level}, share)); },
        py::arg("columns"), py::arg("configuration"), py::arg("level") = std::vector<int>(),
        py::arg("share") = 0.9);
  };
  add("correlation", &correlation);
  add("pooled_correlation", &pooled_correlation);
  add("mean", &mean);
  add("median", &median);
  add("slope", &slope);
  module.def(
      "line_heights",
      [](const Column& x, const Column& y, const std::vector<int>& configuration, const Column& at) {
        std::vector<py::object> heights;
        for (const Interval& interval : line_heights({{x, y}, configuration, {}}, at))
          heights.push_back(value(interval));
        return heights;
      },
      py::arg("x"), py::arg("y"), py::arg("configuration"), py::arg("at"));
  module.def(
      "difference",
      [](const std::vector<Column>& a, const std::vector<int>& of_a, const std::vector<Column>& b,
         const std::vector<int>& of_b) {
        return value(difference(correlation({a, of_a, {}}), correlation({b, of_b, {}})));
      },
      "r of the first two columns minus r of the others, with its interval.");
  module.def("t_quantile", &t_quantile);
  module.def(
      "bootstrap_correlation",
      [](const std::vector<Column>& columns, const std::vector<int>& configuration, const std::string& name,
         int resamples) {
        return value(bootstrap_correlation({columns, configuration, {}}, name, {resamples, 0.9}));
      },
      py::arg("columns"), py::arg("configuration"), py::arg("name"), py::arg("resamples") = 2000);
  module.def("interquartile_mean", [](const Column& values) { return value(interquartile_mean(values)); });
  module.def(
      "interquartile_interval",
      [](const std::vector<Column>& tasks, const std::string& name, int resamples) {
        return value(interquartile_interval(tasks, name, {resamples, 0.9}));
      },
      py::arg("tasks"), py::arg("name"), py::arg("resamples") = 2000);
  module.def(
      "simulate_coverage",
      [](const std::string& name, int configurations, int seeds, double within, double r, int levels,
         bool opposite, bool heavy, int trials, int resamples) {
        const Coverage of = simulate_coverage({configurations, seeds, within, r, levels, opposite, heavy},
                                              quantity(name), trials, resamples, "simulate_coverage");
        return py::make_tuple(of.holds, of.above, of.below, of.runs);
      },
      py::arg("quantity"), py::arg("configurations"), py::arg("seeds"), py::arg("within"), py::arg("r") = 0.5,
      py::arg("levels") = 1, py::arg("opposite") = false, py::arg("heavy") = false, py::arg("trials") = 2000,
      py::arg("resamples") = 0,
      "How often the 90% interval holds the truth, lies wholly above, wholly below it; and that of resampled "
      "runs "
      "holds it.");
}
