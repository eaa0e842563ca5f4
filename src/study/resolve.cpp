#include "study/resolve.hpp"

#include <algorithm>

#include "study/consistency.hpp"

namespace crosstalk::study {
namespace {

constexpr std::size_t most_configurations = 100000;

Values fill_defaults(Values values) {
  Task task{values.at("task.dataset").value.get<std::string>(), "", ""};
  const auto fill = [&](const Key& key) {
    return values.try_emplace(key.name, Value{default_of(key, task), {}}).first->second.value;
  };
  task.kind = fill(*find_key("task.kind")).get<std::string>();
  task.algorithm = fill(*find_key("learner.algorithm")).get<std::string>();
  for (const Key& key : keys()) fill(key);
  return values;
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

std::vector<Values> configurations(const Experiment& experiment, Problems& problems) {
  if (experiment.settings.count("task.dataset") == 0) {
    if (experiment.named.count("task.dataset") == 0)
      problems.add(
          {experiment.file},
          "task.dataset is missing, the one key without a default: [task], then dataset = \"digits\" or "
          "another; " +
              expectation(*find_key("task.dataset")));
    return {};
  }
  std::size_t count = 1;
  for (const auto& [name, setting] : experiment.settings) {
    count *= setting.values.size();
    if (count > most_configurations) {
      problems.add(setting.place,
                   "the sweep names more than 100,000 configurations; divide it into several studies");
      return {};
    }
  }
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
  for (Values& values : all) {
    values = fill_defaults(std::move(values));
    check_consistency(values, experiment, problems);
  }
  return all;
}

}  // namespace crosstalk::study
