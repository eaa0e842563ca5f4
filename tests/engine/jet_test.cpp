// Derivatives along directions, against autograd differentiated twice, and against central differences.
#include "trace/jet.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "trace/gradient.hpp"
#include "trace/jet_reference.hpp"
#include "trace/per_sample.hpp"
#include "trace/steps.hpp"

namespace crosstalk::trace {
namespace {

struct Case {
  std::string name;
  nn::Shape input;
  std::int64_t outputs;
  std::vector<std::string> layers;
  bool is_smooth = false;
};

std::vector<Case> cases() {
  return {
      {"digits classifier",
       {1, 8, 8},
       10,
       {"conv 4 3", "leaky", "conv 6 3 stride 2", "leaky", "flatten", "linear 12", "leaky", "linear out"}},
      {"SARCOS", {7}, 3, {"linear 9", "leaky", "linear 8", "leaky", "linear out"}},
      {"Atari, small",
       {4, 21, 20},
       5,
       {"conv 5 5 stride 3", "leaky", "conv 6 3 stride 2 pad 1", "leaky", "conv 4 2", "leaky", "flatten",
        "linear 11", "leaky", "linear out"}},
      {"ReLU and padding", {2, 6, 7}, 3, {"conv 3 3x2 pad 1", "relu", "flatten", "linear out"}},
      {"tanh", {6}, 2, {"linear 7", "tanh", "linear 6", "tanh", "linear out"}, true},
      {"tanh of convolutions", {2, 7, 7}, 3, {"conv 4 3 stride 2", "tanh", "flatten", "linear out"}, true},
      {"layer norm",
       {6},
       2,
       {"linear 7", "layernorm", "tanh", "linear 6", "layernorm", "leaky", "linear out"}},
      {"layer norm of channels",
       {2, 7, 7},
       3,
       {"conv 4 3 stride 2", "layernorm", "tanh", "flatten", "linear out"},
       true},
      {"dueling", {2, 6, 6}, 4, {"conv 4 3", "leaky", "flatten", "dueling 6", "tanh", "dueling out"}},
      {"one layer", {5}, 2, {"linear out"}, true},
  };
}

struct Jets : public ::testing::TestWithParam<std::size_t> {
  Case which = cases()[GetParam()];
  nn::Network network = nn::build(which.input, which.outputs, which.layers);
  at::Tensor theta, x, other;
  at::Tensor c, b;  // cotangents at the samples, and at the others

