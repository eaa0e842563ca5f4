#include "figures/claims/groups.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "figures/claims/quantity.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

using Tests = std::vector<study::Test>;

KeyValues values_of(const Selection& selection) {
  std::vector<const Point*> points = selection.points;
  points.insert(points.end(), selection.unlearned.begin(), selection.unlearned.end());
  return values_of(points);
}

/// What a key of the configuration is called as a field.
std::string field_name(const std::string& key) {
  if (key == "task.kind") return "kind";
  if (key == "learner.algorithm") return "algorithm";
  return key == "task.examples" ? "examples" : key;
}

/// Whether the fields by which a rule tells groups apart say the same of both. Configurations may differ in
/// what the rule's two sides ask for.
bool agrees(const Selection& one, const Selection& other, const study::Rule& rule) {
  for (std::size_t i = 0; i < rule.by.size(); ++i) {
    if (rule.by[i] == "configuration" ? !are_twins(one, other, rule) : one.by[i] != other.by[i]) return false;
  }
  return true;
}

/// Whether the two sides are of environments that the rule names.
bool asks_for_environments(const study::Rule& rule) {
  return asks_for(rule.value.where, "task.environment") && asks_for(rule.other->where, "task.environment");
}

/// Says of each configuration what tells it from the others of its experiment.
void describe_configurations(std::vector<Selection>& groups) {
  std::map<std::string, KeyValues> all;
  for (const Selection& group : groups) {
    for (auto& [key, values] : values_of(group))
      all[group.experiment][key].insert(values.begin(), values.end());
  }
  for (Selection& group : groups) {
    for (const auto& [key, values] : values_of(group)) {
      if (all[group.experiment][key].size() > 1)
        group.configuration += (group.configuration.empty() ? "" : ", ") + key + " " + *values.begin();
    }
  }
}

}  // namespace

bool asks_for(const Tests& tests, const std::string& field) {
  return std::any_of(tests.begin(), tests.end(),
                     [&](const study::Test& test) { return test.field == field; });
}

std::vector<Selection> select(const Results& results, const std::vector<const Point*>& points,
                              const Tests& tests, const std::vector<std::string>& by, bool all_series) {
  const bool any = asks_for(tests, "learned");
  std::map<std::pair<std::string, std::vector<Json>>, Selection> groups;
  for (const Point* point : points) {
    if (!passes(results, *point, tests)) continue;
    std::vector<Json> values;
    for (const std::string& field : by) values.push_back(field_of(*point, field));
    const std::string& experiment = all_series ? point->run->whole : point->run->experiment;
    Selection& group = groups[{experiment, values}];
    group.experiment = experiment;
    group.whole = point->run->whole;
    group.data = point->run->text("task.dataset", point->run->text("task.environment"));
    group.by = values;
    (any || point->learned.value_or(true) ? group.points : group.unlearned).push_back(point);
    group.unknown += !any && !point->learned && point->scoring != nullptr;
  }
  std::vector<Selection> sorted;
  for (auto& [_, group] : groups) sorted.push_back(std::move(group));
  if (std::find(by.begin(), by.end(), "configuration") != by.end()) describe_configurations(sorted);
  return sorted;
}

bool are_twins(const Selection& one, const Selection& other, const study::Rule& rule) {
  const KeyValues a = values_of(one), b = values_of(other);
  return std::all_of(a.begin(), a.end(), [&](const auto& entry) {
    const auto twin = b.find(entry.first);
    if (twin == b.end() || entry.second.size() > 1 || twin->second.size() > 1) return true;
    return twin->second == entry.second || asks_for(rule.value.where, entry.first) ||
           asks_for(rule.other->where, entry.first) || asks_for(rule.value.where, field_name(entry.first)) ||
           asks_for(rule.other->where, field_name(entry.first));
  });
}

std::vector<const Selection*> partners(const Selection& one, const std::vector<Selection>& others,
                                       const study::Rule& rule) {
  std::vector<const Selection*> same, twins, on_same_data;
  for (const Selection& other : others) {
    if (!agrees(one, other, rule)) continue;
    if (other.experiment == one.experiment)
      same.push_back(&other);
    else if (other.whole == one.whole && are_twins(one, other, rule))
      twins.push_back(&other);
    else if (other.whole != one.whole && (other.data == one.data || asks_for_environments(rule)))
      on_same_data.push_back(&other);
  }
  return !same.empty() ? same : !twins.empty() ? twins : on_same_data;
}

std::string label_of(const Selection& one, const Selection* partner, const std::vector<std::string>& by) {
  std::string label = one.experiment;
  if (partner != nullptr && partner->experiment != one.experiment) label += " against " + partner->experiment;
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (by[i] == "experiment") continue;
    const Json& value = one.by[i];
    if (value.is_null()) continue;  // a field that these runs do not have
    if (by[i] == "examples")
      label += ", " + counted(std::llround(value.get<double>()), "example");
    else if (by[i] == "configuration")
      label += (one.configuration.empty() ? "" : ", ") + one.configuration;
    else if (by[i] == "network")
      label += ", " + value.get<std::string>();
    else
      label += ", " + by[i] + " " + plain(value);
  }
  return label;
}

}  // namespace crosstalk::figures
