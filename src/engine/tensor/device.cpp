#include "tensor/device.hpp"

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include <string>

#include "base/error.hpp"

namespace crosstalk::tensor {

at::Device device(std::string_view name) {
  if (name == "cpu") return at::kCPU;
  const std::string quoted = "runtime.device \"" + std::string(name) + "\"";
  if (name != "cuda") throw Error(ErrorKind::config, quoted + " is no device: it is \"cpu\" or \"cuda\"");
  if (!at::hasCUDA()) {
    // The hooks say no both for a torch without CUDA and for a machine without a GPU; its version tells
    // which.
    const bool cpu_torch = std::string_view(CROSSTALK_TORCH_VERSION).find("+cpu") != std::string_view::npos;
    throw Error(ErrorKind::environment,
                quoted + ": " +
                    (cpu_torch ? "this torch (" CROSSTALK_TORCH_VERSION
                                 ") is built without CUDA; install a CUDA torch"
                               : "torch finds no CUDA GPU on this machine (see nvidia-smi)") +
                    ", or run with --device cpu");
  }
  return at::Device(at::kCUDA, 0);
}

at::ScalarType precision(std::string_view name) {
  if (name == "single") return at::kFloat;
  if (name == "double") return at::kDouble;
  throw Error(ErrorKind::config, "runtime.precision \"" + std::string(name) +
                                     "\" is no precision: it is \"single\" or \"double\"");
}

bool is_of_memory(const c10::Error& error) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         std::string_view(error.what_without_backtrace()).find("DefaultCPUAllocator") != std::string::npos;
}

}  // namespace crosstalk::tensor
