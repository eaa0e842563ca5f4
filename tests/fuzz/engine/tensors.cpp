// A safetensors file: every tensor that a header promises can be read to its last byte.
#include <ATen/core/Tensor.h>

#include "digest.hpp"
#include "target.hpp"
#include "tensor/safetensors.hpp"

using namespace crosstalk;

namespace {

/// Reads each byte, so that one that is not there is found.
void read_all(const tensor::SafetensorsFile& file) {
  for (const std::string& name : file.names()) {
    const at::Tensor tensor = file.tensor(name);
    const auto* bytes = static_cast<const unsigned char*>(tensor.const_data_ptr());
    unsigned sum = 0;
    for (std::size_t i = 0; i < tensor.nbytes(); ++i) sum += bytes[i];
    static volatile unsigned all;
    all = sum;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::string given(fuzz::text_of(data, size));
  for (const std::string& bytes : {given, fuzz::with_its_digest(given)}) {
    const std::filesystem::path path = scratch.file("x.safetensors", bytes);
    fuzz::is_taken([&] {
      const tensor::SafetensorsFile file(path);
      read_all(file);
      const bool right = fuzz::is_taken([&] { file.check_contents(); });
      fuzz::require(right == have_their_digest(bytes), "a file is whole where its digest says so");
    });
  }
  return 0;
}
