#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <numeric>
#include <optional>

#include "base/draft.hpp"
#include "base/error.hpp"
#include "cli/cautions.hpp"
#include "cli/checks.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/console.hpp"
#include "cli/submit_checks.hpp"
#include "cli/submitted.hpp"
#include "cli/submitting.hpp"
#include "cli/waiting.hpp"
#include "cluster/script.hpp"
#include "cluster/slurm.hpp"
#include "work/lock.hpp"

namespace crosstalk::cli {
namespace {

constexpr int most_cpus = 4096, most_at_a_time = 1'000'000;

std::string made_now() { return std::to_string(std::chrono::system_clock::now().time_since_epoch().count()); }

std::vector<std::string> crosstalk_command(const Context& context) {
  return python_module(context, "crosstalk");
}

void say_plan(const Planned& planned) {
  const cluster::Plan& plan = planned.plan;
  std::size_t runs = 0;
  double work = 0, longest = 0;
  for (const cluster::Task& task : plan.tasks) {
    runs += task.runs.size();
    work += std::accumulate(task.run_seconds.begin(), task.run_seconds.end(), 0.0);
    longest = std::max(longest, task.seconds);
  }
  std::string text = plan.study_name() + ": " + with_commas(static_cast<std::int64_t>(runs)) +
                     (runs == 1 ? " run in " : " runs in ") +
                     with_commas(static_cast<std::int64_t>(plan.tasks.size())) +
                     (plan.tasks.size() == 1 ? " task" : " tasks");
  if (work > 0)
    text +=
        ", " + duration(work) + " of work, the longest task about " + duration(longest) + " with " +
        std::to_string(plan.jobs) + (plan.jobs == 1 ? " worker" : " workers") +
        ", as measured on this machine; " + size(planned.bytes) + " of results" +
        (planned.kept_bytes > 0 ? ", " + size(planned.kept_bytes) + " of parameters and samples that are kept"
                                : "");
  say_if_heard(text + '\n');
}

/// Workers that would have nothing to do, for each of which the user pays a processor.
void say_idle(const cluster::Plan& plan) {
  const auto few = [&](const cluster::Task& task) { return std::ssize(task.runs) < plan.jobs; };
  const auto idle = std::ranges::count_if(plan.tasks, few);
  if (idle == 0 || plan.resources.cpus == 1) return;
  remark("note: " + with_commas(idle) + (idle == 1 ? " task has" : " tasks have") + " fewer runs than the " +
         std::to_string(plan.jobs) + " workers that --cpus " + std::to_string(plan.resources.cpus) +
         " gives each: with fewer --cpus no processor waits");
}

/// Submits these tasks, behind the job that collects trajectories where there is something to collect.
void submit_tasks(const cluster::ClusterFolder& folder, const cluster::Plan& plan,
                  const std::vector<std::size_t>& tasks, const Context& context) {
  const std::vector<std::string> command = crosstalk_command(context);
  write_draft(folder.script(), cluster::array_script(folder, plan, command));
  std::vector<std::string> options{"--array=" + cluster::array_of(tasks, plan.resources)};
  std::string first;
  if (plan.makes_trajectories) {
    write_draft(folder.first_script(), cluster::first_script(folder, plan, command));
    first = cluster::submit(folder.first_script(), {});
    say_if_heard("job " + first + " collects the trajectories\n");
    options.push_back("--dependency=afterok:" + first);
    options.push_back("--kill-on-invalid-dep=yes");
  }
  std::string array;
  try {
    array = cluster::submit(folder.script(), options);
  } catch (const Error&) {
    if (!first.empty()) cluster::cancel({{.id = first}});  // nothing would use what it makes
    throw;
  }
  const std::string name = shell_word(folder.results.string());
  say_if_heard("array job " + array + ": " + with_commas(static_cast<std::int64_t>(tasks.size())) +
               (tasks.size() == 1 ? " task" : " tasks") + (first.empty() ? "" : ", after job " + first) +
               "\nnext:  crosstalk status " + name + "\n       crosstalk merge " + name + '\n');
}

void print_scripts(const cluster::ClusterFolder& folder, const cluster::Plan& plan,
                   const std::vector<std::size_t>& tasks, const Context& context) {
  const std::vector<std::string> command = crosstalk_command(context);
  if (plan.makes_trajectories)
    print("# the job before the array: sbatch first.sh\n" + cluster::first_script(folder, plan, command) +
          '\n');
  print("# the array: sbatch --array=" + cluster::array_of(tasks, plan.resources) +
        (plan.makes_trajectories ? " --dependency=afterok:FIRST --kill-on-invalid-dep=yes" : "") +
        " array.sh\n" + cluster::array_script(folder, plan, command));
}

/// Slurm writes logs into one of them: a job whose log cannot be written ends without a word.
void make_cluster_folders(const cluster::ClusterFolder& folder) {
  for (const std::filesystem::path& each : {folder.logs(), folder.shards()}) {
    std::error_code error;
    std::filesystem::create_directories(each, error);
    if (!error && ::access(each.c_str(), W_OK | X_OK) != 0) error = {errno, std::generic_category()};
    if (error)
      throw Error(ErrorKind::store,
                  each.string() + " cannot be written into: " + error.message() +
                      ". See to the permissions there, or give another --out for a study that is new.");
  }
}

/// The tasks of a study that was submitted before, of which something is left; its shards go on as they are.
int submit_again(const SubmitOptions& options, const cluster::ClusterFolder& folder, const Source* source,
                 const Bounds& bounds, const Context& context) {
  std::optional<work::FolderLock> lock;
  if (!options.dry_run) lock.emplace(folder.results);
  cluster::Plan plan = cluster::read_plan(folder);
  cluster::check_time_limit(bounds.time.empty() ? "UNLIMITED" : bounds.time, plan.resources.signal_seconds);
  const study::Study before = study_of(plan, folder);
  if (source != nullptr) {
    const bool same =
        std::equal(before.runs.begin(), before.runs.end(), source->study.runs.begin(),
                   source->study.runs.end(), [](const auto& a, const auto& b) { return a.run == b.run; });
    if (!same)
      throw Error(ErrorKind::store,
                  folder.results.string() + " was submitted with other runs of " + plan.study_name() +
                      ". Give another --out; or merge what is there, move " + folder.folder().string() +
                      " away, and submit again: then what the results "
                      "have is not computed again.");
  }
  if (!options.dry_run) {
    cluster::check_slurm();
    if (const std::vector<cluster::Job> jobs = cluster::queue(plan.job_name()); !jobs.empty())
      throw Error(ErrorKind::store, folder.results.string() + " is at work: " + std::to_string(jobs.size()) +
                                        (jobs.size() == 1 ? " job" : " jobs") + " of it are in the queue (" +
                                        jobs.front().id +
                                        ", ...). Wait for their end, or `crosstalk cancel " +
                                        shell_word(folder.results.string()) + "`.");
  }
  const auto merged = merged_runs(folder);
  const std::vector<TaskState> states = task_states(folder, plan, merged);
  std::vector<std::size_t> left;
  for (std::size_t task = 0; task < states.size(); ++task) {
    if (has_all_runs(states[task])) continue;
    if (!states[task].fault.empty()) throw Error(ErrorKind::store, states[task].fault);
    left.push_back(task);
  }
  plan.over.clear();
  for (const auto& [name, run] : merged)
    if (is_over(run.status)) plan.over.insert(name);
  if (left.empty()) {
    say_if_heard(plan.study_name() + ": all tasks are done, nothing to submit\nnext:  crosstalk merge " +
                 shell_word(folder.results.string()) + '\n');
    return 0;
  }
  const cluster::Resources& asked = options.resources;
  if (options.runs_per_task > 0 || asked.cpus != SubmitOptions().resources.cpus || asked.gpus > 0)
    remark(
        "note: the tasks stay as they were cut when the study was submitted: --runs-per-task, --cpus and "
        "--gpus "
        "count for nothing now");
  if (!asked.partition.empty()) plan.resources.partition = asked.partition;
  if (!asked.time.empty()) plan.resources.time = asked.time;
  if (!asked.constraint.empty()) plan.resources.constraint = asked.constraint;
  if (asked.array_limit > 0) plan.resources.array_limit = asked.array_limit;
  if (!asked.more.empty()) plan.resources.more = asked.more;
  if (options.dry_run) {
    print_scripts(folder, plan, left, context);
    return 0;
  }
  make_cluster_folders(folder);
  cluster::write_plan(folder, plan);
  submit_tasks(folder, plan, left, context);
  return 0;
}

/// After sbatch has failed. What nothing in the queue needs goes, so that the next call may cut the study
/// otherwise; only what this call has written.
void withdraw(const cluster::ClusterFolder& folder, const cluster::Plan& plan) {
  const auto jobs = jobs_of(plan);
  const std::string name = shell_word(folder.results.string());
  if (!jobs || !jobs->empty()) {
    remark("note: jobs of this study may be in the queue all the same: `crosstalk status " + name +
           "` shows them, `crosstalk cancel " + name + "` takes them out");
    return;
  }
  std::error_code ignored;  // a folder only where it is empty
  for (const std::filesystem::path& each : {folder.plan(), folder.script(), folder.first_script(),
                                            folder.logs(), folder.shards(), folder.folder()})
    std::filesystem::remove(each, ignored);
}

int submit(SubmitOptions& options, const Context& context, const work::Interrupts& interrupts) {
  for (const std::string& option : options.resources.more) cluster::check_option(option);
  cluster::ClusterFolder folder{std::filesystem::absolute(options.run.source)};
  std::optional<Source> found;
  if (cluster::has_plan(folder)) {
    refuse_what_is_fixed(options.run);
  } else {
    found = find_source(options.run.source, options.run.load, context);
    folder.results = std::filesystem::absolute(results_folder(*found, options.run).folder);
  }
  if (cluster::has_plan(folder)) {
    const cluster::Resources before = cluster::read_plan(folder).resources;
    if (options.resources.partition.empty()) options.resources.partition = before.partition;
    if (options.resources.time.empty()) options.resources.time = before.time;
    return submit_again(options, folder, found ? &*found : nullptr, bounds_of(options), context);
  }
  const Source& source = *found;
  const work::ResultsFolder results{folder.results};
  cluster::check_folder(folder);
  check_no_shards(folder);
  check_trajectories_apart(source.study, results);
  const Bounds bounds = bounds_of(options);
  check_options(options, source.study.runs);
  std::set<std::string> over = over_in(results, source, options.run);
  const auto is_there = [&](const auto& run) { return over.contains(run.run); };
  if (std::all_of(source.study.runs.begin(), source.study.runs.end(), is_there)) {
    say_if_heard(source.study.name + ": all runs are done, nothing to submit\n");
    return 0;
  }
  const Planned planned =
      plan_of(options, source, results, bounds, std::move(over), made_now(), context, interrupts);
  const cluster::Plan& plan = planned.plan;
  say_cautions(source.study);
  say_plan(planned);
  say_idle(plan);
  std::vector<std::size_t> tasks(plan.tasks.size());
  std::iota(tasks.begin(), tasks.end(), 0);
  if (options.dry_run) {
    print_scripts(folder, plan, tasks, context);
    return 0;
  }
  make_cluster_folders(folder);
  const work::FolderLock lock(results.folder);
  if (cluster::has_plan(folder))
    throw Error(ErrorKind::store, results.folder.string() +
                                      " was submitted by another `crosstalk submit` in the "
                                      "meantime: `crosstalk status` says how far it is.");
  cluster::write_plan(folder, plan);
  try {
    submit_tasks(folder, plan, tasks, context);
  } catch (const Error&) {
    withdraw(folder, plan);
    throw;
  }
  return 0;
}

void add_slurm_options(CLI::App& command, SubmitOptions& options) {
  cluster::Resources& asked = options.resources;
  command.add_flag("--slurm", options.slurm, "submit to Slurm, the one batch system that is known")
      ->required();
  command.add_option("--partition", asked.partition, "Slurm's partition (default: the cluster's)")
      ->type_name("NAME")
      ->check(some_text());
  command
      .add_option("--time", asked.time, "a task's time limit, as sbatch takes it (default: the partition's)")
      ->type_name("TIME")
      ->check(some_text());
  command
      .add_option("--array-limit", asked.array_limit,
                  "tasks that run at a time (default: as many as there is room for)")
      ->type_name("N")
      ->check(whole_number(1, most_at_a_time));
  command
      .add_option("--cpus", asked.cpus, "processors of a task: one worker for each runtime.threads of them")
      ->type_name("N")
      ->check(whole_number(1, most_cpus))
      ->capture_default_str();
  command.add_option("--gpus", asked.gpus, "GPUs of a task, for runtime.device = \"cuda\"")
      ->type_name("N")
      ->check(whole_number(1, most_cpus));
  command
      .add_option("--sbatch", asked.more,
                  "another option of sbatch, as mem=8G or account=physics (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(some_text());
  command.add_flag(
      "--same-bits", options.same_bits,
      "ask for nodes of one kind (--constraint), so that all runs have the bits of one kind of processor");
  command
      .add_option("--runs-per-task", options.runs_per_task,
                  "runs of a task (default: as many as take about an hour, or half of the time limit)")
      ->type_name("N")
      ->check(whole_number(1, most_at_a_time));
  command.add_flag("--dry-run", options.dry_run, "print the batch script; write and submit nothing");
}

}  // namespace

void add_submit_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("submit", "run a study as a job array of a cluster (Slurm)");
  auto options = std::make_shared<SubmitOptions>();
  command
      ->add_option(
          "FILE", options->run.source,
          "a study file, a shipped study's name, or the results folder of a study that was submitted: what "
          "is left of it is submitted again")
      ->required()
      ->check(some_text());
  command->add_option("--out", options->run.out, "the results folder (default: results/STEM-SCALE)")
      ->type_name("DIR")
      ->check(some_text());
  command->add_option("--scale", options->run.load.scale, "one of the file's [scale.NAME] tables")
      ->type_name("NAME")
      ->check(some_text());
  command->add_option("--set", options->run.load.sets, "replaces the value of a key (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_seed_offset(*command, options->run.load.seed_offset);
  command->add_option("--data", options->run.data, "a folder with california/, sarcos/, cifar10/, svhn/")
      ->type_name("DIR")
      ->check(some_text());
  command->add_option("--device", options->run.load.device, "cpu or cuda")
      ->type_name("DEVICE")
      ->check(some_text());
  command
      ->add_option("--checkpoint-seconds", options->run.checkpoint_seconds,
                   "seconds between two checkpoints of a run")
      ->type_name("S")
      ->check(number(0, most_at_a_time))
      ->capture_default_str();
  add_slurm_options(*command, *options);
  command->footer(
      "The results folder must lie on a file system that the nodes share (docs/cluster.md).\n\n"
      "Examples:\n"
      "  crosstalk submit paper/sarcos --scale paper --slurm --time 4:00:00 --cpus 8\n"
      "  crosstalk submit my.toml --slurm --partition long --sbatch account=physics --dry-run\n"
      "  crosstalk submit results/sarcos-paper --slurm");
  command->callback([options, &context] {
    const work::Interrupts interrupts;
    const Waiting waiting([&] { return interrupts.count() == 0; });
    context.status = submit(*options, context, interrupts);
  });
}

}  // namespace crosstalk::cli
