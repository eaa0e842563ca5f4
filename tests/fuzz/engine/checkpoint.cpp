// A checkpoint: what it says of itself, its tensors and its positions, up to where a part of a run takes
// them.
#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

#include "digest.hpp"
#include "run/state_file.hpp"
#include "target.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::filesystem::path path =
      scratch.file("run.safetensors", fuzz::with_its_digest(std::string(fuzz::text_of(data, size))));
  fuzz::is_taken([&] {
    const tensor::SafetensorsFile file(path);
    const run::StateFile read = run::StateFile::read(file, "checkpoint");
    fuzz::require(read.about.at("what") == "checkpoint", "a checkpoint says that it is one");
    const at::Tensor theta = at::zeros({4});
    fuzz::is_taken([&] { tensor::load_into(theta, read.state, "theta"); });
    fuzz::is_taken([&] { read.state.part("learner").count("steps"); });
  });
  return 0;
}
