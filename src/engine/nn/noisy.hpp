#pragma once

#include "nn/linear.hpp"

namespace crosstalk::nn {

/// A linear layer whose weights are drawn: factorised Gaussian noise (Fortunato et al. 2018, "Noisy networks
/// for exploration"),
///     out = x W' + b,   W = M + S * (f_out f_in'),   b = m + s * f_out
/// x (N, d), out (N, p). Means M (p, d) and m (p) are the segments "PREFIX.weight" and ".bias", the spreads S
/// and s "PREFIX.sigma.weight" and ".sigma.bias". f_in (d) and f_out (p) are its noise, which is given and
/// learns nothing (nn/noise.hpp). Without noise the means alone speak, and the spreads' gradients are 0.
///
/// W is never formed: with A = x, D the gradient at out,
///     out = A M' + m + (A * f_in S' + s) * f_out
/// so that the layer is two linear ones side by side, whose traces are (A, D) and (A * f_in, D * f_out).
///
/// Means begin in U(-1/sqrt(d), 1/sqrt(d)), spreads at spread / sqrt(d), whatever network.initialisation
/// says; as in the paper, of the biases too (some programs divide theirs by sqrt(p)).
class Noisy final : public Layer {
 public:
  Noisy(std::int64_t inputs, std::int64_t outputs, double spread);
  void place(const std::string& prefix, tensor::Layout& layout) override;
  std::string description() const override;
  Shape output_shape() const override { return {outputs_}; }
  std::vector<Use> uses() const override;
  std::vector<std::int64_t> noise() const override { return {inputs_, outputs_}; }
  void begin(Beginning& beginning) const override;
  std::size_t parameter_count() const override { return 4; }
  std::int64_t multiply_adds() const override { return 2 * inputs_ * outputs_; }
  void forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;
  void traces(const Views& parameters, const at::Tensor& input, const at::Tensor& output_gradient,
              const Leave& leave) const override;

 private:
  std::int64_t inputs_, outputs_;
  double spread_;
  Linear mean_, deviation_;
};

}  // namespace crosstalk::nn
