// Parameters with several uses: every contraction beside libtorch's autograd, sample by sample, on small
// functions written with ATen's operators, whose traces are filled by hand as a module's hooks would.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "base/error.hpp"
#include "nn/activation.hpp"
#include "nn/linear.hpp"
#include "random_trace.hpp"
#include "tensor_memory.hpp"
#include "trace/blocks.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/grams.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"
#include "trace/plan.hpp"
#include "trace/reference.hpp"

namespace crosstalk::trace {
namespace {

/// Applies layers to one theta and keeps what each took in and gave.
class Recorder {
 public:
  explicit Recorder(const tensor::Layout& layout, at::Tensor theta)
      : layout_(layout), theta_(std::move(theta)) {}

  at::Tensor linear(const at::Tensor& x, std::size_t weight, std::optional<std::size_t> bias) {
    return keep(nn::LinearUse{weight, bias}, x, at::linear(x, of(weight), of(bias)));
  }
  at::Tensor conv(const at::Tensor& x, const nn::ConvolutionUse& use) {
    return keep(
        use, x,
        at::conv2d(x, of(use.weight), of(use.bias), use.stride, use.padding, use.dilation, use.groups));
  }
  /// gain * x + shift over the last numbers of a sample, in as many stretches as there are.
  at::Tensor scale(const at::Tensor& x, std::size_t gain, std::optional<std::size_t> shift) {
    const at::Tensor stretches = x.reshape({x.size(0), -1, of(gain).numel()});
    at::Tensor y = stretches * of(gain).flatten();
    if (shift) y = y + of(*shift).flatten();
    return keep(nn::ScaleUse{gain, shift}, x.flatten(1), y.reshape({x.size(0), -1})).reshape(x.sizes());
  }

  /// Rows of the weight (V, d) by their numbers (N, T).
  at::Tensor embedding(const at::Tensor& numbers, std::size_t weight) {
    const at::Tensor y = at::embedding(of(weight), numbers);
    layers_.push_back({"layer " + std::to_string(layers_.size()), nn::EmbeddingUse{weight}, numbers, {}});
    outputs_.push_back(y);
    return y;
  }

  /// The trace of `scalars` (N).
  Trace trace(const at::Tensor& scalars) const {
    const auto gradients = torch::autograd::grad({scalars.sum()}, outputs_, {}, /*retain_graph=*/true);
    Trace trace{scalars.size(0), layout_, layers_};
    for (std::size_t i = 0; i < layers_.size(); ++i)
      trace.layers[i].output_gradients = gradients[i].detach().contiguous();
    return trace;
  }

 private:
  at::Tensor of(std::size_t segment) const { return layout_.view(theta_, segment); }
  std::optional<at::Tensor> of(std::optional<std::size_t> segment) const {
    return segment ? std::optional(of(*segment)) : std::nullopt;
  }
  at::Tensor keep(nn::Use use, const at::Tensor& x, const at::Tensor& y) {
    layers_.push_back({"layer " + std::to_string(layers_.size()), use, x.detach().contiguous(), {}});
    outputs_.push_back(y);
    return y;
  }

