#include "measure/spectrum.hpp"

#include <ATen/ATen.h>

#include <cmath>

namespace crosstalk::measure {

double effective_rank(const at::Tensor& values) {
  const at::Tensor sum = values.sum();
  if (sum.item<double>() == 0) return 0;
  const at::Tensor shares = values / sum;
  return std::exp(-at::xlogy(shares, shares).sum().item<double>());
}

}  // namespace crosstalk::measure
