// Noisy layers and dueling streams: passes and every contraction of their traces beside autograd over weights
// that are formed whole, in double precision; and the noise itself.
#include "nn/noisy.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "base/layer_line.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "nn/noise.hpp"
#include "oracle.hpp"
#include "trace/blocks.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"

namespace crosstalk {
namespace {

struct Case {
  nn::Shape input;
  nn::Outputs outputs;
  std::vector<std::string> layers;
};

std::vector<Case> cases() {
  return {
      {{5}, 3, {"linear out noisy 0.5"}},
      {{5}, 3, {"linear 7 noisy 0.1", "tanh", "linear out"}},
      {{5}, 3, {"linear 7 noisy 0.5", "relu", "linear 4", "layernorm", "leaky", "linear out noisy 0.3"}},
      {{5}, 3, {"dueling out"}},
      {{5}, {12, 4}, {"dueling out noisy 0.5"}},
      {{5}, 3, {"dueling 6", "tanh", "dueling out"}},
      {{5}, {12, 4}, {"dueling 6 noisy 0.5", "relu", "dueling out noisy 0.5"}},
      {{5},
       {12, 4},
       {"linear 7", "tanh", "dueling 6", "tanh", "dueling 4 noisy 0.5", "layernorm", "dueling out"}},
      {{5}, 3, {"dueling 6 noisy 0.5", "tanh", "flatten", "linear out"}},
      {{2, 8, 7},
       {10, 5},
       {"conv 3 3 stride 2", "tanh", "flatten", "dueling 6 noisy 0.5", "tanh", "dueling out noisy 0.5"}},
  };
}

/// One network with random parameters and noise in force, or with none.
struct Pass {
  nn::Network network;
  at::Tensor theta, noise, x, cotangent;
  nn::Parameters parameters;
  nn::Tape tape;
  nn::Gradients gradients;
  trace::Trace trace;

