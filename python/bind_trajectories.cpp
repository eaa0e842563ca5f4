// A set of trajectories on disk, seen from Python as the engine has it: for tests and benchmarks.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstring>

#include "base/error.hpp"
#include "engine_bindings.hpp"
#include "replay/stored.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;
using Rows = std::vector<data::Id>;

class Set {
 public:
  explicit Set(const std::string& folder) : stored_(folder, at::kFloat, at::kCPU) {}

  std::int64_t steps() const { return stored_.steps().end(); }
  std::int64_t episodes() const { return stored_.steps().finished(); }
  const std::string& digest() const { return stored_.digest(); }
  /// (N, observation), before or after these steps; the memory is used again by the next call.
  py::array_t<float> draw(const Rows& rows, bool after) {
    stored_.steps().draw(checked(rows), after ? data::At::after : data::At::before, drawn_);
    const std::vector<py::ssize_t> sizes(drawn_.sizes().begin(), drawn_.sizes().end());
    py::array_t<float> array(sizes);
    std::memcpy(array.mutable_data(), drawn_.const_data_ptr<float>(), drawn_.nbytes());
    return array;
  }

 private:
  const Rows& checked(const Rows& rows) const {
    for (const data::Id row : rows)
      if (row < 0 || row >= steps()) throw py::index_error("there is no step " + std::to_string(row));
    return rows;
  }

  replay::Stored stored_;
  at::Tensor drawn_;
};

}  // namespace

void bind_trajectories(py::module_& module) {
  py::class_<Set>(module, "Trajectories")
      .def(py::init<const std::string&>(), py::arg("folder"))
      .def_property_readonly("steps", &Set::steps)
      .def_property_readonly("episodes", &Set::episodes)
      .def_property_readonly("digest", &Set::digest)
      .def("draw", &Set::draw, "(N, observation) before these steps, or after them.", py::arg("rows"),
           py::arg("after") = false);
}

}  // namespace crosstalk
