#include "figures/results.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <unordered_map>

#include "base/error.hpp"
#include "figures/series.hpp"
#include "study/configuration.hpp"
#include "study/counting.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"
#include "work/data.hpp"

namespace crosstalk::figures {
namespace {

bool is_quantile(std::string_view measure) {
  const std::size_t dot = measure.rfind('.');
  return dot != std::string_view::npos && measure.size() == dot + 4 && measure[dot + 1] == 'q';
}

/// What the study's own text says of its data, in whichever of two forms: a list of entries, or one by
/// dataset. Each entry is its folder's: two folders may have one dataset from different files.
void add_data(const Json& study, std::size_t folder, std::vector<Json>& data) {
  const auto found = study.is_object() ? study.find("data") : study.end();
  if (!study.is_object() || found == study.end()) return;
  for (const auto& [key, entry] : found->items()) {
    if (!entry.is_object()) continue;
    Json one = entry;
    one["folder"] = folder;
    if (!found->is_array()) one["request"] = key;  // work::data_key of the runs that use it
    if (std::find(data.begin(), data.end(), one) == data.end()) data.push_back(one);
  }
}

Json what_counts(const Json& configuration) {
  const auto values = configuration.get<study::KeyValues::Map>();
  const study::Lookup lookup = study::lookup_in(values);
  Json counting = Json::object();
  for (const auto& [name, value] : values) {
    const study::Key* key = study::find_key(name);
    if (key == nullptr || study::counts(*key, lookup)) counting[name] = value;
  }
  return counting;
}

void add_folder(const store::Store& store, const std::filesystem::path& path, Results& results) {
  const std::size_t folder = results.folders.size();
  results.folders.push_back({path, store.study(), {}});
  add_data(results.folders.back().study, folder, results.data);
  std::unordered_map<std::string, std::size_t> place;
  struct Form {
    SharedJson stored, whole, counting;
  };
  std::unordered_map<const Json*, Form> forms;
  for (store::RunRecord& record : store.runs()) {
    if (!record.named) continue;
    place[record.run] = results.runs.size();
    results.folders.back().runs.insert(record.run);
    MeasuredRun run;
    run.experiment = record.experiment;
    run.folder = folder;
    run.record = std::move(record);
    const auto [form, is_new] = forms.try_emplace(&*run.record.configuration);
    if (is_new) {
      const SharedJson whole = study::completed(*run.record.configuration);
      form->second = {run.record.configuration, whole, what_counts(*whole)};
    }
    run.record.configuration = form->second.whole;
    run.counting = form->second.counting;
    results.runs.push_back(std::move(run));
  }
  // Rows come sorted by run and step, so a run's measures repeat in one order: the last name is soon found
  // again.
  std::unordered_map<std::string, int> numbers;
  std::string name;
  store.rows([&](const store::StoredRow& stored) {
    const Row& row = stored.row;
    if (is_quantile(row.measure)) return;
    name.assign(row.measure).append(1, '\n').append(row.split);
    auto number = numbers.find(name);
    if (number == numbers.end()) {
      const auto [entry, _] =
          results.names.try_emplace({row.measure, row.split}, static_cast<int>(results.names.size()));
      number = numbers.emplace(name, entry->second).first;
    }
    const auto at = place.find(stored.run);
    if (at == place.end()) return;
    auto& series = results.runs[at->second].series;
    auto one = std::lower_bound(series.begin(), series.end(), number->second,
                                [](const auto& entry, int wanted) { return entry.first < wanted; });
    if (one == series.end() || one->first != number->second) one = series.insert(one, {number->second, {}});
    if (one->second.steps.empty()) {
      one->second.steps.reserve(32);
      one->second.values.reserve(32);
    }
    one->second.steps.push_back(row.step);
    one->second.values.push_back(row.value);
  });
}

/// Keys that have one value in the whole experiment of a folder, with it; the data's checksum is one of them.
std::map<std::string, std::string> fixed_keys(const Results& results, const std::string& experiment,
                                              std::size_t folder) {
  std::map<std::string, std::string> fixed;
  std::set<std::string> varied;
  for (const MeasuredRun& run : results.runs) {
    if (run.folder != folder || run.record.experiment != experiment) continue;
    for (const auto& [key, value] : run.counting->items()) {
      if (says_nothing_of_the_result(key)) continue;
      const auto [entry, is_new] = fixed.try_emplace(key, value.dump());
      if (!is_new && entry->second != value.dump()) varied.insert(key);
    }
    if (const std::string checksum = results.checksum_of(run); !checksum.empty()) {
      const auto [entry, is_new] = fixed.try_emplace("data", checksum);
      if (!is_new && entry->second != checksum) varied.insert("data");
    }
  }
  for (const std::string& key : varied) fixed.erase(key);
  return fixed;
}

/// Two folders may use one name for experiments that differ in a fixed key (a correction switched on, another
/// scale): pooled, they would be a correlation of nothing. Each then carries the key in its name.
void tell_experiments_apart(Results& results) {
  if (results.folders.size() < 2) return;
  std::map<std::string, std::set<std::size_t>> folders;
  for (const MeasuredRun& run : results.runs) folders[run.record.experiment].insert(run.folder);
  for (const auto& [experiment, where] : folders) {
    if (where.size() < 2) continue;
    std::map<std::size_t, std::map<std::string, std::string>> fixed;
    std::map<std::string, std::set<std::string>> values;
    for (const std::size_t folder : where) {
      fixed[folder] = fixed_keys(results, experiment, folder);
      for (const auto& [key, value] : fixed[folder]) values[key].insert(value);
    }
    std::map<std::size_t, std::string> suffix;
    for (const auto& [key, different] : values) {
      if (different.size() < 2) continue;
      for (const std::size_t folder : where) {
        const auto value = fixed[folder].find(key);
        suffix[folder] += (suffix[folder].empty() ? "" : ", ") + key + " " +
                          (value == fixed[folder].end() ? std::string("swept") : value->second);
      }
    }
    if (suffix.empty()) continue;
    for (MeasuredRun& run : results.runs) {
      if (run.record.experiment == experiment) run.experiment = experiment + " (" + suffix[run.folder] + ")";
    }
    results.notes.push_back(experiment + " stands in several folders with other fixed keys: shown apart.");
  }
}

/// An experiment that sweeps what learns has rewards beside errors: each kind is an experiment of its own.
void tell_kinds_apart(Results& results) {
  std::map<std::string, std::set<std::string>> learners;
  const auto learner = [](const MeasuredRun& run) {
    const Scoring* scoring = scoring_of(run);
    return std::string(scoring == nullptr ? "" : scoring->is_agent() ? scoring->way : scoring->name);
  };
  for (const MeasuredRun& run : results.runs) learners[run.experiment].insert(learner(run));
  for (MeasuredRun& run : results.runs) {
    if (learners[run.experiment].size() > 1 && !learner(run).empty())
      run.experiment += " (" + learner(run) + ")";
  }
}

void drop_repeated_runs(Results& results) {
  const auto key = [](const MeasuredRun& run) { return std::tie(run.experiment, run.record.run); };
  std::stable_sort(results.runs.begin(), results.runs.end(), [&](const MeasuredRun& a, const MeasuredRun& b) {
    if (key(a) != key(b)) return key(a) < key(b);
    return a.done() && !b.done();
  });
  const std::size_t before = results.runs.size();
  const auto end = std::unique(results.runs.begin(), results.runs.end(),
                               [&](const MeasuredRun& a, const MeasuredRun& b) { return key(a) == key(b); });
  results.runs.erase(end, results.runs.end());
  if (const std::size_t twice = before - results.runs.size(); twice > 0) {
    results.notes.push_back(std::to_string(twice) + " runs stand in more than one folder and count once.");
  }
}

void number_configurations(Results& results) {
  std::unordered_map<std::string, int> numbers;
  for (MeasuredRun& run : results.runs) {
    std::string text;
    for (const auto& [key, value] : run.counting->items()) {
      if (!says_nothing_of_the_result(key)) text += key + "=" + value.dump() + "\n";
    }
    run.configuration = numbers.try_emplace(text, static_cast<int>(numbers.size())).first->second;
  }
}

/// The entry of the run's folder that was prepared for just this run's keys, or the first of its dataset.
int data_for(const Results& results, const MeasuredRun& run, const std::string& request) {
  const std::string dataset = run.text("task.dataset");
  int of_dataset = -1;
  for (int i = static_cast<int>(results.data.size()) - 1; i >= 0; --i) {
    if (results.data[i]["folder"] != run.folder) continue;
    if (results.data[i].value("request", "") == request) return i;
    if (results.data[i].value("dataset", "") == dataset) of_dataset = i;
  }
  return of_dataset;
}

void match_data(Results& results) {
  std::map<std::pair<std::size_t, std::string>, int> known;
  for (MeasuredRun& run : results.runs) {
    study::KeyValues::Map values;
    for (const auto& [key, value] : run.record.configuration->items()) {
      if (key.starts_with("task.")) values[key] = value;
    }
    const study::Configuration configuration{.values = std::move(values)};
    const std::string request = work::data_key(configuration);
    if (request.empty()) continue;
    const auto [entry, is_new] = known.try_emplace({run.folder, request}, -1);
    if (is_new) entry->second = data_for(results, run, request);
    run.data = entry->second;
  }
}

void finish(Results& results, const Choice& choice) {
  match_data(results);
  tell_experiments_apart(results);
  tell_kinds_apart(results);
  divide_into_series(results, choice);
  drop_repeated_runs(results);
  number_configurations(results);
  find_experiments(results, choice.panel);
}

}  // namespace

bool says_nothing_of_the_result(std::string_view key) {
  return key == "seed" || key == "seeds" || key.starts_with("runtime.");
}

const std::vector<std::string>& network_keys() {
  static const std::vector<std::string> keys{"network.hidden", "network.depth", "network.head",
                                             "network.layers"};
  return keys;
}

std::optional<double> Series::at(std::int64_t step) const {
  const auto place = std::lower_bound(steps.begin(), steps.end(), step);
  if (place == steps.end() || *place != step) return {};
  const double value = values[static_cast<std::size_t>(place - steps.begin())];
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double MeasuredRun::number(std::string_view key, double otherwise) const {
  const auto value = record.configuration->find(std::string(key));
  return value != record.configuration->end() && value->is_number() ? value->get<double>() : otherwise;
}

std::string MeasuredRun::text(std::string_view key, std::string_view otherwise) const {
  const auto value = record.configuration->find(std::string(key));
  return value != record.configuration->end() && value->is_string() ? value->get<std::string>()
                                                                    : std::string(otherwise);
}

bool MeasuredRun::is_watched() const { return study::is_watched_run(*record.configuration); }

const Series* Results::find(const MeasuredRun& run, std::string_view measure, std::string_view split) const {
  const auto number = names.find(std::pair<std::string, std::string>(measure, split));
  if (number == names.end()) return nullptr;
  const auto one = std::lower_bound(run.series.begin(), run.series.end(), number->second,
                                    [](const auto& entry, int wanted) { return entry.first < wanted; });
  return one == run.series.end() || one->first != number->second ? nullptr : &one->second;
}

const Json* Results::data_of(const MeasuredRun& run) const {
  return run.data < 0 ? nullptr : &data[run.data];
}

std::string Results::checksum_of(const MeasuredRun& run) const {
  const Json* entry = data_of(run);
  return entry == nullptr ? "" : entry->value("sha256", "").substr(0, 16);
}

Results load_results(const std::vector<std::filesystem::path>& folders, const Choice& choice) {
  if (folders.empty()) throw Error(ErrorKind::config, "no results folder was named; name at least one");
  Results results;
  for (const std::filesystem::path& folder : folders) {
    add_folder(store::Store::open_to_read(folder / "study.sqlite"), folder, results);
  }
  finish(results, choice);
  return results;
}

Results results_of(const store::Store& store) {
  Results results;
  add_folder(store, "", results);
  finish(results, {});
  return results;
}

}  // namespace crosstalk::figures
