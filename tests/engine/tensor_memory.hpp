#pragma once

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace crosstalk {

/// Counts the bytes that ATen's allocator has given to this thread, and the most there were.
class TensorMemory final : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, std::int64_t bytes, std::size_t, std::size_t, c10::Device) override {
    alive_ += bytes;
    most_ = std::max(most_, alive_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  std::int64_t most() const { return most_; }

 private:
  std::int64_t alive_ = 0, most_ = 0;
};

/// The most bytes that were alive at once of those that `call` asked for.
inline std::int64_t most_bytes_in(const std::function<void()>& call) {
  const auto memory = std::make_shared<TensorMemory>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, memory);
  call();
  return memory->most();
}

}  // namespace crosstalk
