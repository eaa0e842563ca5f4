#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace crosstalk::cluster {

/// Seconds of a time as Slurm takes it: "30" (minutes), "30:00", "2:00:00", "1-12", "1-12:30", "1-12:30:00".
/// Nothing for "UNLIMITED" and "INFINITE". Error(config) where it is none of these.
std::optional<std::int64_t> seconds_of(const std::string& time);

/// What the runs of a task take before they have stopped, as it was measured.
struct Stopping {
  double step_seconds = 0;        // the longest update with its measurement, which a stop waits for
  double checkpoint_seconds = 0;  // to write the largest checkpoint
  double checkpoint_bytes = 0;
  int jobs = 1;  // that write at once
};

/// Seconds before a task's time limit at which it is told to stop: twice what was measured, and half a
/// minute.
std::int64_t signal_seconds(const Stopping& stopping);

/// Error(config) where a time limit leaves no time between a task's start and the signal: the task would end
/// where it began, each time.
void check_time_limit(const std::string& time, const Stopping& stopping);
/// The same of tasks whose signal was settled before.
void check_time_limit(const std::string& time, std::int64_t signal_seconds);

}  // namespace crosstalk::cluster
