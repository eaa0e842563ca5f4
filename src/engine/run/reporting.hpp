#pragma once

#include "base/clock.hpp"
#include "run/collect.hpp"
#include "run/line.hpp"
#include "run/loop.hpp"
#include "run/run_data.hpp"
#include "run/stop.hpp"

/// What a worker says on its line while it works, and what it hears there meanwhile.
namespace crosstalk::run {

inline constexpr double look_seconds = 0.02,
                        tell_seconds = 0.25;  // between looking at the line, and progress

/// The coordinator's wish that work ends, looked for now and then.
class Wishes {
 public:
  Wishes(Line& line, const StopSignal& signal) : line_(line), signal_(signal) {}

  bool to_stop() {
    if (signal_.came()) return true;
    const double now = coarse_seconds();
    if (now - looked_ < look_seconds) return stop_;
    looked_ = now;
    while (line_.has_message()) hear();
    return stop_;
  }
  /// Whether it is time to say how far the work is.
  bool wait_for_news() {
    if (looked_ - told_ < tell_seconds) return false;
    told_ = looked_;
    return true;
  }
  /// The next message's "do".
  std::string hear() {
    const std::optional<Json> message = line_.receive();
    if (!message) throw LineClosed();
    const std::string what = message->value("do", "");
    stop_ = stop_ || what == "stop";
    return what;
  }

 private:
  Line& line_;
  const StopSignal& signal_;
  bool stop_ = false;
  double looked_ = coarse_seconds(), told_ = looked_;
};

/// A run's results as frames, and the coordinator's wishes.
class LineSink final : public Sink {
 public:
  LineSink(Line& line, const StopSignal& signal, const Data* data, std::string run)
      : line_(line), wishes_(line, signal), data_(data), run_(std::move(run)) {}

  void store(measure::Readings readings) override {
    check(data_);
    line_.send({{"event", "rows"},
                {"run", run_},
                {"rows", to_json(readings.rows)},
                {"arrays", to_json(readings.arrays)}});
  }

  void unrepeatable(std::int64_t count, const std::string& why) override {
    line_.send({{"event", "unrepeatable"}, {"run", run_}, {"step", count}, {"why", why}});
  }

  void cut(const std::string& why, const std::string& place) override {
    line_.send({{"event", "cut"}, {"run", run_}, {"why", why}, {"place", place}});
  }

  void make_durable() override {
    check(data_);
    line_.send({{"event", "flush"}, {"run", run_}, {"step", step_}});
    while (wishes_.hear() != "durable") {
    }
  }

  bool asked_to_stop(std::int64_t step, std::int64_t steps) override {
    step_ = step;
    const bool stop = wishes_.to_stop();
    // The measurement after the last update counts as a step: before it the run is not at its end.
    if (wishes_.wait_for_news())
      line_.send({{"event", "progress"}, {"run", run_}, {"step", step}, {"of", steps + 1}});
    return stop;
  }

 private:
  Line& line_;
  Wishes wishes_;
  const Data* data_;  // nullptr: the run has none
  std::string run_;
  std::int64_t step_ = 0;
};

/// How far the collecting of trajectories is, as frames.
class CollectLine final : public CollectWatcher {
 public:
  CollectLine(Line& line, const StopSignal& signal, std::int64_t transitions)
      : line_(line), wishes_(line, signal), transitions_(transitions) {}

  bool asked_to_stop(std::int64_t steps, std::int64_t episodes) override {
    const bool stop = wishes_.to_stop();
    if (wishes_.wait_for_news())
      line_.send({{"event", "collecting"}, {"steps", steps}, {"of", transitions_}, {"episodes", episodes}});
    return stop;
  }
  void remark(const std::string& what) override { line_.send({{"event", "remark"}, {"what", what}}); }

 private:
  Line& line_;
  Wishes wishes_;
  std::int64_t transitions_;
};

}  // namespace crosstalk::run
