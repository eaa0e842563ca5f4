#include "study/resolve.hpp"

#include <algorithm>

#include "study/consistency.hpp"
#include "study/counting.hpp"
#include "study/layer.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

std::string text_of(const Values& values, const char* key) {
  const auto found = values.find(key);
  return found != values.end() && found->second.value.is_string() ? found->second.value.get<std::string>()
                                                                  : "";
}

bool is_stored(const Values& values) { return !text_of(values, "task.trajectories").empty(); }

bool says_few_levels(const Values& values) {
  const auto found = values.find("task.train-levels");
  return !is_stored(values) && found != values.end() &&
         are_few_levels(found->second.value, text_of(values, "task.environment"));
}

/// An agent at images has two names, and here it gets the one that its runs are known by.
void name_windowed(Values& values) {
  if (text_of(values, "task.environment") != "windowed") return;
  const auto kind = values.find("task.kind");
  if (kind == values.end() || kind->second.value == "control")
    values["task.kind"] = {"windowed", values.at("task.environment").place};
}

Values fill_defaults(Values values) {
  name_windowed(values);
  Setup setup{text_of(values, "task.dataset"),
              text_of(values, "task.environment"),
              "",
              "",
              says_few_levels(values),
              is_stored(values)};
  const auto fill = [&](const char* key) {
    values.try_emplace(key, Value{default_of(*find_key(key), setup), {}});
    return text_of(values, key);
  };
  setup.kind = fill("task.kind");
  setup.environment = fill("task.environment");
  setup.algorithm = fill("learner.algorithm");
  for (const Key& key : keys()) values.try_emplace(key.name, Value{default_of(key, setup), {}});
  return values;
}

/// Beside a sweep over one of these, the value of a key that counts for nothing stands in a run's name, and
/// has to while the schema is 3.
bool keeps_what_is_idle(const Condition& unmet) {
  return unmet.key == "learner.optimizer" || unmet.key == "network.layers";
}

Setup setup_in(const Values& values) {
  return {text_of(values, "task.dataset"), text_of(values, "task.environment"),
          text_of(values, "task.kind"),    text_of(values, "learner.algorithm"),
          says_few_levels(values),         is_stored(values)};
}

using Idle = std::map<std::string, const Condition*>;

/// The keys that were said and count for nothing in the configuration, with what would have to hold. Those of
/// one value get their defaults here, so that a run has one name.
Idle set_aside_idle(Values& values, const Experiment& experiment) {
  Idle idle;
  const Lookup lookup = [&](const std::string& key) -> const Json& { return values.at(key).value; };
  for (const Key* key : keys_deciding_first()) {
    const auto setting = experiment.settings.find(key->name);
    Value& value = values.at(key->name);
    if (setting == experiment.settings.end() || value.value == key->harmless) continue;
    const Condition* missing = unmet(key->counts, lookup);
    if (missing == nullptr) continue;
    idle[key->name] = missing;
    if (setting->second.values.size() == 1 && !keeps_what_is_idle(*missing))
      value = {default_of(*key, setup_in(values)), {}};
  }
  return idle;
}

/// What to do about a key that counts for nothing in some configuration. Swept, it is wanted in the others:
/// then the values of what it depends on are named with which it counts.
std::string mend_of(const Condition& missing, const Experiment& experiment, bool counts_somewhere) {
  if (!counts_somewhere) return "; leave it out";
  const auto deciding = experiment.settings.find(missing.key);
  const auto stored = experiment.settings.find("task.trajectories");
  std::vector<std::string> fitting;
  if (deciding != experiment.settings.end()) {
    const Json none, one = stored == experiment.settings.end() ? none : stored->second.values.front();
    for (const Json& value : deciding->second.values)
      if (holds(missing, [&](const std::string& key) -> const Json& {
            return key == missing.key ? value : key == "task.trajectories" ? one : none;
          }))
        fitting.push_back(cut_value(value));
  }
  const std::string these =
      fitting.empty() ? "where it counts" : "with " + missing.key + " = " + alternatives(fitting);
  return "; give it one value, or sweep it in a study of its own " + these;
}

