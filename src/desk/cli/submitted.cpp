#include "cli/submitted.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cluster/shard.hpp"
#include "store/store.hpp"
#include "study/load.hpp"

namespace crosstalk::cli {

study::Study study_of(const cluster::Plan& plan, const cluster::ClusterFolder& folder) {
  try {
    study::Study study = study::study_from_json(plan.study);
    const auto is_named = [](const study::Configuration& run, const std::string& name) {
      return run.run == name;
    };
    if (!std::ranges::equal(study.runs, plan.runs, is_named))
      throw Error(ErrorKind::store, "its runs are not those of its study. Put it back from a copy.");
    return study;
  } catch (const Error& error) {
    throw Error(error.kind(), folder.plan().string() + ": " + error.what());
  } catch (const Json::exception&) {
    throw Error(ErrorKind::store,
                folder.plan().string() + ": its study is damaged. Put it back from a copy.");
  }
}

DataPlaces places_of(const cluster::Plan& plan, const cluster::ClusterFolder& folder) {
  return {plan.data_folder.is_string() ? plan.data_folder.get<std::string>() : "",
          beside(work::ResultsFolder{folder.results})};
}

std::map<std::string, store::Status> merged_statuses(const cluster::ClusterFolder& folder) {
  std::map<std::string, store::Status> statuses;
  const work::ResultsFolder results{folder.results};
  std::error_code ignored;
  if (!std::filesystem::exists(results.file(), ignored)) return statuses;
  for (const store::RunRecord& run : store::Store::open_to_read(results.file()).runs())
    statuses[run.run] = run.status;
  return statuses;
}

std::vector<TaskState> task_states(const cluster::ClusterFolder& folder, const cluster::Plan& plan) {
  const std::map<std::string, store::Status> merged = merged_statuses(folder);
  std::vector<TaskState> states(plan.tasks.size());
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    TaskState& state = states[task];
    std::map<std::string, store::Status> statuses;
    for (const std::size_t place : plan.tasks[task].runs)
      statuses[plan.runs.at(place)] = store::Status::pending;
    try {
      if (const auto shard = cluster::open_shard(folder, plan, task)) {
        state.has_shard = true;
        for (const store::RunRecord& run : shard->runs) statuses[run.run] = run.status;
      }
    } catch (const Error& error) {
      state.fault = error.what();
    }
    for (auto& [run, status] : statuses) {
      const auto there = merged.find(run);
      if (there != merged.end() && is_over(there->second)) status = there->second;
      ++state.of(status);
    }
  }
  return states;
}

bool has_all_runs(const TaskState& state) {
  return state.counts.done + state.counts.diverged == state.counts.all();
}

bool is_complete(const TaskState& state) { return has_all_runs(state) && state.fault.empty(); }

int& TaskState::of(store::Status status) {
  switch (status) {
    case store::Status::pending:
      return counts.pending;
    case store::Status::running:
      return counts.running;
    case store::Status::done:
      return counts.done;
    case store::Status::diverged:
      return counts.diverged;
    case store::Status::failed:
      return counts.failed;
  }
  return counts.pending;
}

std::optional<std::vector<cluster::Job>> jobs_of(const cluster::Plan& plan) {
  try {
    return cluster::queue(plan.job_name());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::environment) throw;
    return std::nullopt;
  }
}

