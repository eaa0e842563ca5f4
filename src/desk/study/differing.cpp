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
constexpr std::size_t most_named = 3;  // algorithms of one value

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

/// What a key is with one of the algorithms.
struct With {
  std::string algorithm;
  Json value;
  std::vector<std::string> words;  // that go with it
};

/// With the algorithms for which it counts.
std::vector<With> with_each(const Key& key, const Alike& group) {
  std::vector<With> all;
  for (const auto& [algorithm, configuration] : group) {
    const Lookup lookup = lookup_in(*configuration);
    const Json& value = lookup(key.name);
    if (!value.is_null() && counts(key, lookup))
      all.push_back({algorithm, value, fitting_words(key, lookup)});
  }
  return all;
}

/// Two algorithms without a common word cannot be held at one value: their difference is none of defaults.
void leave_out_strangers(const Key& key, std::vector<With>& all) {
  if (key.only.empty()) return;
  const auto shares = [](const With& a, const With& b) {
    return std::find_first_of(a.words.begin(), a.words.end(), b.words.begin(), b.words.end()) !=
           a.words.end();
  };
  const std::vector<With> before = all;
  std::erase_if(all, [&](const With& one) {
    return std::none_of(before.begin(), before.end(), [&](const With& other) {
      return other.algorithm != one.algorithm && shares(one, other);
    });
  });
}

/// "0.001 (dqn), 0.0005 (mc, ql)"; empty where all have one value.
std::string difference(const Key& key, const Alike& group) {
  std::vector<With> all = with_each(key, group);
  leave_out_strangers(key, all);
  std::vector<std::pair<Json, std::vector<std::string>>> values;
  for (const With& one : all) {
    auto same =
        std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == one.value; });
    if (same == values.end()) same = values.emplace(values.end(), one.value, std::vector<std::string>{});
    same->second.push_back(one.algorithm);
  }
  if (values.size() < 2) return "";
  const auto most = std::max_element(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  std::string text;
  for (auto each = values.begin(); each != values.end(); ++each) {
    std::string names;
    for (const std::string& name : each->second) names += (names.empty() ? "" : ", ") + name;
    if (each == most && each->second.size() > most_named) names = "others";
    text += (text.empty() ? "" : ", ") + cut_value(each->first) + " (" + names + ")";
  }
  return text;
}

std::vector<std::string> differences(const std::vector<Alike>& groups,
                                     const std::vector<std::string>& swept) {
  std::vector<std::string> lines;
  for (const Key& key : keys()) {
    const bool learns = !key.name.starts_with("probe.") && !key.name.starts_with("runtime.");
    if (!learns || key.name == deciding || std::find(swept.begin(), swept.end(), key.name) != swept.end())
      continue;
    for (const Alike& group : groups) {
      const std::string different = difference(key, group);
      if (different.empty()) continue;
      lines.push_back(key.name + ": " + different);
      break;
    }
  }
  return lines;
}

}  // namespace

std::vector<Differing> differing_with_algorithm(const std::vector<Configuration>& runs,
                                                const std::vector<std::string>& swept) {
  if (std::find(swept.begin(), swept.end(), deciding) == swept.end()) return {};
  std::map<std::string, std::vector<const KeyValues::Map*>> experiments;
  for (const Configuration& run : runs) {
    const KeyValues::Map& values = run.values;
    auto& known = experiments[run.experiment];
    if (known.empty() || known.back() != &values) known.push_back(&values);  // seeds share them
  }
  std::vector<Differing> all;
  for (const auto& [experiment, configurations] : experiments) {
    std::vector<std::string> lines = differences(alike(configurations, swept), swept);
    if (lines.empty()) continue;
    all.push_back({(experiments.size() == 1 ? "" : experiment + ": ") + "also differ with " + deciding +
                       " (give them to hold them fixed):",
                   std::move(lines)});
  }
  return all;
}

}  // namespace crosstalk::study
