#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "measure/probe.hpp"
#include "run/task.hpp"
#include "run/until.hpp"

namespace crosstalk::run {

/// One run: a task and its probe, made from configuration and seed. Between two calls everything that its
/// future depends on is in save(), except while a change is due.
class Run {
 public:
  /// At its beginning. `dataset` is nullptr where it has none, `file` empty. Error(config) or Error(data)
  /// where the parts do not fit.
  Run(const Settings& settings, std::uint64_t seed, const data::Dataset* dataset, const OwnFile& file = {},
      const Places& places = {});
  Run(const Run&) = delete;
  ~Run();

  /// How far it is, and of how much: an agent's steps in its environment, or updates made.
  std::int64_t step() const { return length_.done(task_->learner().clock()); }
  std::int64_t steps() const { return length_.count; }
  /// At its full length, or where a measure has reached what ends it (probe.until) and no measurement waits.
  bool finished() const { return is_full() || (has_reached_ && !probe_->awaits_change()); }
  /// Whether no measurement follows: where one waits for its update, that is known before the run is
  /// finished.
  bool is_measured() const { return is_full() || has_reached_; }
  /// As probe.unit counts: the step of its rows.
  std::int64_t count() const;
  /// The same for people: "step 1,000".
  std::string place() const;
  /// At the counts 0, every, 2 x every, ..., each once and before the update that follows, and once more at
  /// the end of the full length; none after the one that ends it.
  bool probe_due() const;

  /// Before the update of its step, or at the end; leaves training as it is to the last bit.
  measure::Readings measure();
  /// One tick of the learner; the batch's loss before its update, nothing where it made none.
  std::optional<double> advance();
  /// What an update has shown that the last measurement waited for; nothing where none has.
  std::optional<measure::Readings> take_change();
  /// Whether a measurement waits: no time for a checkpoint. At the end there is no update to wait for.
  bool awaits_change() const { return !is_full() && probe_->awaits_change(); }
  /// For people: how the last measurement's Gram was made, layer by layer, and what other ways would cost.
  std::string probe_methods() const { return probe_->methods(); }
  /// Whether every parameter is a finite number.
  bool is_finite() const;
  const at::Tensor& theta() const;
  const nn::Network& network() const { return task_->networks().network(); }
  /// What was measured: what it says holds until the next measurement or tick.
  measure::Subject& subject() { return *task_; }

  /// How many steps an agent will have kept at the end; 0 where nobody acts.
  std::int64_t kept() const { return task_->kept(); }

  /// Why it cannot be repeated to the last bit, as far as is known by now; nothing: it can.
  std::optional<std::string> unrepeatable() const { return task_->unrepeatable(); }

  /// What must be known of its returns; nothing: no episode of the policy that is judged was cut by now.
  std::optional<std::string> cut() const { return task_->cut(); }

  tensor::State save() const;
  /// Goes on from there. Error(data) when the state is another run's.
  void load(const tensor::State& state);

 private:
  bool is_full() const { return length_.reached(task_->learner().clock(), task_->learner().settled()); }

  Unit unit_;
  std::int64_t every_, measured_ = -1;  // the last count that was measured
  std::unique_ptr<Task> task_;
  Length length_;
  std::unique_ptr<measure::Probe> probe_;
  Until until_;
  bool has_reached_ = false;  // never in a checkpoint: none is written behind such a measurement
};

}  // namespace crosstalk::run