  const tensor::Layout& layout_;
  at::Tensor theta_;
  std::vector<LayerTrace> layers_;
  std::vector<at::Tensor> outputs_;
};

struct Function {
  std::string name;
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> parameters;  // segments 0, 1, ...
  std::vector<std::int64_t> input;                                            // of a sample
  std::function<at::Tensor(Recorder&, at::Tensor)> apply;                     // (N, ...)
};

/// Whole numbers below `rows`, of any x.
at::Tensor numbers_of(const at::Tensor& x, std::int64_t rows) {
  return (x.detach().abs() * 100).to(at::kLong).remainder(rows);
}

std::vector<Function> functions() {
  using Pair = std::array<std::int64_t, 2>;
  const auto conv = [](std::size_t weight, std::optional<std::size_t> bias, std::int64_t stride,
                       std::int64_t padding, std::int64_t groups = 1) {
    return nn::ConvolutionUse{weight, bias, Pair{stride, stride}, Pair{padding, padding}, Pair{1, 1}, groups};
  };
  return {
      {"a linear layer three times",
       {{"w", {5, 5}}, {"b", {5}}, {"v", {3, 5}}, {"c", {3}}},
       {5},
       [](Recorder& net, at::Tensor x) {
         for (int i = 0; i < 3; ++i) x = at::tanh(net.linear(x, 0, 1));
         return net.linear(x, 2, 3);
       }},
      {"a linear weight over positions and once more, each with a bias of its own",
       {{"w", {4, 4}}, {"b", {4}}, {"c", {4}}},
       {3, 4},
       [](Recorder& net, at::Tensor x) { return net.linear(at::tanh(net.linear(x, 0, 1)).mean(1), 0, 2); }},
      {"a linear weight with a bias and without",
       {{"before", {2}}, {"w", {6, 6}}, {"b", {6}}},
       {6},
       [](Recorder& net, at::Tensor x) {
         return net.linear(at::tanh(net.linear(x, 1, 2)), 1, std::nullopt);
       }},
      {"a convolution twice, on maps of two sizes by two strides",
       {{"w", {3, 3, 3, 3}}, {"b", {3}}, {"v", {2, 18}}, {"c", {2}}},
       {3, 7, 6},
       [conv](Recorder& net, at::Tensor x) {
         x = at::tanh(net.conv(x, conv(0, 1, 1, 1)));
         return net.linear(net.conv(x, conv(0, 1, 2, 0)).tanh().flatten(1), 2, 3);
       }},
      {"a convolution in groups, each with a bias of its own",
       {{"w", {4, 2, 2, 3}}, {"b", {4}}, {"c", {4}}},
       {4, 5, 6},
       [conv](Recorder& net, at::Tensor x) {
         return net.conv(at::tanh(net.conv(x, conv(0, 1, 1, 1, 2))), conv(0, 2, 1, 0, 2)).flatten(1);
       }},
      {"one vector as the bias of a linear layer, of a convolution and the shift of a scale",
       {{"k", {4, 2, 3, 3}}, {"b", {4}}, {"w", {4, 4}}, {"gain", {4}}},
       {2, 5, 5},
       [conv](Recorder& net, at::Tensor x) {
         x = at::tanh(net.conv(x, conv(0, 1, 1, 0))).flatten(2).transpose(1, 2);
         return at::tanh(net.scale(net.linear(x.contiguous(), 2, 1).tanh(), 3, 1)).flatten(1);
       }},
      {"gain and shift twice, over one stretch and over three",
       {{"gain", {6}}, {"shift", {6}}},
       {3, 6},
       [](Recorder& net, at::Tensor x) { return net.scale(at::tanh(net.scale(x, 0, 1)).mean(1), 0, 1); }},
      {"a gain twice, with a shift and without",
       {{"gain", {5}}, {"shift", {5}}},
       {5},
       [](Recorder& net, at::Tensor x) { return net.scale(at::tanh(net.scale(x, 0, 1)), 0, std::nullopt); }},
      {"an embedding twice",
       {{"w", {4, 5}}},
       {3},
       [](Recorder& net, at::Tensor x) {
         const at::Tensor one = net.embedding(numbers_of(x, 4), 0);
         return one.sum(1) * at::tanh(net.embedding(numbers_of(x * 3, 4), 0).sum(1));
       }},
      {"rows of a weight that is the last layer's, too, as in models of language",
       {{"w", {6, 5}}},
       {4},
       [](Recorder& net, at::Tensor x) {
         return net.linear(at::tanh(net.embedding(numbers_of(x, 6), 0)).sum(1), 0, std::nullopt);
       }},
      {"the same at all positions, with a bias, and once more",
       {{"w", {6, 5}}, {"b", {6}}},
       {4},
       [](Recorder& net, at::Tensor x) {
         x = at::tanh(net.linear(at::tanh(net.embedding(numbers_of(x, 6), 0)), 0, 1));
         return net.linear(x.sum(1).narrow(1, 0, 5), 0, 1);
       }},
      {"rows of a matrix that is a gain, too",
       {{"w", {3, 4}}},
       {12},
       [](Recorder& net, at::Tensor x) {
         return net.scale(x, 0, std::nullopt) * net.embedding(numbers_of(x, 3), 0).sum({1, 2}).unsqueeze(1);
       }},
      {"one matrix as a linear weight and as a gain",
       {{"w", {3, 4}}, {"b", {3}}},
       {12},
       [](Recorder& net, at::Tensor x) {
         return net.linear(at::tanh(net.scale(x, 0, std::nullopt)).narrow(1, 0, 4), 0, 1);
       }},
  };
}

struct Example {
  tensor::Layout layout;
  Trace trace;
  at::Tensor rows;  // (N, P), by autograd one by one
};

Example example_of(const Function& function, std::int64_t samples, const at::Tensor& theta_values) {
  Example example;
  for (const auto& [name, shape] : function.parameters) example.layout.add(name, shape);
  std::vector<std::int64_t> sizes = function.input;
  sizes.insert(sizes.begin(), samples);
  const at::Tensor theta = theta_values.detach().clone().set_requires_grad(true);
  Recorder net(example.layout, theta);
  // The input needs a gradient, so that every layer's output does.
  const at::Tensor output =
      function.apply(net, at::randn(sizes, at::kDouble).set_requires_grad(true)).flatten(1);
  const at::Tensor scalars = (output * at::randn(output.sizes(), at::kDouble)).sum(1);
  example.trace = net.trace(scalars);
  std::vector<at::Tensor> rows;
  for (std::int64_t n = 0; n < samples; ++n)
    rows.push_back(torch::autograd::grad({scalars[n]}, {theta}, {}, /*retain_graph=*/true, false,
                                         /*allow_unused=*/true)[0]);
  example.rows = at::stack(rows).detach();
  return example;
}

std::int64_t parameters_of(const Function& function) {
  tensor::Layout layout;
  for (const auto& [name, shape] : function.parameters) layout.add(name, shape);
  return layout.size();
}

class SharedParameters : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    at::manual_seed(GetParam());
  }
};

