#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"
#include "cli/command.hpp"
#include "cli/source.hpp"
#include "store/store.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"
#include "work/results_folder.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {

/// What `crosstalk run` was asked.
struct RunOptions {
  std::string source;
  study::LoadOptions load;
  std::string out, data;
  int jobs = 0;  // 0: the physical cores
  double checkpoint_seconds = 30;
  bool plan = false, debug = false, strict = false, retire = false;
};

/// Seconds of each run by its identifier, from timing a few of them; for `run` to say how long it will take
/// and to begin with the long ones. Zeros where none could be timed, as when interrupted.
struct Forecast {
  std::vector<study::Configuration> runs;
  std::vector<double> seconds;
  work::Networks networks;
  double elapsed = 0;
};
Forecast forecast(work::Coordinator& coordinator, const std::vector<study::Configuration>& runs,
                  const work::Datasets& datasets, int jobs);

/// The path from the root on; Error(config) where it is not UTF-8.
std::string whole_path(const std::string& path);

/// The folder of a study's results: --out, that in which it was found, or the usual one.
work::ResultsFolder results_folder(const Source& source, const RunOptions& options);
/// The folder that holds it.
std::filesystem::path beside(const work::ResultsFolder& results);

/// Where data lie: --data, and the folder that holds the results folder, for trajectories that a study makes.
struct DataPlaces {
  std::string data;
  std::filesystem::path beside;
};

/// Prepares the data of these runs and says what is to be noticed about it; throws work::Interrupted.
work::Datasets prepare(const study::Study& study, const std::vector<study::Configuration>& runs,
                       const DataPlaces& places, const Context& context, const work::Interrupts& interrupts);

/// Has the data of a run among these made again as `prepare` did (work/mending.hpp). Error(data) where they
/// would be others than `datasets`: the source has changed meanwhile.
work::DataAgain data_again(const study::Study& study, const std::vector<study::Configuration>& runs,
                           const work::Datasets& datasets, const DataPlaces& places,
                           const Context& context, const work::Interrupts& interrupts);

/// "that is long; this is shorter": the command with the scale that takes least, when there is one.
std::optional<std::string> shorter_command(work::Coordinator& coordinator, const Source& source,
                                           const RunOptions& options, const Forecast& forecast,
                                           const work::Datasets& datasets);

/// `run --plan`: times each distinct configuration and prints runs, time and disk; with --debug also the
/// method that each layer of a probe takes, with its cost. Runs nothing.
void print_plan(const Source& source, const RunOptions& options, const Context& context,
                const work::Interrupts& interrupts);

/// Hands on what a user should know, and nothing else.
class Remarks : public work::Watcher {
 public:
  void said(const std::string& what) override;
};

/// A scratch folder with a store of its own, for what must leave no trace in a results folder.
class Scratch {
 public:
  Scratch();
  const std::filesystem::path& folder() const { return folder_.path(); }
  store::Store& store() { return store_; }

 private:
  TemporaryFolder folder_;
  store::Store store_;
};

}  // namespace crosstalk::cli
