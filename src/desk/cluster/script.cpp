#include "cluster/script.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::cluster {
namespace {

/// Options that the tasks' way of working rests on, and what to give instead.
constexpr std::array<std::pair<std::string_view, const char*>, 21> own{{
    {"array", "the tasks are counted by crosstalk; --array-limit says how many run at a time"},
    {"job-name", "crosstalk finds its jobs by their name"},
    {"output", "the logs lie in cluster/logs of the results folder"},
    {"error", "the logs lie in cluster/logs of the results folder"},
    {"open-mode", "a task that comes again adds to its log"},
    {"requeue", "tasks are always requeued"},
    {"no-requeue", "a task that is interrupted goes on when it is requeued"},
    {"signal", "crosstalk says when a task writes its checkpoints"},
    {"dependency", "the array waits for the job that collects the trajectories"},
    {"kill-on-invalid-dep", "the array waits for the job that collects the trajectories"},
    {"nodes", "a task runs on one node"},
    {"ntasks", "a task is one process with its workers"},
    {"partition", "give --partition"},
    {"time", "give --time"},
    {"cpus-per-task", "give --cpus"},
    {"gpus", "give --gpus"},
    {"wait", "crosstalk does not wait for the end of the array; `crosstalk status` says how far it is"},
    {"test-only", "give --dry-run"},
    {"wrap", "crosstalk writes the batch script"},
    {"clusters", "crosstalk looks for its jobs on this cluster alone: submit from a login node of the other"},
    {"parsable", "crosstalk reads what sbatch answers"},
}};

/// A value as an #SBATCH line takes it.
std::string line_value(const std::string& value, const char* what) {
  const auto is_strange = [](unsigned char c) { return c < ' ' || c == 0x7f || c == '"' || c == '\\'; };
  if (std::ranges::any_of(value, is_strange))
    throw Error(ErrorKind::config,
                std::string(what) + ' ' + cut(value) +
                    " holds a quote, a backslash or a control character, which no line of a batch "
                    "script can hold. Give another name.");
  return value.find_first_of(" #'") == std::string::npos ? value : '"' + value + '"';
}

/// A file for --output, in whose name % begins what Slurm fills in.
std::string log_file(const std::filesystem::path& folder, const std::string& name) {
  std::string text;
  for (const char c : folder.string()) text += c == '%' ? std::string("%%") : std::string(1, c);
  return line_value(text + '/' + name, "the results folder");
}

std::string header(const ClusterFolder& folder, const Plan& plan, const std::string& log) {
  const Resources& asked = plan.resources;
  std::string text = "#!/bin/sh\n";
  const auto add = [&](const std::string& option) { text += "#SBATCH --" + option + '\n'; };
  add("job-name=" + plan.job_name());
  add("output=" + log_file(folder.logs(), log));
  add("open-mode=append");
  add("nodes=1");
  add("ntasks=1");
  add("cpus-per-task=" + std::to_string(asked.cpus));
  if (asked.gpus > 0) add("gpus=" + std::to_string(asked.gpus));
  if (!asked.partition.empty()) add("partition=" + line_value(asked.partition, "--partition"));
  if (!asked.time.empty()) add("time=" + asked.time);
  if (!asked.constraint.empty()) add("constraint=" + line_value(asked.constraint, "--constraint"));
  add("requeue");
  add("signal=B:USR1@" + std::to_string(asked.signal_seconds));
  for (const std::string& option : asked.more) {
    const std::size_t equals = option.find('=');
    add(option.substr(0, equals) +
        (equals == std::string::npos ? "" : '=' + line_value(option.substr(equals + 1), "--sbatch")));
  }
  return text;
}

/// exec: signals from Slurm go to crosstalk itself, not to a shell in between.
std::string call(const std::vector<std::string>& command, const ClusterFolder& folder,
                 const std::string& task) {
  std::string text = "exec";
  for (const std::string& word : command) text += ' ' + shell_word(word);
  return text + " task " + shell_word(folder.results.string()) + ' ' + task + '\n';
}

}  // namespace

std::string array_script(const ClusterFolder& folder, const Plan& plan,
                         const std::vector<std::string>& command) {
  std::size_t runs = 0;
  for (const Task& task : plan.tasks) runs += task.runs.size();
  return header(folder, plan, "task-%a.log") + "\n# " + cut(plan.study_name()) + ": " +
         with_commas(static_cast<std::int64_t>(runs)) + (runs == 1 ? " run in " : " runs in ") +
         with_commas(static_cast<std::int64_t>(plan.tasks.size())) +
         (plan.tasks.size() == 1 ? " task" : " tasks") +
         ". SIGUSR1, before the time limit, and SIGTERM make a task\n"
         "# write its checkpoints and stop; after SIGUSR1 it puts itself back into the queue.\n" +
         call(command, folder, "\"$SLURM_ARRAY_TASK_ID\"");
}

std::string first_script(const ClusterFolder& folder, const Plan& plan,
                         const std::vector<std::string>& command) {
  return header(folder, plan, "first.log") +
         "\n# Collects the trajectories that the runs of the array learn from, once for all of them.\n" +
         call(command, folder, "first");
}

std::string array_of(const std::vector<std::size_t>& tasks, const Resources& resources) {
  return ranges(tasks, ",") +
         (resources.array_limit > 0 ? '%' + std::to_string(resources.array_limit) : std::string());
}

void check_folder(const ClusterFolder& folder) { log_file(folder.logs(), ""); }

void check_option(const std::string& option) {
  const std::string key = option.substr(0, option.find('='));
  if (key.empty() || key.find_first_not_of("abcdefghijklmnopqrstuvwxyz-0123456789") != std::string::npos ||
      key.front() == '-')
    throw Error(ErrorKind::config,
                "--sbatch " + cut(option) +
                    " is no option of sbatch. Give its long name without dashes, as --sbatch "
                    "mem=8G or --sbatch exclusive.");
  for (const auto& [name, instead] : own)  // sbatch takes the beginning of a name for the whole
    if (name.starts_with(key))
      throw Error(ErrorKind::config, "--sbatch " + cut(option) + ": " + instead + '.');
  line_value(option, "--sbatch");
}

}  // namespace crosstalk::cluster
