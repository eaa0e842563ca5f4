#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/CPUAllocator.h>

#include <algorithm>
#include <cstdint>

/// Memory at addresses where GEMM gives the bits that it always gives: MKL's depend on the alignment of what
/// it reads and writes (of 2,880 products shifted by some floats 188 came out different).
namespace crosstalk::tensor {

constexpr std::size_t alignment = 64;  // bytes; what ATen's allocator keeps to

/// x itself where it is contiguous and, on the CPU, aligned; otherwise a copy that is. A row block of a
/// mapped file or a NumPy array lies anywhere.
inline at::Tensor aligned(const at::Tensor& x) {
  const at::Tensor straight = x.contiguous();
  const bool anywhere =
      straight.is_cpu() && reinterpret_cast<std::uintptr_t>(straight.const_data_ptr()) % alignment != 0;
  return anywhere ? straight.clone() : straight;
}

/// `size` numbers of any value for a loop's own use, from ATen's allocator, so that whoever counts tensors'
/// memory counts them too. An at::Tensor would cost a dispatch.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::int64_t size)
      : memory_(c10::GetCPUAllocator()->allocate(static_cast<std::size_t>(size) * sizeof(T))), size_(size) {}
  T* data() const { return static_cast<T*>(memory_.get()); }
  std::int64_t size() const { return size_; }
  void fill(T value) { std::fill_n(data(), size_, value); }

 private:
  c10::DataPtr memory_;
  std::int64_t size_;
};

}  // namespace crosstalk::tensor
