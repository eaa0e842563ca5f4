// A converted data set. What is taken can be drawn: examples as the learner and the probe get them.
#include <ATen/core/Tensor.h>

#include "data/dataset.hpp"
#include "digest.hpp"
#include "target.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::filesystem::path path =
      scratch.file("data.safetensors", fuzz::with_its_digest(std::string(fuzz::text_of(data, size))));
  fuzz::is_taken([&] {
    const data::Dataset dataset = data::read_dataset(path);
    for (const data::Half* half : {&dataset.train, &dataset.test}) {
      fuzz::require(half->rows() > 0 && half->y.size(0) == half->rows(), "a half has a target for each row");
      fuzz::require(dataset.has_classes || half->y.size(1) == dataset.outputs, "a row has each output");
    }
    fuzz::require(dataset.has_classes || std::ssize(dataset.target_variance) == dataset.outputs,
                  "each output has a variance");
  });
  return 0;
}
