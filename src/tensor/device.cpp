#include "tensor/device.hpp"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <charconv>
#include <string>

#include "base/error.hpp"

namespace crosstalk::tensor {

at::Device device(std::string_view name) {
  if (name == "cpu") return at::kCPU;
  const std::string quoted = "runtime.device \"" + std::string(name) + "\"";
  int index = 0;
  std::string_view number = name.starts_with("cuda:") ? name.substr(5) : "0";
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), index);
  const bool reads = status == std::errc() && end == number.data() + number.size() && index >= 0;
  if (!reads || !name.starts_with("cuda") || (name.size() > 4 && name[4] != ':')) {
    throw Error(ErrorKind::config, quoted + " is no device: it is \"cpu\", \"cuda\" or \"cuda:1\"");
  }
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
  const int count = at::detail::getCUDAHooks().deviceCount();
  if (index >= count) {
    throw Error(ErrorKind::environment, quoted + ": this machine has " + std::to_string(count) +
                                            " GPU(s), numbered from 0; choose another, or --device cpu");
  }
  return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
}

at::ScalarType precision(std::string_view name) {
  if (name == "single") return at::kFloat;
  if (name == "double") return at::kDouble;
  throw Error(ErrorKind::config, "runtime.precision \"" + std::string(name) +
                                     "\" is no precision: it is \"single\" or \"double\"");
}

}  // namespace crosstalk::tensor
