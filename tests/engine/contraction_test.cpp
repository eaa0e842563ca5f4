// Every contraction on whole networks, the paper's and odd ones, against libtorch's autograd sample by sample
// in double precision, and against the slow twins.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <sstream>

#include "base/paper_layers.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "trace/blocks.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"
#include "trace/reference.hpp"

namespace crosstalk::trace {
namespace {

using Lines = std::vector<std::string>;

struct Example {
  std::string name;
  nn::Shape input;
  std::int64_t outputs;
  Lines layers;
  std::int64_t samples;
};

std::vector<Example> examples() {
  return {
      {"SVHN classifier", {3, 32, 32}, 10, image_layers(8, 1, 4), 4},
      {"CIFAR classifier without extra layers", {3, 32, 32}, 10, image_layers(16, 0, 1), 3},
      {"SVHN classifier with three", {3, 32, 32}, 10, image_layers(8, 3, 4), 2},
      {"image agent", {4, 32, 32}, 14, image_layers(16, 1, 4), 3},
      {"SARCOS", {21}, 7, plain_layers(64, 1), 9},
      {"SARCOS, three more layers", {21}, 7, plain_layers(16, 3), 5},
      {"California", {8}, 1, plain_layers(64, 2), 7},
      {"Atari", {4, 84, 84}, 9, atari_layers(32), 2},
      {"one linear layer", {5}, 3, {"linear out"}, 6},
      {"one class, one sample", {3, 9, 7}, 1, {"conv 5 3", "relu", "flatten", "linear out"}, 1},
      {"odd strides and padding",
       {3, 13, 11},
       4,
       {"conv 6 3x2 stride 2x1 pad 1x2", "tanh", "conv 33 3 pad 1", "leaky", "conv 7 2 stride 3", "leaky",
        "flatten", "linear 9", "tanh", "linear out"},
       5},
      {"layer norm and tanh",
       {11},
       3,
       {"linear 12", "layernorm", "tanh", "linear 7", "layernorm", "linear out"},
       6},
      {"layer norm over images",
       {3, 8, 8},
       4,
       {"conv 6 3", "layernorm", "leaky", "conv 8 3 stride 2", "layernorm", "flatten", "linear out"},
       4},
      {"convolutions to one position",
       {5, 6, 6},
       3,
       {"conv 20 3 stride 2", "relu", "conv 40 2", "relu", "flatten", "linear out"},
       4},
  };
}

// The same function with ATen's operators, which autograd records.
at::Tensor by_aten(
    const Example& example, const nn::Network& network, const at::Tensor& theta, at::Tensor x,
    const std::function<void(const at::Tensor&)>& at_kinks = [](const at::Tensor&) {}) {
  std::size_t segment = 0;
  const auto next = [&] { return network.layout().view(theta, segment++); };
  for (const std::string& line : example.layers) {
    std::istringstream words(line);
    std::string kind, word;
    words >> kind;
    if (kind == "conv") {
      std::array<std::int64_t, 2> stride{1, 1}, padding{0, 0};
      words >> word >> word;
      while (words >> word) {
        std::string value;
        words >> value;
        const auto cross = value.find('x');
        auto& pair = word == "stride" ? stride : padding;
        pair = {std::stoll(value), std::stoll(cross == std::string::npos ? value : value.substr(cross + 1))};
      }
      const at::Tensor weight = next();
      x = at::conv2d(x, weight, next(), stride, padding);
    } else if (kind == "linear") {
      const at::Tensor weight = next();
      x = at::linear(x, weight, next());
    } else if (kind == "layernorm") {
      const auto shape = x.sizes().slice(1);
      const at::Tensor gain = next().reshape(shape);
      x = at::layer_norm(x, shape, gain, next().reshape(shape));
    } else if (kind == "flatten") {
      x = x.flatten(1);
    } else if (kind == "tanh") {
      x = at::tanh(x);
    } else {
      at_kinks(x);
      x = kind == "relu" ? at::relu(x) : at::leaky_relu(x, 0.01);
    }
  }
  return x;
}

at::Tensor autograd_rows(const Example& example, const nn::Network& network, const at::Tensor& theta,
                         const at::Tensor& x, const at::Tensor& cotangent) {
  const at::Tensor leaf = theta.detach().clone().set_requires_grad(true);
  std::vector<at::Tensor> rows;
  for (std::int64_t n = 0; n < x.size(0); ++n) {
    const at::Tensor scalar =
        (by_aten(example, network, leaf, x.narrow(0, n, 1)) * cotangent.narrow(0, n, 1)).sum();
    rows.push_back(torch::autograd::grad({scalar}, {leaf})[0]);
  }
  return at::stack(rows);
}

struct Pass {
  nn::Tape tape;
  nn::Gradients gradients;
  Trace trace;
};

Pass pass(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x,
          const at::Tensor& cotangent) {
  Pass pass;
  const nn::Parameters parameters(network, theta);
  network.forward(parameters, x, pass.tape);
  network.backward(parameters, pass.tape, cotangent, pass.gradients);
  pass.trace = make_trace(network, parameters, pass.tape, pass.gradients);
  return pass;
}

// (N): 1 where no unit of the sample lies within single precision's rounding of a kink, else 0. On the other
// side of a kink the gradient is another one, rightly.
at::Tensor away_from_kinks(const Example& example, const nn::Network& network, const at::Tensor& theta,
                           const at::Tensor& x) {
  at::Tensor away = at::ones({x.size(0)}, at::kDouble);
  by_aten(example, network, theta, x, [&](const at::Tensor& before_activation) {
    const at::Tensor size = before_activation.flatten(1).abs();
    away.mul_(std::get<0>(size.min(1)) > 1e-6 * size.max());
  });
  return away;
}

void expect_close(const at::Tensor& value, const at::Tensor& expected, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(value.sizes(), expected.sizes()) << what;
  EXPECT_LE((value.to(at::kDouble) - expected).abs().max().item<double>(),
            tolerance * expected.abs().max().item<double>())
      << what;
}

class Networks : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
  }  // many tiny operations: threads would cost more than they do
};

