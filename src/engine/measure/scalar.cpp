#include "measure/scalar.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

at::Tensor cotangent(Function function, const at::Tensor& output, const at::Tensor& taken) {
  if (function == Function::taken) return taken.to(output.options());
  const std::int64_t outputs = output.size(1);
  if (function == Function::mean) return at::full_like(output, 1.0 / static_cast<double>(outputs));
  const at::Tensor chosen = output.argmax(1, true);
  const at::Tensor one = at::zeros_like(output).scatter_(1, chosen, 1.0);
  if (function == Function::max) return one;
  const at::Tensor probabilities = at::softmax(output, 1);
  return probabilities.gather(1, chosen) * (one - probabilities);  // dp_k / dz_j = p_k (delta_kj - p_j)
}

}  // namespace crosstalk::measure
