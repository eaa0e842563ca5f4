#include "tensor/layout.hpp"

#include <functional>
#include <numeric>

namespace crosstalk::tensor {

std::int64_t Segment::size() const {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::size_t Layout::add(std::string name, std::vector<std::int64_t> shape) {
  segments_.push_back({std::move(name), size_, std::move(shape)});
  size_ += segments_.back().size();
  return segments_.size() - 1;
}

at::Tensor Layout::view(const at::Tensor& theta, std::size_t segment) const {
  const Segment& piece = segments_.at(segment);
  return theta.narrow(0, piece.offset, piece.size()).view(piece.shape);
}

}  // namespace crosstalk::tensor
