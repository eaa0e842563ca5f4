#include "replay/bytes.hpp"

#include <ATen/ops/zeros.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

constexpr auto width = static_cast<std::int64_t>(sizeof(Transition));

bool is_place(const env::Place& place) {
  return place.row < env::centres.size() && place.column < env::centres.size();
}

}  // namespace

at::Tensor to_bytes(std::span<const Transition> transitions) {
  at::Tensor bytes = at::zeros({static_cast<std::int64_t>(transitions.size()), width}, at::kByte);
  if (!transitions.empty())
    std::memcpy(bytes.mutable_data_ptr<std::uint8_t>(), transitions.data(), transitions.size_bytes());
  return bytes;
}

std::vector<Transition> from_bytes(const at::Tensor& bytes, const Limits& limits, const char* what) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::data, std::string("the checkpoint's ") + what + " " + why);
  };
  if (bytes.scalar_type() != at::kByte || bytes.dim() != 2 || bytes.size(1) != width)
    refuse("does not hold transitions of " + std::to_string(width) + " bytes");
  const at::Tensor whole = bytes.contiguous();
  const std::uint8_t* from = whole.const_data_ptr<std::uint8_t>();
  std::vector<Transition> transitions(static_cast<std::size_t>(bytes.size(0)));
  for (Transition& one : transitions) {
    if (from[offsetof(Transition, terminal)] > 1) refuse("holds a truth that is neither 0 nor 1");
    std::memcpy(&one, from, sizeof one);
    if (one.image < 0 || one.image >= limits.images || one.guess >= limits.classes ||
        one.move >= env::moves || !is_place(one.place) || !is_place(one.next))
      refuse("holds an image, a class or a place that the task does not have");
    from += width;
  }
  return transitions;
}

}  // namespace crosstalk::replay
