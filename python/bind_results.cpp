// crosstalk._cli.Results: a results folder for Python's side, which must not open a store itself: a second
// copy of SQLite in one process loses commits. And crosstalk._cli.Error, which everything here raises.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <map>
#include <memory>

#include "base/error.hpp"
#include "cli/report_command.hpp"
#include "store/axes.hpp"
#include "store/store.hpp"
#include "work/kept.hpp"
#include "work/results_folder.hpp"

namespace py = pybind11;

namespace crosstalk {
namespace {

constexpr double patience_seconds = 10;  // with another program that holds the store

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);  // a path need not be UTF-8
}

/// The vector's numbers, handed over without a copy.
template <typename Number>
py::array_t<Number> array_of(std::vector<Number> numbers, std::vector<py::ssize_t> shape) {
  auto* owner = new std::vector<Number>(std::move(numbers));
  const py::capsule keep(owner, [](void* held) { delete static_cast<std::vector<Number>*>(held); });
  return py::array_t<Number>(std::move(shape), owner->data(), keep);
}

template <typename Number>
py::array_t<Number> array_of(std::vector<Number> numbers) {
  const auto size = static_cast<py::ssize_t>(numbers.size());
  return array_of(std::move(numbers), {size});
}

/// Texts of which most come again and again: each once, and a number in its place.
struct Words {
  std::vector<std::string> words;
  std::map<std::string, std::int32_t> numbers;
  std::vector<std::int32_t> column;

  void add(const std::string& word) {
    const auto [place, is_new] = numbers.try_emplace(word, static_cast<std::int32_t>(words.size()));
    if (is_new) words.push_back(word);
    column.push_back(place->second);
  }
  py::tuple pair() { return py::make_tuple(words, array_of(std::move(column))); }
};

struct Columns {
  Words run, measure, split;
  std::vector<std::int64_t> step;
  std::vector<double> value;
};

Json described(const store::RunRecord& record) {
  return {{"run", record.run},         {"experiment", record.experiment},
          {"seed", record.seed},       {"status", store::to_string(record.status)},
          {"message", record.message}, {"seconds", record.seconds},
          {"machine", record.machine}, {"configuration", *record.configuration}};
}

/// What the axes of an array are: [[name, [label, ...]], ...]; labels are none where the places are counted
/// from 0.
Json described(const std::vector<store::Axis>& axes) {
  Json described = Json::array();
  for (const store::Axis& axis : axes) described.push_back({axis.name, axis.labels});
  return described;
}

/// What `read` gives of the store, while Python's other threads go on.
template <typename Read>
auto unlocked(const work::ResultsFolder& results, Read read) {
  const py::gil_scoped_release release;
  return read(store::Store::open_to_read(results.file()));
}

/// Each call opens the store anew and closes it: a study that runs meanwhile is seen as far as it is.
class Results {
 public:
  explicit Results(std::filesystem::path folder) : results_{std::move(folder)} {}

  std::string study() const {
    return text_of(unlocked(results_, [](const store::Store& store) { return store.study(); }));
  }

  std::string runs() const {
    return text_of(unlocked(results_, [](const store::Store& store) {
      Json runs = Json::array();
      for (const store::RunRecord& record : store.runs())
        if (record.named) runs.push_back(described(record));
      return runs;
    }));
  }

  py::dict rows() const {
    Columns columns = unlocked(results_, [](const store::Store& store) {
      Columns read;
      store.rows([&](const store::StoredRow& stored) {
        read.run.add(stored.run);
        read.measure.add(stored.row.measure);
        read.split.add(stored.row.split);
        read.step.push_back(stored.row.step);
        read.value.push_back(stored.row.value);
      });
      return read;
    });
    py::dict rows;
    rows["run"] = columns.run.pair();
    rows["measure"] = columns.measure.pair();
    rows["split"] = columns.split.pair();
    rows["step"] = array_of(std::move(columns.step));
    rows["value"] = array_of(std::move(columns.value));
    return rows;
  }

  py::list array_forms() const {
    py::list forms;
    for (const store::ArrayForm& form :
         unlocked(results_, [](const store::Store& store) { return store.array_forms(); }))
      forms.append(py::make_tuple(form.run, form.name, form.split, form.shape));
    return forms;
  }

  py::list arrays(const std::string& run, const std::string& name) const {
    py::list list;
    for (Array& array :
         unlocked(results_, [&](const store::Store& store) { return store.arrays(run, name); })) {
      const Json classes = array.axes.is_object() ? array.axes.value("labels", Json()) : Json();
      const std::string axes = text_of(described(store::axes_of(array))), of_rows = text_of(classes);
      list.append(py::make_tuple(array.step, array.split,
                                 array_of(std::move(array.values), {array.shape.begin(), array.shape.end()}),
                                 axes, of_rows));
    }
    return list;
  }

  /// What a run has kept: (step or None, file), what stays the same through the run first.
  std::vector<std::pair<std::optional<std::int64_t>, std::string>> kept(const std::string& run) const {
    std::vector<std::pair<std::optional<std::int64_t>, std::string>> files;
    for (const work::KeptFile& file : work::kept_files(results_.kept(run)))
      files.emplace_back(file.step, file.path.string());
    return files;
  }

 private:
  work::ResultsFolder results_;
};

std::string bundle(const cli::ReportOptions& options) {
  const py::gil_scoped_release release;
  return text_of(cli::report_bundle(options));
}

}  // namespace
}  // namespace crosstalk

void bind_results(py::module_& module) {
  using namespace crosstalk;
  static const py::handle error = py::exception<Error>(module, "Error", PyExc_RuntimeError).release();
  error.attr("__module__") = "crosstalk";  // where users find it
  // Of this module alone: crosstalk._engine, loaded beside it, would take these errors for its own.
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& caught) {
      const py::object value = py::reinterpret_borrow<py::object>(error)(caught.what());
      value.attr("kind") = to_string(caught.kind());
      PyErr_SetObject(error.ptr(), value.ptr());
    }
  });
  // For Python, which has no one to tell that it waits; the command, which has, replaces it while it runs.
  store::set_wait_call(
      [](const std::filesystem::path&, double seconds) { return seconds < patience_seconds; });
  py::class_<Results>(module, "Results",
                      "What a results folder holds. Each call raises Error where it is none, or is damaged.")
      .def(py::init<std::filesystem::path>(), py::arg("folder"))
      .def("study", &Results::study, "The study's record as JSON.")
      .def("runs", &Results::runs, "The runs that the study names, as JSON, sorted by experiment and run.")
      .def("rows", &Results::rows,
           "Columns, sorted by run, step, measure and split: step and value as arrays; run, measure and "
           "split as "
           "(words, numbers of words).")
      .def("array_forms", &Results::array_forms, "[(run, array, split, shape)], sorted; no array is read.")
      .def("arrays", &Results::arrays,
           "[(step, split, values, axes, classes)] of one run, sorted; axes and classes as JSON.",
           py::arg("run"), py::arg("array"))
      .def("kept", &Results::kept, "[(step or None, file)] that a run has kept.", py::arg("run"));
  module.def(
      "bundle",
      [](const std::filesystem::path& folder, const std::string& by, const std::string& panel,
         const std::vector<std::string>& where) {
        return bundle({.folders = {folder.string()}, .by = by, .panel = panel, .where = where});
      },
      "The tables of a report as JSON (docs/figures.md), by the options of `crosstalk report`.",
      py::arg("folder"), py::arg("by") = "", py::arg("panel") = "",
      py::arg("where") = std::vector<std::string>());
}
