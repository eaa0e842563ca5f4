#include "update_peers.hpp"

#include <ATen/ATen.h>
#include <torch/nn/functional/activation.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>

#include <cmath>
#include <memory>

namespace crosstalk::bench {
namespace {

at::Tensor row_numbers(const std::int64_t* rows, std::int64_t count) {
  return at::from_blob(const_cast<std::int64_t*>(rows), {count}, at::kLong);
}

struct Model : torch::nn::Module {
  Model(const Problem& p)
      : first(register_module("0", torch::nn::Linear(p.inputs, p.hidden))),
        second(register_module("2", torch::nn::Linear(p.hidden, p.hidden))),
        third(register_module("4", torch::nn::Linear(p.hidden, p.outputs))) {
    at::NoGradGuard no_gradient;
    std::int64_t offset = 0;
    for (at::Tensor& parameter : parameters()) {
      parameter.copy_(p.theta.narrow(0, offset, parameter.numel()).view_as(parameter));
      offset += parameter.numel();
    }
  }
  at::Tensor forward(const at::Tensor& x) {
    return third(at::leaky_relu(second(at::leaky_relu(first(x), 0.01)), 0.01));
  }
  torch::nn::Linear first, second, third;
};

}  // namespace

Update autograd_update(const Problem& problem) {
  auto model = std::make_shared<Model>(problem);
  auto optimizer = std::make_shared<torch::optim::Adam>(
      model->parameters(), torch::optim::AdamOptions(rate).betas({beta1, beta2}).eps(epsilon));
  return {[=](const std::int64_t* rows) {
            const at::Tensor index = row_numbers(rows, problem.batch);
            optimizer->zero_grad();
            const at::Tensor error =
                model->forward(problem.x.index_select(0, index)) - problem.y.index_select(0, index);
            error.square().mean(1).sum().backward();
            optimizer->step();
          },
          [=] {
            std::vector<at::Tensor> pieces;
            for (const at::Tensor& parameter : model->parameters())
              pieces.push_back(parameter.detach().flatten());
            return at::cat(pieces);
          }};
}

Update aten_update(const Problem& problem) {
  struct State {
    at::Tensor theta, gradient, mean, square;
    std::vector<at::Tensor> parameters, gradients;
    std::int64_t steps = 0;
  };
  auto s = std::make_shared<State>();
  s->theta = problem.theta.clone();
  s->gradient = at::zeros_like(s->theta);
  s->mean = at::zeros_like(s->theta);
  s->square = at::zeros_like(s->theta);
  std::int64_t offset = 0;
  const auto h = problem.hidden;
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{
           {h, problem.inputs}, {h}, {h, h}, {h}, {problem.outputs, h}, {problem.outputs}}) {
    const std::int64_t size = shape.size() == 2 ? shape[0] * shape[1] : shape[0];
    s->parameters.push_back(s->theta.narrow(0, offset, size).view(shape));
    s->gradients.push_back(s->gradient.narrow(0, offset, size).view(shape));
    offset += size;
  }
  return {[=](const std::int64_t* rows) {
            const at::Tensor index = row_numbers(rows, problem.batch);
            const at::Tensor x = problem.x.index_select(0, index), y = problem.y.index_select(0, index);
            auto& p = s->parameters;
            auto& g = s->gradients;
            const at::Tensor a1 = at::addmm(p[1], x, p[0].t()), h1 = at::leaky_relu(a1, 0.01);
            const at::Tensor a2 = at::addmm(p[3], h1, p[2].t()), h2 = at::leaky_relu(a2, 0.01);
            const at::Tensor d3 = (at::addmm(p[5], h2, p[4].t()) - y).mul_(2.0 / problem.outputs);
            const at::Tensor d2 = at::leaky_relu_backward(at::mm(d3, p[4]), a2, 0.01, false);
            const at::Tensor d1 = at::leaky_relu_backward(at::mm(d2, p[2]), a1, 0.01, false);
            at::mm_out(g[4], d3.t(), h2), at::sum_out(g[5], d3, 0);
            at::mm_out(g[2], d2.t(), h1), at::sum_out(g[3], d2, 0);
            at::mm_out(g[0], d1.t(), x), at::sum_out(g[1], d1, 0);
            const double count = static_cast<double>(++s->steps);
            s->mean.lerp_(s->gradient, 1 - beta1);
            s->square.mul_(beta2).addcmul_(s->gradient, s->gradient, 1 - beta2);
            const double root = std::sqrt(1 - std::pow(beta2, count));
            s->theta.addcdiv_(s->mean, s->square.sqrt().div_(root).add_(epsilon),
                              -rate / (1 - std::pow(beta1, count)));
          },
          [=] { return s->theta; }};
}

}  // namespace crosstalk::bench
