#include "env/resizing.hpp"

#include <algorithm>
#include <numeric>

namespace crosstalk::env {

Resizing::Axis Resizing::along(std::int64_t extent) {
  constexpr std::int64_t whole = 2 * side;
  Axis axis;
  std::int64_t common = whole;
  for (std::int64_t i = 0; i < side; ++i) {
    const std::int64_t at = extent * (2 * i + 1) - side, far = (at % whole + whole) % whole;
    const std::int64_t first = (at - far) / whole;
    const auto inside = [&](std::int64_t place) {
      return static_cast<std::uint32_t>(std::clamp<std::int64_t>(place, 0, extent - 1));
    };
    axis.places[static_cast<std::size_t>(i)] = {inside(first), inside(first + 1),
                                                static_cast<std::uint32_t>(whole - far),
                                                static_cast<std::uint32_t>(far)};
    common = std::gcd(common, far);
  }
  for (Place& place : axis.places) {
    place.near /= static_cast<std::uint32_t>(common);
    place.far /= static_cast<std::uint32_t>(common);
  }
  axis.whole = static_cast<std::uint32_t>(whole / common);
  return axis;
}

Resizing::Resizing(std::int64_t height, std::int64_t width)
    : height_(height), width_(width), down_(along(height)), across_(along(width)) {}

/// A row down first, where neighbours are side by side, in 16 bits: 255 x 168 < 2^16. The division is a
/// product with the divisor's inverse, rounded up, in 2^40: sums stay below 2^23, so that it is exact.
void Resizing::operator()(std::span<const std::uint8_t> screen, std::span<std::uint8_t> shown) const {
  const std::uint32_t whole = down_.whole * across_.whole;
  const std::uint64_t inverse = ((std::uint64_t{1} << 40) + whole - 1) / whole;
  const auto width = static_cast<std::size_t>(width_);
  std::vector<std::uint16_t> row(width);
  std::uint8_t* to = shown.data();
  for (const Place& place : down_.places) {
    const std::uint8_t *above = screen.data() + place.first * width,
                       *below = screen.data() + place.second * width;
    const auto near = static_cast<std::uint16_t>(place.near), far = static_cast<std::uint16_t>(place.far);
    for (std::size_t x = 0; x < width; ++x)
      row[x] = static_cast<std::uint16_t>(near * above[x] + far * below[x]);
    for (const Place& at : across_.places) {
      const std::uint32_t sum = at.near * row[at.first] + at.far * row[at.second] + whole / 2;
      *to++ = static_cast<std::uint8_t>((sum * inverse) >> 40);
    }
  }
}

}  // namespace crosstalk::env
