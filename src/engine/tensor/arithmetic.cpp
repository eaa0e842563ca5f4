#include "tensor/arithmetic.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/tanh.h>

#include <array>
#include <vector>

#include "base/digest.hpp"
#include "tensor/kernels.hpp"
#include "tensor/random.hpp"

namespace crosstalk::tensor {
namespace {

/// Numbers to compute with, and the bits of what was computed.
class Trial {
 public:
  Trial() {
    Stream stream(0, "arithmetic");
    for (double& value : pool_) value = stream.normal();
    bytes_.assign(reinterpret_cast<const char*>(pool_.data()), pool_.size() * sizeof(double));
  }

  /// A tensor of numbers that no other has in this order; aligned as torch aligns its own.
  at::Tensor draw(at::IntArrayRef shape, at::ScalarType type) {
    at::Tensor tensor = at::empty(shape, type);
    const auto fill = [&](auto* values) {
      for (std::int64_t i = 0; i < tensor.numel(); ++i)
        values[i] = static_cast<std::remove_reference_t<decltype(*values)>>(pool_[next_++ % pool_.size()]);
    };
    type == at::kFloat ? fill(tensor.mutable_data_ptr<float>()) : fill(tensor.mutable_data_ptr<double>());
    return tensor;
  }

  void keep(const at::Tensor& result) {
    const at::Tensor straight = result.contiguous();
    bytes_.append(static_cast<const char*>(straight.const_data_ptr()), straight.nbytes());
  }

  std::string digest() const { return sha256(bytes_).substr(0, 16); }

 private:
  std::array<double, 4099> pool_;  // a prime: rows of a matrix do not repeat
  std::size_t next_ = 0;
  std::string bytes_;
};

struct Product {
  std::int64_t m, n, k;
};
// One row, one column, whole blocks and remainders, an inner length of several blocks. Up to 128 x 64 x 128
// single precision goes to oneDNN's block kernel (gemm.cpp), beyond it and in double precision to MKL.
constexpr std::array products{Product{1, 1, 67},    Product{1, 10, 64},    Product{32, 4, 64},
                              Product{5, 3, 17},    Product{33, 10, 8},    Product{100, 1, 16},
                              Product{16, 16, 500}, Product{129, 65, 131}, Product{20, 200, 96},
                              Product{12, 20, 1500}};

template <typename T>
void multiply(Trial& trial, at::ScalarType type) {
  for (const auto [m, n, k] : products) {
    for (const bool transpose_a : {false, true}) {
      const bool transpose_b = !transpose_a;  // what a layer's passes need: a b', a' b
      const at::Tensor a = trial.draw({m, k}, type), b = trial.draw({k, n}, type);
      at::Tensor c = trial.draw({m, n}, type);
      gemm<T>(transpose_a, transpose_b, m, n, k, T(1), a.const_data_ptr<T>(), transpose_a ? m : k,
              b.const_data_ptr<T>(), transpose_b ? k : n, T(1), c.mutable_data_ptr<T>(), n);
      trial.keep(c);
    }
  }
  const at::Tensor a = trial.draw({37, 70}, type), b = trial.draw({70, 150}, type);
  trial.keep(at::mm(a, b));
  const at::Tensor bias = trial.draw({37}, type), c = trial.draw({37, 70}, type);  // in this order
  trial.keep(at::addmm(bias, a.t().contiguous().t(), c.t()));
}

void convolve(Trial& trial, at::ScalarType type, at::IntArrayRef image, at::IntArrayRef kernel,
              std::int64_t stride) {
  const at::Tensor input = trial.draw(image, type), weight = trial.draw(kernel, type);
  const at::Tensor bias = trial.draw({kernel[0]}, type);
  const std::vector<std::int64_t> steps{stride, stride}, ones{1, 1}, zeros{0, 0};
  const at::Tensor output = at::convolution(input, weight, bias, steps, zeros, ones, false, zeros, 1);
  trial.keep(output);
  const auto [of_input, of_weight, of_bias] =
      at::convolution_backward(trial.draw(output.sizes(), type), input, weight, bias.sizes(), steps, zeros,
                               ones, false, zeros, 1, {true, true, true});
  for (const at::Tensor& gradient : {of_input, of_weight, of_bias}) trial.keep(gradient);
}

void apply_functions(Trial& trial, at::ScalarType type) {
  const at::Tensor x = trial.draw({7, 149}, type);
  for (const at::Tensor& result :
       {at::exp(x), at::tanh(x), at::log(x.abs()), at::log_softmax(x, 1), at::sum(x), at::sum(x, {0}),
        at::sum(x, {1}), std::get<0>(at::native_layer_norm(x, {149}, std::nullopt, std::nullopt, 1e-5))}) {
    trial.keep(result);
  }
}

}  // namespace

std::string arithmetic() {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  Trial trial;
  multiply<float>(trial, at::kFloat);
  multiply<double>(trial, at::kDouble);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    convolve(trial, type, {4, 3, 12, 12}, {8, 3, 5, 5}, 2);
    convolve(trial, type, {16, 8, 6, 6}, {8, 8, 3, 3}, 1);
    apply_functions(trial, type);
  }
  at::set_num_threads(threads);
  return trial.digest();
}

}  // namespace crosstalk::tensor
