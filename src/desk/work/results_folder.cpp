#include "work/results_folder.hpp"

#include <chrono>
#include <ctime>

#include "base/error.hpp"
#include "base/replay_folder.hpp"
#include "base/text.hpp"
#include "base/vocabulary.hpp"
#include "study/behaviour.hpp"
#include "study/claim.hpp"
#include "study/load.hpp"
#include "study/own_class.hpp"
#include "work/checkpoint.hpp"

namespace crosstalk::work {
namespace {

std::string now() {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

}  // namespace

std::filesystem::path ResultsFolder::kept(const std::string& run) const {
  if (run.empty() || run.find_first_not_of("0123456789abcdef") != std::string::npos)
    throw Error(ErrorKind::store, file().string() + " has a run \"" + cut(run, 40) +
                                      "\", which is no identifier: it is damaged, or was made by another "
                                      "program.");
  return kept() / run;
}

void remove_unfinished(const ResultsFolder& results) {
  std::error_code ignored;
  std::vector<std::filesystem::path> folders{results.checkpoints(), lives_folder(results.checkpoint(""))};
  for (const auto& entry : std::filesystem::directory_iterator(results.kept(), ignored))
    folders.push_back(entry.path());
  for (const std::filesystem::path& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const std::filesystem::path& file = entry.path();
      if (file.filename().string().ends_with(unfinished(".safetensors").string()))
        std::filesystem::remove(file, ignored);
    }
  }
}

void make_folders(const ResultsFolder& results) {
  for (const std::filesystem::path& folder : {results.folder, results.logs(), results.checkpoints()}) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      throw Error(ErrorKind::store, folder.string() + " cannot be made: " + error.message() +
                                        ". Give another --out, or the permission to write there.");
    }
  }
}

void remove_unbegun(const ResultsFolder& results) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(results.file().string() + end, ignored);
  for (const auto& entry : std::filesystem::directory_iterator(results.logs(), ignored))
    if (entry.path().filename().string().starts_with("worker-"))
      std::filesystem::remove(entry.path(), ignored);
  for (const auto& made : {results.logs(), results.checkpoints(), results.folder / ".lock", results.folder})
    std::filesystem::remove(made, ignored);  // a folder only where it is empty
}

Json study_record(const study::Study& study, const Datasets& datasets, const Json& data_folder,
                  const Json& former, const std::vector<store::RunRecord>& there) {
  Json record = study::to_json(study);
  record["data"] = former.is_object() ? former.value("data", Json::object()) : Json::object();
  for (const auto& [key, dataset] : datasets) record["data"][key] = dataset;
  record["data_folder"] = data_folder;
  record["created"] = former.is_object() ? former.value("created", now()) : now();
  int begun = 0, done = 0;
  for (const store::RunRecord& run : there) {
    begun += run.tries > 0;
    done += run.status == store::Status::done;
  }
  record["claims"] =
      study::record_of(study.claims, former.is_object() ? former.value("claims", Json()) : Json(), now(),
                       begun, done, static_cast<int>(study.runs.size()));
  record["crosstalk"] = CROSSTALK_VERSION;
  return record;
}

std::vector<store::RunRecord> run_records(const study::Study& study) {
  std::vector<store::RunRecord> records;
  for (const study::Configuration& run : study.runs) {
    records.push_back({.run = run.run,
                       .experiment = run.experiment,
                       .seed = run.seed,
                       .configuration = run.values.json(),
                       .place = static_cast<std::int64_t>(records.size())});
  }
  return records;
}

bool keeps(const Json& configuration) {
  return configuration.value("probe.keep", "none") != word_for(crosstalk::keeps, Keep::none);
}

Assignment assignment(const study::Configuration& run, const Datasets& datasets,
                      const std::filesystem::path& checkpoint, double checkpoint_seconds,
                      const std::filesystem::path& kept) {
  Assignment assignment{
      run.run,
      run.values.json(),
      {{"seed", run.seed}, {"checkpoint", checkpoint.string()}, {"checkpoint_seconds", checkpoint_seconds}}};
  if (const auto agent = study::agent_behind(run)) {
    Json with_agent = *run.values.json();
    with_agent["agent"] = *agent;
    assignment.configuration = std::move(with_agent);
  }
  if (!kept.empty() && keeps(*run.values.json())) assignment.fields["kept"] = kept.string();
  if (const std::string key = data_key(run); !key.empty())
    assignment.fields[study::trajectories_of(run) ? "trajectories"
                      : study::own_class_of(run)  ? "environment"
                                                  : "data"] = data_field(datasets.at(key));
  return assignment;
}

}  // namespace crosstalk::work
