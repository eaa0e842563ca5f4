#pragma once

#include <string>
#include <vector>

#include "replay/bytes.hpp"
#include "replay/transition.hpp"

namespace crosstalk::replay {

/// The last `capacity` transitions, the oldest overwritten first. Its memory grows with what is in it.
class Ring {
 public:
  explicit Ring(std::int64_t capacity) : capacity_(capacity) {}

  void add(const Transition& transition);
  std::int64_t size() const { return static_cast<std::int64_t>(held_.size()); }
  std::int64_t added() const { return added_; }  // ever
  /// In no order that means anything: every transition that is held stands at one index below size().
  const Transition& operator[](std::int64_t index) const { return held_[static_cast<std::size_t>(index)]; }

  at::Tensor bytes() const { return to_bytes(held_); }
  /// Error(data) where they are not what a ring of this capacity holds after so many additions.
  void load(const at::Tensor& bytes, std::int64_t added, const Limits& limits);

 private:
  std::int64_t capacity_, added_ = 0;
  std::vector<Transition> held_;
};

}  // namespace crosstalk::replay
