#pragma once

#include <string>

#include "run/checkpoint.hpp"
#include "run/keeping.hpp"
#include "run/run.hpp"

namespace crosstalk::run {

/// Where a run's results go, and who may end it.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void store(measure::Readings readings) = 0;
  /// Returns once everything stored is on the disk.
  virtual void make_durable() = 0;
  /// Said before the first row: the run cannot be repeated to the last bit, and why. `count`: its rows from
  /// there on are yet to come, whatever came before.
  virtual void unrepeatable(std::int64_t /*count*/, const std::string& /*why*/) {}
  /// Said of a measurement's returns before its rows, once a call of carry_out: the first of it. `place`:
  /// where that is, "step 1,000".
  virtual void cut(const std::string& /*why*/, const std::string& /*place*/) {}
  /// Called between steps; cheap. Tells others how far the run is, now and then; true: end here.
  virtual bool asked_to_stop(std::int64_t step, std::int64_t steps) = 0;
};

enum class Ending { done, diverged, stopped };

struct Outcome {
  Ending ending;
  std::string message;          // which number was not finite, where
  std::int64_t resumed_at = 0;  // the checkpoint's step, 0 without one
};

/// The whole run, from its checkpoint on where there is one. What is kept of a measurement is on the disk
/// before its rows are stored; nullptr: nothing is.
Outcome carry_out(Run& run, Sink& sink, Checkpoint& checkpoint, Keeper* keeper = nullptr);

}  // namespace crosstalk::run
