#include "cluster/merging.hpp"

#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "work/kept.hpp"
#include "work/machine.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cluster {
namespace {

namespace fs = std::filesystem;

std::string computed_in(const Json& machine) {
  if (!machine.is_object()) return "";
  return work::bits_in_words(machine) + (machine.contains("mixed") ? ", begun under another" : "");
}

/// Takes a run's kept files to where its rows say that they are, those that are there already left out: by
/// another name of the same file, or as a copy where that cannot be. Each appears whole. What is wrong with
/// them, or missing by the run's rows in the store; empty where nothing is.
std::string take_kept(const store::Store& store, const store::RunRecord& run, const fs::path& from,
                      const fs::path& to) {
  if (!work::keeps(*run.configuration)) return "";
  const std::vector<work::KeptFile> files = work::kept_files(from);
  std::error_code error;
  for (const work::KeptFile& kept : files) {
    const fs::path file = to / kept.path.filename(), draft = file.string() + ".new";
    if (fs::exists(file, error)) continue;
    const bool is_file = fs::is_regular_file(fs::symlink_status(kept.path, error));
    if (const std::string damage = is_file ? work::damage_of(kept) : "is no file"; !damage.empty())
      return kept.path.string() + ' ' + damage + ". Put it back from a copy, then merge again.";
    fs::create_directories(to, error);
    fs::remove(draft, error);
    fs::create_hard_link(kept.path, draft, error);
    if (error) fs::copy_file(kept.path, draft, error);
    if (!error) fs::rename(draft, file, error);
    if (error)
      throw Error(ErrorKind::store, file.string() + " cannot be written: " + error.message() +
                                        ". Make room there, and merge again: what is there already is kept.");
  }
  const std::optional<std::int64_t> lost = work::lost_step(store, run, work::kept_files(to));
  if (!lost) return "";
  return "what run " + run.run + " has kept of step " + with_commas(*lost) + " is gone from " +
         from.string() +
         ". Put it back from a copy, then merge again; without it `crosstalk verify` recomputes the run, and "
         "nothing else is lost.";
}

using Runs = std::map<std::string, store::RunRecord>;

/// Why a run that both have finished is not the same; empty where it is.
std::string otherwise(const store::Store& store, const store::RunRecord& here, const Shard& shard,
                      const store::RunRecord& run) {
  if (here.status == run.status && store.contents_of(run.run) == shard.store.contents_of(run.run)) return "";
  const std::string there = computed_in(here.machine), now = computed_in(run.machine);
  return "run " + run.run + " is stored already with other values" +
         (there == now ? std::string() : " (there: " + there + "; in the shard: " + now + ")");
}

/// All that a shard has of a run, as it was stored.
struct Content {
  std::vector<Row> rows;
  std::vector<Array> arrays;
};

Content content_of(const ClusterFolder& folder, const Shard& shard, const std::string& run) {
  try {
    Content content{shard.store.rows_of(run), {}};
    for (const std::string& name : shard.store.array_names(run))
      for (Array& array : shard.store.arrays(run, name)) content.arrays.push_back(std::move(array));
    return content;
  } catch (const store::Held&) {
    throw;
  } catch (const Error& error) {
    throw damaged_shard(folder, shard.task, error);
  }
}

/// Joins one shard, in one transaction. `there`: the runs of the store.
void join(const ClusterFolder& folder, const Shard& shard, store::Store& store, Runs& there, Merged& merged) {
  const work::ResultsFolder results{folder.results}, its{folder.shard(shard.task)};
  Merged joined;
  std::vector<const store::RunRecord*> changed;
  for (const store::RunRecord& run : shard.runs) {
    const store::RunRecord& here = there.at(run.run);
    if (!is_over(run.status)) {
      ++joined.unfinished;
      // How a run stands is said, too, unless it was begun here; its rows come when it has ended.
      if (here.tries > 0 || run.tries == 0) continue;
      store.take_over(run, {}, {});
      changed.push_back(&run);
    } else if (is_over(here.status)) {
      if (const std::string how = otherwise(store, here, shard, run); !how.empty()) {
        joined.refused.push_back("task " + std::to_string(shard.task) + ": " + how +
                                 ". What is stored stays. Two computations differ: `crosstalk verify " +
                                 shell_word(results.folder.string()) +
                                 "` says whether this machine gives the stored ones.");
        continue;
      }
      ++joined.there;
    } else {
      const Content content = content_of(folder, shard, run.run);
      store.take_over(run, content.rows, content.arrays);
      ++joined.taken;
      changed.push_back(&run);
    }
    if (!is_over(run.status)) continue;
    const std::string wrong = take_kept(store, run, its.kept(run.run), results.kept(run.run));
    if (!wrong.empty()) joined.refused.push_back("task " + std::to_string(shard.task) + ": " + wrong);
  }
  store.commit();
  for (const store::RunRecord* run : changed) {
    there.at(run->run).status = run->status;
    there.at(run->run).machine = run->machine;
  }
  merged.taken += joined.taken;
  merged.there += joined.there;
  merged.unfinished += joined.unfinished;
  merged.refused.insert(merged.refused.end(), joined.refused.begin(), joined.refused.end());
}

}  // namespace

Json joined_data(const Json& before, const Json& of_shard, const std::string& shard) {
  Json joined = before.is_object() ? before : Json::object();
  for (const auto& [key, dataset] : of_shard.items()) {
    const auto known = joined.find(key);
    if (known == joined.end()) {
      joined[key] = dataset;
    } else if (known->value("sha256", "") != dataset.value("sha256", "")) {
      throw Error(
          ErrorKind::store,
          shard + " was computed with other data: " + cut(dataset.value("dataset", "?")) +
              " had a SHA-256 beginning with " + dataset.value("sha256", "").substr(0, 16) +
              ", and in these results with " + known->value("sha256", "").substr(0, 16) +
              ". Put the former data back, remove the shard's folder, and submit again with the same --out.");
    }
  }
  return joined;
}

Merged merge(const ClusterFolder& folder, const Plan& plan, store::Store& store) {
  Merged merged;
  merged.refused = strange_shards(folder, plan);
  Runs there;
  for (store::RunRecord& run : store.runs()) there.emplace(run.run, std::move(run));
  Json record = store.study();
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    try {
      const std::optional<Shard> shard = open_shard(folder, plan, task);
      if (!shard) {
        merged.unpublished.push_back(task);
        continue;
      }
      Json joined = record;
      joined["data"] = joined_data(record["data"], shard->data, "the shard of task " + std::to_string(task));
      if (joined != record) store.set_study(joined);
      join(folder, *shard, store, there, merged);
      record = std::move(joined);
    } catch (const store::Held&) {
      throw;
    } catch (const Error& error) {
      store.roll_back();
      merged.refused.push_back(error.what());
    }
  }
  for (const auto& [name, run] : there)
    if (run.named && is_over(run.status)) merged.ways.insert(computed_in(run.machine));
  return merged;
}

}  // namespace crosstalk::cluster
