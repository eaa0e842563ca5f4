#include "work/expert.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "store/store.hpp"
#include "work/kept.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::work {
namespace {

/// A run's return at its last measurement; nothing where none was measured.
std::optional<double> last_return(const store::Store& store, const std::string& run) {
  std::optional<double> last;
  for (const Row& row : store.rows_of(run))
    if (row.measure == "return") last = row.value;
  return last;
}

/// Whether it learned with these keys of the task; those that it does not have are not asked for.
bool learned_with(const Json& configuration, const Json& task) {
  return std::all_of(task.items().begin(), task.items().end(), [&](const auto& key) {
    return key.key() == "task.episode-steps" || configuration.value(key.key(), key.value()) == key.value();
  });
}

std::filesystem::path newest_kept(const ResultsFolder& results, const std::string& run) {
  const std::vector<KeptFile> files = kept_files(results.kept(run));
  if (files.empty() || !files.back().step)
    throw Error(ErrorKind::config, results.folder.string() + ": run " + run +
                                       " has the largest return, and kept no parameters: run its study "
                                       "with --set probe.keep=last");
  return files.back().path;
}

}  // namespace

std::filesystem::path expert_in(const std::filesystem::path& path, const std::string& environment,
                                const Json& task) {
  std::error_code failure;
  if (!std::filesystem::exists(path, failure))
    throw Error(ErrorKind::config, path.string() +
                                       " is not there: give the file of a run's parameters that were kept "
                                       "(probe.keep), or the results folder of a study of experts, such as "
                                       "`crosstalk run paper/expert` makes at the same --scale.");
  const ResultsFolder results{path};
  if (!std::filesystem::is_directory(path, failure)) return path;
  if (!std::filesystem::exists(results.file(), failure))
    throw Error(ErrorKind::config,
                path.string() + " is no results folder: it holds no " + results.file().filename().string());
  const store::Store store = store::Store::open_to_read(results.file());
  std::string best;
  std::optional<std::pair<bool, double>> most;  // whether it learned the same task, what it earned
  for (const store::RunRecord& run : store.runs()) {
    if (run.status != store::Status::done ||
        run.configuration->value("task.environment", "") != environment ||
        run.configuration->value("task.kind", "") != "control")
      continue;
    const std::optional<double> earned = last_return(store, run.run);
    if (!earned) continue;
    const std::pair value{learned_with(*run.configuration, task), *earned};
    if (!most || value > *most) most = value, best = run.run;
  }
  if (!most)
    throw Error(ErrorKind::config, path.string() + " has no run that learned to act in " + environment +
                                       " to its end and measured its return. Give the results folder of one "
                                       "that did, such as `crosstalk run paper/expert` makes.");
  return newest_kept(results, best);
}

}  // namespace crosstalk::work
