#include <algorithm>
#include <memory>
#include <set>

#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/console.hpp"
#include "cli/resuming.hpp"
#include "cli/submitted.hpp"
#include "cluster/merging.hpp"
#include "cluster/slurm.hpp"
#include "study/load.hpp"
#include "work/lock.hpp"

namespace crosstalk::cli {
namespace {

/// Runs that one names and the other does not.
struct Apart {
  int here = 0, submitted = 0;
};

Apart apart(const std::vector<store::RunRecord>& here, const cluster::Plan& plan) {
  std::set<std::string> only(plan.runs.begin(), plan.runs.end());
  Apart apart;
  for (const store::RunRecord& run : here)
    if (run.named) apart.here += only.erase(run.run) == 0;
  apart.submitted = static_cast<int>(only.size());
  return apart;
}

store::Store new_store(const work::ResultsFolder& results, const cluster::Plan& plan,
                       const study::Study& study) {
  work::Datasets datasets;
  for (const auto& [key, dataset] : plan.data.items()) datasets[key] = dataset;
  make_folders(results);
  return store::Store::create(results.file(),
                              work::study_record(study, datasets, plan.data_folder, Json(), {}));
}

/// The results' store, made where there is none, with all runs of the study named. A study that has been
/// extended here since keeps its runs.
store::Store results_store(const work::ResultsFolder& results, const cluster::Plan& plan,
                           const study::Study& study) {
  const bool is_new = !has_store(results);
  store::Store store = is_new ? new_store(results, plan, study) : store::Store::open(results.file());
  if (!is_new) mend(store);
  const Json former = store.study();
  if (study::name_with_scale(former) != plan.study_name())
    throw Error(ErrorKind::store, results.file().string() + " holds another study, " +
                                      study::name_with_scale(former) + ", and " + plan.study_name() +
                                      " was submitted from this folder. Move that "
                                      "file away: merge makes a new one.");
  const std::vector<store::RunRecord> runs = store.runs();
  const Apart not_in = apart(runs, plan);
  if (not_in.here > 0 && not_in.submitted > 0)
    throw Error(ErrorKind::store, results.file().string() + " has " + with_commas(not_in.here) +
                                      " runs that were not submitted, and lacks " +
                                      with_commas(not_in.submitted) +
                                      " that were. Run the study here with all of them named "
                                      "(`crosstalk run` with --set), then merge again.");
  if (not_in.submitted == 0) return store;
  if (!is_new)
    store.set_study(work::study_record(study, {}, former.value("data_folder", Json()), former, runs));
  store.name_runs(work::run_records(study));
  store.commit();
  return store;
}

/// Runs that no task makes and that are not there: they were done here before, and are lost since.
int without_task(const std::vector<store::RunRecord>& runs, const cluster::Plan& plan) {
  std::set<std::string> in_tasks;
  for (const cluster::Task& task : plan.tasks)
    for (const std::size_t place : task.runs) in_tasks.insert(plan.runs[place]);
  return static_cast<int>(std::ranges::count_if(runs, [&](const store::RunRecord& run) {
    return run.named && !is_over(run.status) && !in_tasks.contains(run.run);
  }));
}

/// What is to be done where runs are missing: wait, submit, or run here.
std::string on_missing(const store::Store& store, const cluster::Merged& merged, const cluster::Plan& plan,
                       const std::string& name, bool& is_lost) {
  const auto jobs = jobs_of(plan);
  is_lost = jobs && jobs->empty();
  std::string text;
  if (!merged.unpublished.empty())
    text += "no shard yet of " + std::string(merged.unpublished.size() == 1 ? "task " : "tasks ") +
            cluster::ranges(merged.unpublished, ", ") + '\n';
  if (const int here = without_task(store.runs(), plan); here > 0)
    text += with_commas(here) + (here == 1 ? " run is" : " runs are") +
            " in no task: done here before the study was submitted, and lost since. `crosstalk run " + name +
            "` computes " + (here == 1 ? "it" : "them") + " here\n";
  if (!jobs) return text + "what is missing may be in Slurm's queue, which cannot be asked on this machine\n";
  if (!is_lost) return text + "what is missing may still come: the array is in the queue\n";
  return text + "nothing of this study is in the queue\nsubmit what is left:  crosstalk submit " + name +
         " --slurm\n";
}

int merge(const std::string& word) {
  const cluster::ClusterFolder folder{std::filesystem::absolute(word)};
  const cluster::Plan plan = cluster::read_plan(folder);
  const study::Study study = study_of(plan, folder);
  const work::ResultsFolder results{folder.results};
  const work::FolderLock lock(results.folder);
  store::Store store = results_store(results, plan, study);
  const cluster::Merged merged = cluster::merge(folder, plan, store);

  const Counts counts = count(store.runs());
  const std::string name = shell_word(word);
  bool is_lost = false;
  std::string text = with_commas(merged.taken) + (merged.taken == 1 ? " run" : " runs") + " merged";
  if (merged.there > 0)
    text += ", " + with_commas(merged.there) + " were there already, the same to the last bit";
  text += "; " + of_all(counts.done + counts.diverged, counts.all()) +
          (counts.all() == 1 ? " is there\n" : " are there\n");
  if (counts.failed > 0)
    text += with_commas(counts.failed) + " failed: `crosstalk status " + name + "` says why\n";
  if (merged.ways.size() > 1) {
    text += "the runs were computed in " + std::to_string(merged.ways.size()) +
            " ways that may differ in the last bits (crosstalk doctor " + name + "):\n";
    for (const std::string& each : merged.ways) text += "  " + each + '\n';
  }
  const bool is_whole = counts.done + counts.diverged == counts.all();
  text +=
      is_whole ? "next:  crosstalk report " + name + '\n' : on_missing(store, merged, plan, name, is_lost);
  say_if_heard(text);
  for (const std::string& refused : merged.refused) complain(refused);
  if (!merged.refused.empty()) return Error(ErrorKind::store, "").exit_code();
  return is_lost ? 1 : 0;
}

int cancel(const std::string& word) {
  const cluster::ClusterFolder folder{std::filesystem::absolute(word)};
  const cluster::Plan plan = cluster::read_plan(folder);
  cluster::check_slurm();
  const std::vector<cluster::Job> jobs = cluster::queue(plan.job_name());
  cluster::cancel(jobs);
  const std::string name = shell_word(word);
  say_if_heard(jobs.empty() ? plan.study_name() + ": nothing of it is in the queue\n"
                            : plan.study_name() + ": " + with_commas(static_cast<std::int64_t>(jobs.size())) +
                                  (jobs.size() == 1 ? " job is" : " jobs are") +
                                  " cancelled; those at work write their checkpoints\n");
  say_if_heard("next:  crosstalk merge " + name + "          what has been done\n       crosstalk submit " +
               name + " --slurm   goes on, once `crosstalk status` shows nothing in the queue\n");
  return 0;
}

CLI::App* add_command(CLI::App& app, const char* name, const char* what, std::shared_ptr<std::string> word) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("DIR", *word, "the results folder of a study that was submitted")
      ->required()
      ->type_name("")
      ->check(some_text());
  return command;
}

}  // namespace

void add_merge_command(CLI::App& app, Context& context) {
  auto word = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, "merge", "join what the tasks of a cluster have done into the results", word);
  command->footer(
      "It takes each finished run, also while the array runs, and may be repeated. Then `report`, `export` "
      "and all "
      "others see the runs.\n\nExamples:\n  crosstalk merge results/sarcos-paper");
  command->callback([word, &context] { context.status = merge(*word); });
}

void add_cancel_command(CLI::App& app, Context& context) {
  auto word = std::make_shared<std::string>();
  CLI::App* command = add_command(app, "cancel", "take a submitted study out of the cluster's queue", word);
  command->footer("Nothing that is done is lost.\n\nExamples:\n  crosstalk cancel results/sarcos-paper");
  command->callback([word, &context] { context.status = cancel(*word); });
}

}  // namespace crosstalk::cli
