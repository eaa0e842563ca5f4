// The Gram of 2,048 samples on the Atari network in 2 GB in all: the peak of this process, which holds
// libtorch, x, theta and the result too. One executable with this test alone, since a process's peak never
// falls.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "trace/blocks.hpp"

namespace crosstalk::trace {
namespace {

double peak_gigabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) * 1024 / 1e9;
}

at::Tensor largest(const at::Tensor& output, std::int64_t) {
  return at::zeros_like(output).scatter_(1, output.argmax(1, true), 1.0);
}

TEST(GramInBlocks, of_2048_samples_on_the_Atari_network_fits_in_2_GB) {
  const std::int64_t samples = 2048, budget = 1'100'000'000;
  const nn::Network network = nn::build({4, 84, 84}, 9, atari_layers(32));
  tensor::Stream stream(1, "theta");
  const at::Tensor theta = nn::initial_theta(network, Initialisation::glorot, stream, at::kFloat);
  const nn::Parameters parameters(network, theta);
  const at::Tensor x = at::rand({samples, 4, 84, 84});
  const at::Tensor gram = gram_in_blocks(network, parameters, x, largest, budget);
  EXPECT_LT(peak_gigabytes(), 2.0);
  ASSERT_TRUE(at::isfinite(gram).all().item<bool>());
  // The corners belong to different panels: the same pairs in a Gram of their own.
  const at::Tensor chosen = at::tensor({0, 1, 700, 1400, 2046, 2047}, at::kLong);
  const at::Tensor few = gram_in_blocks(network, parameters, x.index_select(0, chosen), largest, budget);
  const at::Tensor same = gram.index_select(0, chosen).index_select(1, chosen);
  EXPECT_LE((few - same).abs().max().item<double>(), 1e-4 * few.abs().max().item<double>());
  EXPECT_TRUE(gram.equal(gram.t()));
}

}  // namespace
}  // namespace crosstalk::trace