/// A key that was said where it counts for nothing would make two names of one run. One value may stand
/// beside a sweep in which it counts somewhere; where the key is swept itself, it must count everywhere.
void refuse_idle(const std::vector<Idle>& all, const Experiment& experiment, Problems& problems) {
  for (const auto& [name, setting] : experiment.settings) {
    const auto is_idle = [&, &name = name](const Idle& idle) { return idle.contains(name); };
    const auto found = std::find_if(all.begin(), all.end(), is_idle);
    if (found == all.end() || (setting.values.size() == 1 && !std::all_of(all.begin(), all.end(), is_idle)))
      continue;
    const Condition& missing = *found->at(name);
    const bool counts_somewhere = !std::all_of(all.begin(), all.end(), is_idle);
    problems.add(setting.place,
                 name + " counts only " + in_words(missing) + mend_of(missing, experiment, counts_somewhere));
  }
}

/// A data set, an environment or trajectories, which alone have no default.
bool says_data_or_environment(const Experiment& experiment, Problems& problems) {
  const auto is_among = [](const auto& names, const char* key) { return names.count(key) > 0; };
  for (const char* key : {"task.dataset", "task.environment", "task.trajectories"})
    if (is_among(experiment.settings, key)) return true;
  if (!is_among(experiment.named, "task.dataset") && !is_among(experiment.named, "task.environment") &&
      !is_among(experiment.named, "task.trajectories"))
    problems.add(
        {experiment.file},
        "task.dataset is missing, or task.environment: [task], then dataset = \"digits\" or another (" +
            expectation(*find_key("task.dataset")) + "), or environment = \"random-walk\" or another");
  return false;
}

}  // namespace

Experiment overlay(const std::vector<const Layer*>& layers) {
  Experiment experiment;
  experiment.seeds.values = {0};
  for (const Layer* layer : layers) {
    for (const auto& [name, setting] : layer->settings) experiment.settings[name] = setting;
    experiment.named.insert(layer->named.begin(), layer->named.end());
    if (layer->seeds) experiment.seeds = *layer->seeds;
  }
  return experiment;
}

std::vector<std::string> axes(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const auto& [name, setting] : experiment.settings)
    if (setting.values.size() > 1) names.push_back(name);
  return names;
}

bool are_few_enough(const Experiment& experiment, std::size_t& runs, Problems& problems) {
  struct Factor {
    std::string name;
    std::size_t count;
    Place place;
  };
  std::vector<Factor> factors = {{"seeds", experiment.seeds.values.size(), experiment.seeds.place}};
  for (const auto& [name, setting] : experiment.settings)
    factors.push_back({name, setting.values.size(), setting.place});
  std::stable_sort(factors.begin(), factors.end(),
                   [](const Factor& a, const Factor& b) { return a.count > b.count; });
  std::size_t product = 1;
  for (const Factor& factor : factors) product = std::min(product * factor.count, most_runs + 1);
  const std::size_t before = runs;
  runs = std::min(runs + product, most_runs + 1);
  if (runs <= most_runs) return true;
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(factors.size(), 6) && factors[i].count > 1; ++i)
    text += (i == 0 ? "" : " x ") + factors[i].name + " (" + with_commas(factors[i].count) + ")";
  problems.add(
      factors[0].place.said() ? factors[0].place : Place{experiment.file},
      (text.empty() ? "one run" : text) +
          (before == 0 ? " makes" : " and what is joined before it (" + with_commas(before) + " runs) make") +
          " more than the " + with_commas(most_runs) + " runs that a study may have; divide it into several");
  return false;
}

std::vector<Values> configurations(const Experiment& experiment, Problems& problems) {
  if (!says_data_or_environment(experiment, problems)) return {};
  std::vector<Values> all = {{}};
  for (const Key& key : keys()) {
    const auto found = experiment.settings.find(key.name);
    if (found == experiment.settings.end()) continue;
    std::vector<Values> crossed;
    for (const Values& before : all) {
      for (const Json& value : found->second.values) {
        crossed.push_back(before);
        crossed.back()[key.name] = {value, found->second.place};
      }
    }
    all = std::move(crossed);
  }
  std::vector<Idle> idle;
  for (Values& values : all) {
    values = fill_defaults(std::move(values));
    if (!check_setup(values, experiment, problems)) continue;
    idle.push_back(set_aside_idle(values, experiment));
    check_consistency(values, experiment, problems);
  }
  refuse_idle(idle, experiment, problems);
  return all;
}

}  // namespace crosstalk::study
