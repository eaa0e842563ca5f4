#include "study/schema.hpp"

#include <algorithm>

#include "base/environments.hpp"
#include "study/datasets.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::vector<Key> all_keys() {
  std::vector<Key> all;
  for (auto part : {task_keys(), environment_keys(), trajectories_keys(), network_keys(), learner_keys(),
                    optimizer_keys(), agent_keys(), probe_keys(), runtime_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Of a setup, the narrowest first.
std::vector<std::string> conditions(const Setup& setup) {
  const std::string family = setup.family();
  std::vector<std::string> all = {family + "/" + setup.algorithm,
                                  setup.kind + "/" + setup.algorithm,
                                  family + "/" + setup.kind,
                                  setup.algorithm,
                                  setup.kind,
                                  family};
  if (setup.few_levels)
    all.insert(all.begin(), {setup.kind + "/" + setup.algorithm + "/levels", setup.kind + "/levels"});
  return all;
}

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> table = all_keys();
  return table;
}

const Key* find_key(const std::string& name) {
  const auto found =
      std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
  return found == keys().end() ? nullptr : &*found;
}

const std::vector<std::string>& tables() {
  static const std::vector<std::string> names = {"task",    "trajectories", "network",
                                                 "learner", "probe",        "runtime"};
  return names;
}

std::string Setup::family() const {
  if (stored) return "stored";
  return environment.empty() || environment == "windowed" ? family_of(dataset)
                                                          : std::string(world_of(environment));
}

std::string condition_of(const Key& key, const Setup& setup) {
  for (const std::string& condition : conditions(setup))
    if (key.by_condition.count(condition) > 0) return condition;
  return "";
}

Json default_of(const Key& key, const Setup& setup) {
  const std::string condition = condition_of(key, setup);
  return condition.empty() ? key.fallback : key.by_condition.at(condition);
}

Json default_in_names(const Key& key, const Setup& setup) {
  for (const std::string& condition : conditions(setup)) {
    const bool later = std::find(key.since.begin(), key.since.end(), condition) != key.since.end();
    if (!later && key.by_condition.count(condition) > 0) return key.by_condition.at(condition);
  }
  return key.fallback;
}

Setup setup_of(const std::string& dataset, const std::string& environment) {
  Setup setup{dataset, environment, "", ""};
  setup.kind =
      environment == "windowed" ? environment : default_of(*find_key("task.kind"), setup).get<std::string>();
  setup.algorithm = default_of(*find_key("learner.algorithm"), setup).get<std::string>();
  return setup;
}

Setup setup_of(const std::map<std::string, Json>& values) {
  const auto text = [&](const char* key) {
    const auto found = values.find(key);
    return found != values.end() && found->second.is_string() ? found->second.get<std::string>() : "";
  };
  const auto levels = values.find("task.train-levels");
  const bool stored = !text("task.trajectories").empty();
  return {text("task.dataset"),
          text("task.environment"),
          text("task.kind"),
          text("learner.algorithm"),
          !stored && levels != values.end() && are_few_levels(levels->second, text("task.environment")),
          stored};
}

bool are_few_levels(const Json& train_levels, const std::string& environment) {
  return train_levels.is_number() && has_levels(environment);
}

Json completed(Json configuration) {
  if (!configuration.is_object()) return configuration;
  const Setup setup = setup_of(configuration.get<std::map<std::string, Json>>());
  if (setup.kind.empty() || setup.algorithm.empty()) return configuration;
  for (const Key& key : keys()) {
    if (configuration.contains(key.name)) continue;
    const Json value = default_in_names(key, setup);
    if (!value.is_null()) configuration[key.name] = value;
  }
  return configuration;
}

}  // namespace crosstalk::study
