#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "cli/command.hpp"

namespace py = pybind11;

void bind_stats(py::module_& module);  // bind_stats.cpp

/// The console script: sys.argv in, the exit code out. Nothing here, or behind it, loads libtorch.
PYBIND11_MODULE(_cli, module) {
  module.doc() = "Crosstalk's command line.";
  bind_stats(module);
  module.def("main", [] {
    const py::module_ sys = py::module_::import("sys");
    const auto words = sys.attr("argv").cast<std::vector<std::string>>();
    crosstalk::cli::Context context;
    context.python = sys.attr("executable").cast<std::string>();
    context.package =
        std::filesystem::path(py::module_::import("crosstalk").attr("__file__").cast<std::string>())
            .parent_path();
    return crosstalk::cli::main({words.begin() + (words.empty() ? 0 : 1), words.end()}, context);
  });
}
