// Environments in Python for the engine, which knows nothing else of Python: opened by
// crosstalk.environments, stepped here (Atari games in engine_atari.cpp). The interpreter's lock is held for
// each call and let go between them; what Python raises becomes an Error.
#include "engine_environment.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <span>

#include "base/environments.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "engine_bindings.hpp"

namespace crosstalk {
namespace {

namespace py = pybind11;
using Kept = env::ArrayForm::Kept;

Kept kept_of(const std::string& word) {
  if (const auto kept = meaning(env::kept_words, word)) return *kept;
  throw Error(ErrorKind::environment,
              "crosstalk.environments says \"" + word + "\", which the engine does not know");
}

py::module_ package() { return py::module_::import("crosstalk.environments"); }

/// "float32 (4)"
std::string spelled(const py::object& dtype, std::span<const std::int64_t> extents) {
  std::string text = py::str(dtype);
  text += " (";
  for (std::size_t i = 0; i < extents.size(); ++i)
    text.append(i == 0 ? "" : ", ").append(std::to_string(extents[i]));
  return text + ")";
}

/// Eight truths, a byte each, as the bits of one byte, the first the lowest.
std::byte eight_bits(const std::uint8_t* from) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t low_of_each = 0x0101010101010101, low_seven = 0x7f7f7f7f7f7f7f7f;
  std::uint64_t eight = 0;
  std::memcpy(&eight, from, sizeof eight);
  eight = ((((eight & low_seven) + low_seven) | eight) >> 7) & low_of_each;  // 1 where a byte is not 0
  return static_cast<std::byte>((eight * 0x0102040810204080) >> 56);         // byte i's to bit 56 + i
}

void pack(const std::uint8_t* from, std::size_t count, std::byte* to) {
  for (; count >= 8; count -= 8, from += 8) *to++ = eight_bits(from);
  if (count == 0) return;
  std::uint8_t rest[8] = {};
  std::memcpy(rest, from, count);
  *to = eight_bits(rest);
}

class PythonPlayer final : public env::Player {
 public:
  /// `opened`: crosstalk.environments.Opened.
  PythonPlayer(const env::Foreign& foreign, const py::object& opened);
  ~PythonPlayer() override;

  std::int64_t actions() const override { return std::ssize(held_->actions); }
  const env::ArrayForm& form() const override { return form_; }
  std::int64_t most_steps() const override { return most_steps_; }
  void reset(std::uint64_t seed) override;
  env::Outcome step(std::int64_t action) override;
  void record(std::byte* to) const override { std::memcpy(to, record_.data(), record_.size()); }

 private:
  struct Held {  // all that Python counts the references of
    py::object environment, reset, step, dtype;
    std::vector<py::object> actions;  // as Python has them
  };

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorKind::environment, name_ + ": " + what);
  }
  /// Calls into Python, with its lock.
  template <class Call>
  auto in_python(Call call);
  /// How a message begins: "step 1,000 of the episode with seed 12".
  std::string when() const;
  bool is_true(const char* part, py::handle said) const;
  void see(py::handle observation);
  void see_index(py::handle observation);
  py::array whole_array(py::handle observation) const;
  std::string declared() const { return spelled(held_->dtype, form_.extents); }
  template <class Number>
  void keep_finite(const Number* from);

  std::string name_, file_;
  env::ArrayForm form_;
  std::vector<std::byte> record_;
  std::int64_t first_index_ = 0, most_steps_ = 0;
  char kind_ = 0;  // of the declared array's numbers, and the bytes of each: long and long long are the same
  py::ssize_t item_bytes_ = 0;
  std::uint64_t seed_ = 0;  // of the episode
  std::int64_t steps_ = 0;  // begun in it
  std::unique_ptr<Held> held_;
};

