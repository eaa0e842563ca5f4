// The windowed image task for Python: to look at episodes, and to hold the engine's against another's.
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>
#include <cstring>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "engine_bindings.hpp"
#include "env/images.hpp"
#include "env/windowed.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;

/// One split of a converted data set with one task over it.
class Game {
 public:
  Game(const std::string& file, const std::string& split)
      : dataset_(data::read_dataset(file)),
        images_(std::make_shared<env::Images>(dataset_, half(split),
                                              data::first_rows(half(split).rows()), at::kFloat, at::kCPU)),
        task_(images_) {}

  py::array_t<float> reset(std::int64_t image) {
    if (image < 0 || image >= images_->size())
      throw Error(ErrorKind::config, "there is no image " + std::to_string(image) + ": give one below " +
                                         std::to_string(images_->size()));
    task_.reset(static_cast<std::uint64_t>(image));
    going_on_ = true;
    return observation();
  }
  py::tuple step(std::int64_t guess, std::int64_t move) {
    if (!going_on_)
      throw Error(ErrorKind::config,
                  "there is no episode to go on with: none has begun, or the last one has "
                  "ended; reset(image) begins one");
    if (guess < 0 || guess >= dataset_.outputs)
      throw Error(ErrorKind::config, "guess " + std::to_string(guess) + " is no class: give one below " +
                                         std::to_string(dataset_.outputs));
    if (move < 0 || move >= env::moves)
      throw Error(ErrorKind::config,
                  "move " + std::to_string(move) + " is none: 0 up, 1 down, 2 left, 3 right");
    const std::array<std::int64_t, 2> action{guess, move};
    const env::Outcome outcome = task_.step(action);
    going_on_ = !outcome.ended();
    return py::make_tuple(observation(), outcome.reward, outcome.terminated, outcome.truncated);
  }
  const std::vector<std::int64_t>& labels() const { return images_->labels(); }

 private:
  const data::Half& half(const std::string& split) const {
    if (split != "train" && split != "test")
      throw Error(ErrorKind::config, "split \"" + split + "\" is neither \"train\" nor \"test\"");
    return split == "train" ? dataset_.train : dataset_.test;
  }
  py::array_t<float> observation() {
    images_->draw(std::span(&task_.view(), 1), slot_);
    py::array_t<float> array({env::channels, env::side, env::side});
    std::memcpy(array.mutable_data(), slot_.const_data_ptr<float>(), slot_.nbytes());
    return array;
  }

  data::Dataset dataset_;
  std::shared_ptr<const env::Images> images_;
  env::Windowed task_;
  at::Tensor slot_;
  bool going_on_ = false;  // an episode has begun and not ended
};

}  // namespace

void bind_windowed(py::module_& module) {
  py::class_<Game>(module, "Windowed", "The windowed image task over one split of a converted data set.")
      .def(py::init<std::string, std::string>(), py::arg("file"), py::arg("split") = "train")
      .def("reset", &Game::reset, py::arg("image"), "Begins an episode; its first observation (4, 32, 32).")
      .def("step", &Game::step, py::arg("guess"), py::arg("move"),
           "Names a class and moves the window (0 up, 1 down, 2 left, 3 right): observation, reward, whether "
           "the class was right, whether the 20 steps are over. Either ends the episode.")
      .def_property_readonly("labels", &Game::labels, "Each image's class.");
}

}  // namespace crosstalk
