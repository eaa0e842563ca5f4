#include "measure/batch_gradient.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "measure/aimed_rows.hpp"
#include "measure/blocks.hpp"
#include "measure/stack.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/gram.hpp"
#include "trace/norms.hpp"

namespace crosstalk::measure {
namespace {

/// (n): |g| of each row, whose gradient is the sum of those at s and at s' where the loss looks ahead.
at::Tensor lengths(const trace::Trace& trace, bool looks_ahead) {
  if (!looks_ahead) return trace::squared_norms(trace).to(at::kCPU, at::kDouble).clamp_min(0).sqrt();
  const Gram gram = folded(Gram(trace::gram(trace)));
  at::Tensor each = at::empty({gram.samples()}, at::kDouble);
  for (std::int64_t i = 0; i < gram.samples(); ++i) each[i] = gram.norm(i);
  return each;
}

}  // namespace

BatchGradient::BatchGradient(Subject& subject) : subject_(subject), network_(subject.networks().network()) {}

void BatchGradient::look(const Set& all, learn::Passes& passes) {
  const at::TensorOptions like = subject_.networks().of(learn::Net::online).theta().options();
  at::Tensor sum = at::zeros({network_.layout().size()}, like.dtype(at::kDouble));
  each_block(all.rows, [&](const data::Rows& block, std::int64_t first) {
    const at::Tensor weights =
        all.weights.defined() ? all.weights.narrow(0, first, block.size()) : at::Tensor();
    sum.add_(trace::gradient(trace_of(block, weights, passes)));
  });
  const at::Tensor length = sum.norm();
  direction_ = (length.item<double>() > 0 ? sum / length : sum).to(like);
}

at::Tensor BatchGradient::cosines(const data::Rows& rows, learn::Passes& passes) {
  const bool looks_ahead = subject_.objective("own")->looks_ahead();
  at::Tensor all = at::empty({rows.size()}, at::kDouble);
  const bool has_direction = direction_.any().item<bool>();
  each_block(rows, [&](const data::Rows& block, std::int64_t first) {
    const trace::Trace trace = trace_of(block, {}, passes);
    at::Tensor dots = trace::directional(trace, direction_).to(at::kCPU, at::kDouble);
    if (looks_ahead) dots = dots.view({2, -1}).sum(0);
    all.narrow(0, first, block.size()).copy_(dots / lengths(trace, looks_ahead));  // 0 / 0 is NaN
  });
  return has_direction ? all : all.fill_(std::numeric_limits<double>::quiet_NaN());
}

trace::Trace BatchGradient::trace_of(const data::Rows& rows, const at::Tensor& weights,
                                     learn::Passes& passes) {
  const learn::Objective& own = *subject_.objective("own");
  const nn::Parameters& theta = subject_.networks().of(learn::Net::online);
  own.inputs(rows, inputs_);
  network_.forward(theta, inputs_, tape_);
  at::Tensor cotangents = cotangents_of(own, rows, tape_.output(), passes);
  if (weights.defined())
    cotangents.mul_(weights.to(cotangents.options()).repeat({cotangents.size(0) / rows.size()}).unsqueeze(1));
  network_.backward(theta, tape_, cotangents, gradients_);
  return trace::make_trace(network_, theta, tape_, gradients_);
}

}  // namespace crosstalk::measure
