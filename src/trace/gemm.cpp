#include "trace/gemm.hpp"

#include <ATen/ATen.h>
#include <ATen/native/CPUBlas.h>

// Weak: a wheel without MKL (aarch64) lacks them, and at::mm has to do.
extern "C" {
__attribute__((weak)) void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*,
                                  const float*, const int*, const float*, const int*, const float*, float*,
                                  const int*);
__attribute__((weak)) void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
                                  const double*, const int*, const double*, const int*, const double*,
                                  double*, const int*);
}

namespace crosstalk::trace {
namespace {

template <class T>
auto blas() {
  if constexpr (std::is_same_v<T, float>)
    return &sgemm_;
  else
    return &dgemm_;
}

template <class T>
at::Tensor matrix(const T* data, std::int64_t rows, std::int64_t columns, std::int64_t ld) {
  return at::from_blob(const_cast<T*>(data), {rows, columns}, {ld, 1}, c10::CppTypeToScalarType<T>::value);
}

}  // namespace

template <class T>
void gemm(Op op_a, Op op_b, std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda,
          const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  const bool ta = op_a == Op::transposed, tb = op_b == Op::transposed;
  if (const auto call = blas<T>()) {  // column-major: the product's transpose, operands swapped
    const int rows = int(n), columns = int(m), depth = int(k), la = int(ldb), lb = int(lda), lc = int(ldc);
    const T one = 1;
    call(tb ? "T" : "N", ta ? "T" : "N", &rows, &columns, &depth, &one, b, &la, a, &lb, &beta, c, &lc);
    return;
  }
  const at::Tensor left = ta ? matrix(a, k, m, lda).t() : matrix(a, m, k, lda);
  const at::Tensor right = tb ? matrix(b, n, k, ldb).t() : matrix(b, k, n, ldb);
  at::Tensor out = matrix(c, m, n, ldc);
  if (beta == T(0))
    out.copy_(at::mm(left, right));
  else
    out.mul_(beta).add_(at::mm(left, right));
}

template <class T>
void small_gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda, const T* b,
                std::int64_t ldb, T* c, std::int64_t ldc) {
#ifdef CPUBLAS_BRGEMM_F32F32F32
  if constexpr (std::is_same_v<T, float>) {
    at::native::cpublas::brgemm(m, n, k, lda, ldb, ldc, false, a, b, c, false);
    return;
  }
#endif
  gemm<T>(Op::plain, Op::plain, m, n, k, a, lda, b, ldb, T(0), c, ldc);
}

template void gemm<float>(Op, Op, std::int64_t, std::int64_t, std::int64_t, const float*, std::int64_t,
                          const float*, std::int64_t, float, float*, std::int64_t);
template void gemm<double>(Op, Op, std::int64_t, std::int64_t, std::int64_t, const double*, std::int64_t,
                           const double*, std::int64_t, double, double*, std::int64_t);
template void small_gemm<float>(std::int64_t, std::int64_t, std::int64_t, const float*, std::int64_t,
                                const float*, std::int64_t, float*, std::int64_t);
template void small_gemm<double>(std::int64_t, std::int64_t, std::int64_t, const double*, std::int64_t,
                                 const double*, std::int64_t, double*, std::int64_t);

}  // namespace crosstalk::trace
