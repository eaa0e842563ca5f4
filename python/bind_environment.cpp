// An environment that is written in Python, seen from Python as the engine has it: for tests and benchmarks.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstring>
#include <map>

#include "base/error.hpp"
#include "engine_bindings.hpp"
#include "env/retraced.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;

/// What a checkpoint would hold of an episode.
struct Kept {
  tensor::State state;
};

class Seen {
 public:
  Seen(const std::string& name, const std::string& file, const std::string& sha256, std::int64_t most_steps)
      : environment_(env::open_player({name, file, sha256}), name, at::kDouble, at::kCPU, most_steps) {}

  py::array_t<double> reset(std::uint64_t seed) {
    environment_.reset(seed);
    return observation();
  }
  std::tuple<py::array_t<double>, double, bool, bool> step(std::int64_t action) {
    const env::Outcome outcome = environment_.step({&action, 1});
    return {observation(), outcome.reward, outcome.terminated, outcome.truncated};
  }
  /// As a network would see it, in double precision.
  py::array_t<double> observation() const {
    std::vector<std::byte> record(environment_.drawing()->bytes());
    environment_.record(record.data());
    const std::byte* const one = record.data();
    at::Tensor drawn;
    environment_.drawing()->draw({&one, 1}, drawn);
    py::array_t<double> array(environment_.spaces().observation);
    std::memcpy(array.mutable_data(), drawn.const_data_ptr<double>(),
                static_cast<std::size_t>(drawn.nbytes()));
    return array;
  }
  std::int64_t actions() const { return environment_.spaces().choices.front(); }
  std::size_t bytes() const { return environment_.drawing()->bytes(); }
  std::optional<std::string> unrepeatable() const { return environment_.unrepeatable(); }
  Kept save() const { return {tensor::saved(environment_)}; }
  bool load(const Kept& kept) { return environment_.load(kept.state); }

 private:
  env::Retraced environment_;
};

}  // namespace

void bind_environment(py::module_& module) {
  py::class_<Kept>(module, "KeptEpisode");
  py::class_<Seen>(module, "Environment")
      .def(py::init<const std::string&, const std::string&, const std::string&, std::int64_t>(),
           py::arg("name"), py::arg("file") = "", py::arg("sha256") = "", py::arg("most_steps") = 100000)
      .def("reset", &Seen::reset, py::arg("seed"))
      .def("step", &Seen::step, "(observation, reward, terminated, truncated)", py::arg("action"))
      .def_property_readonly("observation", &Seen::observation)
      .def_property_readonly("actions", &Seen::actions)
      .def_property_readonly("bytes", &Seen::bytes, "Of one observation as it is stored.")
      .def_property_readonly("unrepeatable", &Seen::unrepeatable)
      .def("save", &Seen::save)
      .def("load", &Seen::load, "Whether the episode could be had again.", py::arg("kept"));
}

}  // namespace crosstalk
