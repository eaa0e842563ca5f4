#include "env/windowed.hpp"

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

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

Windowed::Windowed(std::shared_ptr<const Images> images)
    : images_(std::move(images)),
      spaces_{{channels, side, side}, {images_->classes(), moves}, images_->size()} {}

void Windowed::reset(std::uint64_t image) {
  const Place start;
  view_ = {start.bit(), static_cast<std::int32_t>(image), start};
  steps_ = 0;
}

Outcome Windowed::step(std::span<const std::int64_t> action) {
  view_.place = view_.place.moved(action[1]);
  view_.seen |= view_.place.bit();
  ++steps_;
  const bool right = action[0] == images_->labels()[static_cast<std::size_t>(view_.image)];
  return {right ? right_reward : step_reward, right, !right && steps_ >= most_steps};
}

void Windowed::record(std::byte* to) const { std::memcpy(to, &view_, sizeof view_); }

void Windowed::save(tensor::State& state) const {
  state.positions["image"] = static_cast<std::uint64_t>(view_.image);
  state.positions["seen"] = view_.seen;
  state.positions["row"] = view_.place.row;
  state.positions["column"] = view_.place.column;
  state.positions["steps"] = static_cast<std::uint64_t>(steps_);
}

bool Windowed::load(const tensor::State& state) {
  const std::uint64_t image = state.position("image"), row = state.position("row"),
                      column = state.position("column"), steps = state.position("steps");
  if (image >= static_cast<std::uint64_t>(images_->size()) || row >= centres.size() ||
      column >= centres.size() || steps >= static_cast<std::uint64_t>(most_steps)) {
    throw Error(ErrorKind::data,
                "the checkpoint's episode is of an image, a place or a step that the task does not have");
  }
  const Place place{static_cast<std::uint8_t>(row), static_cast<std::uint8_t>(column)};
  view_ = {state.position("seen"), static_cast<std::int32_t>(image), place};
  steps_ = static_cast<std::int64_t>(steps);
  return true;
}

}  // namespace crosstalk::env
