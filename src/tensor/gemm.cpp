#include <type_traits>

#include "tensor/kernels.hpp"

#ifdef CROSSTALK_DIRECT_GEMM
extern "C" {
void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
            const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
            const float* beta, float* c, const int* ldc);
void dgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc);
}
#else
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#endif

namespace crosstalk::tensor {

#ifdef CROSSTALK_DIRECT_GEMM

bool gemm_is_direct() { return true; }

template <typename T>
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
          const T* a, std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  // BLAS counts columns first: our row-major c = a' b' is its c' = b'' a'', so the operands change places.
  const char first = transpose_b ? 'T' : 'N', second = transpose_a ? 'T' : 'N';
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), inner = static_cast<int>(k);
  const int step_a = static_cast<int>(lda), step_b = static_cast<int>(ldb), step_c = static_cast<int>(ldc);
  if constexpr (std::is_same_v<T, float>) {
    sgemm_(&first, &second, &rows, &columns, &inner, &alpha, b, &step_b, a, &step_a, &beta, c, &step_c);
  } else {
    dgemm_(&first, &second, &rows, &columns, &inner, &alpha, b, &step_b, a, &step_a, &beta, c, &step_c);
  }
}

#else

bool gemm_is_direct() { return false; }

template <typename T>
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
          const T* a, std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  const auto options = at::TensorOptions().dtype(std::is_same_v<T, float> ? at::kFloat : at::kDouble);
  const auto wrap = [&](const T* data, std::int64_t rows, std::int64_t columns, std::int64_t step,
                        bool transpose) {
    T* mutable_data = const_cast<T*>(data);  // from_blob has no const form; a and b are only read
    return transpose ? at::from_blob(mutable_data, {rows, columns}, {1, step}, options)
                     : at::from_blob(mutable_data, {rows, columns}, {step, 1}, options);
  };
  const at::Tensor left = wrap(a, m, k, lda, transpose_a), right = wrap(b, k, n, ldb, transpose_b);
  at::Tensor out = wrap(c, m, n, ldc, false);
  if (beta == T{0} && alpha == T{1}) {
    at::mm_out(out, left, right);
  } else {
    at::addmm_out(out, out, left, right, beta, alpha);
  }
}

#endif

template void gemm(bool, bool, std::int64_t, std::int64_t, std::int64_t, float, const float*, std::int64_t,
                   const float*, std::int64_t, float, float*, std::int64_t);
template void gemm(bool, bool, std::int64_t, std::int64_t, std::int64_t, double, const double*, std::int64_t,
                   const double*, std::int64_t, double, double*, std::int64_t);

}  // namespace crosstalk::tensor
