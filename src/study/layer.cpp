#include "study/layer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace crosstalk::study {
namespace {

constexpr std::int64_t most_seeds = 100000;
constexpr double largest_seed = 9007199254740991.0;  // 2^53 - 1: what JSON keeps exactly everywhere

void put(Layer& layer, const Key& key, Setting setting, Problems& problems) {
  const auto [before, fresh] = layer.settings.try_emplace(key.name, setting);
  if (!fresh)
    problems.add(setting.place, key.name + " is given already, at " + to_string(before->second.place));
}

bool is_whole(const Json& value, double least, double most) {
  if (!value.is_number()) return false;
  const double number = value.get<double>();
  return std::isfinite(number) && number == std::floor(number) && number >= least && number <= most;
}

}  // namespace

void add_value(Layer& layer, const Key& key, const Json& value, const Place& place, Problems& problems) {
  layer.named.insert(key.name);
  if (value.is_array() && key.type != Type::texts) {
    problems.add(place, key.name + " = " + to_toml(value) +
                            " is a list; several values stand under [sweep], as \"" + key.name +
                            "\" = " + to_toml(value));
    return;
  }
  Checked checked = check(key, value);
  if (!checked.problem.empty()) return problems.add(place, checked.problem);
  put(layer, key, {place, {std::move(checked.value)}}, problems);
}

void add_axis(Layer& layer, const Key& key, const Json& values, const Place& place, Problems& problems) {
  layer.named.insert(key.name);
  if (!values.is_array())
    return problems.add(place, "[sweep] takes lists, and " + key.name + " = " + to_toml(values) +
                                   " is none; one value stands in [" +
                                   key.name.substr(0, key.name.find('.')) + "]");
  if (values.empty())
    return problems.add(place, key.name + " = [] sweeps over nothing; give it at least one value");
  if (key.type == Type::texts &&
      std::any_of(values.begin(), values.end(), [](const Json& v) { return v.is_string(); }))
    return problems.add(
        place, key.name + " is a list itself, so a sweep over it is a list of lists: [[\"...\"], [\"...\"]]");
  Setting setting{place, {}};
  bool sound = true;
  for (const Json& value : values) {
    Checked checked = check(key, value);
    if (!checked.problem.empty()) {
      problems.add(place, checked.problem);
      sound = false;
    } else if (std::find(setting.values.begin(), setting.values.end(), checked.value) !=
               setting.values.end()) {
      problems.add(place, key.name + " has the value " + to_toml(checked.value) + " twice in its sweep");
      sound = false;
    } else {
      setting.values.push_back(std::move(checked.value));
    }
  }
  if (sound) put(layer, key, std::move(setting), problems);
}

void add_seeds(Layer& layer, const Json& value, const Place& place, Problems& problems) {
  Seeds seeds{place, {}};
  if (is_whole(value, 1, most_seeds)) {
    seeds.values.resize(value.get<std::size_t>());
    std::iota(seeds.values.begin(), seeds.values.end(), 0);
  } else if (value.is_array() && !value.empty() && value.size() <= most_seeds) {
    for (const Json& seed : value) {
      if (!is_whole(seed, 0, largest_seed))
        return problems.add(place,
                            "seeds holds " + to_toml(seed) + ", where integers of at least 0 are expected");
      const auto number = static_cast<std::uint64_t>(seed.get<double>());
      if (std::find(seeds.values.begin(), seeds.values.end(), number) != seeds.values.end())
        return problems.add(place, "seeds holds " + to_toml(seed) + " twice");
      seeds.values.push_back(number);
    }
  } else {
    return problems.add(
        place, "seeds = " + to_toml(value) +
                   ": a number of seeds from 1 to 100,000 (4 is 0, 1, 2, 3) or a list of seeds, each "
                   "an integer of at least 0, is expected");
  }
  if (layer.seeds) return problems.add(place, "seeds is given already, at " + to_string(layer.seeds->place));
  layer.seeds = std::move(seeds);
}

}  // namespace crosstalk::study
