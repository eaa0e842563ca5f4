#include "figures/series.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "study/counting.hpp"
#include "study/nearest.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::string_view measures_key = "probe.measures";  // its default follows from other keys
constexpr std::size_t most_series = 8;  // of one experiment: as many as colours tell apart

std::string text_of(const MeasuredRun& run, const std::string& key) {
  const auto value = run.record.configuration->find(key);
  return value == run.record.configuration->end() ? "not a key" : plain(*value);
}

/// Keys whose values are sizes, on which figures have an axis, or which say nothing of the result.
bool is_size_or_none(const std::string& key) {
  const auto& network = network_keys();
  return key == "task.examples" || says_nothing_of_the_result(key) ||
         std::find(network.begin(), network.end(), key) != network.end();
}

void check_key(const Results& results, const std::string& key, const std::string& option) {
  std::set<std::string> keys;
  for (const MeasuredRun& run : results.runs) {
    for (const auto& [name, _] : run.record.configuration->items()) keys.insert(name);
  }
  if (keys.contains(key)) return;
  const std::string near = study::nearest(key, std::vector<std::string>(keys.begin(), keys.end()));
  throw Error(ErrorKind::config, option + " " + cut(key) + ": no run has this key" +
                                     (near.empty() ? ". `crosstalk study keys` lists all keys."
                                                   : "; did you mean " + near + "?"));
}

/// A key in which no two runs differ divides nothing: all would be pooled, which nobody asked for.
void check_divides(const Results& results, const std::string& key) {
  check_key(results, key, "--by");
  std::set<std::string> values;
  for (const MeasuredRun& run : results.runs)
    if (run.counting->contains(key)) values.insert(text_of(run, key));
  if (values.size() < 2)
    throw Error(ErrorKind::config, "--by " + key + ": this key has one value in all runs, and divides none.");
}

/// As a person would write it: 1e-3 is 0.001.
bool is_value(const MeasuredRun& run, const std::string& key, const std::string& wanted) {
  if (text_of(run, key) == wanted) return true;
  const auto value = run.record.configuration->find(key);
  if (value == run.record.configuration->end() || !value->is_number() || wanted.empty()) return false;
  char* end = nullptr;
  const double number = std::strtod(wanted.c_str(), &end);
  return *end == '\0' && number == value->get<double>();
}

void keep(Results& results, const Choice& choice) {
  for (const auto& [key, _] : choice.where) check_key(results, key, "--where");
  for (const auto& [key, wanted] : choice.where) {
    std::set<std::string> there;
    for (const MeasuredRun& run : results.runs) there.insert(text_of(run, key));
    if (std::none_of(results.runs.begin(), results.runs.end(),
                     [&](const MeasuredRun& run) { return is_value(run, key, wanted); })) {
      throw Error(ErrorKind::config,
                  "--where " + key + "=" + cut(wanted) + ": no run" +
                      (choice.where.size() > 1 ? " that the others leave has this value; those have "
                                               : " has this value; there are ") +
                      cut(joined({there.begin(), there.end()}), 200) + ".");
    }
    std::erase_if(results.runs, [&, &key = key, &wanted = wanted](const MeasuredRun& run) {
      return !is_value(run, key, wanted);
    });
    results.notes.push_back("Only runs with " + key + " " + wanted + ".");
  }
}

std::size_t series_of(const std::vector<const MeasuredRun*>& runs, const std::vector<std::string>& by) {
  std::set<std::string> series;
  for (const MeasuredRun* run : runs) {
    std::string text;
    for (const std::string& key : by) text += (run->counting->contains(key) ? text_of(*run, key) : "") + "\n";
    series.insert(text);
  }
  return series.size();
}

/// The keys without those that follow from the others, as a loss does from its learner; the last ones go
/// first. A key on which it depends whether others count stays: that they do not count would be all that told
/// its value.
std::vector<std::string> without_followers(const std::vector<const MeasuredRun*>& runs,
                                           std::vector<std::string> by) {
  const std::size_t divided = series_of(runs, by);
  const auto decides = [](const std::string& key) {
    const std::vector<std::string>& deciding = study::deciding_keys();
    return key != measures_key && std::find(deciding.begin(), deciding.end(), key) != deciding.end();
  };
  for (std::size_t i = by.size(); i-- > 0;) {
    if (decides(by[i])) continue;
    std::vector<std::string> others = by;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (series_of(runs, others) == divided) by = std::move(others);
  }
  return by;
}