  void SetUp() override {
    at::manual_seed(3);
    const auto inputs = [&](std::int64_t n) {
      std::vector<std::int64_t> shape = which.input;
      shape.insert(shape.begin(), n);
      return at::randn(shape, at::kDouble);
    };
    theta = at::randn({network.layout().size()}, at::kDouble) * 0.4;
    x = inputs(4), other = inputs(3);
    other.select(0, 1).copy_(x.select(0, 2));  // a sample that stands among both
    c = at::randn({4, which.outputs}, at::kDouble), b = at::randn({3, which.outputs}, at::kDouble);
    b.select(0, 2).zero_();  // a gradient of 0
  }
};

/// The scalar of each sample.
at::Tensor scalars(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x,
                   const at::Tensor& c) {
  return (oracle::forward(network, theta, x).back().flatten(1) * c).sum(1);
}

at::Tensor grad_of(const at::Tensor& of, const at::Tensor& by, bool again = false) {
  if (!of.requires_grad()) return at::zeros_like(by);
  const auto all = torch::autograd::grad({of}, {by}, {}, /*retain_graph=*/true, again, /*allow_unused=*/true);
  return all[0].defined() ? all[0] : at::zeros_like(by);
}

/// (P): the Hessian of sample n's scalar times v.
at::Tensor hessian_times(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x,
                         const at::Tensor& c, std::int64_t n, const at::Tensor& v) {
  const at::Tensor leaf = theta.clone().set_requires_grad(true);
  const at::Tensor gradient = grad_of(scalars(network, leaf, x, c)[n], leaf, true);
  return grad_of(gradient.dot(v), leaf).detach();
}

void expect_near(const at::Tensor& ours, const at::Tensor& theirs, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(ours.sizes(), theirs.sizes()) << what;
  const double scale = std::max(theirs.abs().max().item<double>(), 1e-8);
  EXPECT_LE((ours - theirs).abs().max().item<double>() / scale, tolerance) << what;
}

// Double precision throughout: 1e-9 of the largest number.
TEST_P(Jets, second_derivatives_of_pairs_equal_autograd_differentiated_twice) {
  const nn::Parameters parameters(network, theta);
  Passage at(network, parameters, x), beside(network, parameters, other);
  at.back(c), beside.back(b);
  const at::Tensor rows = per_sample_gradients(beside.trace());
  const Curvature ours = curvature(at, *along_each(beside.trace()));
  const Jet whole = jet(at, *along_each(beside.trace()));
  at::Tensor theirs = at::zeros({4, 3}, at::kDouble), slopes = at::zeros({4, 3}, at::kDouble);
  for (std::int64_t n = 0; n < 4; ++n)
    for (std::int64_t k = 0; k < 3; ++k) {
      theirs[n][k] = hessian_times(network, theta, x, c, n, rows[k]).dot(rows[k]);
      slopes[n][k] = per_sample_gradients(at.trace())[n].dot(rows[k]);
    }
  expect_near(ours.second, theirs, 1e-9, "v' H v");
  expect_near((whole.second * c.unsqueeze(1)).sum(2), theirs, 1e-9, "c . f''");
  expect_near((ours.first * c.unsqueeze(1)).sum(2), slopes, 1e-9, "c . f'");
  expect_near(whole.first, ours.first, 1e-12, "f'");
}

TEST_P(Jets, a_jet_with_the_other_hessian_product_is_the_whole_third_term_of_a_pair) {
  const nn::Parameters parameters(network, theta);
  Passage at(network, parameters, x), beside(network, parameters, other);
  at.back(c), beside.back(b);
  const Trace rows = beside.trace();
  const at::Tensor gradients = per_sample_gradients(rows);
  const Tangent own = tangent(beside, *along_own(rows));
  // w of each B as rows of two traces.
  struct Sum final : nn::Step {
    std::unique_ptr<nn::Step> a, b;
    std::int64_t directions() const override { return a->directions(); }
    at::Tensor of_values(const nn::Use& use, const at::Tensor& x) const override {
      return a->of_values(use, x) + b->of_values(use, x);
    }
    at::Tensor of_tangents(const nn::Use& use, const at::Tensor& t) const override {
      return a->of_tangents(use, t) + b->of_tangents(use, t);
    }
    at::Tensor back(const nn::Use& use, const at::Tensor& x, const at::Tensor& d) const override {
      return a->back(use, x, d) + b->back(use, x, d);
    }
  } w;
  w.a = along_each(own.inputs), w.b = along_each(own.gradients);
  const at::Tensor ours = (jet(at, *along_each(rows), &w).second * c.unsqueeze(1)).sum(2);
  const at::Tensor apart = curvature(at, *along_each(rows)).second + cross_gram(own, at.trace()).t();
  at::Tensor theirs = at::zeros({4, 3}, at::kDouble);
  for (std::int64_t n = 0; n < 4; ++n)
    for (std::int64_t k = 0; k < 3; ++k)
      theirs[n][k] =
          hessian_times(network, theta, x, c, n, gradients[k]).dot(gradients[k]) +
          hessian_times(network, theta, other, b, k, gradients[k]).dot(per_sample_gradients(at.trace())[n]);
  expect_near(ours, theirs, 1e-9, "jet");
  expect_near(apart, theirs, 1e-9, "curvature and Gram");
}

TEST_P(Jets, along_a_vector_gradients_move_by_the_hessian_product) {
  const nn::Parameters parameters(network, theta);
  const at::Tensor v = at::randn_like(theta), u = at::randn_like(theta), w = at::randn_like(theta);
  Passage at(network, parameters, x), beside(network, parameters, other);
  at.back(c), beside.back(b);
  const Tangent ours = tangent(at, *along(network.layout(), v));
  at::Tensor products = at::zeros_like(theta);
  at::Tensor dots = at::zeros({4}, at::kDouble), grams = at::zeros({4, 3}, at::kDouble);
  const at::Tensor rows = per_sample_gradients(beside.trace());
  for (std::int64_t n = 0; n < 4; ++n) {
    const at::Tensor product = hessian_times(network, theta, x, c, n, v);
    products += product;
    dots[n] = product.dot(u);
    for (std::int64_t k = 0; k < 3; ++k) grams[n][k] = product.dot(rows[k]);
  }
  expect_near(gradient(ours), products, 1e-9, "sum");
  expect_near(directional(ours, u), dots, 1e-9, "dots with a vector");
  expect_near(cross_gram(ours, beside.trace()), grams, 1e-9, "dots with gradients");
  const Jet jets = jet(at, *along(network.layout(), v), along(network.layout(), w).get());
  at::Tensor second = at::zeros({4}, at::kDouble);
  for (std::int64_t n = 0; n < 4; ++n)
    second[n] = hessian_times(network, theta, x, c, n, v).dot(v) + per_sample_gradients(at.trace())[n].dot(w);
  expect_near((jets.second.squeeze(1) * c).sum(1), second, 1e-9, "c . f''");
}

TEST_P(Jets, shares_of_layers_are_those_of_the_hessian_product) {
  const nn::Parameters parameters(network, theta);
  Passage at(network, parameters, x), beside(network, parameters, other);
  at.back(c), beside.back(b);
  const auto step = along_each(beside.trace());
  const Shares ours = shares(at, *step);
  expect_near(ours.second.sum(0), curvature(at, *step).second, 1e-9, "sum");
  const at::Tensor rows = per_sample_gradients(beside.trace());
  const at::Tensor product = hessian_times(network, theta, x, c, 1, rows[0]);
  const Trace plain = at.trace();
  for (std::size_t l = 0; l < plain.layers.size(); ++l) {
    double second = 0, first = 0;
    nn::each_segment(plain.layers[l].use, [&](std::size_t segment) {
      const auto of = [&](const at::Tensor& flat) { return network.layout().view(flat, segment).flatten(); };
      second += of(product).dot(of(rows[0])).item<double>();
      first += of(per_sample_gradients(plain)[1]).dot(of(rows[0])).item<double>();
    });
    EXPECT_NEAR(ours.second[static_cast<std::int64_t>(l)][1][0].item<double>(), second, 1e-9);
    EXPECT_NEAR(ours.first[static_cast<std::int64_t>(l)][1][0].item<double>(), first, 1e-9);
  }
}

// Central differences: 1e-5 of the largest number is their own error at a step of 1e-4 or 1e-5. That the bits
// are others shows that neither way calls the other.
TEST_P(Jets, agree_with_central_differences_and_are_not_made_by_them) {
  const nn::Parameters parameters(network, theta);
  const at::Tensor v = at::randn_like(theta) * 0.3, w = at::randn_like(theta) * 0.3;
  Passage at(network, parameters, x);
  at.back(c);
  const Jet ours = jet(at, *along(network.layout(), v), along(network.layout(), w).get());
  const reference::Jet twin = reference::jet(network, theta, x, v, w, 1e-5);
  expect_near(ours.first.squeeze(1), twin.first, 1e-5, "f'");
  expect_near(ours.second.squeeze(1), twin.second, 1e-3, "f''");
  const at::Tensor product = gradient(tangent(at, *along(network.layout(), v)));
  const at::Tensor twin_product = reference::hessian_product(network, theta, x, c, v, 1e-6);
  expect_near(product, twin_product, 1e-5, "H v");
  EXPECT_FALSE(ours.first.squeeze(1).equal(twin.first));
  if (which.layers.size() > 1) EXPECT_FALSE(product.equal(twin_product));
}

TEST_P(Jets, samples_in_blocks_have_the_same_curvature) {
  const nn::Parameters parameters(network, theta);
  const auto repeated = [](const at::Tensor& x, std::int64_t times) {
    std::vector<std::int64_t> each(static_cast<std::size_t>(x.dim()), 1);
    each.front() = times;
    return x.repeat(each);
  };
  Passage at(network, parameters, repeated(x, 10)), beside(network, parameters, repeated(other, 20));
  at.back(repeated(c, 10)), beside.back(repeated(b, 20));  // 40 samples, 60 directions: blocks of 17
  Passage few(network, parameters, x), directions(network, parameters, other);
  few.back(c), directions.back(b);
  const Curvature all = curvature(at, *along_each(beside.trace())),
                  once = curvature(few, *along_each(directions.trace()));
  expect_near(all.second, once.second.repeat({10, 20}), 1e-12, "v' H v");
  expect_near(all.first, once.first.repeat({10, 20, 1}), 1e-12, "f'");
}

INSTANTIATE_TEST_SUITE_P(networks, Jets, ::testing::Range<std::size_t>(0, cases().size()),
                         [](const auto& info) {
                           std::string name = cases()[info.param].name;
                           std::erase_if(name, [](char c) { return !std::isalnum(c); });
                           return name;
                         });

TEST(jets, a_layer_without_them_is_named) {
  const nn::Network network =
      nn::build({4}, 3, std::vector<std::string>{"linear 5", "leaky", "linear out noisy 0.1"});
  const at::Tensor theta = at::randn({network.layout().size()}, at::kDouble);
  const nn::Parameters parameters(network, theta);
  try {
    Passage(network, parameters, at::randn({2, 4}, at::kDouble));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("noisy"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace crosstalk::trace
