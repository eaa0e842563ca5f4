#include "replay/ring.hpp"

#include "base/error.hpp"

namespace crosstalk::replay {

void Ring::add(const Transition& transition) {
  if (size() < capacity_)
    held_.push_back(transition);
  else
    held_[static_cast<std::size_t>(added_ % capacity_)] = transition;
  ++added_;
}

void Ring::load(const at::Tensor& bytes, std::int64_t added, const Limits& limits) {
  std::vector<Transition> transitions = from_bytes(bytes, limits, "replay");
  if (added < 0 || static_cast<std::int64_t>(transitions.size()) != std::min(added, capacity_)) {
    throw Error(ErrorKind::data, "the checkpoint's replay holds " + std::to_string(transitions.size()) +
                                     " transitions where " + std::to_string(std::min(added, capacity_)) +
                                     " are expected");
  }
  held_ = std::move(transitions);
  added_ = added;
}

}  // namespace crosstalk::replay
