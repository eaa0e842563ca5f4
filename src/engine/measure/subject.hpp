#pragma once

#include "learn/objective.hpp"
#include "learn/optimizer.hpp"
#include "measure/evidence.hpp"
#include "measure/needs.hpp"

namespace crosstalk::measure {

/// Who can be measured: a network that learns, with the rows that it can be looked at on. It changes nothing
/// of what training will do.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual const learn::Networks& networks() const = 0;
  virtual Readout readout() const { return {}; }

  /// Begins the measurement of a step; what the others say holds until the next. What they say does not
  /// depend on which of them are asked, or in which order.
  virtual void prepare(std::int64_t step) = 0;
  /// The sets that gradients are compared over; none where there is nothing to be measured yet.
  virtual std::vector<Set> samples() = 0;
  /// Another set by its name; nothing where this subject has none of that name.
  virtual std::optional<Set> set(const std::string& /*name*/) { return std::nullopt; }
  /// The fixed sets with all of their rows, over which losses and accuracies are: the samples of a fixed set
  /// are its first rows.
  virtual std::vector<Set> whole() { return {}; }
  /// All rows that are learned from, where they are the same through a run; nothing where they change, as an
  /// agent's do.
  virtual std::optional<Set> learned() { return std::nullopt; }
  /// "own": what is learned by; "td": the semi-gradient TD error; "evolving": of one number a sample or of
  /// all outputs, whose interference's derivative is measured (measure/evolution.hpp), where a measure asks
  /// for it; the other words of probe.losses where it names them. nullptr where there is none of that name.
  virtual const learn::Objective* objective(const std::string& name) const = 0;
  /// What the optimiser remembers of the gradients before, in the scale of the loss whose interference's
  /// derivative is measured.
  virtual learn::Optimizer::Average average() const { return {}; }
  /// (n, p): 1 at the outputs (values, where they are distributions) of the actions taken in these rows;
  /// undefined where nobody acts.
  virtual at::Tensor taken(const Set&) { return {}; }
  /// `count` different rows that are none of these, of those among which these were drawn, drawn anew for a
  /// measurement; or as many as there are.
  virtual std::vector<data::Id> others(const data::Rows& /*apart_from*/, std::int64_t /*count*/) {
    return {};
  }
  /// (n, bytes) uint8: what the console's memory holds there, of those bytes alone that say where a game
  /// stands, where they are known; undefined where none was kept.
  virtual at::Tensor memory(const data::Rows&) const { return {}; }
  /// Steps of the longest episode that is learned from, where it is known before.
  virtual std::optional<std::int64_t> longest_episode() const { return std::nullopt; }
  /// The numbers that are wanted of it; there may be more.
  virtual Numbers numbers(const Needs& needs) = 0;
  /// What the samples of a set are in pictures: {"rows": [...], "labels": [...]}; null: nothing to show.
  virtual Json axis(const Set&) const { return nullptr; }
};

}  // namespace crosstalk::measure
