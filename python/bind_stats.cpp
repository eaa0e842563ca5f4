#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "stats/bootstrap.hpp"
#include "stats/correlation.hpp"
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

Resampling resampling(const std::string& name) {
  return name == "runs" ? Resampling::runs : Resampling::configurations;
}

BootstrapOptions options(int resamples, double level) {
  BootstrapOptions options;
  options.resamples = resamples;
  options.level = level;
  return options;
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
  module.def("partial_correlation",
             [](const Column& x, const Column& y, const std::vector<Column>& covariates) {
               return value(partial_correlation(x, y, covariates));
             });
  module.def("residuals", [](const Column& values, const std::vector<Column>& covariates) {
    return residuals(values, covariates);
  });
  module.def("quantile", [](const Column& values, double q) { return value(quantile(values, q)); });
  module.def("summary", &summary);
  module.def("line", &line);
  module.def(
      "bootstrap_correlation",
      [](const std::vector<Column>& columns, const std::vector<int>& configuration, const std::string& unit,
         const std::string& name, int resamples, double level) {
        return value(bootstrap_correlation({columns, configuration}, resampling(unit), name,
                                           options(resamples, level)));
      },
      py::arg("columns"), py::arg("configuration"), py::arg("unit"), py::arg("name"),
      py::arg("resamples") = 2000, py::arg("level") = 0.9);
  module.def(
      "bootstrap_mean",
      [](const Column& values, const std::vector<int>& configuration, const std::string& unit,
         const std::string& name, int resamples) {
        return value(
            bootstrap_mean({{values}, configuration}, resampling(unit), name, options(resamples, 0.9)));
      },
      py::arg("values"), py::arg("configuration"), py::arg("unit"), py::arg("name"),
      py::arg("resamples") = 2000);
  module.def(
      "simulate_coverage",
      [](int configurations, int seeds, double within, double r, int trials, int resamples) {
        const Coverage coverage =
            simulate_coverage({configurations, seeds, within, r}, trials, resamples, "simulate_coverage");
        return py::make_tuple(coverage.runs, coverage.configurations);
      },
      py::arg("configurations"), py::arg("seeds"), py::arg("within"), py::arg("r") = 0.5,
      py::arg("trials") = 1000, py::arg("resamples") = 400,
      "How often the 90% intervals hold the true r: (resampling runs, configurations).");
}
