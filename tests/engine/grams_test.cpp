// A probe's Gram matrices under a budget: the bits of one pass where it fits, the same numbers in blocks
// where it does not, and what is refused.
#include "trace/grams.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"
#include "base/gram_memory.hpp"
#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "tensor_memory.hpp"
#include "trace/blocks.hpp"
#include "trace/gram.hpp"

namespace crosstalk::trace {
namespace {

constexpr std::int64_t gibibyte = 1024 * mebibyte;  // runtime.memory's default

struct Model {
  nn::Network network;
  nn::Parameters parameters;
  Model(const nn::Shape& input, std::int64_t outputs, const std::vector<std::string>& layers,
        at::ScalarType type = at::kFloat)
      : network(nn::build(input, outputs, layers)), parameters(network, initial(network, type)) {}

  at::Tensor samples(std::int64_t n) const {
    std::vector<std::int64_t> sizes = network.input_shape();
    sizes.insert(sizes.begin(), n);
    return at::rand(sizes, parameters.theta().options());
  }

 private:
  static at::Tensor initial(const nn::Network& network, at::ScalarType type) {
    tensor::Stream stream(1, "theta");
    return nn::initial_theta(network, Initialisation::glorot, stream, type);
  }
};

at::Tensor largest(const at::Tensor& output) {
  return at::zeros_like(output).scatter_(1, output.argmax(1, true), 1.0);
}

class GramsOfSamples : public ::testing::Test {
 protected:
  void SetUp() override {
    at::manual_seed(1);
    at::set_num_threads(1);
  }
};

TEST_F(GramsOfSamples, take_one_pass_within_a_gibibyte_for_the_largest_network_and_set_of_each_paper_study) {
  struct Study {
    nn::Shape input;
    std::int64_t outputs;
    std::vector<std::string> layers;
    std::int64_t samples;  // training and test
  };
  const Study studies[] = {
      {{3, 32, 32}, 10, image_layers(64, 3, 1), 192},  // CIFAR-10
      {{3, 32, 32}, 10, image_layers(32, 3, 4), 192},  // SVHN
      {{4, 32, 32}, 14, image_layers(32, 3, 4), 256},  // agents
      {{21}, 7, plain_layers(256, 3), 256},            // SARCOS
      {{8}, 1, plain_layers(128, 2), 400},             // California
  };
  for (const Study& study : studies) {
    const Model model(study.input, study.outputs, study.layers);
    Grams grams(model.network, gibibyte);
    grams.outputs(model.parameters, model.samples(study.samples), 2);
    for (const int threads : {1, 16}) {
      at::set_num_threads(threads);
      EXPECT_TRUE(grams.in_one_pass()) << study.layers.front() << ", " << threads << " threads";
    }
    at::set_num_threads(1);
  }
}

TEST_F(GramsOfSamples, have_the_bits_of_one_trace_of_all_samples_where_one_pass_fits) {
  const Model models[] = {
      {{4, 32, 32}, 14, image_layers(4, 1, 4)},
      {{21}, 7, plain_layers(32, 1)},
      {{8}, 1, plain_layers(16, 2), at::kDouble},
      {{3, 8, 8}, 4, {"conv 6 3", "layernorm", "leaky", "conv 8 3", "layernorm", "flatten", "linear out"}}};
  for (const Model& model : models) {
    Grams grams(model.network, gibibyte);
    for (const std::int64_t n : {40, 33}) {
      const at::Tensor x = model.samples(n);
      nn::Tape tape;
      nn::Gradients gradients;
      model.network.forward(model.parameters, x, tape);
      EXPECT_TRUE(grams.outputs(model.parameters, x, 2).equal(tape.output()));
      for (const at::Tensor& cotangent : {largest(tape.output()), at::softmax(tape.output(), 1)}) {
        model.network.backward(model.parameters, tape, cotangent, gradients);
        const at::Tensor expected =
            gram(make_trace(model.network, model.parameters, tape, gradients)).to(at::kDouble).contiguous();
        const GramMatrix read = grams.gram(cotangent);
        ASSERT_EQ(read.samples(), n);
        for (std::int64_t u = 0; u < n; ++u) {
          EXPECT_EQ(read.norm(u), std::sqrt(expected.const_data_ptr<double>()[u * n + u]));
          for (std::int64_t v = 0; v < n; ++v)
            ASSERT_EQ(read.dot(u, v), expected.const_data_ptr<double>()[u * n + v]);
        }
      }
    }
  }
}

/// The least budget, to a MiB, with which one pass serves.
std::int64_t one_pass(const Model& model, const at::Tensor& x, int matrices) {
  std::int64_t refused = 0, enough = 8192;
  while (enough - refused > 1) {
    const std::int64_t tried = (refused + enough) / 2;
    Grams grams(model.network, tried * mebibyte);
    try {
      grams.outputs(model.parameters, x, matrices);
    } catch (const Error&) {
      refused = tried;
      continue;
    }
    (grams.in_one_pass() ? enough : refused) = tried;
  }
  return enough * mebibyte;
}

TEST_F(GramsOfSamples, take_no_more_than_their_budget_in_one_pass_and_in_blocks) {
  struct Case {
    nn::Shape input;
    std::int64_t outputs;
    std::vector<std::string> layers;
    std::int64_t samples;
  };
  const Case cases[] = {
      {{4, 32, 32}, 14, image_layers(4, 1, 4), 700},
      {{21}, 7, plain_layers(64, 1), 2500},
      {{3, 8, 8},
       4,
       {"conv 6 3", "layernorm", "leaky", "conv 8 3", "layernorm", "flatten", "linear out"},
       600},
  };
  for (const Case& each : cases) {
    const Model model(each.input, each.outputs, each.layers);
    const at::Tensor x = model.samples(each.samples);
    const auto make = [&](std::int64_t budget, bool expected_in_one_pass) {
      std::vector<GramMatrix> matrices;
      const std::int64_t most = most_bytes_in([&] {
        Grams grams(model.network, budget);
        const at::Tensor outputs = grams.outputs(model.parameters, x, 2);
        EXPECT_EQ(grams.in_one_pass(), expected_in_one_pass);
        const at::Tensor first = largest(outputs), second = at::softmax(outputs, 1);
        for (const at::Tensor& cotangent : {first, second}) matrices.push_back(grams.gram(cotangent));
      });
      EXPECT_GT(most, 2 * each.samples * each.samples * 4) << "nothing was counted";
      EXPECT_LE(most, budget) << each.layers.front();
      return matrices;
    };
    const std::int64_t enough = one_pass(model, x, 2);
    const auto whole = make(enough, true), blocks = make(enough - mebibyte, false),
               small_blocks = make(2 * each.samples * each.samples * 4 + 40 * mebibyte, false);
    for (const auto& walked : {blocks, small_blocks})
      for (std::size_t k = 0; k < 2; ++k)
        for (std::int64_t u = 0; u < each.samples; u += 97)
          for (std::int64_t v = 0; v < each.samples; v += 31) {
            EXPECT_NEAR(walked[k].dot(u, v), whole[k].dot(u, v), 1e-4 * whole[k].norm(u) * whole[k].norm(v));
            EXPECT_EQ(walked[k].dot(u, v), walked[k].dot(v, u));
          }
  }
}

TEST_F(GramsOfSamples, leave_the_outputs_the_same_to_the_last_bit_however_many_matrices_are_asked_for) {
  // Otherwise what an update changed would not be told from what another block size rounds.
  const Model model({4, 32, 32}, 14, image_layers(4, 1, 4));
  const at::Tensor x = model.samples(2000);
  std::set<std::int64_t> taken;  // MiB
  const auto outputs = [&](std::int64_t budget, int matrices) {
    at::Tensor result;
    const std::int64_t most = most_bytes_in([&] {
      Grams grams(model.network, budget);
      result = grams.outputs(model.parameters, x, matrices).clone();
    });
    EXPECT_LE(most, budget);
    taken.insert(most / mebibyte);
    return result;
  };
  const at::Tensor whole = outputs(gibibyte, 0);
  for (const std::int64_t budget : {60 * mebibyte, 90 * mebibyte, 120 * mebibyte, gibibyte}) {
    const at::Tensor none = outputs(budget, 0);
    EXPECT_TRUE(none.equal(outputs(budget, 2))) << budget;
    EXPECT_LE((none - whole).abs().max().item<double>(), 1e-5);
  }
  EXPECT_LT(3 * *taken.begin(), *taken.rbegin()) << "no budget led to blocks: nothing is tested";
}

TEST_F(GramsOfSamples, beyond_the_budget_are_refused_with_both_numbers) {
  const Model model({8}, 1, plain_layers(4, 1));
  const auto refusal = [&](std::int64_t samples, std::int64_t budget) -> std::string {
    Grams grams(model.network, budget);
    try {
      grams.outputs(model.parameters, at::zeros({samples, 8}), 2);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      refusal(20'000, gibibyte),
      "a probe of 20,000 samples needs 2.98 GiB for its Gram matrices alone where runtime.memory allows 1 "
      "GiB: allow more, or take fewer probe.samples");
  // The matrices fit, and nothing can be made beside them: what would do, does.
  const std::string said = refusal(2'800, 64 * mebibyte), before = "samples needs ";
  EXPECT_NE(said.find("of these 59.8 MiB for its Gram matrices, where runtime.memory allows 64 MiB"),
            std::string::npos)
      << said;
  const double needed = std::stod(said.substr(said.find(before) + before.size()));
  EXPECT_EQ(refusal(2'800, static_cast<std::int64_t>(std::ceil(needed)) * mebibyte), "");
}

TEST(GramMatrix, scaled_holds_every_dot_times_both_factors) {
  const at::Tensor rows = at::randn({5, 9}), factors = at::tensor({2.0, -0.5, 0.0, 3.0, -1.0}, at::kFloat);
  const GramMatrix gram(at::mm(rows, rows.t())), scaled = gram.scaled(factors.view({5, 1}));
  const double c[] = {2.0, -0.5, 0.0, 3.0, -1.0};
  for (std::int64_t u = 0; u < 5; ++u) {
    EXPECT_EQ(scaled.norm(u), gram.norm(u) * std::abs(c[u]));
    for (std::int64_t v = 0; v < 5; ++v) EXPECT_EQ(scaled.dot(u, v), gram.dot(u, v) * (c[u] * c[v]));
  }
}

TEST(GramSizes, are_spelled_to_three_figures_and_never_as_the_budget_that_they_exceed) {
  EXPECT_EQ(spelled_memory(320e9), "298 GiB");
  EXPECT_EQ(spelled_memory(1.5 * 1024 * mebibyte), "1.5 GiB");
  EXPECT_EQ(spelled_memory(100.0 * mebibyte), "100 MiB");
  const std::int64_t most = most_samples(2, 4, gibibyte);
  EXPECT_EQ(beyond_memory({most, 2, 4}, gibibyte), "");
  EXPECT_EQ(beyond_memory({most + 1, 2, 4}, gibibyte),
            "needs 1.01 GiB for its Gram matrices alone where runtime.memory allows 1 GiB");
}

}  // namespace
}  // namespace crosstalk::trace
