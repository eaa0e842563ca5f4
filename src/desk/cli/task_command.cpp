#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/progress.hpp"
#include "cli/resuming.hpp"
#include "cli/session.hpp"
#include "cli/submitted.hpp"
#include "cli/trajectories_made.hpp"
#include "cli/waiting.hpp"
#include "cluster/plan.hpp"
#include "cluster/shard.hpp"
#include "cluster/slurm.hpp"
#include "study/own_class.hpp"
#include "work/lock.hpp"
#include "work/networks.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

constexpr double publish_seconds = 10, share_of_publishing = 0.05;
constexpr double until_committed = 2;  // what has changed is in the store's file after a second
constexpr double former_seconds =
    180;  // for the task's former process: on a node that Slurm lost, it may live on

struct TaskOptions {
  std::string folder, number;
};

/// Shows how the task goes, and publishes its shard when runs have begun or ended, so that `status` and
/// `merge` see them while the task works.
class Publishing final : public Progress {
 public:
  Publishing(const store::Store& store, std::filesystem::path file, std::vector<std::string> swept, int jobs)
      : Progress(store, std::move(swept), jobs), store_(store), file_(std::move(file)) {}

  void began(const std::string& run) override {
    Progress::began(run);
    changed_at_ = steady_seconds();
  }
  void finished(const work::Finished& how) override {
    Progress::finished(how);
    changed_at_ = steady_seconds();
  }
  void passed() override {
    Progress::passed();
    const double pause = std::max(publish_seconds, took_ / share_of_publishing), now = steady_seconds();
    if (!changed_at_ || now - *changed_at_ < until_committed || now - published_at_ < pause) return;
    try {
      publish();
    } catch (const store::Held&) {
      published_at_ = steady_seconds();  // another time
    }
  }
  void publish() {
    const double begun = steady_seconds();
    store_.copy_to(file_);
    published_at_ = steady_seconds();
    took_ = published_at_ - begun;
    changed_at_.reset();
  }

 private:
  const store::Store& store_;
  std::filesystem::path file_;
  std::optional<double> changed_at_;  // since it was published
  double published_at_ = 0, took_ = 0;
};

std::size_t number_of(const std::string& word, const cluster::Plan& plan, const std::string& folder) {
  const bool is_number =
      !word.empty() && word.size() < 10 && word.find_first_not_of("0123456789") == word.npos;
  if (is_number && std::stoul(word) < plan.tasks.size()) return std::stoul(word);
  throw Error(ErrorKind::config, "task " + cut(word) + ": " + folder + " has the tasks 0 to " +
                                     std::to_string(plan.tasks.size() - 1) +
                                     (plan.makes_trajectories ? ", and `first` before them." : "."));
}

/// What a task is to make: its runs that are not over elsewhere, and what each is expected to take.
struct Share {
  std::vector<study::Configuration> runs;  // all of the task
  std::vector<store::RunRecord> records;   // of the same
  std::map<std::string, double> seconds;
};

Share share_of(const cluster::Plan& plan, std::size_t task, const study::Study& study) {
  const std::vector<store::RunRecord> all = work::run_records(study);
  Share share;
  const cluster::Task& its = plan.tasks[task];
  for (std::size_t i = 0; i < its.runs.size(); ++i) {
    share.runs.push_back(study.runs[its.runs[i]]);
    share.records.push_back(all[its.runs[i]]);
    share.seconds[share.runs.back().run] = its.run_seconds[i];
  }
  return share;
}

/// Where the task's own store is gone, what it has published is one: a copy of it.
void put_back(const cluster::ClusterFolder& folder, const cluster::Plan& plan, std::size_t task,
              const work::ResultsFolder& shard) {
  std::optional<cluster::Shard> published;
  try {
    published = cluster::open_shard(folder, plan, task);
  } catch (const store::Held&) {
    throw;
  } catch (const Error& error) {
    remark("note: " + std::string(error.what()));
  }
  if (!published) return;
  published->store.copy_to(shard.file());
  remark("note: " + shard.file().string() + " was gone: put back from " + folder.published(task).string());
}

/// The task's own store, for whom nobody else writes, with what is damaged in it forgotten.
store::Store shard_store(const cluster::ClusterFolder& folder, const work::ResultsFolder& shard,
                         const cluster::Plan& plan, std::size_t task) {
  if (!has_store(shard)) put_back(folder, plan, task, shard);
  if (!has_store(shard))
    return store::Store::create(shard.file(), cluster::shard_record(plan, task, Json::object()));
  store::Store store = store::Store::open(shard.file());
  mend(store);
  const Json its = store.study().value("shard", Json());
  if (!its.is_object() || its.value("plan", "") != plan.id || its.value("task", Json()) != task)
    throw Error(ErrorKind::store, shard.file().string() + " is not of task " + std::to_string(task) + " of " +
                                      plan.study_name() + " as it was submitted (" + plan.id +
                                      "). Move its folder away; then the task begins anew.");
  return store;
}

