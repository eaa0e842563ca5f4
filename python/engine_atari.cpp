// Atari games for the engine: a console of ale-py, opened by crosstalk.environments.atari, is played here a
// step at a time under one hold of the interpreter's lock. ale-py is called as any Python program calls it;
// nothing of it is linked.
#include <pybind11/numpy.h>

#include <array>
#include <cstring>

#include "base/error.hpp"
#include "engine_environment.hpp"
#include "env/atari.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;

class PythonConsole final : public env::Emulator {
 public:
  /// `console`: crosstalk.environments.atari.Console.
  PythonConsole(const std::string& name, const py::object& console);
  ~PythonConsole() override;

  const std::vector<std::int64_t>& actions() const override { return actions_; }
  std::int64_t height() const override { return height_; }
  std::int64_t width() const override { return width_; }
  void start() override;
  Frames play(std::span<const std::int64_t> actions) override;
  std::span<const std::uint8_t> last() const override { return last_.grey; }
  std::span<const std::uint8_t> last_but_one() const override { return last_but_one_.grey; }
  std::vector<std::uint8_t> memory() const override;

 private:
  struct Held {  // all that Python counts the references of
    py::object start, act, over, played, colours, greys, memory;
    py::array shown, grey;         // (height, width) uint8, written by the emulator
    std::vector<py::int_> frames;  // the console's numbers of actions, as Python has them
  };
  struct Screen {
    std::vector<std::uint8_t> colours, grey;  // (height, width), of numbers and of what they are
  };
  static constexpr std::uint16_t unseen = 256;
  template <class Call>
  auto in_python(const char* what, Call call) const;
  void show(Screen& screen);
  bool paint(Screen& screen) const;
  void learn_greys();

  std::string name_;
  std::vector<std::int64_t> actions_;
  std::int64_t height_ = 0, width_ = 0, played_ = 0;
  std::span<const std::uint8_t> shown_, grey_;
  std::array<std::uint16_t, 256> greys_;  // of each colour
  Screen last_, last_but_one_;
  std::unique_ptr<Held> held_;
};

py::object called(const py::object& function, py::handle argument) {
  auto given = py::reinterpret_steal<py::object>(PyObject_CallOneArg(function.ptr(), argument.ptr()));
  if (!given) throw py::error_already_set();
  return given;
}

long whole(const py::object& number) {
  const long value = PyLong_AsLong(number.ptr());
  if (value == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return value;
}

PythonConsole::PythonConsole(const std::string& name, const py::object& console)
    : name_(name), held_(std::make_unique<Held>()) {
  for (const py::handle action : console.attr("actions")) actions_.push_back(action.cast<std::int64_t>());
  held_->start = console.attr("start");
  held_->act = console.attr("act");
  held_->over = console.attr("over");
  held_->played = console.attr("played");
  held_->colours = console.attr("colours");
  held_->greys = console.attr("greys");
  held_->memory = console.attr("memory");
  const auto screen = [&](int i, py::array& array) {
    array = console.attr("screens")[py::int_(i)].cast<py::array>();
    return std::span(static_cast<const std::uint8_t*>(array.data()), static_cast<std::size_t>(array.size()));
  };
  shown_ = screen(0, held_->shown), grey_ = screen(1, held_->grey);
  height_ = held_->shown.shape(0), width_ = held_->shown.shape(1);
  greys_.fill(unseen);
  for (std::int64_t code = 0; code < console.attr("all_actions").cast<std::int64_t>(); ++code)
    held_->frames.emplace_back(code);
}

PythonConsole::~PythonConsole() {
  const py::gil_scoped_acquire lock;
  held_.reset();
}

template <class Call>
auto PythonConsole::in_python(const char* what, Call call) const {
  const py::gil_scoped_acquire lock;
  try {
    return call();
  } catch (const py::error_already_set& error) {
    throw Error(ErrorKind::environment, name_ + ": " + what + " raised " + told(error, ""));
  }
}

/// The emulator makes grey ten times as slowly as it hands out the numbers of colours. So the rows that have
/// changed are made grey here, by what the emulator itself makes of each colour when it is first seen.
void PythonConsole::show(Screen& screen) {
  called(held_->colours, held_->shown);
  if (paint(screen)) return;
  learn_greys();
  paint(screen);
}

/// False at a colour that is not known yet.
bool PythonConsole::paint(Screen& screen) const {
  const bool first = screen.colours.empty();
  if (first) screen.colours.resize(shown_.size()), screen.grey.resize(shown_.size());
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t at = 0; at < shown_.size(); at += width) {
    const std::uint8_t* const now = shown_.data() + at;
    if (!first && std::memcmp(now, screen.colours.data() + at, width) == 0) continue;
    std::uint16_t all = 0;
    std::uint8_t* const grey = screen.grey.data() + at;
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint16_t value = greys_[now[x]];
      all |= value;
      grey[x] = static_cast<std::uint8_t>(value);
    }
    if ((all & unseen) != 0) {
      screen.colours.clear();  // so that all rows are painted again
      return false;
    }
    std::memcpy(screen.colours.data() + at, now, width);
  }
  return true;
}

void PythonConsole::learn_greys() {
  called(held_->greys, held_->grey);
  for (std::size_t i = 0; i < shown_.size(); ++i) greys_[shown_[i]] = grey_[i];
}

void PythonConsole::start() {
  in_python("the start of a game", [&] {
    held_->start();
    played_ = 0;
    show(last_);
  });
}

/// Once the game is over the emulator plays no frame: how many it played is asked only then.
env::Emulator::Frames PythonConsole::play(std::span<const std::int64_t> actions) {
  return in_python("a frame", [&] {
    Frames frames;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      const long score = whole(called(held_->act, held_->frames[static_cast<std::size_t>(actions[i])]));
      frames.score += static_cast<double>(score);
      frames.signs += (score > 0) - (score < 0);
      if (i + 2 == actions.size()) show(last_but_one_);
    }
    show(last_);
    frames.over = held_->over().ptr() == Py_True;
    frames.count = frames.over ? whole(held_->played()) - played_ : std::ssize(actions);
    played_ += frames.count;
    return frames;
  });
}

std::vector<std::uint8_t> PythonConsole::memory() const {
  return in_python("its memory", [&] {
    const py::array bytes = held_->memory();
    const auto* from = static_cast<const std::uint8_t*>(bytes.data());
    return std::vector<std::uint8_t>(from, from + bytes.size());
  });
}

}  // namespace

std::unique_ptr<env::Player> opened_console(const env::Foreign& foreign, const py::object& console) {
  return std::make_unique<env::Atari>(std::make_unique<PythonConsole>(foreign.name, console), foreign.atari);
}

}  // namespace crosstalk
