#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace crosstalk::env {

/// Screens of a size to 84 x 84, bilinear, in whole numbers. Along an axis of n places, place i of the 84
/// lies at p / 168 - 1/2, p = n (2 i + 1): the centres of both pictures' places are matched. With
///     p - 84 = 168 a + f,  0 <= f < 168
/// place i is the mean of places a and a + 1 with the weights 168 - f and f; a place beyond the edge is the
/// one at the edge. Down and across:
///     shown[i, j] = floor((sum of weight x weight x grey + 168^2 / 2) / 168^2)
/// the nearest whole number, halves up. Nothing else is smoothed: places that lie between are left out.
///
/// From one screen to the next most rows of a game stay as they are (4 of 5 in Asterix, 19 of 20 in
/// Seaquest), so the last screen is kept, and only what hangs on its changed rows is made again.
class Resizing {
 public:
  static constexpr std::int64_t side = 84;
  static constexpr std::int64_t places = side * side;

  Resizing(std::int64_t height, std::int64_t width);
  /// screen (height, width) as (84, 84), which stays until the next one.
  std::span<const std::uint8_t> operator()(std::span<const std::uint8_t> screen);

 private:
  struct Place {
    std::uint32_t first, second;      // the source's places
    std::uint32_t near = 0, far = 0;  // their weights, divided by what all of the axis have in common
  };
  struct Axis {
    std::array<Place, side> places;
    std::uint32_t whole;  // the sum of a place's weights
  };
  static Axis along(std::int64_t extent);
  void find_changes(std::span<const std::uint8_t> screen);
  void make_line(std::size_t i);

  std::size_t height_, width_;
  Axis down_, across_;
  std::uint64_t inverse_;                     // of the product of both axes' wholes
  std::vector<std::uint8_t> screen_, shown_;  // the last
  std::vector<std::uint8_t> changed_;         // of each row of the screen, whether it is another than before
  std::vector<std::uint16_t> row_;            // of the screen, between two
};

}  // namespace crosstalk::env
