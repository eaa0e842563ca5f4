#include "env/windowed.hpp"

#include <algorithm>

namespace crosstalk::env {
namespace {

std::uint8_t shifted(std::uint8_t index, std::int64_t by) {
  const std::int64_t centre = std::clamp<std::int64_t>(centres[index] + by, 0, side - 1);
  return static_cast<std::uint8_t>(std::find(centres.begin(), centres.end(), centre) - centres.begin());
}

}  // namespace

Place Place::moved(std::int64_t move) const {
  switch (move) {
    case 0:
      return {shifted(row, -window), column};
    case 1:
      return {shifted(row, window), column};
    case 2:
      return {row, shifted(column, -window)};
    default:
      return {row, shifted(column, window)};
  }
}

void Windowed::reset(std::int32_t image) {
  const Place start;
  view_ = {start.bit(), image, start};
  steps_ = 0;
}

Outcome Windowed::step(const Action& action) {
  view_.place = view_.place.moved(action.move);
  view_.seen |= view_.place.bit();
  ++steps_;
  const bool right = action.guess == (*labels_)[static_cast<std::size_t>(view_.image)];
  return {right ? right_reward : step_reward, right, !right && steps_ >= most_steps};
}

void Windowed::restore(const View& view, std::int64_t steps) {
  view_ = view;
  steps_ = steps;
}

}  // namespace crosstalk::env
