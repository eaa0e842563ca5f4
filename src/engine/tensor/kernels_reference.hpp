#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

/// The slow twins of kernels.hpp: one formula a line, in double whatever T is, to be checked by reading.
/// Tests and benchmarks run both.
namespace crosstalk::tensor::reference {

template <typename T>
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
          const T* a, std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        const double left = transpose_a ? a[l * lda + i] : a[i * lda + l];
        sum += left * (transpose_b ? b[j * ldb + l] : b[l * ldb + j]);
      }
      const double before = beta == T{0} ? 0 : beta * c[i * ldc + j];
      c[i * ldc + j] = static_cast<T>(alpha * sum + before);
    }
  }
}

template <typename T>
void column_sums(const T* x, T* out, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (std::int64_t r = 0; r < rows; ++r) sum += x[r * columns + c];
    out[c] = static_cast<T>(sum);
  }
}

template <typename T>
void leaky_forward(const T* x, T* out, std::int64_t size, T slope) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = x[i] > 0 ? x[i] : slope * x[i];
}

template <typename T>
void leaky_backward(const T* x, const T* gradient, T* out, std::int64_t size, T slope) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = x[i] > 0 ? gradient[i] : slope * gradient[i];
}

template <typename T>
void relu_forward(const T* x, T* out, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = x[i] <= 0 ? 0 : x[i];
}

template <typename T>
void relu_backward(const T* x, const T* gradient, T* out, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = x[i] <= 0 ? 0 : gradient[i];
}

template <typename T>
void tanh_backward(const T* y, const T* gradient, T* out, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) out[i] = static_cast<T>(gradient[i] * (1.0 - double(y[i]) * y[i]));
}

template <typename T>
double mean(const T* x, std::int64_t size) {
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += x[i];
  return sum / static_cast<double>(size);
}

template <typename T>
double deviation(const T* x, std::int64_t size, double epsilon) {
  const double middle = mean(x, size);
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += (x[i] - middle) * (x[i] - middle);
  return std::sqrt(sum / static_cast<double>(size) + epsilon);
}

template <typename T>
void layer_norm_forward(const T* x, const T* gain, const T* shift, T* out, std::int64_t rows,
                        std::int64_t columns, T epsilon) {
  for (std::int64_t r = 0; r < rows; ++r, x += columns, out += columns) {
    const double middle = mean(x, columns), scale = deviation(x, columns, epsilon);
    for (std::int64_t c = 0; c < columns; ++c) {
      out[c] = static_cast<T>((x[c] - middle) / scale * gain[c] + shift[c]);
    }
  }
}

/// The Jacobian of n = (x - mean) / s is dn_c / dx_j = (delta_cj - 1/d - n_c n_j / d) / s; here it is summed
/// as it stands.
template <typename T>
void layer_norm_backward(const T* x, const T* gain, const T* gradient, T* out, std::int64_t rows,
                         std::int64_t columns, T epsilon) {
  const double count = static_cast<double>(columns);
  for (std::int64_t r = 0; r < rows; ++r, x += columns, gradient += columns, out += columns) {
    const double middle = mean(x, columns), scale = deviation(x, columns, epsilon);
    for (std::int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (std::int64_t c = 0; c < columns; ++c) {
        const double product = (x[c] - middle) / scale * ((x[j] - middle) / scale);
        sum += double(gain[c]) * gradient[c] * ((c == j) - 1 / count - product / count) / scale;
      }
      out[j] = static_cast<T>(sum);
    }
  }
}

}  // namespace crosstalk::tensor::reference
