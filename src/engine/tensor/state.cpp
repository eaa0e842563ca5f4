#include "tensor/state.hpp"

#include <limits>

#include "base/error.hpp"

namespace crosstalk::tensor {
namespace {

template <class Map>
const typename Map::mapped_type& found(const Map& map, const std::string& name) {
  const auto place = map.find(name);
  if (place == map.end()) throw Error(ErrorKind::data, "the checkpoint does not hold \"" + name + "\"");
  return place->second;
}

template <class Map>
void put_all(const Map& from, const std::string& prefix, Map& to) {
  for (const auto& [name, value] : from) to[prefix + name] = value;
}

template <class Map>
void take_all(const Map& from, const std::string& prefix, Map& to) {
  for (auto at = from.lower_bound(prefix); at != from.end() && at->first.starts_with(prefix); ++at)
    to[at->first.substr(prefix.size())] = at->second;
}

}  // namespace

const at::Tensor& State::tensor(const std::string& name) const { return found(tensors, name); }
std::uint64_t State::position(const std::string& name) const { return found(positions, name); }

std::int64_t State::count(const std::string& name) const {
  const std::uint64_t value = position(name);
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    throw Error(ErrorKind::data, "the checkpoint's \"" + name + "\" is beyond any count");
  return static_cast<std::int64_t>(value);
}

void State::put(const std::string& name, const State& part) {
  put_all(part.tensors, name + ".", tensors);
  put_all(part.positions, name + ".", positions);
}

State State::part(const std::string& name) const {
  State part;
  take_all(tensors, name + ".", part.tensors);
  take_all(positions, name + ".", part.positions);
  return part;
}

void load_into(const at::Tensor& there, const State& state, const std::string& name) {
  const at::Tensor& saved = state.tensor(name);
  if (saved.sizes() != there.sizes() || saved.scalar_type() != there.scalar_type())
    throw Error(ErrorKind::data, "the checkpoint's \"" + name + "\" is not of " +
                                     std::to_string(there.numel()) +
                                     " numbers in this precision: it is another network's");
  there.copy_(saved);
}

}  // namespace crosstalk::tensor
