#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/rows.hpp"
#include "data/dataset.hpp"
#include "measure/probe.hpp"
#include "run/configuration.hpp"
#include "run/task.hpp"

namespace crosstalk::run {

/// What one measurement yields.
struct Measurement {
  std::vector<Row> rows;
  std::vector<Array> arrays;
};

/// One run: a task and its probe, made from configuration and seed. Between two calls everything that its
/// future depends on is in save(), except while a change is due.
class Run {
 public:
  /// At its beginning. Error(config) or Error(data) where the parts do not fit.
  Run(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset);
  Run(const Run&) = delete;
  ~Run();

  std::int64_t step() const { return step_; }            // updates made; an agent's steps in its environment
  std::int64_t steps() const { return task_->steps(); }  // of the whole run
  bool finished() const { return step_ >= steps(); }
  /// Before the updates 0, every, 2 x every, ..., and once more when the last one is made.
  bool probe_due() const { return step_ % every_ == 0 || finished(); }

  /// Before the update of its step, or at the end; leaves training as it is to the last bit.
  Measurement measure();
  /// One step; the batch's loss before its update, nothing where it made none.
  std::optional<double> advance();
  /// Whether an update has been made since a measurement that waits for it; then measure_change() is what
  /// that measurement still lacks.
  bool change_due() const { return change_due_; }
  Measurement measure_change();
  /// Whether a measurement waits: no time for a checkpoint. At the end there is no update to wait for.
  bool awaits_change() const { return !finished() && probe_->awaits_change(); }
  /// For people: how the last measurement's Gram was made, layer by layer, and what other ways would cost.
  std::string probe_methods() const { return probe_->methods(); }
  /// Whether every parameter is a finite number.
  bool is_finite() const;
  const at::Tensor& theta() const { return task_->parameters().theta(); }

  learn::State save() const;
  /// Goes on after `step` steps. Error(data) when the state is another run's.
  void load(const learn::State& state, std::int64_t step);

 private:
  std::vector<Array> pictures(const measure::Evidence& evidence) const;

  std::int64_t step_ = 0, every_;
  bool change_due_ = false;
  std::unique_ptr<Task> task_;
  std::unique_ptr<measure::Probe> probe_;
};

}  // namespace crosstalk::run
