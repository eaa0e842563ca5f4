#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "figures/experiment.hpp"
#include "store/store.hpp"

namespace crosstalk::figures {

/// One measure of one run over its steps, ascending; `steps` and `values` are as many. Values may be not
/// finite: a run that diverged keeps what it measured.
struct Series {
  std::vector<std::int64_t> steps;
  std::vector<double> values;

  /// The value at just this step, where there is one and it is finite.
  std::optional<double> at(std::int64_t step) const;
};

/// A run with everything it measured.
struct MeasuredRun {
  store::RunRecord record;
  SharedJson counting;     // the record's configuration without the keys that count for nothing in
                           // it: those have values (their defaults), which say nothing of this run
  std::string whole;       // the record's experiment, with what tells it apart where several folders use one
                           // name, or one experiment has runs of several kinds
  std::string experiment;  // the same, with the values of the keys by which it is divided into series
  std::size_t folder = 0;  // index into Results::folders
  int configuration = 0;   // number of its configuration without the seed (and without runtime.*): equal for
                           // seeds of one configuration, over all folders
  int data = -1;           // index into Results::data, -1 where the study does not say
  std::vector<std::pair<int, Series>> series;  // by number of (measure, split), ascending

  bool done() const { return record.status == store::Status::done; }
  bool diverged() const { return record.status == store::Status::diverged; }
  bool may_end_early() const { return text("probe.until", "never") != "never"; }
  bool is_watched() const;  // in a training loop that is not crosstalk's (study/watched.hpp)
  /// A key of the configuration as a number or text, `otherwise` where it is missing or of another scoring.
  double number(std::string_view key, double otherwise) const;
  std::string text(std::string_view key, std::string_view otherwise = "") const;
};

/// Keys in which two runs may differ and be one configuration: the seed, and what a machine is asked for.
bool says_nothing_of_the_result(std::string_view key);

/// The keys that say a network, whose sizes figures have on an axis.
const std::vector<std::string>& network_keys();

/// What a report is asked to draw of its runs.
struct Choice {
  /// Swept keys by which an experiment is divided into series, each with a colour and an r of its own;
  /// nothing: as many as can be told apart (series.hpp).
  std::optional<std::vector<std::string>> by;
  std::string panel;  // a key whose values stand in panels of their own; empty: none
  std::vector<std::pair<std::string, std::string>> where;  // keys and the value that runs must have
};

/// What one or several result folders hold, indexed. Runs that a study no longer names are left out; a run
/// that stands in two folders counts once (one that is done before one that is not).
struct Results {
  Results() = default;
  Results(Results&&) = default;  // points refer to runs: moved, never copied
  struct Folder {
    std::filesystem::path path;
    Json study;                  // as the store keeps it
    std::set<std::string> runs;  // that the study names
  };

  std::vector<Folder> folders;
  std::vector<MeasuredRun> runs;        // sorted by experiment, run: whatever the order in which they ran
  std::vector<Experiment> experiments;  // sorted by name, with their points: those that learn from examples
  std::vector<Experiment> without_examples;  // and those that do not: they have no gap and no test set
  std::vector<Json>
      data;  // what the studies say of their data: {"folder", "dataset", "train_rows", "request", ...}
  std::vector<std::string> notes;  // what loading had to say: runs found twice, names told apart
  std::set<std::string> by;        // the keys that divide experiments into series

  /// The measure of a run, or nullptr where it has none.
  const Series* find(const MeasuredRun& run, std::string_view measure, std::string_view split) const;
  /// Numbers of (measure, split) in `MeasuredRun::series`.
  std::map<std::pair<std::string, std::string>, int, std::less<>> names;
  /// The entry of `data` for a run's dataset, or null.
  const Json* data_of(const MeasuredRun& run) const;
  /// Of the file that its data were made from: 16 characters of the SHA-256, none where the study does not
  /// say.
  std::string checksum_of(const MeasuredRun& run) const;
};

/// Reads each folder's study.sqlite. Quantiles over pairs (NAME.q05 ...) are left in the store: no figure
/// draws them, and they are most of its rows. Error(store) where a folder has none or it cannot be read;
/// Error(config) where the choice names a key or a value that no run has.
Results load_results(const std::vector<std::filesystem::path>& folders, const Choice& choice = {});

/// From a store that is open, for tests.
Results results_of(const store::Store& store);

}  // namespace crosstalk::figures
