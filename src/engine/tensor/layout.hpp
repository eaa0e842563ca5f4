#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::tensor {

/// A named piece of the flat parameter vector theta.
struct Segment {
  std::string name;                 // "0.conv.weight"
  std::int64_t offset;              // into theta
  std::vector<std::int64_t> shape;  // row-major
  std::int64_t size() const;
};

/// Where each parameter stands in theta (P). Gradients, optimiser moments, target networks and directions are
/// vectors of the same layout.
class Layout {
 public:
  /// Appends a segment and returns its index.
  std::size_t add(std::string name, std::vector<std::int64_t> shape);
  const std::vector<Segment>& segments() const { return segments_; }
  std::int64_t size() const { return size_; }
  /// A view of theta in the segment's shape; it shares theta's memory.
  at::Tensor view(const at::Tensor& theta, std::size_t segment) const;

 private:
  std::vector<Segment> segments_;
  std::int64_t size_ = 0;
};

}  // namespace crosstalk::tensor
