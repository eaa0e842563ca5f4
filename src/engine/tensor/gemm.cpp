#include <type_traits>

#include "tensor/aligned.hpp"
#include "tensor/kernels.hpp"
#include "tensor/small_gemm.hpp"
#include "tensor/transpose.hpp"

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
namespace {

// A product of at most these sizes is one block for the kernel, its operands transposed first where they must
// be: packing and dispatch take sgemm_ a fourth of the time there (the eight products of a SARCOS update,
// batch 32, 64 hidden units: 13.8 us where sgemm_ takes 17.7).
constexpr std::int64_t most_rows = 128, most_columns = 64, most_inner = 128;

bool is_one_block(std::int64_t m, std::int64_t n, std::int64_t k, float alpha, float beta) {
  return has_block_kernel && m > 0 && n > 0 && k > 0 && m <= most_rows && n <= most_columns &&
         k <= most_inner && alpha == 1 && (beta == 0 || beta == 1);
}

void multiply_block(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                    const float* a, std::int64_t lda, const float* b, std::int64_t ldb, bool add, float* c,
                    std::int64_t ldc) {
  alignas(alignment) std::array<float, most_rows * most_inner> straight_a;
  alignas(alignment) std::array<float, most_inner * most_columns> straight_b;
  if (transpose_a) {
    transpose(a, k, m, lda, straight_a.data());
    a = straight_a.data(), lda = k;
  }
  if (transpose_b) {
    transpose(b, n, k, ldb, straight_b.data());
    b = straight_b.data(), ldb = n;
  }
  small_gemm(m, n, k, a, lda, b, ldb, c, ldc, add);
}

}  // namespace

#ifdef CROSSTALK_DIRECT_GEMM

bool gemm_is_direct() { return true; }

template <typename T>
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, T alpha,
          const T* a, std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  if constexpr (std::is_same_v<T, float>) {
    if (is_one_block(m, n, k, alpha, beta)) {
      multiply_block(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta == 1, c, ldc);
      return;
    }
  }
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
