#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "cli/command.hpp"

namespace py = pybind11;

void bind_contents(py::module_& module);  // bind_contents.cpp
void bind_results(py::module_& module);   // bind_results.cpp
void bind_stats(py::module_& module);     // bind_stats.cpp
void bind_watched(py::module_& module);   // bind_watched.cpp

/// A text of Python's as the bytes that the system gave: a path need not be UTF-8.
std::string bytes_of(const py::handle& text) {
  return py::module_::import("os").attr("fsencode")(text).cast<std::string>();
}

/// The console script: sys.argv in, the exit code out. Nothing here, or behind it, loads libtorch.
PYBIND11_MODULE(_cli, module) {
  module.doc() = "Crosstalk's command line.";
  module.attr("version") = CROSSTALK_VERSION;
  bind_contents(module);
  bind_results(module);
  bind_stats(module);
  bind_watched(module);
  module.def("main", [] {
    const py::module_ sys = py::module_::import("sys");
    std::vector<std::string> words;
    for (const py::handle word : sys.attr("argv")) words.push_back(bytes_of(word));
    crosstalk::cli::Context context;
    context.python = bytes_of(sys.attr("executable"));
    context.package =
        std::filesystem::path(bytes_of(py::module_::import("crosstalk").attr("__file__"))).parent_path();
    return crosstalk::cli::main({words.begin() + (words.empty() ? 0 : 1), words.end()}, context);
  });
}
