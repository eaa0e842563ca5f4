#pragma once

#include <array>
#include <cstdint>

#include "base/windowed.hpp"

namespace crosstalk::env {

/// The windowed task's numbers (Bengio et al. 2020, section 3; the published environment).
inline constexpr std::int64_t side = windowed_side;  // of the image
inline constexpr std::int64_t window = 8;  // side of what is seen at once, and the distance of a move
inline constexpr std::int64_t channels = windowed_channels;
inline constexpr std::int64_t moves = windowed_moves;
inline constexpr std::int64_t most_steps = windowed_steps;  // of an episode
inline constexpr double right_reward = 1, step_reward = -0.05;

/// A move shifts the window's centre by 8 and is clipped to [0, 31], so a centre that begins at 16 stays
/// among these: eight rows, eight columns, 64 places.
inline constexpr std::array<std::int64_t, 8> centres = {0, 7, 8, 15, 16, 23, 24, 31};

/// Where the window is: an index into `centres` for its row and one for its column.
struct Place {
  std::uint8_t row = 4, column = 4;  // (16, 16)

  std::uint64_t bit() const { return std::uint64_t{1} << (row * centres.size() + column); }
  Place moved(std::int64_t move) const;
  bool operator==(const Place&) const = default;
};

/// All that an observation of (4, 32, 32) numbers is made of: which image, where the window is and where it
/// was. 16 bytes in place of 16,384.
struct View {
  std::uint64_t seen = 0;  // a bit for each place where the window has been, this one among them
  std::int32_t image = 0;  // counts through the images of the environment
  Place place;
  std::uint16_t unused = 0;  // so that a record has no byte of any value

  bool operator==(const View&) const = default;
};
static_assert(sizeof(View) == 16);

}  // namespace crosstalk::env