/// What an experiment is divided by where nobody has chosen: texts first, then what has few values; by what
/// is measured only where nothing else tells the same runs apart. What a study sweeps goes before what
/// follows from it.
std::vector<std::string> keys_for(const std::vector<const MeasuredRun*>& runs,
                                  const std::set<std::string>& swept) {
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& [key, values] : varying(runs)) {
    if (is_size_or_none(key)) continue;
    const auto value = runs.front()->record.configuration->find(key);
    const bool is_number = value != runs.front()->record.configuration->end() && value->is_number();
    order.emplace_back((key == measures_key ? 2000 : is_number ? 1000 : 0) + values.size(), key);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::string> by;
  for (const auto& [_, key] : order) {
    by.push_back(key);
    if (series_of(runs, by) > most_series) by.pop_back();
  }
  std::stable_partition(by.begin(), by.end(), [&](const std::string& key) { return swept.contains(key); });
  return without_followers(runs, by);
}

}  // namespace

Json value_of(const MeasuredRun& run, const std::string& key) {
  const auto value = run.record.configuration->find(key);
  return value == run.record.configuration->end() ? Json() : *value;
}

std::string words_for(const MeasuredRun& run, const std::vector<std::string>& keys) {
  std::vector<std::string> parts;
  for (const std::string& key : keys) parts.push_back(key + " " + plain(value_of(run, key)));
  return joined(parts);
}

Values varying(const std::vector<const MeasuredRun*>& runs) {
  Values all, counting;
  for (const MeasuredRun* run : runs) {
    for (const auto& [key, _] : run->record.configuration->items()) all[key];
  }
  for (auto& [key, found] : all) {
    for (const MeasuredRun* run : runs) found.insert(text_of(*run, key));
    if (found.size() < 2) continue;
    for (const MeasuredRun* run : runs)
      if (run->counting->contains(key)) counting[key].insert(text_of(*run, key));
  }
  std::erase_if(counting, [](const auto& one) { return one.second.size() < 2; });
  return counting;
}

std::set<std::string> stated_as_swept(const Results& results) {
  std::set<std::string> swept;
  for (const Results::Folder& folder : results.folders) {
    const auto stated = folder.study.is_object() ? folder.study.find("swept") : folder.study.end();
    if (!folder.study.is_object() || stated == folder.study.end() || !stated->is_array()) continue;
    for (const Json& key : *stated) {
      if (key.is_string()) swept.insert(key.get<std::string>());
    }
  }
  return swept;
}

std::vector<std::string> pooled_keys(const std::vector<const MeasuredRun*>& runs, bool with_sizes) {
  std::vector<std::string> keys;
  for (const auto& [key, _] : varying(runs)) {
    if (with_sizes ? !says_nothing_of_the_result(key) : !is_size_or_none(key)) keys.push_back(key);
  }
  return keys;
}

void divide_into_series(Results& results, const Choice& choice) {
  keep(results, choice);
  if (choice.by) {
    for (const std::string& key : *choice.by) check_divides(results, key);
  }
  if (!choice.panel.empty()) check_key(results, choice.panel, "--panel");
  std::map<std::string, std::vector<MeasuredRun*>> experiments;
  for (MeasuredRun& run : results.runs) {
    run.whole = run.experiment;
    experiments[run.whole].push_back(&run);
  }
  const std::set<std::string> stated = stated_as_swept(results);
  std::set<std::string> swept;
  for (const auto& [_, runs] : experiments) {
    const std::vector<const MeasuredRun*> seen(runs.begin(), runs.end());
    std::vector<std::string> by = choice.by ? *choice.by : keys_for(seen, stated);
    if (!choice.panel.empty() && std::find(by.begin(), by.end(), choice.panel) == by.end())
      by.push_back(choice.panel);
    const Values values = varying(seen);
    std::erase_if(by, [&](const std::string& key) { return !values.contains(key); });
    swept.insert(by.begin(), by.end());
    for (MeasuredRun* run : runs) {
      std::vector<std::string> parts;
      for (const std::string& key : by)
        if (run->counting->contains(key)) parts.push_back(key + " " + text_of(*run, key));
      if (parts.empty()) continue;
      std::string text;
      for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
      run->experiment += " (" + text + ")";
    }
  }
  results.by = swept;
}

}  // namespace crosstalk::figures
