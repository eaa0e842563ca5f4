#include "run/timing.hpp"

#include <chrono>

#include "base/message.hpp"

namespace crosstalk::run {
namespace {

constexpr double enough_seconds = 0.05;

/// Seconds of one call: the mean over as many as fit into `enough_seconds`, the first left out if others
/// follow.
template <class Work>
double seconds_of(Work work) {
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
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

}  // namespace

Timing time_run(Run& run) {
  Timing timing{};
  Measurement measurement;
  timing.probe_seconds = seconds_of([&] { measurement = run.measure(); });
  timing.update_seconds = seconds_of([&] { run.update(); });
  timing.row_bytes = static_cast<double>(Json::to_cbor(to_json(measurement.rows)).size());
  return timing;
}

}  // namespace crosstalk::run
