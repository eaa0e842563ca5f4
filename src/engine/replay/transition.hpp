#pragma once

#include <cstdint>

#include "env/windowed.hpp"

namespace crosstalk::replay {

/// One step in the windowed task, 24 bytes in place of the 32,768 of its two observations in single
/// precision.
struct Transition {
  std::uint64_t seen;  // before the step; after it the next place's bit is added
  std::int32_t image;
  float reward;
  env::Place place, next;  // of the window, before and after
  std::uint8_t guess, move;
  bool terminal;  // nothing follows: the value of what comes after is 0

  env::View before() const { return {seen, image, place}; }
  env::View after() const { return {seen | next.bit(), image, next}; }
};
static_assert(sizeof(Transition) == 24);

/// The step that led from `before` to `after`.
inline Transition transition(const env::View& before, const env::Action& action, const env::Outcome& outcome,
                             const env::View& after, bool terminal) {
  return {before.seen,
          before.image,
          static_cast<float>(outcome.reward),
          before.place,
          after.place,
          static_cast<std::uint8_t>(action.guess),
          static_cast<std::uint8_t>(action.move),
          terminal};
}

}  // namespace crosstalk::replay
