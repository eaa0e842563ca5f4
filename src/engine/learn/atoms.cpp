#include "learn/atoms.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {
namespace {

/// (N, A, Z).
at::Tensor chances(const at::Tensor& output, const Atoms& atoms) {
  return at::softmax(output.view({output.size(0), -1, atoms.count}), 2);
}

}  // namespace

at::Tensor Atoms::numbers(const at::Tensor& like) const {
  at::Tensor all = at::empty({count}, at::kDouble);
  auto* to = all.mutable_data_ptr<double>();
  for (std::int64_t atom = 0; atom < count; ++atom) to[atom] = number(atom);
  return all.to(like.options());
}

at::Tensor values_of(const at::Tensor& output, const std::optional<Atoms>& atoms) {
  if (!atoms) return output;
  return at::matmul(chances(output, *atoms), atoms->numbers(output));
}

at::Tensor at_outputs(const at::Tensor& gradient, const at::Tensor& output,
                      const std::optional<Atoms>& atoms) {
  if (!atoms) return gradient;
  const at::Tensor p = chances(output, *atoms), x = atoms->numbers(output);
  const at::Tensor from_mean = x - at::matmul(p, x).unsqueeze(2);  // (N, A, Z)
  return (p * from_mean * gradient.unsqueeze(2)).view(output.sizes());
}

}  // namespace crosstalk::learn
