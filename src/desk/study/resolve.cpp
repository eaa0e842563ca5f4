#include "study/resolve.hpp"

#include <algorithm>

#include "study/consistency.hpp"
#include "study/layer.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

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
  if (experiment.settings.count("task.dataset") == 0) {
    if (experiment.named.count("task.dataset") == 0)
      problems.add(
          {experiment.file},
          "task.dataset is missing, the one key without a default: [task], then dataset = \"digits\" or "
          "another; " +
              expectation(*find_key("task.dataset")));
    return {};
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
