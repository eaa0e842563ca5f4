#include "run/timing.hpp"

#include <ATen/ATen.h>

#include <filesystem>

#include "base/clock.hpp"
#include "base/message.hpp"
#include "base/temporary_folder.hpp"
#include "replay/records.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {
namespace {

const char* const observed = "source.trajectories.observations";
constexpr double enough_seconds = 0.005, long_seconds = 0.2;

/// Seconds of one call: the mean over as many as fit into `enough_seconds`, without the first, unless that
/// one is long.
template <class Work>
double seconds_of(Work work) {
  const double begin = steady_seconds();
  work();
  const double first = steady_seconds() - begin;
  if (first > long_seconds) return first;
  const double again = steady_seconds();
  int count = 0;
  while (count == 0 || steady_seconds() - again < enough_seconds) {
    work();
    ++count;
  }
  return (steady_seconds() - again) / count;
}

/// Steps until the next update is made; a run that never makes one ends.
std::int64_t to_update(Run& run) {
  std::int64_t steps = 1;
  while (!run.advance() && steps < run.steps()) ++steps;
  return steps;
}

/// Seconds of a step, from one update to a later one: an agent learns at some of its steps only, and begins
/// late.
double seconds_of_step(Run& run) {
  to_update(run);
  const double begin = steady_seconds();
  std::int64_t steps = 0;
  while (steady_seconds() - begin < enough_seconds) steps += to_update(run);
  return (steady_seconds() - begin) / static_cast<double>(steps);
}

/// Writes the run's state as large as it will be: with as many steps as its agent comes to keep. Observations
/// that will lie in files beside the checkpoint are counted and not written.
CheckpointCost time_checkpoint(const Run& run) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "checkpoint.safetensors";
  const double begin = steady_seconds();
  tensor::State state = run.save();
  double beside = 0;
  if (const auto seen = state.tensors.find(observed); seen != state.tensors.end()) {
    const auto bytes = static_cast<std::size_t>(seen->second.size(1));
    if (replay::belong_in_files(run.kept(), bytes)) {
      beside = static_cast<double>(run.kept()) * static_cast<double>(bytes);
      state.tensors.erase(seen);
    }
  }
  for (auto& [name, held] : state.tensors) {
    const bool of_each_step = name.starts_with("source.trajectories.") || name.ends_with(".priorities");
    if (!of_each_step || held.size(0) >= run.kept()) continue;
    std::vector<std::int64_t> sizes = held.sizes().vec();
    sizes[0] = run.kept();
    held = at::zeros(sizes, held.options());
  }
  tensor::write_safetensors(file, state.tensors, {{"crosstalk", Json(state.positions).dump()}});
  return {beside + static_cast<double>(std::filesystem::file_size(file)), steady_seconds() - begin};
}

/// What a probe looks at of the update that it waits for: what that takes beyond a step, and its rows.
void add_change(Run& run, Timing& timing, measure::Readings& readings) {
  if (!run.awaits_change()) return;
  const double begin = steady_seconds();
  const std::int64_t steps = to_update(run);
  std::optional<measure::Readings> change = run.take_change();
  if (!change) return;
  const double beyond = steady_seconds() - begin - timing.update_seconds * static_cast<double>(steps);
  timing.probe_seconds += std::max(0.0, beyond);
  readings.rows.insert(readings.rows.end(), change->rows.begin(), change->rows.end());
}

}  // namespace

Timing time_run(Run& run, bool keeps) {
  Timing timing{};
  timing.update_seconds = seconds_of_step(run);
  measure::Readings readings(0);
  timing.probe_seconds = seconds_of([&] { readings = run.measure(); });
  add_change(run, timing, readings);
  timing.row_bytes = static_cast<double>(Json::to_cbor(to_json(readings.rows)).size());
  if (keeps) timing.kept = kept_size(run);
  try {
    timing.checkpoint = time_checkpoint(run);
  } catch (const std::exception&) {
    // What a run takes can be told without: no room there, or no such folder.
  }
  return timing;
}

}  // namespace crosstalk::run
