#include "stats/draws.hpp"

#include <cmath>
#include <numbers>
#include <string>

#include "base/digest.hpp"
#include "base/philox.hpp"

namespace crosstalk::stats {

Draws::Draws(std::string_view name) {
  const std::string digest = sha256(name);
  key_ = {static_cast<std::uint32_t>(std::stoul(digest.substr(0, 8), nullptr, 16)),
          static_cast<std::uint32_t>(std::stoul(digest.substr(8, 8), nullptr, 16))};
}

void Draws::refill() {
  block_ =
      philox({static_cast<std::uint32_t>(counter_), static_cast<std::uint32_t>(counter_ >> 32), 0, 0}, key_);
  ++counter_;
  next_ = 0;
}

double Draws::normal() {
  const double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

}  // namespace crosstalk::stats
