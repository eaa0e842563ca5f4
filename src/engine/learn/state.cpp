#include "learn/state.hpp"

#include "base/error.hpp"

namespace crosstalk::learn {
namespace {

template <class Map>
const typename Map::mapped_type& found(const Map& map, const std::string& name) {
  const auto place = map.find(name);
  if (place == map.end()) throw Error(ErrorKind::data, "the checkpoint does not hold \"" + name + "\"");
  return place->second;
}

}  // namespace

const at::Tensor& State::tensor(const std::string& name) const { return found(tensors, name); }
std::uint64_t State::position(const std::string& name) const { return found(positions, name); }

}  // namespace crosstalk::learn
