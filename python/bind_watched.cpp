// crosstalk._cli.WatchedStore: the results folder that crosstalk.Watch writes into from a training loop of
// the user's own. Its errors name Python's mend, not the command's.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <chrono>

#include "base/error.hpp"
#include "base/text.hpp"
#include "work/watched.hpp"

namespace py = pybind11;

namespace crosstalk {
namespace {

using work::WatchedStore;

constexpr std::chrono::seconds patience(60);  // with another program that holds the file

/// A number, a text or a truth of Python's. NumPy's and torch's numbers give theirs by item().
Json setting_of(const std::string& name, py::object value) {
  if (py::hasattr(value, "item")) value = value.attr("item")();
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>();
  if (py::isinstance<py::str>(value)) return value.cast<std::string>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  const std::string said = "the setting \"" + cut(name) + "\" is ";
  if (!py::isinstance<py::int_>(value))
    throw Error(ErrorKind::config, said + "a " + py::type::of(value).attr("__name__").cast<std::string>() +
                                       "; give a number, a text or a bool.");
  int beyond = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value.ptr(), &beyond);
  if (beyond != 0)
    throw Error(ErrorKind::config, said + "an integer of more than 64 bits; give it as a text.");
  return number;
}

Json settings_of(const py::dict& settings) {
  Json all = Json::object();
  for (const auto& [key, value] : settings) {
    if (!py::isinstance<py::str>(key))
      throw Error(ErrorKind::config,
                  "the name of a setting is a text; " + py::repr(key).cast<std::string>() + " is none.");
    const std::string name = key.cast<std::string>();
    all[name] = setting_of(name, py::reinterpret_borrow<py::object>(value));
  }
  return all;
}

std::unique_ptr<WatchedStore> opened(const std::filesystem::path& folder, const std::string& name,
                                     std::int64_t seed, const py::dict& settings, bool replace,
                                     const std::string& torch) {
  if (seed < 0)
    throw Error(ErrorKind::config,
                "seed " + std::to_string(seed) + " is out of range; a seed is not negative.");
  work::WatchedRun run{name, static_cast<std::uint64_t>(seed), settings_of(settings), torch};
  const py::gil_scoped_release release;
  return std::make_unique<WatchedStore>(folder, std::move(run), replace);
}

void add_array(WatchedStore& store, std::int64_t step, const std::string& measure, const std::string& split,
               const py::buffer& values, const std::vector<std::int64_t>& shape, const std::string& axes) {
  const py::buffer_info buffer = values.request();
  const bool is_double = buffer.format == py::format_descriptor<double>::format();
  if (!is_double || PyBuffer_IsContiguous(buffer.view(), 'C') == 0)
    throw Error(ErrorKind::config, "the array " + cut(measure) + " is not of float64, row by row; give " +
                                       "numpy.ascontiguousarray(values, dtype=numpy.float64).");
  const double* first = static_cast<const double*>(buffer.ptr);
  Array array{step, measure, split, shape, {first, first + buffer.size}, Json()};
  if (!axes.empty()) array.axes = read_json(axes);
  if (array.axes.is_discarded())
    throw Error(ErrorKind::config, "axes of the array " + cut(measure) + " are no JSON: " + cut(axes));
  store.add(array);
}

/// While another program holds the file this waits, and Ctrl-C ends the wait; nothing that was added is lost.
template <class Write>
void patiently(Write write) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    try {
      const py::gil_scoped_release release;
      return write();
    } catch (const store::Held&) {
      if (std::chrono::steady_clock::now() > until) throw;
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

}  // namespace
}  // namespace crosstalk

void bind_watched(py::module_& module) {
  using namespace crosstalk;
  py::class_<WatchedStore>(module, "WatchedStore",
                           "A run in the results folder of a watched training loop: docs/watched.md.")
      .def(py::init(&opened), py::arg("folder"), py::arg("name"), py::arg("seed") = 0,
           py::arg("settings") = py::dict(), py::arg("replace") = false, py::arg("torch") = "")
      .def_property_readonly("run", &WatchedStore::run, "The run's identifier, 16 hexadecimal digits.")
      .def(
          "add",
          [](WatchedStore& store, std::int64_t step, const std::string& measure, const std::string& split,
             double value) { store.add(Row{step, measure, split, value}); },
          "A number of the run; it may be nan or infinite.", py::arg("step"), py::arg("measure"),
          py::arg("split"), py::arg("value"))
      .def("add_array", &add_array,
           "An array of the run, float64 and row by row; axes_json as the store has them (base/rows.hpp).",
           py::arg("step"), py::arg("measure"), py::arg("split"), py::arg("values"), py::arg("shape"),
           py::arg("axes_json") = "")
      .def(
          "commit", [](WatchedStore& store) { patiently([&] { store.commit(); }); },
          "Makes durable what was added.")
      .def(
          "finish", [](WatchedStore& store) { patiently([&] { store.finish(); }); },
          "The run is done; the folder is free for the next one.")
      .def(
          "fail",
          [](WatchedStore& store, const std::string& message) { patiently([&] { store.fail(message); }); },
          "The run has failed; what was added stays.", py::arg("message"));
}