TEST_P(SharedParameters, are_summed_over_their_uses_by_every_contraction_as_autograd_does) {
  const Function function = functions()[GetParam()];
  SCOPED_TRACE(function.name);
  const at::Tensor theta = at::randn({parameters_of(function)}, at::kDouble);
  const Example left = example_of(function, 6, theta), right = example_of(function, 4, theta);
  const at::Tensor direction = at::randn_like(theta);
  expect_close(reference::per_sample_gradients(left.trace), left.rows, 1e-10, "the slow twin itself");
  const at::Tensor gram_by_autograd = at::mm(left.rows, left.rows.t()),
                   cross_by_autograd = at::mm(left.rows, right.rows.t());
  for (const auto type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-10 : 1e-4;
    const Trace rows = converted(left.trace, type, at::MemoryFormat::Contiguous),
                columns = converted(right.trace, type, at::MemoryFormat::Contiguous);
    expect_close(gradient(rows), left.rows.sum(0), tolerance, "gradient");
    expect_close(per_sample_gradients(rows), left.rows, tolerance, "rows");
    expect_close(directional(rows, direction.to(type)), at::mv(left.rows, direction), tolerance, "direction");
    for (const Path path : {Path::fastest, Path::portable})
      for (const std::int64_t scratch : {std::int64_t{1} << 28, std::int64_t{1}})
        for (const Method method : {Method::outer, Method::weight_gradients, Method::pairs}) {
          const Options options{path, method, scratch};
          const std::string what =
              std::string(name(method)) + (path == Path::fastest ? ", fast" : ", portable");
          const at::Tensor gram = trace::gram(rows, options);
          expect_close(gram, gram_by_autograd, tolerance, "gram: " + what);
          EXPECT_TRUE(gram.equal(gram.t())) << what;
          at::Tensor sum = at::zeros_like(gram);
          for (const at::Tensor& part : gram_per_layer(rows, options)) sum.add_(part);
          expect_close(sum, gram_by_autograd, tolerance, "gram, part by part: " + what);
          expect_close(cross_gram(rows, columns, options), cross_by_autograd, tolerance,
                       "cross-gram: " + what);
          expect_close(squared_norms(rows, options), left.rows.square().sum(1), tolerance, "norms: " + what);
        }
  }
}

TEST_P(SharedParameters, give_another_Gram_than_the_sum_of_those_of_their_uses) {
  // Otherwise the test above would pass for contractions that add up layers.
  const Function function = functions()[GetParam()];
  const Example example = example_of(function, 5, at::randn({parameters_of(function)}, at::kDouble));
  at::Tensor sum = at::zeros({5, 5}, at::kDouble);
  for (const LayerTrace& layer : example.trace.layers)
    sum.add_(gram(Trace{5, example.trace.layout, {layer}}));
  const at::Tensor gram = trace::gram(example.trace);
  EXPECT_GT((sum - gram).abs().max().item<double>(), 1e-3 * gram.abs().max().item<double>()) << function.name;
}

