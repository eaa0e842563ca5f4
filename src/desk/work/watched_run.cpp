#include "work/watched_run.hpp"

#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "study/identity.hpp"
#include "study/layer.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"

namespace crosstalk::work {
namespace {

constexpr std::size_t most_bytes_of_a_name = 100;
constexpr std::int64_t most_numbers = 100'000'000;          // of an array: SQLite keeps a gigabyte
constexpr std::int64_t most_steps = std::int64_t{1} << 53;  // figures have steps as doubles
constexpr double most_whole = 9007199254740992;             // 2^53
constexpr const char* columns[] = {"run",   "experiment", "seed",  "seeds", "step",
                                   "array", "measure",    "split", "value"};  // of `crosstalk export`

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorKind::config, message); }

/// A name stands in figures, in columns and on the command line.
void check_name(const std::string& what, const std::string& name) {
  const std::string said = what + " \"" + cut(name) + "\" ";
  if (name.empty()) refuse(what + " is empty; give it a name.");
  if (name.size() > most_bytes_of_a_name)
    refuse(said + "has " + with_commas(std::ssize(name)) + " bytes; a name has at most " +
           std::to_string(most_bytes_of_a_name) + ".");
  if (!is_utf8(name)) refuse(said + "is not UTF-8.");
  if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 32; }))
    refuse(said + "has a tab, a line's end or another control character; leave it out.");
}

void check_setting_name(const std::string& name) {
  check_name("the setting", name);
  const std::string said = "the setting \"" + cut(name) + "\" ";
  if (name.find_first_of(",=") != std::string::npos)
    refuse(said +
           "has a comma or a \"=\" in its name, which `crosstalk report --where NAME=VALUE` cannot say.");
  if (std::find(std::begin(columns), std::end(columns), name) != std::end(columns) ||
      name.starts_with("axis_"))
    refuse(said + "has the name of a column of `crosstalk export`; give it another one, as my_" + name + ".");
  if (study::find_key(name) != nullptr || name.starts_with("runtime."))
    refuse(said +
           "has the name of a key of crosstalk's own studies, where it means more than a value; give it "
           "another one, as " +
           name.substr(name.find('.') + 1) + ".");
}

/// 1.0 is 1: Python's users write either.
Json checked_value(const std::string& name, const Json& value) {
  const std::string said = "the setting \"" + cut(name) + "\" ";
  if (value.is_string()) {
    if (!is_utf8(value.get_ref<const std::string&>())) refuse(said + "is a text that is not UTF-8.");
    return value;
  }
  if (value.is_boolean() || value.is_number_integer()) return value;
  if (!value.is_number()) refuse(said + "is no number, no text and no truth; give one of these.");
  const double number = value.get<double>();
  if (!std::isfinite(number)) refuse(said + "is " + exactly(number) + "; give a finite number, or a text.");
  if (number == std::floor(number) && std::abs(number) < most_whole) return static_cast<std::int64_t>(number);
  return value;
}

void check_axes(const Array& array) {
  if (array.axes.is_null()) return;
  const std::string said = "axes of the array " + cut(array.name) + ": ";
  if (!array.axes.is_object()) refuse(said + "an object is expected, as {\"0\": {\"name\": \"unit\"}}.");
  for (const auto& [place, axis] : array.axes.items()) {
    const bool is_place = place.size() == 1 && place[0] >= '0' && place[0] - '0' < std::ssize(array.shape);
    if (!is_place)
      refuse(said + "\"" + cut(place) + "\" is none of its " + std::to_string(array.shape.size()) +
             " axes, which are counted from 0.");
    if (!axis.is_object() || !axis.contains("name") || !axis["name"].is_string())
      refuse(said + "axis " + place + " has no name, as {\"name\": \"unit\"} has.");
    const Json labels = axis.value("labels", Json());
    const auto length = static_cast<std::size_t>(array.shape[static_cast<std::size_t>(place[0] - '0')]);
    if (labels.is_null()) continue;
    if (!labels.is_array() || labels.size() != length ||
        !std::all_of(labels.begin(), labels.end(),
                     [](const Json& label) { return label.is_number() || label.is_string(); }))
      refuse(said + "the labels of axis " + place + " are not " + std::to_string(length) +
             " numbers or texts.");
  }
}

void check_place(std::int64_t step, const std::string& measure, const std::string& split) {
  check_name("the measure", measure);
  if (!split.empty()) check_name("the split", split);
  if (step < 0 || step > most_steps)
    refuse(measure + ": step " + std::to_string(step) + " is out of range; steps are counted from 0.");
}

}  // namespace

Json checked_settings(const Json& settings) {
  Json checked = Json::object();
  for (const auto& [name, value] : settings.items()) {
    check_setting_name(name);
    checked[name] = checked_value(name, value);
  }
  return checked;
}

std::string identifier(const WatchedRun& run) {
  auto values = configuration_of(run).get<study::KeyValues::Map>();
  values["experiment"] = run.name;
  return study::Identity(values).run_id(run.seed);
}

Json configuration_of(const WatchedRun& run) {
  Json configuration = checked_settings(run.settings);
  configuration["task.kind"] = study::watched;
  return configuration;
}

WatchedRun checked(WatchedRun run) {
  check_name("the name of what is watched", run.name);
  if (run.seed > study::largest_seed)
    refuse("seed " + std::to_string(run.seed) + " is out of range; a seed is an integer from 0 to " +
           with_commas(study::largest_seed) + ".");
  run.settings = checked_settings(run.settings);
  return run;
}

std::string in_words(const WatchedRun& run) {
  std::string text = run.name;
  for (const auto& [name, value] : run.settings.items())
    text += ", " + name + " " + (value.is_string() ? cut(value.get<std::string>()) : value.dump());
  return cut(text, 300) + ", seed " + std::to_string(run.seed);
}

void check(const Array& array) {
  check_place(array.step, array.name, array.split);
  const std::int64_t there = std::ssize(array.values);
  if (there > most_numbers)
    refuse("the array " + cut(array.name) + " has " + with_commas(there) + " numbers; at most " +
           with_commas(most_numbers) + " are stored as one.");
  std::int64_t size = 1;
  for (const std::int64_t length : array.shape) size = length < 1 || size > there ? 0 : size * length;
  if (array.shape.empty() || size == 0 || size != there)
    refuse("the array " + cut(array.name) + " has " + with_commas(there) + " numbers, and its shape " +
           Json(array.shape).dump() +
           " is not of as many; a shape has at least one axis, and no axis of length 0.");
  check_axes(array);
}

void check(const Row& row) { check_place(row.step, row.measure, row.split); }

}  // namespace crosstalk::work