PythonPlayer::PythonPlayer(const env::Foreign& foreign, const py::object& opened)
    : name_(foreign.name), file_(foreign.file), held_(std::make_unique<Held>()) {
  form_.kept = kept_of(opened.attr("kept").cast<std::string>());
  for (const py::handle extent : opened.attr("extents")) form_.extents.push_back(extent.cast<std::int64_t>());
  form_.channels_last = opened.attr("channels_last").cast<bool>();
  record_.resize(form_.bytes());
  first_index_ = opened.attr("first_index").cast<std::int64_t>();
  most_steps_ = opened.attr("most_steps").cast<std::int64_t>();
  held_->environment = opened.attr("environment");
  held_->reset = opened.attr("reset");
  held_->step = opened.attr("step");
  held_->dtype = opened.attr("dtype");
  if (form_.kept != Kept::index) {
    kind_ = held_->dtype.cast<py::dtype>().kind();
    item_bytes_ = held_->dtype.cast<py::dtype>().itemsize();
  }
  const auto first = opened.attr("first_action").cast<std::int64_t>();
  for (std::int64_t i = 0; i < opened.attr("actions").cast<std::int64_t>(); ++i)
    held_->actions.push_back(py::int_(first + i));
}

PythonPlayer::~PythonPlayer() {
  const py::gil_scoped_acquire lock;
  try {
    if (py::hasattr(held_->environment, "close")) held_->environment.attr("close")();
  } catch (const py::error_already_set&) {
    // It is not needed any more, and what it says at its end changes no result.
  }
  held_.reset();
}

template <class Call>
auto PythonPlayer::in_python(Call call) {
  const py::gil_scoped_acquire lock;
  try {
    return call();
  } catch (const py::error_already_set& error) {
    refuse(when() + " raised " + told(error, file_));
  }
}

std::string PythonPlayer::when() const {
  const std::string seed = std::to_string(seed_);
  if (steps_ == 0) return "reset with seed " + seed;
  return "step " + with_commas(steps_) + " of the episode with seed " + seed;
}

/// Of True and False, a number, or an array of one. The text "False" would be true.
bool PythonPlayer::is_true(const char* part, py::handle said) const {
  if (said.ptr() == Py_True || said.ptr() == Py_False) return said.ptr() == Py_True;
  const auto is_numeric = [](char kind) {
    return std::string_view("biuf").find(kind) != std::string_view::npos;
  };
  const bool is_number =
      py::isinstance<py::array>(said)
          ? said.attr("size").cast<std::int64_t>() == 1 &&
                is_numeric(py::reinterpret_borrow<py::array>(said).dtype().kind())
          : PyNumber_Check(said.ptr()) != 0 && !PyUnicode_Check(said.ptr()) && !PyBytes_Check(said.ptr());
  if (!is_number)
    refuse(when() + " gives " + part + " = " + std::string(py::str(package().attr("shown")(said))) +
           ", where True or False is needed");
  const int truth = PyObject_IsTrue(said.ptr());
  if (truth < 0) throw py::error_already_set();
  return truth != 0;
}

void PythonPlayer::reset(std::uint64_t seed) {
  seed_ = seed;
  steps_ = 0;
  in_python([&] {
    const py::object two = held_->reset(py::arg("seed") = seed);
    if (!PyTuple_Check(two.ptr()) || PyTuple_GET_SIZE(two.ptr()) != 2)
      refuse(when() + " gives no pair (observation, info), as Gymnasium 1.x has it");
    see(PyTuple_GET_ITEM(two.ptr(), 0));
  });
}

env::Outcome PythonPlayer::step(std::int64_t action) {
  ++steps_;
  return in_python([&] {
    const auto five = py::reinterpret_steal<py::object>(
        PyObject_CallOneArg(held_->step.ptr(), held_->actions[static_cast<std::size_t>(action)].ptr()));
    if (!five) throw py::error_already_set();
    if (!PyTuple_Check(five.ptr()) || PyTuple_GET_SIZE(five.ptr()) != 5)
      refuse(when() +
             " gives no (observation, reward, terminated, truncated, info), as Gymnasium 1.x has it");
    const auto part = [&](py::ssize_t i) { return PyTuple_GET_ITEM(five.ptr(), i); };
    const double reward = PyFloat_AsDouble(part(1));
    if (reward == -1 && PyErr_Occurred() != nullptr) {
      PyErr_Clear();
      refuse(when() + " gives a reward that is a " + Py_TYPE(part(1))->tp_name + ", no number");
    }
    const bool terminated = is_true("terminated", part(2)), truncated = is_true("truncated", part(3));
    if (!std::isfinite(reward))
      refuse(when() + " gives the reward " + std::to_string(reward) + ", which is not finite");
    see(part(0));
    return env::Outcome{reward, terminated, !terminated && truncated};
  });
}