INSTANTIATE_TEST_SUITE_P(Functions, SharedParameters, ::testing::Range<std::size_t>(0, functions().size()));

/// A linear layer of a network with the parameters of another one.
class Again final : public nn::Layer {
 public:
  Again(std::size_t weight, std::size_t bias, at::Tensor w, at::Tensor b)
      : use_{weight, bias}, own_{std::move(w), std::move(b)}, layer_(own_[0].size(1), own_[0].size(0)) {}
  std::string description() const override { return "again"; }
  std::int64_t multiply_adds() const override { return layer_.multiply_adds(); }
  nn::Shape output_shape() const override { return layer_.output_shape(); }
  std::vector<nn::Use> uses() const override { return {use_}; }
  void forward(const nn::Views&, const at::Tensor& input, at::Tensor& output, nn::Path path) const override {
    layer_.forward({own_, {}}, input, output, path);
  }
  void backward(const nn::Views&, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, nn::Path path) const override {
    layer_.backward({own_, {}}, input, output, output_gradient, input_gradient, path);
  }

 private:
  nn::LinearUse use_;
  std::vector<at::Tensor> own_;
  nn::Linear layer_;
};

TEST(SharedParametersOfANetwork, are_summed_in_updates_and_in_Grams_in_blocks_too) {
  at::manual_seed(3);
  const at::Tensor theta = at::randn({8 * 8 + 8 + 3 * 8 + 3}, at::kDouble) / 3;
  const auto view = [&](std::int64_t from, std::int64_t count) { return theta.narrow(0, from, count); };
  std::vector<std::unique_ptr<nn::Layer>> layers;
  layers.push_back(std::make_unique<nn::Linear>(8, 8));
  layers.push_back(std::make_unique<nn::Activation>(nn::tanh, nn::Shape{8}));
  layers.push_back(std::make_unique<Again>(0, 1, view(0, 64).view({8, 8}), view(64, 8)));
  layers.push_back(std::make_unique<nn::Activation>(nn::tanh, nn::Shape{8}));
  layers.push_back(std::make_unique<nn::Linear>(8, 3));
  const nn::Network network({8}, std::move(layers));
  ASSERT_TRUE(network.shares_parameters());
  const nn::Parameters parameters(network, theta);
  const at::Tensor x = at::randn({300, 8}, at::kDouble);
  const at::Tensor of_x = at::randn({300, 3}, at::kDouble);

  const at::Tensor leaf = theta.detach().clone().set_requires_grad(true);
  const auto rows_of = [&](const at::Tensor& inputs, const at::Tensor& cotangent) {
    const auto part = [&](std::int64_t from, std::int64_t count) { return leaf.narrow(0, from, count); };
    at::Tensor h = inputs;
    for (int i = 0; i < 2; ++i) h = at::tanh(at::linear(h, part(0, 64).view({8, 8}), part(64, 8)));
    const at::Tensor scalars = (at::linear(h, part(72, 24).view({3, 8}), part(96, 3)) * cotangent).sum(1);
    std::vector<at::Tensor> rows;
    for (std::int64_t n = 0; n < inputs.size(0); ++n)
      rows.push_back(torch::autograd::grad({scalars[n]}, {leaf}, {}, true)[0]);
    return at::stack(rows);
  };
  const at::Tensor rows = rows_of(x, of_x);

  nn::Tape tape;
  nn::Gradients gradients;
  network.forward(parameters, x, tape);
  network.backward(parameters, tape, of_x, gradients);
  const at::Tensor gradient = at::full_like(theta, 3);
  gradient_into(network, parameters, tape, gradients, gradient);
  expect_close(gradient, rows.sum(0), 1e-10, "gradient of an update");

  const auto part = [](const at::Tensor& cotangent) {
    return [&](const at::Tensor& output, std::int64_t first) {
      return cotangent.narrow(0, first, output.size(0));
    };
  };
  const std::int64_t least = least_budget(network, parameters, x);
  for (const Method method : {Method::weight_gradients, Method::pairs})
    for (const std::int64_t budget : {std::int64_t{1} << 30, 2 * least}) {
      const Options options{.method = method};
      expect_close(gram_in_blocks(network, parameters, x, part(of_x), budget, options),
                   at::mm(rows, rows.t()), 1e-10, "gram in blocks");
    }
  for (const std::int64_t budget : {std::int64_t{1} << 30, 2 * least}) {
    Grams grams(network, budget);
    grams.outputs(parameters, x, 1);
    ASSERT_EQ(grams.in_one_pass(), budget == 1 << 30);
    const GramMatrix gram = grams.gram(of_x);
    EXPECT_NEAR(gram.dot(7, 260), at::dot(rows[7], rows[260]).item<double>(), 1e-9);
  }
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Trace, whose_layer_uses_one_parameter_in_two_ways_is_refused_by_both_names) {
  Trace trace = random_trace(3, {scale(4, 2)});
  auto& use = std::get<nn::ScaleUse>(trace.layers[0].use);
  use.shift = use.gain;
  trace.layers[0].name = "1.layernorm";
  for (const auto& call : std::initializer_list<std::function<void()>>{
           [&] { gram(trace); }, [&] { gradient(trace); }, [&] { squared_norms(trace); }}) {
    const std::string said = refusal(call);
    EXPECT_NE(said.find("1.layernorm"), std::string::npos) << said;
    EXPECT_NE(said.find("the parameter gain"), std::string::npos) << said;
  }
}

