#pragma once

#include <cstdint>
#include <string>

/// What the Gram matrices of a probe take, from sizes alone: desk and engine refuse by the same numbers and
/// words.
namespace crosstalk {

inline constexpr std::int64_t mebibyte = 1ll << 20;

/// So many Gram matrices over one set of samples (all sets of a probe stacked), each number of so many bytes.
struct GramSizes {
  std::int64_t samples, matrices, number_bytes;
  double bytes() const { return double(samples) * double(samples) * double(matrices) * double(number_bytes); }
};

/// The most samples whose matrices fit in so many bytes.
std::int64_t most_samples(std::int64_t matrices, std::int64_t number_bytes, std::int64_t budget_bytes);

/// "needs 298 GiB for its Gram matrices alone where runtime.memory allows 1 GiB"; empty where they fit.
std::string beyond_memory(const GramSizes& sizes, std::int64_t budget_bytes);

/// "298 GiB", "768 MiB", "1.5 GiB": to three figures, the nearest or the next above.
std::string spelled_memory(double bytes, bool up = false);

}  // namespace crosstalk