/// What it shows, if that is what its observation_space declares; contiguous.
py::array PythonPlayer::whole_array(py::handle observation) const {
  if (!py::isinstance<py::array>(observation))
    refuse(when() + " shows a " + Py_TYPE(observation.ptr())->tp_name +
           " where its observation_space declares an array " + declared());
  const auto array = py::reinterpret_borrow<py::array>(observation);
  const std::span<const std::int64_t> extents(array.shape(), static_cast<std::size_t>(array.ndim()));
  if (array.dtype().kind() != kind_ || array.itemsize() != item_bytes_ ||
      !std::ranges::equal(extents, form_.extents))
    refuse(when() + " shows " + spelled(array.dtype(), extents) + " where its observation_space declares " +
           declared() + ": let both be the same");
  const char order = array.dtype().byteorder();
  if ((array.flags() & py::array::c_style) != 0 && (order == '=' || order == '|')) return array;
  return py::module_::import("numpy").attr("ascontiguousarray")(array,
                                                                held_->dtype.attr("newbyteorder")("="));
}

template <class Number>
void PythonPlayer::keep_finite(const Number* from) {
  const std::int64_t count = form_.numbers();
  for (std::int64_t i = 0; i < count; ++i)
    if (!std::isfinite(from[i]))
      refuse(when() + " shows " + std::to_string(from[i]) + " at place " + std::to_string(i) +
             " of its observation, which is not finite");
  std::memcpy(record_.data(), from, record_.size());
}

void PythonPlayer::see_index(py::handle observation) {
  const auto number = py::reinterpret_steal<py::object>(PyNumber_Index(observation.ptr()));
  if (!number) throw py::error_already_set();
  const auto index = number.cast<std::int64_t>() - first_index_;
  if (index < 0 || index >= form_.numbers())
    refuse(when() + " shows " + std::to_string(index + first_index_) +
           " where its observation_space declares " + std::to_string(form_.numbers()) + " numbers from " +
           std::to_string(first_index_) + " on");
  const auto kept = static_cast<std::int32_t>(index);
  std::memcpy(record_.data(), &kept, sizeof kept);
}

void PythonPlayer::see(py::handle observation) {
  if (form_.kept == Kept::index) return see_index(observation);
  py::array array = whole_array(observation);
  switch (form_.kept) {
    case Kept::bits:
      return pack(static_cast<const std::uint8_t*>(array.data()), static_cast<std::size_t>(form_.numbers()),
                  record_.data());
    case Kept::bytes:
      std::memcpy(record_.data(), array.data(), record_.size());
      return;
    case Kept::single:
      if (array.itemsize() != sizeof(float)) array = array.attr("astype")("float32");
      return keep_finite(static_cast<const float*>(array.data()));
    case Kept::whole:
      if (array.dtype().kind() != 'f') array = array.attr("astype")("float64");
      return keep_finite(static_cast<const double*>(array.data()));
    case Kept::index:
      return;
  }
}

std::unique_ptr<env::Player> opened(const env::Foreign& foreign) {
  const py::gil_scoped_acquire lock;
  const auto called = [&](const std::string& what) {
    return "task.environment = \"" + foreign.name + "\": " + what;
  };
  try {
    if (world_of(foreign.name) == "atari:")
      return opened_console(foreign,
                            package().attr("opened_console")(foreign.name, foreign.atari.all_actions));
    return std::make_unique<PythonPlayer>(
        foreign, package().attr("opened")(foreign.name, foreign.file, foreign.sha256));
  } catch (const py::error_already_set& error) {
    const auto is_a = [&](const char* name) { return error.matches(package().attr(name)); };
    if (is_a("NotInstalled")) throw env::NotInstalled(called(py::str(error.value())));
    if (is_a("Refused")) throw Error(ErrorKind::config, called(py::str(error.value())));
    throw Error(ErrorKind::config, called("it cannot be opened: " + told(error, foreign.file)));
  }
}

std::map<std::string, std::string> versions_of(const std::string& name) {
  const py::gil_scoped_acquire lock;
  return package().attr("versions")(name).cast<std::map<std::string, std::string>>();
}

}  // namespace

std::string told(const py::error_already_set& error, const std::string& file) {
  if (error.trace()) PyException_SetTraceback(error.value().ptr(), error.trace().ptr());
  return py::str(package().attr("told")(error.value(), file));
}

void bind_environments(py::module_&) { env::set_opener(opened, versions_of); }

}  // namespace crosstalk
