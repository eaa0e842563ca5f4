#include <memory>

#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/console.hpp"
#include "cli/resuming.hpp"
#include "cli/submitted.hpp"
#include "cluster/merging.hpp"
#include "cluster/slurm.hpp"
#include "work/lock.hpp"

namespace crosstalk::cli {
namespace {

/// The results' store, made where there is none, with all runs of the study named.
store::Store results_store(const work::ResultsFolder& results, const cluster::Plan& plan,
                           const study::Study& study) {
  const std::vector<store::RunRecord> runs = work::run_records(study);
  if (!has_store(results)) {
    work::Datasets datasets;
    for (const auto& [key, dataset] : plan.data.items()) datasets[key] = dataset;
    make_folders(results);
    store::Store store = store::Store::create(
        results.file(), work::study_record(study, datasets, plan.data_folder, Json(), {}));
    store.name_runs(runs);
    store.commit();
    return store;
  }
  store::Store store = store::Store::open(results.file());
  mend(store);
  const Json record = store.study();
  if (record.value("name", "") != study.name || record.value("scale", "") != study.scale)
    throw Error(ErrorKind::store, results.file().string() + " holds another study, " +
                                      record.value("name", "?") + ", and " + plan.study_name() +
                                      " was submitted from this folder. Move that "
                                      "file away: merge makes a new one.");
  store.name_runs(runs);
  store.commit();
  return store;
}

/// What is to be said of tasks that have given nothing: whether they may yet.
std::string on_unpublished(const cluster::Merged& merged, const cluster::Plan& plan, bool& is_lost) {
  if (merged.unpublished.empty()) return "";
  const auto jobs = jobs_of(plan);
  is_lost = !jobs || jobs->empty();
  return "no shard yet of " + std::string(merged.unpublished.size() == 1 ? "task " : "tasks ") +
         cluster::ranges(merged.unpublished, ", ") +
         (!is_lost ? ", which may still come\n"
          : jobs   ? ": missing, and nothing of this study is in the queue\n"
                   : ": missing, unless it is in Slurm's queue, which cannot be asked on this machine\n");
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
  text += on_unpublished(merged, plan, is_lost);
  if (merged.arithmetics.size() > 1) {
    text += "the runs were computed in " + std::to_string(merged.arithmetics.size()) +
            " ways that may differ in the last bits (crosstalk doctor " + name + "):\n";
    for (const std::string& each : merged.arithmetics) text += "  " + each + '\n';
  }
  const bool is_whole = counts.done + counts.diverged == counts.all();
  if (is_whole)
    text += "next:  crosstalk report " + name + '\n';
  else if (is_lost)
    text += "submit what is left:  crosstalk submit " + name + " --slurm\n";
  say_if_heard(text);
  for (const std::string& refused : merged.refused) complain(refused);
  if (!merged.refused.empty()) return Error(ErrorKind::store, "").exit_code();
  return is_lost && !is_whole ? 1 : 0;
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
               name + " --slurm   goes on\n");
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
