#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "study/configuration.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"

namespace crosstalk::work {

/// What lies in a results folder.
struct ResultsFolder {
  std::filesystem::path folder;
  std::filesystem::path file() const { return folder / "study.sqlite"; }
  std::filesystem::path logs() const { return folder / "logs"; }  // what workers wrote to standard error
  std::filesystem::path checkpoints() const { return folder / "checkpoints"; }
  std::filesystem::path checkpoint(const std::string& run) const {
    return checkpoints() / (run + ".safetensors");
  }
  /// What probe.keep has a run keep: work/kept.hpp.
  std::filesystem::path kept() const { return folder / "kept"; }
  /// Error(store) for a name that is no run's identifier: a store may say anything.
  std::filesystem::path kept(const std::string& run) const;
};

/// Makes the folder and those in it; Error(store) where that is not allowed.
void make_folders(const ResultsFolder& results);

/// Removes what killed workers had begun to write, checkpoints and what runs keep; only for who has the
/// folder's lock.
void remove_unfinished(const ResultsFolder& results);

/// Removes what a call has just made for a study that was refused before any run began, and the folder itself if
/// nothing else lies in it.
void remove_unbegun(const ResultsFolder& results);

/// The store's study record: study::to_json(study), and
///   "data"      {key (data_key): reply of `prepare` and "dataset"}, what the runs were computed with
///   "data_folder" --data, or null
///   "created"   when, "2026-01-31T12:00:00Z"
///   "claims"    its own claims, and how many of the runs `there` had begun when each was recorded
///   (study/claim.hpp) "crosstalk" the version that wrote it
Json study_record(const study::Study& study, const Datasets& datasets, const Json& data_folder,
                  const Json& former, const std::vector<store::RunRecord>& there);

/// The runs as the store names them.
std::vector<store::RunRecord> run_records(const study::Study& study);

/// What a worker is told of a run. `kept`: the folder for what it keeps, given where probe.keep says so.
Assignment assignment(const study::Configuration& run, const Datasets& datasets,
                      const std::filesystem::path& checkpoint, double checkpoint_seconds = 30,
                      const std::filesystem::path& kept = {});

/// Whether probe.keep says that a run keeps anything.
bool keeps(const Json& configuration);

}  // namespace crosstalk::work
