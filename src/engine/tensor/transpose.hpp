#pragma once

#include <cstdint>
#include <type_traits>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace crosstalk::tensor {

/// out (columns, rows) = in (rows, columns)', in's rows `ld` apart. Four by four in registers: one number at
/// a time is several times slower.
template <class T>
void transpose(const T* in, std::int64_t rows, std::int64_t columns, std::int64_t ld, T* out) {
  std::int64_t whole = 0;
#ifdef __SSE__
  if constexpr (std::is_same_v<T, float>) {
    whole = rows / 4 * 4;
    const std::int64_t whole_columns = columns / 4 * 4;
    for (std::int64_t i = 0; i < whole; i += 4) {
      for (std::int64_t j = 0; j < whole_columns; j += 4) {
        const float* from = in + i * ld + j;
        __m128 a = _mm_loadu_ps(from), b = _mm_loadu_ps(from + ld), c = _mm_loadu_ps(from + 2 * ld),
               d = _mm_loadu_ps(from + 3 * ld);
        _MM_TRANSPOSE4_PS(a, b, c, d);
        float* to = out + j * rows + i;
        _mm_storeu_ps(to, a), _mm_storeu_ps(to + rows, b), _mm_storeu_ps(to + 2 * rows, c),
            _mm_storeu_ps(to + 3 * rows, d);
      }
      for (std::int64_t j = whole_columns; j < columns; ++j)
        for (std::int64_t r = i; r < i + 4; ++r) out[j * rows + r] = in[r * ld + j];
    }
  }
#endif
  for (std::int64_t i = whole; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) out[j * rows + i] = in[i * ld + j];
}

}  // namespace crosstalk::tensor
