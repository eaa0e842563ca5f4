#include "trace/gram_matrix.hpp"

namespace crosstalk::trace {

GramMatrix::GramMatrix(const at::Tensor& dots) : dots_(dots.to(at::kCPU).contiguous()) {
  if (dots_.scalar_type() == at::kFloat)
    single_ = dots_.const_data_ptr<float>();
  else
    double_ = dots_.const_data_ptr<double>();
  norms_.resize(static_cast<std::size_t>(dots_.size(0)));
  for (std::int64_t u = 0; u < samples(); ++u) norms_[u] = std::sqrt(dot(u, u));
}

GramMatrix GramMatrix::scaled(const at::Tensor& factors) const {
  const at::Tensor exact = factors.reshape({-1}).to(at::kCPU, at::kDouble).contiguous();
  const double* c = exact.const_data_ptr<double>();
  GramMatrix result = *this;
  result.factors_.resize(norms_.size(), 1.0);
  for (std::size_t u = 0; u < norms_.size(); ++u) {
    result.factors_[u] *= c[u];
    result.norms_[u] *= std::abs(c[u]);
  }
  return result;
}

}  // namespace crosstalk::trace
