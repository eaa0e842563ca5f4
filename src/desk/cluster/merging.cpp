#include "cluster/merging.hpp"

#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cluster {
namespace {

namespace fs = std::filesystem;

std::string arithmetic_of(const Json& machine) {
  if (!machine.is_object()) return "";
  std::string text;
  for (const char* part : {"torch", "isa", "arithmetic"})
    text += (text.empty() ? "" : ", ") + std::string(part) + ' ' + cut(machine.value(part, "?"));
  return text;
}

/// A run's kept files, in the place where its rows will say that they are: by another name of the same file,
/// or as a copy where that cannot be. Each appears whole.
void take_kept(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return;
  fs::create_directories(to, error);
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path file = to / entry.path().filename(), draft = file.string() + ".new";
    fs::remove(draft, error);
    fs::create_hard_link(entry.path(), draft, error);
    if (error) fs::copy_file(entry.path(), draft, error);
    if (!error) fs::rename(draft, file, error);
    if (error)
      throw Error(ErrorKind::store, file.string() + " cannot be written: " + error.message() +
                                        ". Make room there, and merge again: what is there already is kept.");
  }
}

/// Why a run that both have finished is not the same; empty where it is.
std::string otherwise(const store::Store& store, const store::RunRecord& here, const Shard& shard,
                      const store::RunRecord& run) {
  if (here.status == run.status && store.contents_of(run.run) == shard.store.contents_of(run.run)) return "";
  const std::string there = arithmetic_of(here.machine), now = arithmetic_of(run.machine);
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

/// Joins one shard, in one transaction.
class Joining {
 public:
  Joining(const ClusterFolder& folder, store::Store& store, std::map<std::string, store::RunRecord>& there,
          Merged& merged)
      : results_{folder.results}, folder_(folder), store_(store), there_(there), merged_(merged) {}

  void join(const Shard& shard) {
    std::vector<std::string> conflicts;
    for (const store::RunRecord& run : shard.runs) {
      store::RunRecord& here = there_.at(run.run);
      if (!is_over(run.status)) {
        ++merged_.unfinished;
        // How a run stands is said, too, unless it has ended here; its rows come when it has ended.
        if (!is_over(here.status) && run.tries > 0) take(run, here, {}, {});
        continue;
      }
      merged_.arithmetics.insert(arithmetic_of(run.machine));
      if (is_over(here.status)) {
        const std::string how = otherwise(store_, here, shard, run);
        if (how.empty())
          ++merged_.there;
        else
          conflicts.push_back(how);
        continue;
      }
      const Content content = content_of(folder_, shard, run.run);
      take_kept(work::ResultsFolder{folder_.shard(shard.task)}.kept(run.run), results_.kept(run.run));
      take(run, here, content.rows, content.arrays);
      ++taken_;
    }
    store_.commit();
    merged_.taken += taken_;
    for (const std::string& conflict : conflicts)
      merged_.refused.push_back("task " + std::to_string(shard.task) + ": " + conflict +
                                ". What is stored stays. Two computations differ: `crosstalk verify " +
                                shell_word(results_.folder.string()) +
                                "` says whether this machine gives the stored ones.");
  }

 private:
  void take(const store::RunRecord& run, store::RunRecord& here, const std::vector<Row>& rows,
            const std::vector<Array>& arrays) {
    store_.take_over(run, rows, arrays);
    here.status = run.status;
    here.machine = run.machine;
  }

  work::ResultsFolder results_;
  const ClusterFolder& folder_;
  store::Store& store_;
  std::map<std::string, store::RunRecord>& there_;
  Merged& merged_;
  int taken_ = 0;
};

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
  std::map<std::string, store::RunRecord> there;
  for (store::RunRecord& run : store.runs()) there.emplace(run.run, std::move(run));
  Json record = store.study();
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    try {
      const std::optional<Shard> shard = open_shard(folder, plan, task);
      if (!shard) {
        merged.unpublished.push_back(task);
        continue;
      }
      Json data = joined_data(record["data"], shard->data, "the shard of task " + std::to_string(task));
      if (data != record["data"]) {
        record["data"] = std::move(data);
        store.set_study(record);
      }
      Joining(folder, store, there, merged).join(*shard);
    } catch (const store::Held&) {
      throw;
    } catch (const Error& error) {
      store.roll_back();
      for (store::RunRecord& run : store.runs()) there[run.run] = std::move(run);
      merged.refused.push_back(error.what());
    }
  }
  return merged;
}

}  // namespace crosstalk::cluster
