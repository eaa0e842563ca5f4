#include "measure/probe.hpp"

#include <ATen/ATen.h>

#include "trace/gram.hpp"
#include "trace/plan.hpp"
#include "trace/trace.hpp"

namespace crosstalk::measure {
namespace {

Gram as_gram(const at::Tensor& dots) {
  const at::Tensor exact = dots.to(at::kCPU, at::kDouble).contiguous();
  const std::int64_t n = exact.size(0);
  const double* at = exact.const_data_ptr<double>();
  Gram gram{{at, at + n * n}, std::vector<double>(static_cast<std::size_t>(n))};
  for (std::int64_t u = 0; u < n; ++u) gram.norms[u] = std::sqrt(gram.dots[u * n + u]);
  return gram;
}

/// The Gram of c_u f(u) from that of f(u): c_u c_v g_u . g_v.
Gram scaled(const Gram& gram, const at::Tensor& factors) {
  const at::Tensor exact = factors.reshape({-1}).to(at::kCPU, at::kDouble).contiguous();
  const double* c = exact.const_data_ptr<double>();
  const std::size_t n = gram.norms.size();
  Gram result = gram;
  for (std::size_t u = 0; u < n; ++u) {
    for (std::size_t v = 0; v < n; ++v) result.dots[u * n + v] *= c[u] * c[v];
    result.norms[u] *= std::abs(c[u]);
  }
  return result;
}

}  // namespace

Probe::Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Prediction function)
    : measures_(std::move(measures)), subject_(subject), function_(function) {
  for (const auto& measure : measures_) measure->declare(needs_);
}

Evidence Probe::gather(std::int64_t step) {
  before_.reset();
  step_ = step;
  subject_.prepare(step);
  // Samples first: an agent's loss is the mean of what their cotangents came with.
  Evidence evidence = needs_.wants_samples() ? gather_grams() : Evidence(0, 0);
  if (needs_.wants_errors() || needs_.wants_loss()) {
    for (const Split split : {Split::train, Split::test}) evidence.put(split, subject_.errors(split, needs_));
  }
  return evidence;
}

Evidence Probe::gather_grams() {
  const Samples& samples = subject_.samples();
  Evidence evidence(samples.train, samples.test);
  if (!samples.inputs.defined()) return evidence;
  const bool output = needs_.wants(Function::output), loss = needs_.wants(Function::loss);
  const nn::Parameters& parameters = subject_.parameters();
  subject_.network().forward(parameters, samples.inputs, tape_);
  if (needs_.wants_change()) before_ = tape_.output().clone();
  if (output) evidence.put(Function::output, gram(cotangent(function_, tape_.output(), samples.taken)));
  if (!loss) return evidence;
  const at::Tensor at_output = subject_.loss_cotangent(tape_.output());
  // With one output the largest and the mean are that output itself, whose cotangent is 1.
  const bool same_function = output && at_output.size(1) == 1 && function_ != Prediction::confidence;
  evidence.put(Function::loss,
               same_function ? scaled(evidence.gram(Function::output), at_output) : gram(at_output));
  return evidence;
}

Gram Probe::gram(const at::Tensor& cotangent) {
  subject_.network().backward(subject_.parameters(), tape_, cotangent, gradients_);
  return as_gram(
      trace::gram(trace::make_trace(subject_.network(), tape_, gradients_), {.scratch = &scratch_}));
}

std::string Probe::methods() const {
  if (gradients_.empty()) return "";
  return trace::describe(trace::plan(trace::make_trace(subject_.network(), tape_, gradients_)));
}

std::vector<Row> Probe::change_rows() {
  const Samples& samples = subject_.samples();
  subject_.network().forward(subject_.parameters(), samples.inputs, tape_);
  const auto numbers = [](const at::Tensor& output) {
    const at::Tensor exact = output.to(at::kCPU, at::kDouble).contiguous();
    return std::vector<double>(exact.const_data_ptr<double>(),
                               exact.const_data_ptr<double>() + exact.numel());
  };
  const Change change{samples.train,           samples.test,  before_.size(1), numbers(before_),
                      numbers(tape_.output()), samples.heads, samples.values};
  before_.reset();
  Rows rows(step_);
  for (const auto& measure : measures_) measure->measure_change(change, rows);
  return rows.take();
}

std::vector<Row> Probe::rows(const Evidence& evidence, std::int64_t step) const {
  Rows rows(step);
  for (const auto& measure : measures_) measure->measure(evidence, rows);
  return rows.take();
}

}  // namespace crosstalk::measure
