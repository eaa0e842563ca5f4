// Gram matrices in blocks under a memory budget: what blocks hold, and how much. gram_memory_test.cpp has the
// whole process's memory on the largest network, contraction_test.cpp the values beside autograd's.
#include "trace/blocks.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "tensor_memory.hpp"
#include "trace/gram.hpp"
#include "trace/plan.hpp"

namespace crosstalk::trace {
namespace {

using Lines = std::vector<std::string>;

at::Tensor largest(const at::Tensor& output, std::int64_t) {
  return at::zeros_like(output).scatter_(1, output.argmax(1, true), 1.0);
}

/// A network with its theta, and the Gram matrices of whole traces.
class Model {
 public:
  explicit Model(nn::Network built) : network(std::move(built)), parameters(network, initial(network)) {}

  Trace trace(const at::Tensor& x) const {
    nn::Tape tape;
    nn::Gradients gradients;
    network.forward(parameters, x, tape);
    network.backward(parameters, tape, largest(tape.output(), 0), gradients);
    return make_trace(network, parameters, tape, gradients);
  }

  const nn::Network network;
  const nn::Parameters parameters;

 private:
  static at::Tensor initial(const nn::Network& network) {
    tensor::Stream stream(1, "theta");
    return nn::initial_theta(network, Initialisation::glorot, stream, at::kFloat);
  }
};

class GramInBlocks : public ::testing::Test {
 protected:
  void SetUp() override {
    at::manual_seed(1);
    at::set_num_threads(1);
    // What is empty is NaN: a number that nobody has written does not look like one.
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  }
  void TearDown() override {
    at::globalContext().setDeterministicAlgorithms(false, false);
    at::set_num_threads(threads_);
  }
  static void expect_close(const at::Tensor& value, const at::Tensor& expected) {
    ASSERT_TRUE(at::isfinite(value).all().item<bool>());
    EXPECT_LE((value - expected).abs().max().item<double>(), 1e-4 * expected.abs().max().item<double>());
  }

 private:
  int threads_ = at::get_num_threads();
};

TEST_F(GramInBlocks, holds_the_same_of_a_layer_in_blocks_of_every_size) {
  const Model model(nn::build({64, 5, 5}, 3, Lines{"conv 64 3", "leaky", "flatten", "linear out"}));
  const at::Tensor x = at::rand({133, 64, 5, 5});  // 128 and 5
  const auto chosen = [&](std::int64_t n) {
    return plan(model.trace(x.narrow(0, 0, n))).at(0).chosen.method;
  };
  ASSERT_NE(chosen(128), chosen(5)) << "the cost model takes one method for both: nothing is tested";
  for (const std::int64_t budget : {std::int64_t{1} << 30, std::int64_t{60} << 20}) {
    expect_close(gram_in_blocks(model.network, model.parameters, x, largest, budget), gram(model.trace(x)));
  }
}

TEST_F(GramInBlocks, of_thousands_of_samples_keeps_its_budget_on_small_networks_too) {
  struct Case {
    std::int64_t hidden, samples;
    int threads;
  };
  // With more than 256 units every thread sums into a matrix of its own.
  for (const auto& [hidden, samples, threads] : {Case{64, 4000, 1}, Case{300, 3000, 2}}) {
    at::set_num_threads(threads);
    const Model model(nn::build({21}, 7, plain_layers(hidden, 1)));
    const at::Tensor x = at::randn({samples, 21});
    const std::int64_t budget = 64 << 20, result = samples * samples * 4;
    at::Tensor blocks;
    const std::int64_t most =
        most_bytes_in([&] { blocks = gram_in_blocks(model.network, model.parameters, x, largest, budget); });
    EXPECT_GT(most, result) << "nothing was counted";
    EXPECT_LE(most - result, budget) << hidden << " hidden units";
    expect_close(blocks, gram(model.trace(x)));
  }
}

TEST_F(GramInBlocks, says_what_a_budget_too_small_would_have_to_be) {
  const Model atari(nn::build({4, 84, 84}, 9, atari_layers(32)));
  const Model few_positions(nn::build(
      {512, 3, 3}, 2, Lines{"conv 512 2", "leaky", "conv 512 2", "leaky", "flatten", "linear out"}));
  for (const Model* model : {&atari, &few_positions}) {
    const at::Tensor x =
        at::rand(model == &atari ? at::IntArrayRef{2, 4, 84, 84} : at::IntArrayRef{2, 512, 3, 3});
    const auto in = [&](std::int64_t budget) {
      return gram_in_blocks(model->network, model->parameters, x, largest, budget);
    };
    try {
      in(1 << 20);
      FAIL() << "a megabyte was accepted";
    } catch (const Error& error) {
      const std::string text = error.what(), before = "one sample of this network needs ";
      ASSERT_NE(text.find(before), std::string::npos) << text;
      expect_close(in(std::stoll(text.substr(text.find(before) + before.size()))), gram(model->trace(x)));
    }
  }
}

}  // namespace
}  // namespace crosstalk::trace
