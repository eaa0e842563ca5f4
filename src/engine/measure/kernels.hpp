#pragma once

#include "measure/kernel.hpp"
#include "measure/subject.hpp"
#include "trace/grams.hpp"

namespace crosstalk::measure {

/// Makes neural tangent kernels of all outputs: each sample passes once for each output, and the Gram is of
/// all of these.
class Kernels {
 public:
  /// Rows of a kernel at most. Its eigenvalues take a second or two at this size, and eight times as long at
  /// twice the size.
  static constexpr std::int64_t most = 2048;

  /// `subject` outlives it; `budget_bytes` is runtime.memory.
  Kernels(Subject& subject, std::int64_t budget_bytes);

  /// Error(config) where samples times outputs are more than `most`.
  Kernel of(const data::Rows& rows);

 private:
  void refuse_beyond(std::int64_t samples, std::int64_t outputs) const;

  Subject& subject_;
  trace::Grams grams_;
  at::Tensor inputs_;
};

}  // namespace crosstalk::measure
