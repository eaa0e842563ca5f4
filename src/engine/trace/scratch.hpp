#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace crosstalk::trace {

/// Memory that contractions form rows in and drop, kept from one to the next by whoever makes many: fresh
/// memory costs a page fault every 4 KB, 5 to 12 ms a Gram of the paper's image networks. For one thread at a
/// time.
class Scratch {
 public:
  /// At least so many numbers, of any value; valid until the next call.
  at::Tensor take(std::int64_t numbers, const at::TensorOptions& like);

 private:
  at::Tensor memory_;
};

}  // namespace crosstalk::trace
