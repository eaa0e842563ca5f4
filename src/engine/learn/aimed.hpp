#pragma once

#include <deque>

#include "learn/objective.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk::learn {

/// Which of the steps held have an aim, so that rows can be drawn from among them without trying. It follows
/// from steps and objective alone: a checkpoint holds nothing of it.
class Aimed {
 public:
  /// Both outlive it.
  Aimed(const replay::Trajectories& steps, const Objective& objective)
      : steps_(steps), objective_(objective) {}

  /// Looks at the steps that have come since, and forgets those that have gone.
  void look();
  /// Looks at all steps anew, after others were loaded.
  void look_again();

  std::int64_t count() const { return decided() - steps_.first() - std::ssize(without_); }
  /// The row that a draw of `place` in [0, count()) means: a bijection, whose order means nothing.
  data::Id row(std::int64_t place) const;
  /// Of the rows before this one it is known whether they have an aim; that of the others is yet to come.
  data::Id decided() const { return std::max(decided_, steps_.first()); }
  bool has(data::Id row) const;

 private:
  const replay::Trajectories& steps_;
  const Objective& objective_;
  data::Id decided_ = 0;
  std::deque<data::Id> without_;  // in order: those before decided_ that have none and never will
};

}  // namespace crosstalk::learn
