#pragma once

#include <cstdint>

/// The handful of kernels for which a call into ATen costs more than the work, on raw row-major memory; T is
/// float or double. Plain loops that the compiler vectorises. Each has a slow twin in kernels_reference.hpp;
/// tests run both.
namespace crosstalk::tensor {

/// c = alpha a' b' + beta c, where a' is a or its transpose, b' likewise. a' (m, k), b' (k, n), c (m, n);
/// lda, ldb, ldc are the numbers from one row to the next as stored. With beta 0, c may be uninitialised. By
/// the `sgemm_`/`dgemm_` inside libtorch_cpu, on at::get_num_threads() threads, a small one in single
/// precision as one block (small_gemm.hpp); by at::mm_out in a torch without them.
template <typename T>
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
          const T* a, std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc);

/// Whether gemm is the direct call.
bool gemm_is_direct();

/// out[r, c] = row[c]    row (columns), out (rows, columns): what a GEMM with beta 1 adds to.
template <typename T>
void repeat_row(const T* row, T* out, std::int64_t rows, std::int64_t columns);

/// out[c] = sum_r x[r, c]    x (rows, columns), out (columns)
template <typename T>
void column_sums(const T* x, T* out, std::int64_t rows, std::int64_t columns);

/// out[i] = x[i] > 0 ? x[i] : slope x[i]    Here and in the next four out may be x, or gradient: in place.
template <typename T>
void leaky_forward(const T* x, T* out, std::int64_t size, T slope);
/// out[i] = x[i] > 0 ? gradient[i] : slope gradient[i]
template <typename T>
void leaky_backward(const T* x, const T* gradient, T* out, std::int64_t size, T slope);
/// out[i] = max(x[i], 0), NaN stays NaN
template <typename T>
void relu_forward(const T* x, T* out, std::int64_t size);
/// out[i] = x[i] > 0 ? gradient[i] : 0
template <typename T>
void relu_backward(const T* x, const T* gradient, T* out, std::int64_t size);
/// out[i] = gradient[i] (1 - y[i]^2), y = tanh(x). The forward is at::tanh_out, which is vectorised.
template <typename T>
void tanh_backward(const T* y, const T* gradient, T* out, std::int64_t size);

/// out[r, c] = (x[r, c] - mean_r) / sqrt(variance_r + epsilon), the variance divided by `columns`.
template <typename T>
void normalise_rows(const T* x, T* out, std::int64_t rows, std::int64_t columns, T epsilon);
/// out = normalise_rows(x) * gain + shift    gain, shift (columns)
template <typename T>
void layer_norm_forward(const T* x, const T* gain, const T* shift, T* out, std::int64_t rows,
                        std::int64_t columns, T epsilon);
/// Gradient at x of layer_norm_forward; gradient, out (rows, columns).
template <typename T>
void layer_norm_backward(const T* x, const T* gain, const T* gradient, T* out, std::int64_t rows,
                         std::int64_t columns, T epsilon);

}  // namespace crosstalk::tensor
