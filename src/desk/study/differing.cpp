#include "study/differing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "study/counting.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr const char* deciding = "learner.algorithm";
constexpr std::size_t most_told = 8;

/// Configurations of one experiment that differ in the algorithm alone, and in what follows from it.
using Alike = std::map<std::string, const KeyValues::Map*>;  // by algorithm

std::vector<Alike> alike(const std::vector<const KeyValues::Map*>& all,
                         const std::vector<std::string>& swept) {
  std::map<Json, Alike> groups;
  for (const KeyValues::Map* values : all) {
    Json others = Json::array();
    for (const std::string& key : swept)
      if (const auto value = values->find(key); key != deciding && value != values->end())
        others.push_back({key, value->second});
    if (const auto algorithm = values->find(deciding);
        algorithm != values->end() && algorithm->second.is_string())
      groups[others].emplace(algorithm->second.get<std::string>(), values);
  }
  std::vector<Alike> several;
  for (auto& [_, group] : groups)
    if (group.size() > 1) several.push_back(std::move(group));
  return several;
}

/// "0.001 (dqn), 0.0005 (mc, ql)"; empty where all have one value, or can have none in common.
std::string difference(const Key& key, const Alike& group) {
  std::vector<std::pair<Json, std::string>> values;
  std::set<std::string> taken;  // words that go with all of them
  bool is_first = true;
  for (const auto& [algorithm, configuration] : group) {
    const Json none;
    const Lookup lookup = [&, values = configuration](const std::string& name) -> const Json& {
      const auto found = values->find(name);
      return found == values->end() ? none : found->second;
    };
    const Json& value = lookup(key.name);
    if (value.is_null() || !counts(key, lookup)) continue;
    std::vector<std::string> words = fitting_words(key, lookup);
    if (is_first) taken.insert(words.begin(), words.end());
    std::erase_if(taken, [&](const std::string& word) {
      return std::find(words.begin(), words.end(), word) == words.end();
    });
    is_first = false;
    const auto same =
        std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == value; });
    if (same == values.end())
      values.push_back({value, algorithm});
    else
      same->second += ", " + algorithm;
  }
  if (values.size() < 2 || (!key.only.empty() && taken.empty())) return "";
  std::string text;
  for (const auto& [value, algorithms] : values)
    text += (text.empty() ? "" : ", ") + cut_value(value) + " (" + algorithms + ")";
  return text;
}

std::string sentence(const std::vector<Alike>& groups, const std::vector<std::string>& swept) {
  std::vector<std::string> parts;
  for (const Key& key : keys()) {
    const bool learns = !key.name.starts_with("probe.") && !key.name.starts_with("runtime.");
    if (!learns || key.name == deciding || std::find(swept.begin(), swept.end(), key.name) != swept.end())
      continue;
    for (const Alike& group : groups) {
      const std::string different = difference(key, group);
      if (different.empty()) continue;
      parts.push_back(key.name + " " + different);
      break;
    }
  }
  if (parts.empty()) return "";
  std::string text;
  for (std::size_t i = 0; i < std::min(parts.size(), most_told); ++i) text += (i == 0 ? "" : "; ") + parts[i];
  if (parts.size() > most_told) text += "; and " + std::to_string(parts.size() - most_told) + " more keys";
  return std::string("also differ with ") + deciding + ": " + text + ". Give them to hold them fixed.";
}

}  // namespace

std::vector<std::string> differing_with_algorithm(const std::vector<Configuration>& runs,
                                                  const std::vector<std::string>& swept) {
  if (std::find(swept.begin(), swept.end(), deciding) == swept.end()) return {};
  std::map<std::string, std::vector<const KeyValues::Map*>> experiments;
  for (const Configuration& run : runs) {
    const KeyValues::Map& values = run.values;
    auto& known = experiments[run.experiment];
    if (known.empty() || known.back() != &values) known.push_back(&values);  // seeds share them
  }
  std::vector<std::string> sentences;
  for (const auto& [experiment, configurations] : experiments) {
    const std::string text = sentence(alike(configurations, swept), swept);
    if (!text.empty()) sentences.push_back((experiments.size() == 1 ? "" : experiment + ": ") + text);
  }
  return sentences;
}

}  // namespace crosstalk::study
