#include "tensor/step_kernels.hpp"

#include <cmath>

// Compiled twice, the wider for processors with AVX2: elementwise, each operation rounded alone, so that both
// give the same bits. Adam waits for divisions and roots; 6,023 parameters take 4.6 us four at a time, 2.2
// eight.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define CROSSTALK_WIDE __attribute__((target_clones("default", "avx2")))
#else
#define CROSSTALK_WIDE
#endif

namespace crosstalk::tensor {

template <typename T>
CROSSTALK_WIDE void sgd_step(T* __restrict theta, const T* __restrict gradient, std::int64_t size, T rate,
                             T weight_decay) {
  for (std::int64_t i = 0; i < size; ++i) theta[i] -= rate * (gradient[i] + weight_decay * theta[i]);
}

template <typename T>
CROSSTALK_WIDE void momentum_step(T* __restrict theta, const T* __restrict gradient, T* __restrict velocity,
                                  std::int64_t size, T rate, T momentum, T weight_decay) {
  for (std::int64_t i = 0; i < size; ++i) {
    velocity[i] = momentum * velocity[i] + (gradient[i] + weight_decay * theta[i]);
    theta[i] -= rate * velocity[i];
  }
}

template <typename T>
CROSSTALK_WIDE void rmsprop_step(T* __restrict theta, const T* __restrict gradient, T* __restrict square,
                                 std::int64_t size, double rate, double alpha, double epsilon,
                                 double weight_decay) {
  const T keep = static_cast<T>(alpha), rest = static_cast<T>(1.0 - alpha);  // 1 - 0.99f is not 0.01f
  const T size_of_step = static_cast<T>(rate), floor = static_cast<T>(epsilon),
          decay = static_cast<T>(weight_decay);
  for (std::int64_t i = 0; i < size; ++i) {
    const T g = gradient[i] + decay * theta[i];
    square[i] = keep * square[i] + rest * (g * g);
    theta[i] -= size_of_step * (g / (std::sqrt(square[i]) + floor));
  }
}

template <typename T>
CROSSTALK_WIDE void adam_step(T* __restrict theta, const T* __restrict gradient, T* __restrict mean,
                              T* __restrict square, std::int64_t size, const AdamStep& step) {
  const double count = static_cast<double>(step.step);
  const T size_of_step = static_cast<T>(step.rate / (1.0 - std::pow(step.beta1, count)));
  const T correction = static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(step.beta2, count)));
  const T rest1 = static_cast<T>(1.0 - step.beta1), rest2 = static_cast<T>(1.0 - step.beta2);
  const T beta2 = static_cast<T>(step.beta2), epsilon = static_cast<T>(step.epsilon);
  const T weight_decay = static_cast<T>(step.weight_decay);
  for (std::int64_t i = 0; i < size; ++i) {
    const T g = gradient[i] + weight_decay * theta[i];
    mean[i] += rest1 * (g - mean[i]);
    square[i] = beta2 * square[i] + rest2 * (g * g);
    theta[i] -= size_of_step * mean[i] / (std::sqrt(square[i]) * correction + epsilon);
  }
}

template void sgd_step(float*, const float*, std::int64_t, float, float);
template void sgd_step(double*, const double*, std::int64_t, double, double);
template void momentum_step(float*, const float*, float*, std::int64_t, float, float, float);
template void momentum_step(double*, const double*, double*, std::int64_t, double, double, double);
template void rmsprop_step(float*, const float*, float*, std::int64_t, double, double, double, double);
template void rmsprop_step(double*, const double*, double*, std::int64_t, double, double, double, double);
template void adam_step(float*, const float*, float*, float*, std::int64_t, const AdamStep&);
template void adam_step(double*, const double*, double*, double*, std::int64_t, const AdamStep&);

}  // namespace crosstalk::tensor
