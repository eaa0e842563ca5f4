#pragma once

#include <cstdint>

namespace crosstalk::trace {

/// c (m, n) = op(a) op(b) + beta c, row-major, a after op (m, k), b after op (k, n); `lda`, `ldb`, `ldc` are
/// the lengths of the stored rows. Float and double, MKL's `sgemm_` and `dgemm_` from the torch wheel; at::mm
/// where the wheel does not export them.
enum class Op { plain, transposed };
template <class T>
void gemm(Op op_a, Op op_b, std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda,
          const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc);

/// c (m, n) = a (m, k) b (k, n), for the products of one sample: small, in cache, called from one thread.
/// Float goes to oneDNN's kernel for one block, which neither packs nor dispatches: 110 to 117 GFLOPS where
/// sgemm_ has 75 to 96 (64 x 576 x 100 and the like; 32 x 20 x 196: 71 against 55).
template <class T>
void small_gemm(std::int64_t m, std::int64_t n, std::int64_t k, const T* a, std::int64_t lda, const T* b,
                std::int64_t ldb, T* c, std::int64_t ldc);

}  // namespace crosstalk::trace
