#include "run/timing.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "base/message.hpp"
#include "run/checkpoint.hpp"

namespace crosstalk::run {
namespace {

constexpr double enough_seconds = 0.02;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Seconds of one call: the mean over as many as fit into `enough_seconds`, the first left out if others
/// follow.
template <class Work>
double seconds_of(Work work) {
  const double begin = now();
  work();
  const double first = now() - begin;
  if (first > 10 * enough_seconds) return first;
  const double again = now();
  int count = 0;
  while (count == 0 || now() - again < enough_seconds) {
    work();
    ++count;
  }
  return (now() - again) / count;
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
  const double begin = now();
  std::int64_t steps = 0;
  while (now() - begin < enough_seconds) steps += to_update(run);
  return (now() - begin) / static_cast<double>(steps);
}

void time_checkpoint(const Run& run, Timing& timing) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("crosstalk-timing-" + std::to_string(::getpid()) + ".safetensors");
  const double begin = now();
  Checkpoint(path, 0, {}).save(run);
  timing.checkpoint_seconds = now() - begin;
  timing.checkpoint_bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
}

}  // namespace

Timing time_run(Run& run) {
  Timing timing{};
  timing.update_seconds = seconds_of_step(run);
  Measurement measurement;
  timing.probe_seconds = seconds_of([&] { measurement = run.measure(); });
  timing.row_bytes = static_cast<double>(Json::to_cbor(to_json(measurement.rows)).size());
  time_checkpoint(run, timing);
  return timing;
}

}  // namespace crosstalk::run
