#include "study/layer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "study/words.hpp"

namespace crosstalk::study {
namespace {

void put(Layer& layer, const Key& key, Setting setting, Problems& problems) {
  const auto [before, fresh] = layer.settings.try_emplace(key.name, setting);
  if (!fresh)
    problems.add(setting.place, key.name + " is given already, at " + to_string(before->second.place));
}

bool is_whole(const Json& value, std::uint64_t least, std::uint64_t most) {
  if (!value.is_number()) return false;
  const double number = value.get<double>();
  return std::isfinite(number) && number == std::floor(number) && number >= static_cast<double>(least) &&
         number <= static_cast<double>(most);
}

/// Two entries of a list that are one value, however they are written.
std::string twice(const Json& list, std::size_t first, std::size_t second) {
  const std::string one = cut_value(list[first]), other = cut_value(list[second]);
  const std::string entries =
      " (entries " + std::to_string(first + 1) + " and " + std::to_string(second + 1) + "); leave one out";
  return one == other ? " holds " + one + " twice" + entries
                      : " holds " + one + " and " + other + ", which are one value" + entries;
}

}  // namespace

void add_value(Layer& layer, const Key& key, const Json& value, const Place& place, Problems& problems) {
  layer.named.insert(key.name);
  if (value.is_array() && key.type != Type::texts) {
    problems.add(place, key.name + " = " + cut_value(value) +
                            " is a list; several values stand under [sweep], as \"" + key.name +
                            "\" = " + cut_value(value));
    return;
  }
  Checked checked = check(key, value);
  if (!checked.problem.empty()) return problems.add(place, checked.problem);
  put(layer, key, {place, {std::move(checked.value)}}, problems);
}

void add_axis(Layer& layer, const Key& key, const Json& values, const Place& place, Problems& problems) {
  layer.named.insert(key.name);
  if (!values.is_array())
    return problems.add(place, "[sweep] takes lists, and " + key.name + " = " + cut_value(values) +
                                   " is none; one value stands in [" +
                                   key.name.substr(0, key.name.find('.')) + "]");
  if (values.empty())
    return problems.add(place, key.name + " = [] sweeps over nothing; give it at least one value");
  if (values.size() > most_runs)
    return problems.add(place, key.name + " has " + with_commas(values.size()) +
                                   " values in its sweep, where at most " + with_commas(most_runs) +
                                   " are expected");
  if (key.type == Type::texts &&
      std::any_of(values.begin(), values.end(), [](const Json& v) { return v.is_string(); }))
    return problems.add(
        place, key.name + " is a list itself, so a sweep over it is a list of lists: [[\"...\"], [\"...\"]]");
  Setting setting{place, {}};
  std::map<Json, std::size_t> before;
  bool sound = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    Checked checked = check(key, values[i]);
    const auto first = checked.problem.empty() ? before.try_emplace(checked.value, i).first->second : i;
    if (!checked.problem.empty()) {
      problems.add(place, checked.problem);
      sound = false;
    } else if (first != i) {
      problems.add(place, key.name + twice(values, first, i));
      sound = false;
    } else {
      setting.values.push_back(std::move(checked.value));
    }
  }
  if (sound) put(layer, key, std::move(setting), problems);
}

void add_seeds(Layer& layer, const Json& value, const Place& place, Problems& problems) {
  Seeds seeds{place, {}};
  if (is_whole(value, 1, most_runs)) {
    seeds.values.resize(value.get<std::size_t>());
    std::iota(seeds.values.begin(), seeds.values.end(), 0);
  } else if (value.is_array() && !value.empty() && value.size() <= most_runs) {
    std::map<std::uint64_t, std::size_t> before;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!is_whole(value[i], 0, largest_seed))
        return problems.add(place, "seeds holds " + cut_value(value[i]) + ", where integers from 0 to " +
                                       with_commas(largest_seed) + " are expected");
      const auto number = static_cast<std::uint64_t>(value[i].get<double>());
      const auto [first, fresh] = before.try_emplace(number, i);
      if (!fresh) return problems.add(place, "seeds" + twice(value, first->second, i));
      seeds.values.push_back(number);
    }
  } else {
    return problems.add(place, "seeds = " + cut_value(value) + ": a number of seeds from 1 to " +
                                   with_commas(most_runs) +
                                   " (4 is 0, 1, 2, 3) or a list of as many, each an integer from 0 to " +
                                   with_commas(largest_seed) + ", is expected");
  }
  if (layer.seeds) return problems.add(place, "seeds is given already, at " + to_string(layer.seeds->place));
  layer.seeds = std::move(seeds);
}

}  // namespace crosstalk::study
