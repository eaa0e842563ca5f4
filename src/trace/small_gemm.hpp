#pragma once

#include <ATen/native/CPUBlas.h>

#include "tensor/kernels.hpp"

namespace crosstalk::trace {

/// c (m, n) = a (m, k) b (k, n), row-major, for the products of one sample: small, in cache, called from one
/// thread. Float goes to oneDNN's kernel for one block, which neither packs nor dispatches: 110 to 117 GFLOPS
/// where sgemm_ has 75 to 96 (64 x 576 x 100 and the like; 16 x 20 x 196: 71 against 55).
template <class T>
void small_gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda, const T* b,
                std::int64_t ldb, T* c, std::int64_t ldc, bool add = false) {
#ifdef CPUBLAS_BRGEMM_F32F32F32
  if constexpr (std::is_same_v<T, float>) {
    at::native::cpublas::brgemm(m, n, k, lda, ldb, ldc, add, a, b, c, false);
    return;
  }
#endif
  tensor::gemm<T>(false, false, m, n, k, T(1), a, lda, b, ldb, add ? T(1) : T(0), c, ldc);
}

}  // namespace crosstalk::trace
