#include "study/counting.hpp"

#include <algorithm>

#include "base/ending.hpp"
#include "base/environments.hpp"
#include "study/datasets.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

/// As a condition's values are written.
std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : to_toml(value);
}

std::string quoted(const std::string& word) { return '"' + word + '"'; }

constexpr std::string_view stored = "stored", of_stored = "/stored";

/// A condition's value as a reader is told of it.
std::string told(const std::string& value) {
  if (value == stored) return "stored trajectories (task.trajectories)";
  if (has_ending(value, of_stored))
    return quoted(value.substr(0, value.size() - of_stored.size())) + " from stored trajectories";
  return quoted(value + (is_family(value) ? "NAME" : ""));
}

/// What else than itself a value is known by.
std::string family_of_value(const std::string& key, const std::string& text, const Lookup& value) {
  const bool shared = key == "task.dataset" || key == "task.environment";
  if ((shared || key == "task.kind") && !value("task.trajectories").is_null())
    return shared ? std::string(stored) : text + std::string(of_stored);
  return key == "task.dataset"       ? family_of(text)
         : key == "task.environment" ? std::string(world_of(text))
                                     : text;
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

void add_deciding_first(const Key& key, std::vector<const Key*>& all) {
  if (std::find(all.begin(), all.end(), &key) != all.end()) return;
  for (const Condition& condition : key.counts) add_deciding_first(*find_key(condition.key), all);
  all.push_back(&key);
}

}  // namespace

Lookup lookup_in(const KeyValues::Map& values) {
  return [&values](const std::string& key) -> const Json& {
    static const Json none;
    const auto found = values.find(key);
    return found == values.end() ? none : found->second;
  };
}

bool holds(const Condition& condition, const Lookup& value) {
  const std::string text = text_of(value(condition.key));
  const bool is_count = value(condition.key).is_number();
  const bool is_text = value(condition.key).is_string() && !text.empty();
  const std::string family = family_of_value(condition.key, text, value);
  const auto lists = [&](const std::string& one) {
    const Json& list = value(condition.key);
    return list.is_array() && std::find(list.begin(), list.end(), one) != list.end();
  };
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const std::string& one) {
    return one == text || one == family || (one == any_count && is_count) || (one == any_text && is_text) ||
           lists(one) || (one.starts_with('.') && has_ending(text, one));
  });
}

const Condition* unmet(const std::vector<Condition>& conditions, const Lookup& value) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const Condition& condition) { return !holds(condition, value); });
  return found == conditions.end() ? nullptr : &*found;
}

bool counts(const Key& key, const Lookup& value) { return unmet(key.counts, value) == nullptr; }

std::string in_words(const Condition& condition) {
  if (!condition.words.empty()) return condition.words;
  std::vector<std::string> words;
  for (const std::string& value : condition.values)
    if (!value.empty()) words.push_back(told(value));
  return words.empty() ? "without " + condition.key : "with " + condition.key + " = " + alternatives(words);
}

std::string in_words(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& condition : conditions) text += (text.empty() ? "" : ", and ") + in_words(condition);
  return text;
}

std::vector<std::string> fitting_words(const Key& key, const Lookup& value) {
  std::vector<std::string> words;
  for (const std::string& word : key.allowed) {
    const auto found = key.only.find(word);
    if (found == key.only.end() || unmet(found->second, value) == nullptr) words.push_back(word);
  }
  return words;
}

const std::vector<std::string>& deciding_keys() {
  static const std::vector<std::string> deciding = [] {
    std::vector<std::string> names = {"task.dataset", "task.environment",  "task.trajectories",
                                      "task.kind",    "learner.algorithm", "task.train-levels"};
    for (const Key& key : keys()) {
      for (const Condition& condition : key.counts) add_once(names, condition.key);
    }
    return names;
  }();
  return deciding;
}

const std::vector<const Key*>& keys_deciding_first() {
  static const std::vector<const Key*> all = [] {
    std::vector<const Key*> ordered;
    for (const Key& key : keys()) add_deciding_first(key, ordered);
    return ordered;
  }();
  return all;
}

}  // namespace crosstalk::study
