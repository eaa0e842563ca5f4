#include "tensor/random.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/philox.hpp"

namespace crosstalk::tensor {
namespace {

/// The key of a name: the first 64 bits of a digest, so that similar seeds and names share nothing.
std::array<std::uint32_t, 2> derive_key(std::uint64_t seed, std::string_view name) {
  const std::string digest = sha256(std::to_string(seed) + "/" + std::string(name));
  const auto word = [&](std::size_t at) {
    return static_cast<std::uint32_t>(std::stoul(digest.substr(at, 8), nullptr, 16));
  };
  return {word(0), word(8)};
}

constexpr double two_to_minus_53 = 0x1p-53;

}  // namespace

Stream::Stream(std::uint64_t seed, std::string_view name) : key_(derive_key(seed, name)) {}

void Stream::refill() {
  const std::uint64_t block = position_ / 4;
  block_ = philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 0, 0}, key_);
}

std::uint32_t Stream::bits() {
  if (position_ % 4 == 0) refill();
  return block_[position_++ % 4];
}

double Stream::uniform() {
  const std::uint64_t high = bits();
  const std::uint64_t both = (high << 32) | bits();
  return static_cast<double>(both >> 11) * two_to_minus_53;
}

double Stream::uniform(double low, double high) { return low + (high - low) * uniform(); }

std::uint64_t Stream::below(std::uint64_t limit) {
  if (limit == 0)
    throw Error(ErrorKind::config, "a row is drawn from a set of none: give the set at least one row");
  const auto draw = [this] {
    const std::uint64_t high = bits();
    return (high << 32) | bits();
  };
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(draw()) * limit;
  if (static_cast<std::uint64_t>(product) < limit) {
    const std::uint64_t threshold = (0 - limit) % limit;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(draw()) * limit;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Stream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is in (0, 1]
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

Stream::Position Stream::position() const { return position_; }

void Stream::seek(Position position) {
  position_ = position;
  if (position_ % 4 != 0) refill();  // otherwise the next bits() does
}

}  // namespace crosstalk::tensor
