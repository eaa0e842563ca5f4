// What the desk reads of a safetensors file: its digest, and a checkpoint's step.
#include "digest.hpp"
#include "target.hpp"
#include "work/checkpoint.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::string given(fuzz::text_of(data, size));
  for (const std::string& bytes : {given, fuzz::with_its_digest(given)}) {
    const std::filesystem::path file = scratch.file("x.safetensors", bytes);
    fuzz::require(has_its_contents(file) == have_their_digest(bytes), "a file and its bytes have one digest");
    work::checkpoint_step(file, "0123456789abcdef");
  }
  return 0;
}