TEST(Trace, that_names_a_parameter_which_is_not_there_is_refused) {
  Trace trace = random_trace(3, {linear(4, 2, 0, true)});
  std::get<nn::LinearUse>(trace.layers[0].use).bias = 7;
  EXPECT_NE(refusal([&] { gram(trace); }).find("parameter number 7"), std::string::npos);
}

TEST(CrossGram, of_traces_that_use_other_parameters_is_refused) {
  const Trace rows = random_trace(3, {linear(4, 4, 0, true), linear(4, 4, 0, true)});
  Trace columns = random_trace(2, {linear(4, 4, 0, true), linear(4, 4, 0, true)});
  EXPECT_EQ(refusal([&] { cross_gram(rows, columns); }), "");
  columns.layers[1].use = columns.layers[0].use;
  EXPECT_NE(refusal([&] { cross_gram(rows, columns); }).find("other parameters"), std::string::npos);
}

TEST(Trace, lives_longer_than_the_network_that_left_it) {
  at::manual_seed(4);
  const at::Tensor x = at::randn({4, 3}, at::kDouble), cotangent = at::randn({4, 2}, at::kDouble);
  Trace trace;
  {
    std::vector<std::unique_ptr<nn::Layer>> layers;
    layers.push_back(std::make_unique<nn::Linear>(3, 2));
    const nn::Network network({3}, std::move(layers));
    const nn::Parameters parameters(network, at::randn({8}, at::kDouble));
    nn::Tape tape;
    nn::Gradients gradients;
    network.forward(parameters, x, tape);
    network.backward(parameters, tape, cotangent, gradients);
    trace = make_trace(network, parameters, tape, gradients);
  }
  expect_close(gram(trace), (at::mm(x, x.t()) + 1) * at::mm(cotangent, cotangent.t()), 1e-12, "gram");
}

TEST(SharedParametersOfAConvolution, form_no_more_than_their_scratch_memory_holds) {
  at::set_num_threads(1);
  constexpr std::int64_t n = 64, scratch = 1 << 20, result = n * n * 4;
  Trace trace = random_trace(
      n, {convolution("once", {16, 8, 8, 16, 3, 3}), convolution("again", {16, 8, 8, 16, 3, 3})});
  trace.layers[1].use = trace.layers[0].use;
  trace = converted(trace, at::kFloat, at::MemoryFormat::Contiguous);
  const at::Tensor whole = gram(trace, {.scratch_bytes = 1 << 30});
  at::Tensor parts;
  const std::int64_t most = most_bytes_in([&] { parts = gram(trace, {.scratch_bytes = scratch}); });
  expect_close(parts, whole.to(at::kDouble), 1e-5, "in blocks");
  EXPECT_GT(most, result) << "nothing was counted";
  EXPECT_LE(most, scratch + 2 * result);
}

}  // namespace
}  // namespace crosstalk::trace