  Pass(const Case& of, bool is_noisy, std::int64_t samples, nn::Path path = nn::Path::fastest)
      : network(nn::build(of.input, of.outputs, of.layers, path)),
        theta(at::randn({network.layout().size()}, at::kDouble) / 2),
        noise(is_noisy ? at::randn({network.noise().size()}, at::kDouble) : at::Tensor()),
        parameters(network, theta, noise) {
    take(of, samples);
  }
  void take(const Case& of, std::int64_t samples) {
    std::vector<std::int64_t> shape{samples};
    shape.insert(shape.end(), of.input.begin(), of.input.end());
    x = at::randn(shape, at::kDouble);
    cotangent = at::randn({samples, of.outputs.numbers}, at::kDouble);
    network.forward(parameters, x, tape);
    network.backward(parameters, tape, cotangent, gradients);
    trace = trace::make_trace(network, parameters, tape, gradients);
  }
  /// (N, P) by autograd, one sample after the other.
  at::Tensor rows() const {
    const at::Tensor leaf = theta.clone().set_requires_grad(true);
    const at::Tensor scalars = (oracle::forward(network, leaf, x, noise).back() * cotangent).sum(1);
    std::vector<at::Tensor> each;
    for (std::int64_t n = 0; n < x.size(0); ++n)
      each.push_back(torch::autograd::grad({scalars[n]}, {leaf}, {}, true)[0]);
    return at::stack(each);
  }
};

class NoisyAndDueling : public ::testing::TestWithParam<std::tuple<std::size_t, bool>> {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    at::manual_seed(5);
  }
};

TEST_P(NoisyAndDueling, networks_give_outputs_and_all_contractions_as_autograd_over_whole_weights_does) {
  const auto [index, is_noisy] = GetParam();
  const Case of = cases()[index];
  const auto close = [](const at::Tensor& ours, const at::Tensor& theirs, const char* what) {
    EXPECT_LT(oracle::difference(ours, theirs), 1e-10) << what;
  };
  for (const nn::Path path : {nn::Path::fastest, nn::Path::portable}) {
    Pass pass(of, is_noisy, 6, path);
    const auto values = oracle::forward(pass.network, pass.theta, pass.x, pass.noise);
    close(pass.tape.output(), values.back(), "outputs");
    const at::Tensor rows = pass.rows();
    close(trace::gradient(pass.trace), rows.sum(0), "gradient");
    at::Tensor written = at::full_like(pass.theta, 3);
    trace::gradient_into(pass.network, pass.parameters, pass.tape, pass.gradients, written);
    close(written, rows.sum(0), "gradient of an update");
    close(trace::per_sample_gradients(pass.trace), rows, "rows");
    const at::Tensor gram = trace::gram(pass.trace), by_autograd = at::mm(rows, rows.t());
    close(gram, by_autograd, "gram");
    at::Tensor sum = at::zeros_like(gram);
    for (const at::Tensor& layer : trace::gram_per_layer(pass.trace)) sum.add_(layer);
    close(sum, by_autograd, "gram, use by use");
    close(trace::squared_norms(pass.trace), rows.square().sum(1), "norms");
    const at::Tensor direction = at::randn_like(pass.theta);
    close(trace::directional(pass.trace, direction), at::mv(rows, direction), "direction");
    const auto all = [&](const at::Tensor& output, std::int64_t first) {
      return pass.cotangent.narrow(0, first, output.size(0));
    };
    close(trace::gram_in_blocks(pass.network, pass.parameters, pass.x, all,
                                2 * trace::least_budget(pass.network, pass.parameters, pass.x)),
          by_autograd, "gram in blocks");
    const trace::Trace first = pass.trace;
    std::vector<trace::LayerTrace> kept;
    for (trace::LayerTrace layer : first.layers) {
      layer.inputs = layer.inputs.clone(), layer.output_gradients = layer.output_gradients.clone();
      kept.push_back(layer);
    }
    pass.take(of, 4);
    close(trace::cross_gram({first.samples, first.layout, kept}, pass.trace), at::mm(rows, pass.rows().t()),
          "cross-gram");
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, NoisyAndDueling,
                         ::testing::Combine(::testing::Range<std::size_t>(0, cases().size()),
                                            ::testing::Bool()));

TEST(NoisyLayer, carries_gradients_to_its_input_as_finite_differences_of_the_output_say) {
  at::manual_seed(1);
  const Case of{{4}, {6, 2}, {"dueling 3 noisy 0.5", "tanh", "dueling out noisy 0.5"}};
  // A layer before them, whose bias stands for the input.
  Case behind = of;
  behind.layers.insert(behind.layers.begin(), "linear 4");
  Pass pass(behind, true, 1);
  const at::Tensor gradient = trace::gradient(pass.trace);
  for (std::int64_t i = 16; i < 20; ++i) {
    const auto scalar = [&](double by) {
      at::Tensor theta = pass.theta.clone();
      theta[i] += by;
      nn::Tape tape;
      pass.network.forward(nn::Parameters(pass.network, theta, pass.noise), pass.x, tape);
      return (tape.output() * pass.cotangent).sum().item<double>();
    };
    EXPECT_NEAR((scalar(1e-5) - scalar(-1e-5)) / 2e-5, gradient[i].item<double>(), 1e-8);
  }
}

TEST(NoisyLayer, without_its_noise_is_the_linear_layer_of_its_means) {
  at::manual_seed(2);
  Pass pass({{5}, 3, {"linear 7 noisy 0.5", "tanh", "linear out noisy 0.5"}}, false, 4);
  const nn::Network plain = nn::build({5}, 3, std::vector<std::string>{"linear 7", "tanh", "linear out"});
  const auto segment = [&](std::size_t i) { return pass.network.layout().view(pass.theta, i).flatten(); };
  const at::Tensor means = at::cat({segment(0), segment(1), segment(4), segment(5)});
  nn::Tape tape;
  plain.forward(nn::Parameters(plain, means), pass.x, tape);
  EXPECT_TRUE(at::equal(tape.output(), pass.tape.output()));
  const at::Tensor gradient = trace::gradient(pass.trace);
  for (const std::size_t spread : {2, 3, 6, 7})
    EXPECT_EQ(pass.network.layout().view(gradient, spread).abs().max().item<double>(), 0) << spread;
}

TEST(NoisyLayer, begins_with_means_in_the_papers_interval_and_spreads_at_its_number_whatever_else_is_said) {
  const nn::Network network =
      nn::build({16}, 300, std::vector<std::string>{"linear 250 noisy 0.4", "dueling out noisy 0.1"});
  for (const auto how : {Initialisation::glorot, Initialisation::linear_glorot, Initialisation::pytorch}) {
    tensor::Stream stream(1, "initialisation");
    const at::Tensor theta = nn::initial_theta(network, how, stream, at::kDouble);
    for (std::size_t i = 0; i < network.layout().segments().size(); ++i) {
      const std::string& name = network.layout().segments()[i].name;
      const at::Tensor values = network.layout().view(theta, i);
      const double inputs = name.starts_with("0.") ? 16 : 250, spread = name.starts_with("0.") ? 0.4 : 0.1;
      if (name.find("sigma") != std::string::npos) {
        EXPECT_LT((values - spread / std::sqrt(inputs)).abs().max().item<double>(), 1e-15) << name;
      } else {
        EXPECT_LE(values.abs().max().item<double>(), 1 / std::sqrt(inputs)) << name;
        if (values.numel() > 200)
          EXPECT_NEAR(values.square().mean().item<double>() * 3 * inputs, 1, 0.2) << name;
      }
    }
  }
}

TEST(DuelingStreams, have_the_value_as_mean_over_choices_atom_by_atom_whatever_all_advantages_share) {
  at::manual_seed(3);
  Pass pass({{5}, {12, 4}, {"dueling out"}}, false, 6);
  const auto outputs = [&](const at::Tensor& theta) {
    nn::Tape tape;
    pass.network.forward(nn::Parameters(pass.network, theta), pass.x, tape);
    return tape.output().clone();
  };
  const tensor::Layout& layout = pass.network.layout();
  ASSERT_EQ(layout.segments()[3].name, "0.advantage.bias");
  const at::Tensor value = at::linear(pass.x, layout.view(pass.theta, 0), layout.view(pass.theta, 1));
  EXPECT_LT(oracle::difference(outputs(pass.theta).view({6, 3, 4}).mean(1), value), 1e-12);
  at::Tensor shifted = pass.theta.clone();
  layout.view(shifted, 3).add_(2.5);  // of every action alike
  EXPECT_LT(oracle::difference(outputs(shifted), outputs(pass.theta)), 1e-12);
}

TEST(Noise, has_the_moments_of_the_root_of_a_normal_number_and_of_a_product_of_two) {
  const nn::Network network = nn::build({40}, 3000, std::vector<std::string>{"linear out noisy 1"});
  const at::Tensor theta = at::zeros({network.layout().size()}, at::kDouble);
  network.layout().view(theta, 2).fill_(1);  // the spread of the weights
  const nn::Parameters plain(network, theta);
  nn::Noise noise(network, plain, 4, "noise");
  const at::Tensor one = at::eye(40, at::kDouble);
  at::Tensor all = at::zeros({}, at::kDouble);
  for (int draw = 0; draw < 20; ++draw) {
    noise.draw();
    nn::Tape tape;
    network.forward(noise.parameters(), one, tape);  // W' itself
    const at::Tensor weights = tape.output();
    all = all + weights.square().mean() / 20;
    EXPECT_EQ(at::linalg_matrix_rank(weights).item<std::int64_t>(), 1);
  }
  // E[f(e)^2] = E|e| = sqrt(2 / pi), and of the product its square.
  EXPECT_NEAR(all.item<double>(), 2 / std::numbers::pi, 0.05);
}

TEST(Noise, is_the_same_until_it_is_drawn_anew_and_by_seed_stream_and_position) {
  const nn::Network network =
      nn::build({4}, 2, std::vector<std::string>{"dueling 3 noisy 0.5", "dueling out noisy 0.5"});
  const at::Tensor theta = at::randn({network.layout().size()}, at::kFloat), x = at::randn({3, 4});
  const nn::Parameters plain(network, theta);
  const auto outputs = [&](const nn::Noise& noise) {
    nn::Tape tape;
    network.forward(noise.parameters(), x, tape);
    return tape.output().clone();
  };
  nn::Noise one(network, plain, 1, "noise"), same(network, plain, 1, "noise"),
      seed(network, plain, 2, "noise"), stream(network, plain, 1, "noise/acting");
  for (nn::Noise* each : {&one, &same, &seed, &stream}) each->draw();
  EXPECT_TRUE(at::equal(outputs(one), outputs(same)));
  EXPECT_FALSE(at::equal(outputs(one), outputs(seed)));
  EXPECT_FALSE(at::equal(outputs(one), outputs(stream)));
  const at::Tensor first = outputs(one);
  EXPECT_TRUE(at::equal(outputs(one), first));
  const auto position = one.position();
  one.draw();
  const at::Tensor second = outputs(one);
  EXPECT_FALSE(at::equal(second, first));
  one.seek(position);
  one.draw();
  EXPECT_TRUE(at::equal(outputs(one), second));
  at::Tensor moved = theta;
  moved.add_(1);  // theta is shared: an optimiser's step is seen under the noise that stays
  EXPECT_FALSE(at::equal(outputs(one), second));

  const nn::Network quiet = nn::build({4}, 2, std::vector<std::string>{"linear out"});
  nn::Noise none(quiet, nn::Parameters(quiet, at::zeros({10})), 1, "noise");
  none.draw();
  EXPECT_EQ(none.position(), 0u);
}

TEST(NoiseOfAnotherSize, is_refused_with_both_sizes) {
  const nn::Network network = nn::build({4}, 2, std::vector<std::string>{"linear out noisy 0.5"});
  const at::Tensor theta = at::zeros({network.layout().size()});
  try {
    nn::Parameters(network, theta, at::zeros({5}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("the noise has shape (5) where the network's layers have 6"), 0u)
        << error.what();
  }
}

TEST(LayerLines, of_noisy_layers_and_streams_are_read_and_written_in_one_form) {
  for (const auto& [said, written] : std::vector<std::pair<std::string, std::string>>{
           {"Linear  64  NOISY 0.50", "linear 64 noisy 0.5"},
           {"dueling out", "dueling out"},
           {"dueling 256 noisy 1e-1", "dueling 256 noisy 0.1"}}) {
    EXPECT_EQ(to_string(read_layer_line(said)), written);
    EXPECT_EQ(to_string(read_layer_line(written)), written);
  }
  const std::vector<std::string> layers = {"linear 6 noisy 0.25", "dueling 4 noisy 0.1", "relu",
                                           "dueling out"};
  EXPECT_EQ(nn::build({3}, {8, 4}, layers).descriptions(), layers);
}

TEST(LayerLines, of_noisy_layers_and_streams_that_cannot_be_are_refused_with_the_mend) {
  for (const auto& [layers, why] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"linear 4 noisy", "linear out"}, "behind it \"noisy 0.5\""},
           {{"linear 4 loud 0.5", "linear out"}, "\"loud\" is not \"noisy\""},
           {{"linear 4 noisy -1", "linear out"}, "\"-1\": give a number from 0 to 100"},
           {{"linear 4 noisy nan", "linear out"}, "\"nan\": give a number from 0 to 100"},
           {{"dueling", "linear out"}, "write \"dueling UNITS\" or \"dueling out\""},
           {{"dueling 4", "linear out"}, "two streams: go on with \"dueling\""},
           {{"dueling 4"}, "gives 2 x 4 numbers"}}) {
    try {
      nn::build({3}, 2, layers);
      ADD_FAILURE() << layers.front();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(nn::build({3, 5, 5}, 2, std::vector<std::string>{"dueling out"}), Error);
}

}  // namespace
}  // namespace crosstalk
