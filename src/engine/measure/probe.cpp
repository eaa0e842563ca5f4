#include "measure/probe.hpp"

#include <ATen/ATen.h>

#include "measure/scalar.hpp"
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

/// The Gram of the sum of two uses, from that of both: rows n of 2 n are at s, the others at s'.
Gram folded(const Gram& both) {
  const std::size_t all = both.norms.size(), n = all / 2;
  Gram gram{std::vector<double>(n * n), std::vector<double>(n)};
  for (std::size_t u = 0; u < n; ++u)
    for (std::size_t v = 0; v < n; ++v)
      gram.dots[u * n + v] = both.dots[u * all + v] + both.dots[u * all + n + v] +
                             both.dots[(n + u) * all + v] + both.dots[(n + u) * all + n + v];
  for (std::size_t u = 0; u < n; ++u) gram.norms[u] = std::sqrt(std::max(0.0, gram.dots[u * n + u]));
  return gram;
}

/// A copy: the tape that the output stands on is used again.
at::Tensor exact(const at::Tensor& output) {
  return output.to(at::kCPU, at::kDouble, /*non_blocking=*/false, /*copy=*/true).contiguous();
}

/// Calls visit(viewed, its rows of a tensor over the stack) for each set.
template <class Visit>
void each_part(Evidence& evidence, const at::Tensor& whole, Visit visit) {
  for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
    const Range range = evidence.range(i);
    visit(evidence.stack[i], whole.narrow(0, range.first, range.size()));
  }
}

}  // namespace

Probe::Probe(std::vector<std::unique_ptr<Measure>> measures, Subject& subject, Function function)
    : measures_(std::move(measures)), subject_(subject), function_(function), passes_(subject.networks()) {
  for (const auto& measure : measures_) measure->declare(needs_);
}

Readings Probe::measure(std::int64_t step, bool last) {
  awaited_.reset();
  subject_.prepare(step);
  Evidence evidence{.last = last, .readout = subject_.readout()};
  if (needs_.wants_samples()) gather_samples(evidence);
  evidence.numbers = subject_.numbers(needs_);
  if (needs_.wants_number("loss") && !evidence.numbers.contains("loss")) add_own_loss(evidence);
  gather_others(evidence);
  Readings readings(step);
  for (const auto& measure : measures_) measure->measure(evidence, readings);
  if (needs_.wants_change() && !evidence.stack.empty()) awaited_ = {step, std::move(evidence), inputs_};
  return readings;
}

void Probe::gather_samples(Evidence& evidence) {
  look(evidence);
  if (evidence.stack.empty()) return;
  if (needs_.wants_change())
    each_part(evidence, exact(tape_.output()),
              [](Viewed& viewed, const at::Tensor& outputs) { viewed.outputs = outputs; });
  for (const std::string& objective : needs_.losses()) gather_losses(objective, evidence);
  gather_grams(evidence);
}

/// The stack of samples, and one forward pass over it.
void Probe::look(Evidence& evidence) {
  bool stay = true;
  std::vector<at::Tensor> inputs;
  for (Set& set : subject_.samples()) {
    stay = stay && set.fixed;
    evidence.stack.push_back({.set = std::move(set)});
  }
  if (evidence.stack.empty()) return;
  if (!stay || !inputs_stay_) {
    for (const Viewed& viewed : evidence.stack) {
      at::Tensor slot;
      viewed.set.rows.table->draw(viewed.set.rows.ids, data::At::before, slot);
      inputs.push_back(slot);
    }
    inputs_ = at::cat(inputs);
    inputs_stay_ = stay;
  }
  const learn::Networks& networks = subject_.networks();
  networks.network().forward(networks.of(learn::Net::online), inputs_, tape_);
}

/// An agent's loss: the mean over the samples of what it learns by.
void Probe::add_own_loss(Evidence& evidence) {
  if (evidence.stack.empty()) look(evidence);
  if (evidence.stack.empty()) return;
  if (!evidence.stack.front().losses.contains("own")) gather_losses("own", evidence);
  for (const Viewed& viewed : evidence.stack) {
    const at::Tensor& losses = viewed.losses.at("own").losses;
    if (losses.numel() > 0) evidence.numbers["loss"][viewed.set.name] = losses.mean().item<double>();
  }
}

