#pragma once

#include <cstdint>

/// The optimisers' steps, each one fused loop over flat vectors: theta, gradient and moments (size); T is
/// float or double. The definitions are torch.optim's. Twins: the textbook loops in
/// tests/engine/optimizer_test.cpp.
namespace crosstalk::tensor {

/// g = gradient + weight_decay theta; theta -= rate g
template <typename T>
void sgd_step(T* theta, const T* gradient, std::int64_t size, T rate, T weight_decay);

/// velocity = momentum velocity + g; theta -= rate velocity
template <typename T>
void momentum_step(T* theta, const T* gradient, T* velocity, std::int64_t size, T rate, T momentum,
                   T weight_decay);

/// square = alpha square + (1 - alpha) g^2; theta -= rate g / (sqrt(square) + epsilon)
template <typename T>
void rmsprop_step(T* theta, const T* gradient, T* square, std::int64_t size, double rate, double alpha,
                  double epsilon, double weight_decay);

struct AdamStep {
  double rate, beta1, beta2, epsilon, weight_decay;
  std::int64_t step;  // this one's number, from 1
};
/// mean += (1 - beta1)(g - mean); square = beta2 square + (1 - beta2) g^2;
/// theta -= rate / (1 - beta1^step) mean / (sqrt(square) / sqrt(1 - beta2^step) + epsilon)
template <typename T>
void adam_step(T* theta, const T* gradient, T* mean, T* square, std::int64_t size, const AdamStep& step);

}  // namespace crosstalk::tensor
