#include "cluster/packing.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <queue>

#include "base/error.hpp"
#include "base/text.hpp"
#include "work/estimate.hpp"

namespace crosstalk::cluster {
namespace {

/// Runs that go into one task together.
struct Unit {
  std::vector<std::size_t> runs;  // indices
  double seconds = 0;
};

/// Runs that share something and fit together, as one; the others one by one.
std::vector<Unit> units_of(const std::vector<Packed>& runs, double capacity) {
  std::map<std::string, std::vector<std::size_t>> sharing;
  std::vector<Unit> units;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].shares.empty())
      units.push_back({{i}, runs[i].seconds});
    else
      sharing[runs[i].shares].push_back(i);
  }
  for (const auto& [what, members] : sharing) {
    units.emplace_back();
    for (const std::size_t i : members) {
      if (!units.back().runs.empty() && units.back().seconds + runs[i].seconds > capacity)
        units.emplace_back();
      units.back().runs.push_back(i);
      units.back().seconds += runs[i].seconds;
    }
  }
  return units;
}

Task task_of(std::vector<std::size_t> members, const std::vector<Packed>& runs, int jobs) {
  std::vector<double> seconds;
  for (const std::size_t i : members) seconds.push_back(runs[i].seconds);
  Task task{.seconds = work::elapsed(std::move(seconds), jobs)};
  std::sort(members.begin(), members.end(),
            [&](std::size_t a, std::size_t b) { return runs[a].place < runs[b].place; });
  for (const std::size_t i : members) {
    task.runs.push_back(runs[i].place);
    task.run_seconds.push_back(runs[i].seconds);
  }
  return task;
}

std::vector<Task> by_number(const std::vector<Packed>& runs, const Wish& wish) {
  const std::size_t count = (runs.size() + wish.runs - 1) / wish.runs;
  if (count > wish.most_tasks)
    throw Error(ErrorKind::config,
                "--runs-per-task " + std::to_string(wish.runs) + " makes " +
                    with_commas(static_cast<std::int64_t>(count)) + " tasks of " +
                    with_commas(static_cast<std::int64_t>(runs.size())) + " runs, and this cluster takes " +
                    with_commas(static_cast<std::int64_t>(wish.most_tasks)) +
                    " in one array. Give at least --runs-per-task " +
                    std::to_string((runs.size() + wish.most_tasks - 1) / wish.most_tasks) + '.');
  std::vector<Task> tasks;
  for (std::size_t begin = 0; begin < runs.size(); begin += wish.runs) {
    std::vector<std::size_t> members(std::min(wish.runs, runs.size() - begin));
    std::iota(members.begin(), members.end(), begin);
    tasks.push_back(task_of(std::move(members), runs, wish.jobs));
  }
  return tasks;
}

}  // namespace

std::vector<Task> pack(const std::vector<Packed>& runs, const Wish& wish) {
  if (runs.empty()) return {};
  if (wish.runs > 0) return by_number(runs, wish);
  const double capacity = wish.seconds * wish.jobs;
  std::vector<Unit> units = units_of(runs, capacity);
  // Each unit goes to the task with the least work so far, the longest first: tasks come out about even.
  std::stable_sort(units.begin(), units.end(),
                   [](const Unit& a, const Unit& b) { return a.seconds > b.seconds; });
  const double all = std::accumulate(units.begin(), units.end(), 0.0,
                                     [](double sum, const Unit& unit) { return sum + unit.seconds; });
  const std::size_t most = std::min(units.size(), wish.most_tasks);
  const auto count =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(all / std::max(capacity, 1.0))), 1, most);
  std::vector<std::vector<std::size_t>> members(count);
  using Load = std::pair<double, std::size_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> least;
  for (std::size_t i = 0; i < count; ++i) least.emplace(0.0, i);
  for (const Unit& unit : units) {
    const auto [load, task] = least.top();
    least.pop();
    members[task].insert(members[task].end(), unit.runs.begin(), unit.runs.end());
    least.emplace(load + unit.seconds, task);
  }
  std::vector<Task> tasks;
  for (std::vector<std::size_t>& each : members)
    if (!each.empty()) tasks.push_back(task_of(std::move(each), runs, wish.jobs));
  return tasks;
}

}  // namespace crosstalk::cluster