namespace {

constexpr std::size_t shown_tasks = 20;

std::string runs_in_words(const Counts& counts) {
  std::string text = of_all(counts.done, counts.all()) + " done";
  if (counts.running > 0) text += ", " + with_commas(counts.running) + " begun";
  if (counts.pending > 0) text += ", " + with_commas(counts.pending) + " waiting";
  if (counts.diverged > 0) text += ", " + with_commas(counts.diverged) + " diverged";
  if (counts.failed > 0) text += ", " + with_commas(counts.failed) + " failed";
  return text;
}

/// Which of Slurm's reasons for waiting there are, and how often.
std::string reasons(const std::vector<cluster::Job>& jobs) {
  std::map<std::string, int> counts;
  for (const cluster::Job& job : jobs)
    if (!job.is_at_work()) ++counts[job.reason];
  std::string text;
  for (const auto& [reason, count] : counts)
    text += (text.empty() ? "" : ", ") + reason + (counts.size() > 1 ? ' ' + std::to_string(count) : "");
  return text;
}

std::string array_in_words(const std::vector<TaskState>& states, const std::vector<cluster::Job>& jobs) {
  int complete = 0, at_work = 0, waiting = 0, ended = 0;
  std::map<std::size_t, const cluster::Job*> by_task;
  std::string first;
  for (const cluster::Job& job : jobs) {
    if (job.task)
      by_task[*job.task] = &job;
    else
      first = "the job that collects the trajectories (" + job.id + ") " +
              (job.is_at_work() ? "is at work on " + job.node : "waits: " + job.reason) + '\n';
  }
  for (std::size_t task = 0; task < states.size(); ++task) {
    const auto job = by_task.find(task);
    if (job != by_task.end())
      ++(job->second->is_at_work() ? at_work : waiting);
    else
      ++(is_complete(states[task]) ? complete : ended);
  }
  std::string text = first + with_commas(static_cast<std::int64_t>(states.size())) +
                     (states.size() == 1 ? " task: " : " tasks: ") + with_commas(complete) + " done";
  if (at_work > 0) text += ", " + with_commas(at_work) + " at work";
  if (waiting > 0) text += ", " + with_commas(waiting) + " in the queue (" + reasons(jobs) + ')';
  if (ended > 0) text += ", " + with_commas(ended) + " neither done nor in the queue";
  return text + '\n';
}

/// Where a task's words are, if there are any.
std::string log_of(const std::filesystem::path& log) {
  std::error_code ignored;
  return std::filesystem::exists(log, ignored) ? "; " + log.string() : "";
}

/// Tasks that need somebody to look at them, each with where to look: those with failed runs or a strange
/// shard before those that are merely missing.
std::string troubles_in_words(const cluster::ClusterFolder& folder, const std::vector<TaskState>& states,
                              const std::optional<std::vector<cluster::Job>>& jobs) {
  std::vector<std::string> failed, missing;
  for (std::size_t task = 0; task < states.size(); ++task) {
    const TaskState& state = states[task];
    const bool is_in_queue = jobs && std::any_of(jobs->begin(), jobs->end(),
                                                 [&](const cluster::Job& job) { return job.task == task; });
    const bool is_lost = jobs && !is_in_queue && !is_complete(state), has_failed = state.counts.failed > 0;
    if (!is_lost && state.fault.empty() && !has_failed) continue;
    (has_failed || !state.fault.empty() ? failed : missing)
        .push_back("task " + std::to_string(task) + ": " +
                   (state.fault.empty() ? runs_in_words(state.counts) : state.fault) +
                   log_of(folder.logs() / ("task-" + std::to_string(task) + ".log")) + '\n');
  }
  failed.insert(failed.end(), missing.begin(), missing.end());
  std::string text;
  for (std::size_t i = 0; i < std::min(failed.size(), shown_tasks); ++i) text += failed[i];
  if (failed.size() > shown_tasks) text += "and " + std::to_string(failed.size() - shown_tasks) + " more\n";
  return text;
}

/// Where the array waited for a job that has collected no trajectories.
std::string first_in_words(const cluster::ClusterFolder& folder, const cluster::Plan& plan,
                           const std::vector<TaskState>& states,
                           const std::optional<std::vector<cluster::Job>>& jobs) {
  const bool any_began = std::ranges::any_of(states, &TaskState::has_shard);
  if (!plan.makes_trajectories || !jobs || !jobs->empty() || any_began) return "";
  return "no task has begun: the job before the array, which collects the trajectories, has not done it" +
         log_of(folder.logs() / "first.log") + '\n';
}

}  // namespace

bool show_submitted(const std::filesystem::path& results) {
  const cluster::ClusterFolder folder{results};
  if (!cluster::has_plan(folder)) return false;
  const cluster::Plan plan = cluster::read_plan(folder);
  const std::vector<TaskState> states = task_states(folder, plan);
  const auto jobs = jobs_of(plan);
  Counts all;
  for (const TaskState& state : states)
    for (int Counts::* part :
         {&Counts::pending, &Counts::running, &Counts::done, &Counts::diverged, &Counts::failed})
      all.*part += state.counts.*part;
  const auto merged = merged_statuses(folder);
  const auto is_there =
      std::count_if(merged.begin(), merged.end(), [](const auto& run) { return is_over(run.second); });
  const std::string name = shell_word(results.string());
  const bool is_over = all.done + all.diverged == all.all();
  std::string text = plan.study_name() + ": " + runs_in_words(all) + '\n';
  text += jobs ? array_in_words(states, *jobs) : "Slurm's queue cannot be asked on this machine\n";
  text += first_in_words(folder, plan, states, jobs) + troubles_in_words(folder, states, jobs);
  text += with_commas(is_there) + " finished runs are merged into " + results.string() + '\n';
  if (is_there < all.done + all.diverged)
    text += "next:  crosstalk merge " + name + '\n';
  else if (is_over)
    text += "next:  crosstalk report " + name + '\n';
  if (jobs && jobs->empty() && !is_over)
    text += "submit what is left:  crosstalk submit " + name + " --slurm\n";
  say(text);
  return true;
}

}  // namespace crosstalk::cli
