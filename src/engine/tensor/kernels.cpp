#include "tensor/kernels.hpp"

#include <cmath>

#if !defined(_OPENMP) && !defined(CROSSTALK_ONE_THREAD)
#error "compile with -fopenmp: without it at::parallel_for runs as one chunk, silently"
#endif

namespace crosstalk::tensor {
namespace {

/// sum_i term(i) in eight interleaved partial sums: the compiler may not reorder a plain sum, and one chain
/// of additions waits four cycles for each.
template <typename T, typename Term>
T sum(std::int64_t size, Term term) {
  constexpr std::int64_t lanes = 8;
  T partial[lanes] = {};
  std::int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::int64_t lane = 0; lane < lanes; ++lane) partial[lane] += term(i + lane);
  }
  for (; i < size; ++i) partial[i % lanes] += term(i);
  return ((partial[0] + partial[4]) + (partial[1] + partial[5])) +
         ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

template <typename T>
struct Moments {
  T mean, scale;  // scale = 1 / sqrt(variance + epsilon)
};

template <typename T>
Moments<T> moments(const T* x, std::int64_t columns, T epsilon) {
  const T count = static_cast<T>(columns);
  const T mean = sum<T>(columns, [x](std::int64_t c) { return x[c]; }) / count;
  const T variance =
      sum<T>(columns, [x, mean](std::int64_t c) { return (x[c] - mean) * (x[c] - mean); }) / count;
  return {mean, T{1} / std::sqrt(variance + epsilon)};
}

}  // namespace

template <typename T>
void repeat_row(const T* row, T* out, std::int64_t rows, std::int64_t columns) {
  for (std::int64_t r = 0; r < rows; ++r) std::copy(row, row + columns, out + r * columns);
}

template <typename T>
void column_sums(const T* x, T* out, std::int64_t rows, std::int64_t columns) {
  std::fill(out, out + columns, T{0});
  std::int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {  // four rows a pass: out is read and written a quarter as often
    const T *a = x + r * columns, *b = a + columns, *c = b + columns, *d = c + columns;
    for (std::int64_t i = 0; i < columns; ++i) out[i] += (a[i] + b[i]) + (c[i] + d[i]);
  }
  for (; r < rows; ++r) {
    for (std::int64_t i = 0; i < columns; ++i) out[i] += x[r * columns + i];
  }
}

template <typename T>
void leaky_forward(const T* x, T* out, std::int64_t size, T slope) {
  // Written so that nothing is multiplied on one side only: the compiler may not make a multiplication that
  // the source skips (it could trap), and 2,048 branches that nobody can predict cost 10 us.
#pragma GCC ivdep
  for (std::int64_t i = 0; i < size; ++i) {
    const T above = x[i] <= T{0} ? T{0} : x[i], below = x[i] <= T{0} ? x[i] : T{0};
    out[i] = above + slope * below;
  }
}

template <typename T>
void leaky_backward(const T* x, const T* gradient, T* out, std::int64_t size, T slope) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < size; ++i) {
    const T passed = gradient[i];  // read in any case: the loop then has no branch
    const T above = x[i] <= T{0} ? T{0} : passed, below = x[i] <= T{0} ? passed : T{0};
    out[i] = above + slope * below;
  }
}

template <typename T>
void relu_forward(const T* x, T* out, std::int64_t size) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < size; ++i) out[i] = x[i] <= T{0} ? T{0} : x[i];
}

template <typename T>
void relu_backward(const T* x, const T* gradient, T* out, std::int64_t size) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < size; ++i) {
    const T passed = gradient[i];
    out[i] = x[i] <= T{0} ? T{0} : passed;
  }
}

template <typename T>
void tanh_backward(const T* y, const T* gradient, T* out, std::int64_t size) {
#pragma GCC ivdep
  for (std::int64_t i = 0; i < size; ++i) out[i] = gradient[i] * (T{1} - y[i] * y[i]);
}

template <typename T>
void normalise_rows(const T* x, T* out, std::int64_t rows, std::int64_t columns, T epsilon) {
  for (std::int64_t r = 0; r < rows; ++r, x += columns, out += columns) {
    const auto [mean, scale] = moments(x, columns, epsilon);
    for (std::int64_t c = 0; c < columns; ++c) out[c] = (x[c] - mean) * scale;
  }
}

template <typename T>
void layer_norm_forward(const T* x, const T* gain, const T* shift, T* out, std::int64_t rows,
                        std::int64_t columns, T epsilon) {
  for (std::int64_t r = 0; r < rows; ++r, x += columns, out += columns) {
    const auto [mean, scale] = moments(x, columns, epsilon);
    for (std::int64_t c = 0; c < columns; ++c) out[c] = (x[c] - mean) * scale * gain[c] + shift[c];
  }
}

template <typename T>
void layer_norm_backward(const T* x, const T* gain, const T* gradient, T* out, std::int64_t rows,
                         std::int64_t columns, T epsilon) {
  // With u = gain * gradient and n the normalised input: (u - mean(u) - n mean(u n)) * scale.
  const T count = static_cast<T>(columns);
  for (std::int64_t r = 0; r < rows; ++r, x += columns, gradient += columns, out += columns) {
    const Moments<T> row = moments(x, columns, epsilon);
    const T mean = row.mean, scale = row.scale;
    const T mean_u = sum<T>(columns, [=](std::int64_t c) { return gain[c] * gradient[c]; }) / count;
    const T mean_un =
        sum<T>(columns, [=](std::int64_t c) { return gain[c] * gradient[c] * ((x[c] - mean) * scale); }) /
        count;
    for (std::int64_t c = 0; c < columns; ++c) {
      out[c] = (gain[c] * gradient[c] - mean_u - (x[c] - mean) * scale * mean_un) * scale;
    }
  }
}

template void repeat_row(const float*, float*, std::int64_t, std::int64_t);
template void repeat_row(const double*, double*, std::int64_t, std::int64_t);
template void column_sums(const float*, float*, std::int64_t, std::int64_t);
template void column_sums(const double*, double*, std::int64_t, std::int64_t);
template void leaky_forward(const float*, float*, std::int64_t, float);
template void leaky_forward(const double*, double*, std::int64_t, double);
template void leaky_backward(const float*, const float*, float*, std::int64_t, float);
template void leaky_backward(const double*, const double*, double*, std::int64_t, double);
template void relu_forward(const float*, float*, std::int64_t);
template void relu_forward(const double*, double*, std::int64_t);
template void relu_backward(const float*, const float*, float*, std::int64_t);
template void relu_backward(const double*, const double*, double*, std::int64_t);
template void tanh_backward(const float*, const float*, float*, std::int64_t);
template void tanh_backward(const double*, const double*, double*, std::int64_t);
template void normalise_rows(const float*, float*, std::int64_t, std::int64_t, float);
template void normalise_rows(const double*, double*, std::int64_t, std::int64_t, double);
template void layer_norm_forward(const float*, const float*, const float*, float*, std::int64_t, std::int64_t,
                                 float);
template void layer_norm_forward(const double*, const double*, const double*, double*, std::int64_t,
                                 std::int64_t, double);
template void layer_norm_backward(const float*, const float*, const float*, float*, std::int64_t,
                                  std::int64_t, float);
template void layer_norm_backward(const double*, const double*, const double*, double*, std::int64_t,
                                  std::int64_t, double);

}  // namespace crosstalk::tensor