/// As prepare() in session.hpp; what a first job makes must be there.
work::Datasets data_of(const study::Study& study, const std::vector<study::Configuration>& runs,
                       const DataPlaces& places, const std::string& folder, const Context& context,
                       const work::Interrupts& interrupts) {
  std::error_code ignored;
  for (const study::Configuration& run : runs) {
    if (!study::makes_trajectories(run)) continue;
    const std::filesystem::path set = places.beside / *study::trajectories_of(run);
    if (!std::filesystem::exists(set, ignored))
      throw Error(ErrorKind::data,
                  set.string() + " is not there: the job before the array collects it. `crosstalk task " +
                      shell_word(folder) + " first` does the same here.");
  }
  return prepare(study, runs, places, context, interrupts);
}

int say_how_it_ended(const store::Store& store, const cluster::Plan& plan, std::size_t task, bool interrupted,
                     int signal) {
  std::vector<store::RunRecord> runs = store.runs();
  std::erase_if(runs, [&](const store::RunRecord& run) { return plan.over.contains(run.run); });
  const Counts counts = count(runs);
  std::string text = "task " + std::to_string(task) + ": " + of_all(counts.done, counts.all()) +
                     (counts.all() == 1 ? " is done" : " are done");
  text += ended_otherwise(counts);
  say_if_heard((interrupted ? "stopped: " : "") + text + '\n');
  if (interrupted) return 128 + signal;
  return counts.done + counts.diverged < counts.all() ? 1 : 0;
}

/// Waits until nobody holds the shard's lock, or so long that the lock's own words are the answer.
void wait_for_former(const std::filesystem::path& shard, const work::Interrupts& interrupts) {
  const double begun = steady_seconds();
  bool is_said = false;
  while (const auto who = work::at_work(shard)) {
    if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};
    if (steady_seconds() - begun > former_seconds) return;
    if (!is_said) say_if_heard("waiting for the end of " + *who + ", which has this task\n");
    is_said = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

/// Whether a try that was stopped has brought the task further; else the next one would end where this did.
/// A checkpoint that is written anew is another file than before, whatever the clocks of nodes say.
class Advance {
 public:
  Advance(const store::Store& store, const work::ResultsFolder& shard)
      : store_(store), shard_(shard), ended_(ended()), written_(written()) {}

  bool any() const { return ended() > ended_ || written() != written_; }

 private:
  int ended() const {
    const Counts counts = count(store_.runs());
    return counts.done + counts.diverged + counts.failed;
  }
  using Written = std::map<std::string, std::pair<std::filesystem::file_time_type, std::uintmax_t>>;
  /// The checkpoints that are there, each with its time and size.
  Written written() const {
    Written all;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(shard_.checkpoints(), error))
      all[entry.path().filename().string()] = {entry.last_write_time(error), entry.file_size(error)};
    return all;
  }

  const store::Store& store_;
  const work::ResultsFolder& shard_;
  int ended_;
  Written written_;
};

