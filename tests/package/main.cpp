// The Gram matrix of a small network: inner products of the gradients of single samples, from the trace of
// one forward and backward pass. They are compared with the products of the gradients themselves.
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>

#include <cstdio>

#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "trace/gram.hpp"
#include "trace/per_sample.hpp"

using namespace crosstalk;

int main() {
  const std::vector<std::string> layers = {"linear 16", "tanh", "linear out"};
  const nn::Network network = nn::build({8}, 1, layers);  // 8 inputs, 1 output
  tensor::Stream stream(/*seed=*/1, "initialisation");
  const at::Tensor theta = nn::initial_theta(network, Initialisation::pytorch, stream, at::kDouble);
  const nn::Parameters parameters(network, theta);

  const at::Tensor x = at::randn({5, 8}, at::kDouble);  // 5 samples
  nn::Tape tape;
  nn::Gradients gradients;
  network.forward(parameters, x, tape);
  network.backward(parameters, tape, at::ones_like(tape.output()), gradients);  // of the output itself
  const trace::Trace trace = trace::make_trace(network, parameters, tape, gradients);

  const at::Tensor gram = trace::gram(trace);                  // (5, 5), and no gradient is formed
  const at::Tensor rows = trace::per_sample_gradients(trace);  // (5, P)
  const at::Tensor products = rows.mm(rows.t());

  for (std::int64_t n = 0; n < gram.size(0); ++n)
    for (std::int64_t m = 0; m < gram.size(1); ++m)
      std::printf("%9.4f%s", gram[n][m].item<double>(), m + 1 < gram.size(1) ? " " : "\n");
  const double difference = gram.sub(products).abs().max().item<double>(),
               largest = products.abs().max().item<double>();
  std::printf("largest difference from the products of gradients: %.1e of %.1e\n", difference, largest);
  return difference <= 1e-12 * largest ? 0 : 1;
}
