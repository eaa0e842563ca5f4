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
class Resizing {
 public:
  static constexpr std::int64_t side = 84;
  static constexpr std::int64_t places = side * side;

  Resizing(std::int64_t height, std::int64_t width);
  /// screen (height, width) to shown (84, 84).
  void operator()(std::span<const std::uint8_t> screen, std::span<std::uint8_t> shown) const;

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

  std::int64_t height_, width_;
  Axis down_, across_;
};

}  // namespace crosstalk::env