/// (2 n, p): outputs at s of all samples, then at s'.
const at::Tensor& Probe::ahead(const learn::Objective& objective, const Evidence& evidence) {
  std::vector<at::Tensor> here, there;
  for (const Viewed& viewed : evidence.stack) {
    at::Tensor both;
    objective.inputs(viewed.set.rows, both);
    const std::vector<at::Tensor> halves = both.chunk(2);
    here.push_back(halves.front());
    there.push_back(halves.back());
  }
  here.insert(here.end(), there.begin(), there.end());
  const learn::Networks& networks = subject_.networks();
  networks.network().forward(networks.of(learn::Net::online), at::cat(here), ahead_);
  return ahead_.output();
}

void Probe::gather_losses(const std::string& name, Evidence& evidence) {
  const learn::Objective* objective = subject_.objective(name);
  if (objective == nullptr) return;
  const bool looks_ahead = objective->looks_ahead();
  const at::Tensor& outputs = looks_ahead ? ahead(*objective, evidence) : tape_.output();
  std::vector<at::Tensor> cotangents, behind;
  for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
    const Range range = evidence.range(i);
    const std::int64_t n = range.size(), all = outputs.size(0) / 2;
    at::Tensor output = outputs.narrow(0, range.first, n);
    if (looks_ahead) output = at::cat({output, outputs.narrow(0, all + range.first, n)});
    learn::Aims aims;
    learn::Pull pull;
    objective->aims(evidence.stack[i].set.rows, passes_, aims);
    objective->pull(output, aims, learn::Over::samples, {}, pull);
    cotangents.push_back(pull.cotangent.narrow(0, 0, n));
    if (looks_ahead) behind.push_back(pull.cotangent.narrow(0, n, n));
    evidence.stack[i].losses[name] = {pull.losses, pull.errors};
  }
  cotangents.insert(cotangents.end(), behind.begin(), behind.end());
  if (name == "own") own_ = at::cat(cotangents);
}

void Probe::gather_grams(Evidence& evidence) {
  const bool function = needs_.wants(Gradient::function);
  if (function) {
    std::vector<at::Tensor> taken;
    if (function_ == Function::taken)
      for (const Viewed& viewed : evidence.stack) taken.push_back(subject_.taken(viewed.set));
    const at::Tensor actions = taken.empty() ? at::Tensor() : at::cat(taken);
    evidence.grams[Gradient::function] = gram(tape_, cotangent(function_, tape_.output(), actions));
  }
  if (!needs_.wants(Gradient::loss)) return;
  if (!evidence.stack.front().losses.contains("own")) gather_losses("own", evidence);
  // With one output the largest and the mean are that output itself, whose cotangent is 1.
  const bool looks_ahead = subject_.objective("own")->looks_ahead();
  const bool same_function =
      function && !looks_ahead && own_.size(1) == 1 && function_ != Function::confidence;
  evidence.grams[Gradient::loss] = same_function  ? scaled(evidence.grams.at(Gradient::function), own_)
                                   : looks_ahead ? folded(gram(ahead_, own_))
                                                 : gram(tape_, own_);
}

void Probe::gather_others(Evidence& evidence) {
  for (const std::string& name : needs_.outputs()) {
    std::optional<Set> set = subject_.set(name);
    if (!set) continue;
    set->rows.table->draw(set->rows.ids, data::At::before, passes_.inputs());
    const at::Tensor outputs = exact(passes_.output(learn::Net::online, passes_.inputs()));
    evidence.others[name] = {.set = std::move(*set), .outputs = outputs};
  }
  if (!evidence.last) return;
  for (Viewed& viewed : evidence.stack) viewed.axis = subject_.axis(viewed.set);
}

Gram Probe::gram(const nn::Tape& tape, const at::Tensor& cotangent) {
  const learn::Networks& networks = subject_.networks();
  networks.network().backward(networks.of(learn::Net::online), tape, cotangent, gradients_);
  return as_gram(
      trace::gram(trace::make_trace(networks.network(), tape, gradients_), {.scratch = &scratch_}));
}

std::string Probe::methods() const {
  if (gradients_.empty() || tape_.values.empty()) return "";
  return trace::describe(
      trace::plan(trace::make_trace(subject_.networks().network(), tape_, gradients_)));
}

void Probe::after(const learn::Update&) {
  if (!awaited_) return;
  Evidence& evidence = awaited_->evidence;
  const learn::Networks& networks = subject_.networks();
  networks.network().forward(networks.of(learn::Net::online), awaited_->inputs, tape_);
  each_part(evidence, exact(tape_.output()),
            [](Viewed& viewed, const at::Tensor& outputs) { viewed.outputs_after = outputs; });
  change_ = Readings(awaited_->step);
  for (const auto& measure : measures_) measure->change(evidence, *change_);
  awaited_.reset();
}

}  // namespace crosstalk::measure