int make_shard(const TaskOptions& options, const cluster::Plan& plan, const study::Study& study,
               std::size_t task, const Context& context, const work::Interrupts& interrupts) {
  const cluster::ClusterFolder folder{std::filesystem::absolute(options.folder)};
  const work::ResultsFolder shard{folder.shard(task)};
  make_folders(shard);
  wait_for_former(shard.folder, interrupts);
  const work::FolderLock lock(shard.folder);
  remove_unfinished(shard);
  store::Store store = shard_store(folder, shard, plan, task);
  Share share = share_of(plan, task, study);
  store.name_runs(share.records);
  store.commit();
  if (!std::filesystem::exists(folder.published(task))) store.copy_to(folder.published(task));
  std::erase_if(share.runs, [&](const study::Configuration& run) { return plan.over.contains(run.run); });
  const std::vector<study::Configuration> runs = to_do(share.runs, &store);
  if (runs.empty()) {
    store.copy_to(folder.published(task));
    return say_how_it_ended(store, plan, task, false, 0);
  }

  const DataPlaces places = places_of(plan, folder);
  const work::Datasets datasets = data_of(study, runs, places, options.folder, context, interrupts);
  work::check_networks(runs, datasets);
  const Json record = store.study(), before = record.value("data", Json::object());
  work::check_checksums(datasets, plan.data);
  work::check_checksums(datasets, before);
  Json data = before;
  for (const auto& [key, dataset] : datasets) data[key] = dataset;
  store.set_study(cluster::shard_record(plan, task, data));
  store.commit();

  const int jobs = work::jobs_for(runs.size(), plan.jobs);
  Publishing progress(store, folder.published(task), study.swept, jobs);
  work::Coordinator coordinator(store,
                                {.worker = worker_command(context),
                                 .logs = shard.logs(),
                                 .jobs = jobs,
                                 .stop_seconds = static_cast<double>(plan.resources.signal_seconds),
                                 .data_again = data_again(study, runs, datasets, places, context, interrupts),
                                 .lock = &lock},
                                progress, &interrupts);
  std::map<std::string, double> expected;
  std::vector<double> seconds;
  for (const study::Configuration& run : runs)
    seconds.push_back(expected[run.run] = share.seconds.at(run.run));
  progress.open(std::move(expected));
  const Advance advance(store, shard);
  const bool whole = coordinator.run(in_order(runs, seconds, datasets, shard, jobs, plan.checkpoint_seconds));
  progress.close();
  progress.publish();
  const int status = say_how_it_ended(store, plan, task, !whole, interrupts.signal());
  if (status != 128 + SIGUSR1 || advance.any()) return status;
  complain(
      "the time limit came before a run had ended or could write a checkpoint, and would again: the task "
      "does not go back into the queue. Submit it with more --time.");
  return 1;
}

/// What the runs of all tasks share and the study says how to make.
int make_first(const cluster::Plan& plan, const cluster::ClusterFolder& folder, const study::Study& study,
               const Context& context, const work::Interrupts& interrupts) {
  std::vector<study::Configuration> runs;
  for (const cluster::Task& task : plan.tasks)
    for (const std::size_t place : task.runs) runs.push_back(study.runs[place]);
  make_trajectories(study, runs, places_of(plan, folder).beside, context, interrupts);
  say_if_heard("all trajectories are there\n");
  return 0;
}

int work_on(const TaskOptions& options, const Context& context, const work::Interrupts& interrupts) {
  const cluster::ClusterFolder folder{std::filesystem::absolute(options.folder)};
  const cluster::Plan plan = cluster::read_plan(folder);
  const study::Study study = study_of(plan, folder);
  try {
    if (options.number == "first") return make_first(plan, folder, study, context, interrupts);
    return make_shard(options, plan, study, number_of(options.number, plan, options.folder), context,
                      interrupts);
  } catch (const store::Held&) {
    if (interrupts.count() == 0) throw;
  } catch (const work::Interrupted&) {
  }
  complain("stopped");
  return 128 + interrupts.signal();
}

/// The job that this process is, as `scontrol requeue` takes it; empty outside Slurm. Of a task of an array
/// the number of its own is not enough: one of the tasks has that of the whole array.
std::string own_job() {
  const auto said = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string array = said("SLURM_ARRAY_JOB_ID"), task = said("SLURM_ARRAY_TASK_ID");
  return array.empty() || task.empty() ? said("SLURM_JOB_ID") : array + '_' + task;
}

/// Before its time limit a task stops, and goes back into the queue; the checkpoints are written.
int run(const TaskOptions& options, const Context& context) {
  const work::Interrupts interrupts;
  const Waiting waiting([&] { return interrupts.count() == 0; });
  const int status = work_on(options, context, interrupts);
  const std::string job = own_job();
  if (status != 128 + SIGUSR1 || job.empty()) return status;
  cluster::requeue(job);
  say_if_heard("back in the queue: the task goes on from its checkpoints\n");
  return status;
}

}  // namespace

void add_task_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("task", "run one task of a submitted study, as its batch job does");
  auto options = std::make_shared<TaskOptions>();
  command->add_option("DIR", options->folder, "the results folder of a study that was submitted")
      ->required()
      ->type_name("")
      ->check(some_text());
  command
      ->add_option("NUMBER", options->number,
                   "the task's number, or `first` for what is made before the array")
      ->required()
      ->type_name("")
      ->check(some_text());
  command->footer(
      "`crosstalk submit` writes a batch script that calls this command. By hand it runs a task of the array "
      "on this "
      "machine, from its checkpoints where there are any; SIGTERM, SIGUSR1 and Ctrl-C stop it cleanly.\n\n"
      "Examples:\n"
      "  crosstalk task results/sarcos 7\n"
      "  crosstalk task results/td-lambda first");
  command->callback([options, &context] { context.status = run(*options, context); });
}

}  // namespace crosstalk::cli
