// A store as it lies on the disk, any bytes: a file that a fault of the disk or another program has changed.
#include "store_reading.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  fuzz::read_all_of_store(scratch.file("study.sqlite", fuzz::text_of(data, size)));
  return 0;
}
