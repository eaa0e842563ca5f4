#include "env/resizing.hpp"

#include <algorithm>
#include <cstring>
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

/// At first all rows are as good as changed.
Resizing::Resizing(std::int64_t height, std::int64_t width)
    : height_(static_cast<std::size_t>(height)),
      width_(static_cast<std::size_t>(width)),
      down_(along(height)),
      across_(along(width)),
      shown_(places),
      changed_(height_, 1),
      row_(width_) {
  const std::uint32_t whole = down_.whole * across_.whole;
  inverse_ = ((std::uint64_t{1} << 40) + whole - 1) / whole;
}

std::span<const std::uint8_t> Resizing::operator()(std::span<const std::uint8_t> screen) {
  find_changes(screen);
  for (std::size_t i = 0; i < side; ++i)
    if (changed_[down_.places[i].first] != 0 || changed_[down_.places[i].second] != 0) make_line(i);
  return shown_;
}

void Resizing::find_changes(std::span<const std::uint8_t> screen) {
  if (screen_.empty()) {
    screen_.assign(screen.begin(), screen.end());
    return;
  }
  for (std::size_t y = 0; y < height_; ++y) {
    const std::uint8_t* const now = screen.data() + y * width_;
    std::uint8_t* const before = screen_.data() + y * width_;
    changed_[y] = std::memcmp(before, now, width_) != 0;
    if (changed_[y] != 0) std::memcpy(before, now, width_);
  }
}

/// Down first, where neighbours are side by side, in 16 bits: 255 x 168 < 2^16. The division is a product
/// with the divisor's inverse, rounded up, in 2^40: sums stay below 2^23, so that it is exact.
void Resizing::make_line(std::size_t i) {
  const Place& place = down_.places[i];
  const std::uint8_t* const above = screen_.data() + place.first * width_;
  const std::uint8_t* const below = screen_.data() + place.second * width_;
  const auto near = static_cast<std::uint16_t>(place.near), far = static_cast<std::uint16_t>(place.far);
  std::uint16_t* const row = row_.data();
  const std::size_t width = width_;
  for (std::size_t x = 0; x < width; ++x)
    row[x] = static_cast<std::uint16_t>(near * above[x] + far * below[x]);
  const std::uint32_t half = down_.whole * across_.whole / 2;
  const std::uint64_t inverse = inverse_;
  std::uint8_t* const line = shown_.data() + i * side;
  for (std::size_t j = 0; j < side; ++j) {
    const Place& at = across_.places[j];
    const std::uint32_t sum = at.near * row[at.first] + at.far * row[at.second] + half;
    line[j] = static_cast<std::uint8_t>((sum * inverse) >> 40);
  }
}

}  // namespace crosstalk::env
