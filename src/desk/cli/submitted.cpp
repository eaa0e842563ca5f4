#include "cli/submitted.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
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

std::map<std::string, store::RunRecord> merged_runs(const cluster::ClusterFolder& folder) {
  std::map<std::string, store::RunRecord> merged;
  const work::ResultsFolder results{folder.results};
  std::error_code ignored;
  if (!std::filesystem::exists(results.file(), ignored)) return merged;
  for (store::RunRecord& run : store::Store::open_to_read(results.file()).runs())
    merged.emplace(run.run, std::move(run));
  return merged;
}

std::vector<TaskState> task_states(const cluster::ClusterFolder& folder, const cluster::Plan& plan,
                                   const std::map<std::string, store::RunRecord>& merged) {
  std::vector<TaskState> states(plan.tasks.size());
  for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
    TaskState& state = states[task];
    std::map<std::string, store::RunRecord> in_shard;
    try {
      if (auto shard = cluster::open_shard(folder, plan, task)) {
        state.has_shard = true;
        for (store::RunRecord& run : shard->runs) in_shard.emplace(run.run, std::move(run));
      }
    } catch (const Error& error) {
      state.fault = error.what();
    }
    for (const std::size_t place : plan.tasks[task].runs) {
      const std::string& name = plan.runs.at(place);
      const auto there = merged.find(name);
      const auto here = in_shard.find(name);
      if (there != merged.end() && is_over(there->second.status))
        state.runs.push_back(there->second);
      else
        state.runs.push_back(here != in_shard.end() ? here->second : store::RunRecord{.run = name});
    }
    state.counts = count(state.runs);
  }
  return states;
}

bool has_all_runs(const TaskState& state) {
  return state.counts.done + state.counts.diverged == state.counts.all();
}

bool is_complete(const TaskState& state) { return has_all_runs(state) && state.fault.empty(); }

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

/// Which of Slurm's reasons for waiting there are, or on which nodes jobs are at work, and how often.
std::string places(const std::vector<cluster::Job>& jobs, bool at_work) {
  std::map<std::string, int> counts;
  for (const cluster::Job& job : jobs)
    if (job.is_at_work() == at_work) ++counts[at_work ? job.node : job.reason];
  std::string text;
  for (const auto& [place, count] : counts) {
    text += (text.empty() ? "" : ", ") + place;
    if (counts.size() > 1 || (at_work && count > 1)) text += ' ' + std::to_string(count);
  }
  return text;
}

/// "; job 123", by which `squeue` and `scancel` know the array.
std::string numbers(const std::vector<cluster::Job>& jobs) {
  std::set<std::string> found;
  for (const cluster::Job& job : jobs)
    if (job.task) found.insert(job.id.substr(0, job.id.find('_')));
  std::string text;
  for (const std::string& number : found)
    text += (text.empty() ? (found.size() == 1 ? "; job " : "; jobs ") : ", ") + number;
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
  if (at_work > 0) text += ", " + with_commas(at_work) + " at work (" + places(jobs, true) + ')';
  if (waiting > 0) text += ", " + with_commas(waiting) + " in the queue (" + places(jobs, false) + ')';
  if (ended > 0) text += ", " + with_commas(ended) + " neither done nor in the queue";
  return text + numbers(jobs) + '\n';
}

/// Where a task's words are, if there are any.
std::string log_of(const std::filesystem::path& log) {
  std::error_code ignored;
  return std::filesystem::exists(log, ignored) ? "; " + log.string() : "";
}

/// What the first of its failed runs says of it.
std::string why_failed(const TaskState& state) {
  const auto failed = std::ranges::find(state.runs, store::Status::failed, &store::RunRecord::status);
  if (failed == state.runs.end()) return "";
  return " (run " + failed->run + ": " +
         shortened(failed->message.substr(0, failed->message.find('\n')), 200) + ')';
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
                   (state.fault.empty() ? runs_in_words(state.counts) + why_failed(state) : state.fault) +
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
  const auto merged = merged_runs(folder);
  const std::vector<TaskState> states = task_states(folder, plan, merged);
  const auto jobs = jobs_of(plan);
  std::vector<store::RunRecord> runs;
  for (const TaskState& state : states) runs.insert(runs.end(), state.runs.begin(), state.runs.end());
  const Counts all = count(runs);
  std::int64_t are_merged = 0;
  for (const auto& [name, run] : merged) {
    if (is_over(run.status)) ++are_merged;
    if (!run.named) runs.push_back(run);
  }
  const std::string name = shell_word(results.string());
  const bool has_all = all.done + all.diverged == all.all();
  std::string text = plan.study_name() + ": " + runs_in_words(all) + '\n';
  text += jobs ? array_in_words(states, *jobs) : "Slurm's queue cannot be asked on this machine\n";
  text +=
      remarks_on(runs) + first_in_words(folder, plan, states, jobs) + troubles_in_words(folder, states, jobs);
  text += with_commas(are_merged) + " finished runs are merged into " + results.string() + '\n';
  if (are_merged < all.done + all.diverged)
    text += "next:  crosstalk merge " + name + '\n';
  else if (has_all)
    text += "next:  crosstalk report " + name + '\n';
  if (jobs && jobs->empty() && !has_all)
    text += "submit what is left:  crosstalk submit " + name + " --slurm\n";
  say(text);
  return true;
}

}  // namespace crosstalk::cli
