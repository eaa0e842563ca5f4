#include "cluster/time_limit.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::cluster {
namespace {

constexpr double margin = 2;                // of what was measured: nodes and their disks are slower at times
constexpr std::int64_t least_seconds = 30;  // for what is no checkpoint: the last rows, the shard
constexpr std::int64_t early_seconds =
    60;  // Slurm may send the signal that much too soon (man sbatch, --signal)
constexpr std::int64_t start_seconds = 30;  // of a worker, with the first steps

[[noreturn]] void refuse(const std::string& time) {
  throw Error(ErrorKind::config, "--time " + cut(time) +
                                     " is no time as Slurm takes it. Give minutes (--time 90), or "
                                     "HOURS:MINUTES:SECONDS (--time 12:00:00), or DAYS-HOURS (--time 2-00).");
}

/// The numbers between colons, at most three.
std::vector<std::int64_t> parts_of(const std::string& text, const std::string& time) {
  std::vector<std::int64_t> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    if (part.empty() || part.size() > 9 || part.find_first_not_of("0123456789") != std::string::npos)
      refuse(time);
    parts.push_back(std::stoll(part));
    if (end == text.size()) break;
    begin = end + 1;
  }
  if (parts.size() > 3) refuse(time);
  return parts;
}

std::string in_words(double seconds) {
  return seconds < 1 ? "less than a second" : std::to_string(std::llround(seconds)) + " s";
}

/// `what`: what takes the time until a task has stopped.
void refuse_short(const std::string& time, std::int64_t to_stop, const std::string& what) {
  const std::optional<std::int64_t> limit = seconds_of(time);
  if (!limit || *limit == 0) return;  // 0: none, as Slurm has it
  const std::int64_t needed = to_stop + early_seconds + start_seconds;
  if (*limit >= needed) return;
  throw Error(ErrorKind::config,
              "--time " + time + " is too short for one checkpoint: a task needs " + std::to_string(needed) +
                  " s, and would have " + std::to_string(*limit) + " s. To start takes " +
                  std::to_string(start_seconds) + " s; to stop, " + std::to_string(to_stop) + " s (" + what +
                  "); and Slurm may give the signal " + std::to_string(early_seconds) +
                  " s too soon.\nGive at least --time " + std::to_string((needed + 59) / 60) + " (minutes).");
}

}  // namespace

std::optional<std::int64_t> seconds_of(const std::string& time) {
  std::string upper = time;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  if (upper == "UNLIMITED" || upper == "INFINITE") return std::nullopt;
  const std::size_t dash = time.find('-');
  if (dash != std::string::npos) {  // DAYS-HOURS[:MINUTES[:SECONDS]]
    const std::vector<std::int64_t> days = parts_of(time.substr(0, dash), time);
    std::vector<std::int64_t> rest = parts_of(time.substr(dash + 1), time);
    if (days.size() != 1) refuse(time);
    rest.resize(3, 0);
    return ((days[0] * 24 + rest[0]) * 60 + rest[1]) * 60 + rest[2];
  }
  const std::vector<std::int64_t> parts = parts_of(time, time);
  if (parts.size() == 1) return parts[0] * 60;
  if (parts.size() == 2) return parts[0] * 60 + parts[1];
  return (parts[0] * 60 + parts[1]) * 60 + parts[2];
}

std::int64_t signal_seconds(const Stopping& stopping) {
  const double measured = stopping.step_seconds + stopping.jobs * stopping.checkpoint_seconds;
  return least_seconds + static_cast<std::int64_t>(std::ceil(margin * measured));
}

void check_time_limit(const std::string& time, const Stopping& stopping) {
  refuse_short(time, signal_seconds(stopping),
               std::to_string(stopping.jobs) +
                   (stopping.jobs == 1 ? " checkpoint of " : " checkpoints, each up to ") +
                   with_commas(std::llround(stopping.checkpoint_bytes)) + " bytes and " +
                   in_words(stopping.checkpoint_seconds) + ", and an update and a measurement of " +
                   in_words(stopping.step_seconds) + ", as measured here, twice");
}

void check_time_limit(const std::string& time, std::int64_t signal_seconds) {
  refuse_short(time, signal_seconds, "as was measured when the study was submitted");
}

}  // namespace crosstalk::cluster
