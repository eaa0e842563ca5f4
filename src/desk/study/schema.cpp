#include "study/schema.hpp"

#include <algorithm>

#include "study/datasets.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::vector<Key> all_keys() {
  std::vector<Key> all;
  for (auto part : {task_keys(), network_keys(), learner_keys(), agent_keys(), probe_keys(), runtime_keys()})
    all.insert(all.end(), part.begin(), part.end());
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
  static const std::vector<std::string> names = {"task", "network", "learner", "probe", "runtime"};
  return names;
}

std::string condition_of(const Key& key, const Task& task) {
  const std::string family = family_of(task.dataset);
  for (const std::string& condition : {family + "/" + task.algorithm, task.algorithm, task.kind, family})
    if (key.by_condition.count(condition) > 0) return condition;
  return "";
}

Json default_of(const Key& key, const Task& task) {
  const std::string condition = condition_of(key, task);
  return condition.empty() ? key.fallback : key.by_condition.at(condition);
}

Task task_of(const std::string& dataset) {
  Task task{dataset, "", ""};
  task.kind = default_of(*find_key("task.kind"), task).get<std::string>();
  task.algorithm = default_of(*find_key("learner.algorithm"), task).get<std::string>();
  return task;
}

}  // namespace crosstalk::study