TEST_P(Networks, give_every_contraction_as_autograd_does_sample_by_sample) {
  const Example example = examples()[GetParam()];
  SCOPED_TRACE(example.name);
  const nn::Network network = nn::build(example.input, example.outputs, example.layers);
  tensor::Stream stream(7, "theta");
  const at::Tensor theta = nn::initial_theta(network, Initialisation::pytorch, stream, at::kDouble);
  std::vector<std::int64_t> shape{example.samples};
  shape.insert(shape.end(), example.input.begin(), example.input.end());
  const at::Tensor x = at::rand(shape, at::kDouble), y = at::rand(shape, at::kDouble);
  const at::Tensor of_x = at::randn({example.samples, example.outputs}, at::kDouble),
                   of_y = at::randn_like(of_x);
  const at::Tensor rows = autograd_rows(example, network, theta, x, of_x);
  const at::Tensor columns = autograd_rows(example, network, theta, y, of_y);
  const at::Tensor direction = at::randn_like(theta);

  const Pass exact = pass(network, theta, x, of_x);
  expect_close(reference::per_sample_gradients(exact.trace), rows, 1e-10, "the slow twin itself");
  for (const auto type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-10 : 1e-4;
    SCOPED_TRACE(at::toString(type));
    if (type == at::kFloat) {
      const at::Tensor keep_x = away_from_kinks(example, network, theta, x),
                       keep_y = away_from_kinks(example, network, theta, y);
      ASSERT_GE((keep_x.sum() + keep_y.sum()).item<double>(), double(example.samples)) << "half of them";
      for (const at::Tensor& of : {of_x, rows}) of.mul_(keep_x.unsqueeze(1));
      for (const at::Tensor& of : {of_y, columns}) of.mul_(keep_y.unsqueeze(1));
    }
    const Pass left = pass(network, theta.to(type), x.to(type), of_x.to(type));
    const Pass right = pass(network, theta.to(type), y.to(type), of_y.to(type));
    expect_close(gradient(left.trace), rows.sum(0), tolerance, "gradient");
    at::Tensor out = at::full_like(theta.to(type), 3);
    gradient_into(network, nn::Parameters(network, theta.to(type)), left.tape, left.gradients, out);
    expect_close(out, rows.sum(0), tolerance, "gradient without a trace");
    expect_close(per_sample_gradients(left.trace), rows, tolerance, "rows");
    expect_close(directional(left.trace, direction.to(type)), at::mv(rows, direction), tolerance,
                 "direction");
    for (const Path path : {Path::fastest, Path::portable}) {
      const Options options{.path = path};
      expect_close(gram(left.trace, options), at::mm(rows, rows.t()), tolerance, "gram");
      expect_close(cross_gram(left.trace, right.trace, options), at::mm(rows, columns.t()), tolerance,
                   "cross-gram");
      expect_close(squared_norms(left.trace, options), rows.square().sum(1), tolerance, "norms");
      const nn::Parameters parameters(network, theta.to(type));
      const auto cotangent = [&](const at::Tensor& of) {
        return [&of, type](const at::Tensor& output, std::int64_t first) {
          return of.narrow(0, first, output.size(0)).to(type);
        };
      };
      for (const std::int64_t budget : {std::int64_t{1} << 30, std::int64_t{27} << 20}) {
        if (budget < (1 << 30) && network.layout().size() > 20'000) continue;  // a sample needs more
        expect_close(gram_in_blocks(network, parameters, x.to(type), cotangent(of_x), budget, options),
                     at::mm(rows, rows.t()), tolerance, "gram in blocks");
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, Networks, ::testing::Range<std::size_t>(0, examples().size()));

}  // namespace
}  // namespace crosstalk::trace
