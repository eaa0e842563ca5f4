#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace crosstalk::trace {

/// Dots of the gradients of N samples, kept in the precision that they were computed in and read as double.
/// Copies share the numbers, which nobody changes.
class GramMatrix {
 public:
  GramMatrix() = default;
  /// dots (N, N), float or double, on any device; kept as it is where it is contiguous and on the CPU.
  explicit GramMatrix(const at::Tensor& dots);

  std::int64_t samples() const { return static_cast<std::int64_t>(norms_.size()); }
  /// g_u . g_v
  double dot(std::int64_t u, std::int64_t v) const {
    const std::int64_t at = u * samples() + v;
    const double number = single_ != nullptr ? double(single_[at]) : double_[at];
    return factors_.empty() ? number : number * (factors_[u] * factors_[v]);
  }
  /// |g_u|, the root of the diagonal
  double norm(std::int64_t u) const { return norms_[static_cast<std::size_t>(u)]; }

  /// That of c_u f(u) from that of f(u): c_u c_v g_u . g_v. factors (N) or (N, 1); the matrix is shared.
  GramMatrix scaled(const at::Tensor& factors) const;

 private:
  at::Tensor dots_;
  const float* single_ = nullptr;  // into dots_, or
  const double* double_ = nullptr;
  std::vector<double> norms_, factors_;  // no factors: 1
};

}  // namespace crosstalk::trace
