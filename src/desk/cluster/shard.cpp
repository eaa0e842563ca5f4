#include "cluster/shard.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "base/error.hpp"
#include "base/text.hpp"
#include "study/load.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cluster {
namespace {

std::string name_of(const ClusterFolder& folder, std::size_t task) {
  return "the shard of task " + std::to_string(task) + " (" + folder.published(task).string() + ")";
}

/// A shard that can be read, and is not the one that is expected.
struct Strange : Error {
  using Error::Error;
};

[[noreturn]] void refuse(const ClusterFolder& folder, std::size_t task, const std::string& what,
                         const std::string& mend) {
  throw Strange(ErrorKind::store, name_of(folder, task) + ' ' + what + ". " + mend);
}

/// The task's own store has what it has published.
std::string publish_again(const ClusterFolder& folder, std::size_t task) {
  return "`crosstalk task " + shell_word(folder.results.string()) + ' ' + std::to_string(task) +
         "` writes it again from the task's own store (" +
         work::ResultsFolder{folder.shard(task)}.file().string() +
         "), and computes anew what is lost there, too. If that store is damaged as well, move it away "
         "first.";
}

std::string compute_anew(const ClusterFolder& folder, std::size_t task) {
  return "Move " + folder.shard(task).string() + " away, then `crosstalk task " +
         shell_word(folder.results.string()) + ' ' + std::to_string(task) + "` computes it anew.";
}

/// Whose the shard is: the study first, for that is what a reader knows it by.
void check_belongs(const ClusterFolder& folder, const Plan& plan, std::size_t task, const Json& record) {
  const std::string move = "Move it away: its runs belong into another results folder.";
  const Json shard = record.value("shard", Json());
  if (!shard.is_object()) refuse(folder, task, "is a store, and no task's shard", move);
  const std::string study = study::name_with_scale(record);
  if (study != plan.study_name())
    refuse(folder, task, "is of another study, " + cut(study) + ", and this one is " + plan.study_name(),
           move);
  if (const std::string version = record.value("crosstalk", "?"); version != plan.crosstalk)
    refuse(folder, task,
           "was made by crosstalk " + cut(version) + ", and this study was submitted by " + plan.crosstalk +
               ", so that their numbers may differ",
           compute_anew(folder, task));
  if (const std::string id = shard.value("plan", "?"); id != plan.id)
    refuse(folder, task,
           "is of another submission of " + plan.study_name() + " (" + cut(id) + ", and this one is " +
               plan.id + ")",
           move);
  if (const Json there = shard.value("task", Json()); there != task)
    refuse(folder, task, "is doubled: it is a copy of the shard of task " + cut(there.dump()),
           publish_again(folder, task));
}

/// The runs of the shard must be those of its task, each once.
void check_runs(const ClusterFolder& folder, const Plan& plan, const Shard& shard) {
  std::set<std::string> expected, found;
  for (const std::size_t place : plan.tasks.at(shard.task).runs) expected.insert(plan.runs.at(place));
  for (const store::RunRecord& run : shard.runs) found.insert(run.run);
  for (const std::string& run : found)
    if (!expected.contains(run))
      refuse(folder, shard.task, "holds run " + run + ", which is no run of that task",
             compute_anew(folder, shard.task));
  for (const std::string& run : expected)
    if (!found.contains(run))
      refuse(folder, shard.task, "lacks run " + run + " of that task", compute_anew(folder, shard.task));
}

}  // namespace

Json shard_record(const Plan& plan, std::size_t task, const Json& data) {
  return {{"name", plan.study.value("name", "")},         {"scale", plan.study.value("scale", "")},
          {"schema", plan.study.value("schema", 0)},      {"crosstalk", CROSSTALK_VERSION},
          {"shard", {{"plan", plan.id}, {"task", task}}}, {"data", data}};
}

Error damaged_shard(const ClusterFolder& folder, std::size_t task, const Error& how) {
  std::string what = how.what();  // the mend of a results folder is none of a shard's
  const std::string file = folder.published(task).string();
  if (what.starts_with(file)) what.erase(0, what.find_first_not_of(": ", file.size()));
  what = what.substr(0, what.find(". "));
  return {ErrorKind::store, name_of(folder, task) + " is damaged or cut short (" + shortened(what, 300) +
                                "). " + publish_again(folder, task)};
}

std::optional<Shard> open_shard(const ClusterFolder& folder, const Plan& plan, std::size_t task) {
  std::error_code error;
  const auto type = std::filesystem::symlink_status(folder.published(task), error).type();
  if (type == std::filesystem::file_type::not_found) return std::nullopt;
  if (type == std::filesystem::file_type::none || ::access(folder.published(task).c_str(), R_OK) != 0) {
    const std::string why = error ? error.message() : std::generic_category().message(errno);
    refuse(folder, task, "cannot be looked at (" + why + ")",
           "See to the permissions, or to the file system, and call again: what is there stays.");
  }
  if (type != std::filesystem::file_type::regular)
    refuse(folder, task, "is no file", "Remove it. " + publish_again(folder, task));
  try {
    store::Store store = store::Store::open_to_read(folder.published(task));
    const Json record = store.study();
    std::vector<store::RunRecord> runs = store.runs();
    check_belongs(folder, plan, task, record);
    Shard shard{task, std::move(store), std::move(runs), record.value("data", Json::object())};
    check_runs(folder, plan, shard);
    return shard;
  } catch (const store::Held&) {
    throw;
  } catch (const Strange&) {
    throw;
  } catch (const Error& error) {
    throw damaged_shard(folder, task, error);
  } catch (const Json::exception&) {
    throw damaged_shard(folder, task, {ErrorKind::store, "what it says of itself is of another kind"});
  }
}

std::vector<std::string> strange_shards(const ClusterFolder& folder, const Plan& plan) {
  std::set<std::string> known;
  for (std::size_t task = 0; task < plan.tasks.size(); ++task)
    known.insert(folder.shard(task).filename().string());
  std::vector<std::string> strange;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder.shards(), ignored)) {
    if (known.contains(entry.path().filename().string())) continue;
    strange.push_back(entry.path().string() + " is no shard of " + plan.study_name() +
                      ", which has the tasks 0 to " + std::to_string(plan.tasks.size() - 1) +
                      ". Move it away.");
  }
  std::sort(strange.begin(), strange.end());
  return strange;
}

}  // namespace crosstalk::cluster
