// An environment that is written in Python, seen from Python as the engine has it: for tests and benchmarks.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/error.hpp"
#include "engine_bindings.hpp"
#include "env/resizing.hpp"
#include "env/retraced.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;

/// What a checkpoint would hold of an episode.
struct Kept {
  tensor::State environment, steps;
};

class Seen {
 public:
  Seen(const std::string& name, const std::string& file, const std::string& sha256, std::int64_t most_steps,
       const env::AtariRules& atari)
      : environment_(env::open_player({name, file, sha256, atari}), name, at::kDouble, at::kCPU, most_steps),
        steps_(environment_.drawing(), environment_.spaces().choices, at::kDouble, {.capacity = 1}) {}

  py::array_t<double> reset(std::uint64_t seed) {
    environment_.reset(seed);
    steps_.begin(environment_);
    score_.reset();
    return observation();
  }
  std::tuple<py::array_t<double>, double, bool, bool> step(std::int64_t action) {
    const env::Outcome outcome = environment_.step({&action, 1});
    steps_.add({&action, 1}, outcome, environment_);
    score_ = outcome.score;
    return {observation(), outcome.reward, outcome.terminated, outcome.truncated};
  }
  /// As a network would see it, in double precision.
  py::array_t<double> observation() const {
    at::Tensor drawn;
    steps_.now(drawn);
    py::array_t<double> array(environment_.spaces().observation);
    std::memcpy(array.mutable_data(), drawn.const_data_ptr<double>(),
                static_cast<std::size_t>(drawn.nbytes()));
    return array;
  }
  std::int64_t actions() const { return environment_.spaces().choices.front(); }
  std::size_t bytes() const { return environment_.drawing()->bytes(); }
  std::optional<std::string> unrepeatable() const { return environment_.unrepeatable(); }
  std::optional<double> score() const { return score_; }
  std::vector<std::int64_t> executed() const { return environment_.player().executed(); }
  py::bytes memory() const {
    const std::vector<std::uint8_t> memory = environment_.player().memory();
    return {reinterpret_cast<const char*>(memory.data()), memory.size()};
  }
  Kept save() const { return {tensor::saved(environment_), tensor::saved(steps_)}; }
  bool load(const Kept& kept) {
    steps_.load(kept.steps);
    return environment_.load(kept.environment);
  }

 private:
  env::Retraced environment_;
  replay::Trajectories steps_;  // the newest
  std::optional<double> score_;
};

std::unique_ptr<Seen> seen(const std::string& name, const std::string& file, const std::string& sha256,
                           std::int64_t most_steps, std::int64_t frame_skip, double sticky, bool all_actions,
                           bool maximum_first) {
  return std::make_unique<Seen>(name, file, sha256, most_steps,
                                env::AtariRules{frame_skip, sticky, all_actions, maximum_first});
}

/// Grey screens (N, height, width), one after the other as 84 x 84 each.
py::array_t<std::uint8_t> resized(const py::array_t<std::uint8_t, py::array::c_style>& screens) {
  py::array_t<std::uint8_t> all(
      {screens.shape(0), py::ssize_t{env::Resizing::side}, py::ssize_t{env::Resizing::side}});
  env::Resizing resizing(screens.shape(1), screens.shape(2));
  const auto size = static_cast<std::size_t>(screens.shape(1) * screens.shape(2));
  for (py::ssize_t i = 0; i < screens.shape(0); ++i)
    std::ranges::copy(resizing({screens.data(i, 0, 0), size}), all.mutable_data(i, 0, 0));
  return all;
}

}  // namespace

void bind_environment(py::module_& module) {
  py::class_<Kept>(module, "KeptEpisode");
  py::class_<Seen>(module, "Environment")
      .def(py::init(&seen), py::arg("name"), py::arg("file") = "", py::arg("sha256") = "",
           py::arg("most_steps") = 100000, py::kw_only(), py::arg("frame_skip") = 4, py::arg("sticky") = 0.25,
           py::arg("all_actions") = false, py::arg("maximum_first") = false)
      .def("reset", &Seen::reset, py::arg("seed"))
      .def("step", &Seen::step, "(observation, reward, terminated, truncated)", py::arg("action"))
      .def_property_readonly("observation", &Seen::observation)
      .def_property_readonly("actions", &Seen::actions)
      .def_property_readonly("bytes", &Seen::bytes, "Of one observation as it is stored.")
      .def_property_readonly("unrepeatable", &Seen::unrepeatable)
      .def_property_readonly("score", &Seen::score, "What the last step earned by the game's own count.")
      .def_property_readonly("executed", &Seen::executed, "The actions of the last step's frames.")
      .def_property_readonly("memory", &Seen::memory, "What the console's memory holds.")
      .def("save", &Seen::save)
      .def("load", &Seen::load, "Whether the episode could be had again.", py::arg("kept"));
  module.def("resized", &resized, "Grey screens as 84 x 84.", py::arg("screens"));
}

}  // namespace crosstalk
