#pragma once

#include <ATen/native/CPUBlas.h>

#include <type_traits>

#include "tensor/kernels.hpp"

namespace crosstalk::tensor {

/// Whether libtorch exports oneDNN's kernel for one block, which neither packs nor dispatches.
#ifdef CPUBLAS_BRGEMM_F32F32F32
constexpr bool has_block_kernel = true;
#else
constexpr bool has_block_kernel = false;
#endif

/// Columns of b that the kernel takes best: b in panels of so many, each contiguous (k, panel_width). Rows
/// any farther apart fall into few sets of the first-level cache and evict each other: of 98 GFLOPS with
/// panels of 32 columns, wherever k lies from 64 to 484, 96 columns keep 60 to 96 and 128 keep 55 to 75.
constexpr std::int64_t panel_width = 32;

/// c (m, n) = a (m, k) b (k, n), or added to c, row-major: for what is in cache and called from one thread.
/// Float goes to the block kernel.
template <class T>
void small_gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda, const T* b,
                std::int64_t ldb, T* c, std::int64_t ldc, bool add = false) {
#ifdef CPUBLAS_BRGEMM_F32F32F32
  if constexpr (std::is_same_v<T, float>) {
    at::native::cpublas::brgemm(m, n, k, lda, ldb, ldc, add, a, b, c, false);
    return;
  }
#endif
  gemm<T>(false, false, m, n, k, T(1), a, lda, b, ldb, add ? T(1) : T(0), c, ldc);
}

}  // namespace crosstalk::tensor
