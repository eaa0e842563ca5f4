#include "study/describe.hpp"

#include <algorithm>
#include <filesystem>

#include "study/counting.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr std::size_t most_listed = 12;

std::string described(const Place& place) {
  Place short_place = place;  // the file's name alone: its folder stands above the table
  if (place.line > 0) short_place.file = std::filesystem::path(place.file).filename().string();
  return (place.scale.empty() ? "" : "scale " + place.scale + ", ") + to_string(short_place);
}

std::string default_place(const Key& key, const Values& values) {
  std::map<std::string, Json> plain;
  for (const std::string& name : deciding_keys()) plain[name] = values.at(name).value;
  const std::string condition = condition_of(key, setup_of(plain));
  return condition.empty() ? "default" : "default for " + condition;
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string counted(std::size_t count, const std::string& thing) {
  return with_commas(count) + " " + thing + (count == 1 ? "" : "s");
}

/// A long list by its ends: "4, 8, 16, ..., 4096 (1,000 values)".
std::string listed(const std::vector<std::string>& values) {
  if (values.size() <= most_listed) return joined(values);
  return joined({values.begin(), values.begin() + 3}) + ", ..., " + values.back() + " (" +
         counted(values.size(), "value") + ")";
}

/// "0 to 65536 (65,537 seeds)" where they are many in a row.
std::string described_seeds(const std::vector<std::uint64_t>& seeds) {
  std::vector<std::string> words;
  bool in_a_row = seeds.size() > most_listed;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    words.push_back(std::to_string(seeds[i]));
    in_a_row = in_a_row && (i == 0 || seeds[i] == seeds[i - 1] + 1);
  }
  return in_a_row ? words.front() + " to " + words.back() + " (" + counted(seeds.size(), "seed") + ")"
                  : listed(words);
}

/// The experiment with one value of each axis, but for those keys that defaults depend on, and which other
/// keys count.
Experiment of_few_axes(Experiment experiment) {
  const std::vector<std::string>& kept = deciding_keys();
  for (auto& [name, setting] : experiment.settings)
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) setting.values.resize(1);
  return experiment;
}

bool counts_in(const Key& key, const Values& values) {
  return counts(key, [&](const std::string& other) -> const Json& { return values.at(other).value; });
}

}  // namespace

Lines described_keys(const Experiment& experiment, bool idle_too) {
  Problems problems;
  const std::vector<Values> all = configurations(of_few_axes(experiment), problems);
  Lines lines = {{"key", "value", "from"}};
  for (const Key& key : keys()) {
    const auto said = experiment.settings.find(key.name);
    std::vector<std::string> values, places;
    if (said != experiment.settings.end())
      for (const Json& value : said->second.values) values.push_back(cut_value(value));
    for (const Values& each : all) {
      const Value& value = each.at(key.name);
      const bool passed_over =
          said == experiment.settings.end() ? !idle_too && !counts_in(key, each) : !value.place.said();
      if (passed_over) continue;
      if (said == experiment.settings.end())
        add_once(values, value.value.is_null() ? "none" : cut_value(value.value));
      add_once(places, value.place.said() ? described(value.place) : default_place(key, each));
    }
    if (!places.empty()) lines.push_back({key.name, listed(values), joined(places)});
  }
  const Place& place = experiment.seeds.place;
  lines.push_back(
      {"seeds", described_seeds(experiment.seeds.values), place.said() ? described(place) : "default"});
  return lines;
}

std::string described_runs(const Experiment& experiment) {
  std::size_t count = 1;
  for (const auto& [name, setting] : experiment.settings) count *= setting.values.size();
  const std::size_t seeds = experiment.seeds.values.size();
  const std::vector<std::string> swept = axes(experiment);
  return counted(count, "configuration") + " x " + counted(seeds, "seed") + " = " +
         counted(count * seeds, "run") + (swept.empty() ? "; nothing is swept" : "; swept: " + joined(swept));
}

}  // namespace crosstalk::study
