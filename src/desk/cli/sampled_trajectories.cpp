#include "cli/sampled_trajectories.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/error.hpp"
#include "base/trajectory_set.hpp"
#include "cli/console.hpp"
#include "cli/trajectories_made.hpp"
#include "study/own_class.hpp"
#include "work/stored.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::int64_t least_episodes = 2;  // that runs learn from: one to train, one to test
constexpr std::array<std::int64_t, 2> sample_sizes{4000, 40000};  // transitions; then all that are asked for

bool is_whole(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / TrajectorySet::about_name, ignored) &&
         TrajectorySet::read(folder).complete;
}

/// Whether a run's trajectories are yet to be made.
bool is_to_be_made(const study::Configuration& run, const std::filesystem::path& beside) {
  return study::makes_trajectories(run) && !is_whole(beside / *study::trajectories_of(run));
}

/// The keys of a run whose trajectories are a sample of so many steps, in a folder of that name.
study::KeyValues on_sample(const study::Configuration& run, const std::string& name, std::int64_t size,
                           const std::filesystem::path& beside) {
  study::KeyValues::Map values = run.values;
  const std::string expert = values.at("trajectories.expert");
  values["task.trajectories"] = name;
  values["task.transitions"] = "all";
  values["trajectories.transitions"] = std::min<std::int64_t>(size, values.at("trajectories.transitions"));
  if (!expert.empty())
    values["trajectories.expert"] = std::filesystem::absolute(beside / expert).lexically_normal().string();
  return values;
}

/// The same study's runs on samples; each set of trajectories gets a folder of its own in `scratch`.
std::vector<study::Configuration> on_samples(const std::vector<study::Configuration>& runs, std::int64_t size,
                                             const std::filesystem::path& beside) {
  std::map<std::string, std::string> names;
  std::map<const study::KeyValues::Map*, study::KeyValues>
      known;  // runs that differ in their seed share them
  std::vector<study::Configuration> sampled = runs;
  for (study::Configuration& run : sampled) {
    if (!is_to_be_made(run, beside)) continue;
    const study::KeyValues::Map& values = run.values;
    auto found = known.find(&values);
    if (found == known.end()) {
      const std::string name =
          names.try_emplace(*study::trajectories_of(run), "sample-" + std::to_string(names.size()))
              .first->second;
      found = known.emplace(&values, on_sample(run, name, size, beside)).first;
    }
    run.values = found->second;
  }
  return sampled;
}

/// Whether each sample has the episodes that runs need.
bool is_enough(const std::vector<study::Configuration>& sampled, const std::filesystem::path& scratch) {
  return std::all_of(sampled.begin(), sampled.end(), [&](const study::Configuration& run) {
    if (!study::makes_trajectories(run)) return true;
    const std::filesystem::path folder = scratch / *study::trajectories_of(run);
    std::error_code ignored;
    return !std::filesystem::exists(folder, ignored) ||
           TrajectorySet::read(folder).episodes >= least_episodes;
  });
}

/// Collects samples of that size; whether they have the episodes that are needed. Where more may help, a
/// refusal (the first episode is longer) is no error yet.
bool collects(const study::Study& study, const std::vector<study::Configuration>& sampled, bool is_last,
              const std::filesystem::path& scratch, const Context& context,
              const work::Interrupts& interrupts) {
  try {
    make_trajectories(study, sampled, scratch, context, interrupts);
    return is_last || is_enough(sampled, scratch);
  } catch (const Error& error) {
    if (is_last || error.kind() != ErrorKind::config) throw;
    return false;
  }
}

}  // namespace

Timeable timeable(const study::Study& study, const std::vector<study::Configuration>& runs,
                  const DataPlaces& places, const std::filesystem::path& scratch, const Context& context,
                  const work::Interrupts& interrupts) {
  std::vector<study::Configuration> there, missing;
  std::int64_t largest = 0;
  for (const study::Configuration& run : runs) {
    const bool is_missing = is_to_be_made(run, places.beside);
    (is_missing ? missing : there).push_back(run);
    if (is_missing) largest = std::max<std::int64_t>(largest, run.values.at("trajectories.transitions"));
  }
  if (missing.empty()) return {runs, prepare(study, runs, places, context, interrupts), false};
  work::check_trajectories_to_make(missing);
  say_if_heard("the trajectories are yet to be made: runs are timed on a few steps of the same kind\n");
  Timeable timed{.is_sampled = true};
  for (std::size_t i = 0;; ++i) {
    const std::int64_t size = i < sample_sizes.size() ? sample_sizes[i] : largest;
    const std::filesystem::path folder = scratch / std::to_string(i);
    std::filesystem::create_directories(folder);
    timed.runs = on_samples(runs, size, places.beside);
    std::vector<study::Configuration> sampled = on_samples(missing, size, places.beside);
    if (!collects(study, sampled, size >= largest, folder, context, interrupts)) continue;
    timed.datasets = prepare(study, there, places, context, interrupts);
    timed.datasets.merge(prepare(study, sampled, {places.data, folder}, context, interrupts));
    return timed;
  }
}

}  // namespace crosstalk::cli
