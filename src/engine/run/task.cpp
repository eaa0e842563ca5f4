#include "run/task.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "env/foreign.hpp"

namespace crosstalk::run {

std::unique_ptr<Task> make_task(const Settings& settings, std::uint64_t seed, const data::Dataset* dataset,
                                const OwnFile& file, const Places& places) {
  const TaskKind kind = settings.word("task.kind", task_kinds);
  if (settings.is_said("task.trajectories")) return stored_task(settings, seed, file);
  if (kind == TaskKind::control && env::is_foreign(settings.text("task.environment")))
    return foreign_task(settings, seed, file, places.replay);
  if (kind == TaskKind::control || kind == TaskKind::evaluate) return exact_task(settings, seed);
  if (dataset == nullptr)
    throw Error(ErrorKind::config, "task.kind = \"" + std::string(word_for(task_kinds, kind)) +
                                       "\" needs a data set: give task.dataset");
  return kind == TaskKind::windowed ? windowed_task(settings, seed, *dataset, places.lives)
                                    : supervised_task(settings, seed, *dataset);
}

measure::Set first_rows(const std::string& name, const data::Table& table, std::int64_t count) {
  return {name, {&table, data::first_rows(std::min(count, table.size()))}, /*fixed=*/true};
}

}  // namespace crosstalk::run
