#include "measure/stack.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {
namespace {

/// Calls visit(viewed, its rows of a tensor over the stack) for each set.
template <class Visit>
void each_part(Evidence& evidence, const at::Tensor& whole, Visit visit) {
  for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
    const Range range = evidence.range(i);
    visit(evidence.stack[i], whole.narrow(0, range.first, range.size()));
  }
}

/// Where a loss looks ahead, the stack and its next observations are held at once, and have half each.
std::int64_t share_of(const Subject& subject, std::int64_t budget_bytes) {
  const learn::Objective* own = subject.objective("own");
  return own != nullptr && own->looks_ahead() ? budget_bytes / 2 : budget_bytes;
}

}  // namespace

Gram folded(const Gram& both) {
  const std::int64_t n = both.samples() / 2;
  at::Tensor dots = at::empty({n, n}, at::kDouble);
  auto* to = dots.mutable_data_ptr<double>();
  for (std::int64_t u = 0; u < n; ++u)
    for (std::int64_t v = 0; v < n; ++v)
      *to++ = both.dot(u, v) + both.dot(u, n + v) + both.dot(n + u, v) + both.dot(n + u, n + v);
  dots.diagonal().clamp_min_(0);  // rounding alone takes it below
  return Gram(dots);
}

at::Tensor exact(const at::Tensor& output) {
  return output.to(at::kCPU, at::kDouble, /*non_blocking=*/false, /*copy=*/true).contiguous();
}

Stack::Stack(Subject& subject, Function function, std::int64_t budget_bytes)
    : subject_(subject),
      function_(function),
      grams_(subject.networks().network(), share_of(subject, budget_bytes)),
      ahead_(subject.networks().network(), share_of(subject, budget_bytes)),
      hidden_(subject.networks().network()) {}

void Stack::gather(const Needs& needs, learn::Passes& passes, Evidence& evidence) {
  look(needs, evidence);
  if (evidence.stack.empty()) return;
  for (std::size_t i = 0; needs.wants_activations() && i < evidence.stack.size(); ++i)
    evidence.stack[i].activations = hidden_.of(evidence.range(i));
  if (needs.wants_change())
    each_part(evidence, exact(learn::values_of(outputs_, evidence.readout.atoms)),
              [](Viewed& viewed, const at::Tensor& outputs) { viewed.outputs = outputs; });
  for (const std::string& objective : needs.losses()) gather_losses(objective, needs, passes, evidence);
  gather_grams(needs, passes, evidence);
}

void Stack::look_again(const at::Tensor& inputs, Evidence& evidence) {
  const at::Tensor& after = grams_.outputs(subject_.networks().of(learn::Net::online), inputs, 0);
  each_part(evidence, exact(learn::values_of(after, evidence.readout.atoms)),
            [](Viewed& viewed, const at::Tensor& outputs) { viewed.outputs_after = outputs; });
}

/// The stack of samples, and one forward pass over it.
void Stack::look(const Needs& needs, Evidence& evidence) {
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
  trace::Grams::See see;
  if (needs.wants_activations()) {
    hidden_.begin(inputs_.size(0));
    see = [this](const nn::Tape& tape, std::int64_t first) { hidden_.see(tape, first); };
  }
  outputs_ = grams_.outputs(subject_.networks().of(learn::Net::online), inputs_, matrices(needs), see);
}

/// How many matrices the stack is asked for.
int Stack::matrices(const Needs& needs) const {
  const learn::Objective* own = subject_.objective("own");
  return int(needs.wants(Gradient::function)) +
         int(needs.wants(Gradient::loss) && (own == nullptr || !own->looks_ahead()));
}

void Stack::add_own_loss(const Needs& needs, learn::Passes& passes, Evidence& evidence) {
  if (evidence.stack.empty()) look(needs, evidence);
  if (evidence.stack.empty()) return;
  if (!evidence.stack.front().losses.contains("own")) gather_losses("own", needs, passes, evidence);
  for (const Viewed& viewed : evidence.stack) {
    const at::Tensor& losses = viewed.losses.at("own").losses;
    if (losses.numel() > 0) evidence.numbers["loss"][viewed.set.name] = losses.mean().item<double>();
  }
}

/// (2 n, p): outputs at s of all samples, then at s'.
const at::Tensor& Stack::look_ahead(const learn::Objective& objective, const Needs& needs,
                                    const Evidence& evidence) {
  std::vector<at::Tensor> here, there;
  for (const Viewed& viewed : evidence.stack) {
    at::Tensor both;
    objective.inputs(viewed.set.rows, both);
    const std::vector<at::Tensor> halves = both.chunk(2);
    here.push_back(halves.front());
    there.push_back(halves.back());
  }
  here.insert(here.end(), there.begin(), there.end());
  const bool wanted = needs.wants(Gradient::loss);
  return ahead_.outputs(subject_.networks().of(learn::Net::online), at::cat(here), wanted ? 1 : 0);
}

void Stack::gather_losses(const std::string& name, const Needs& needs, learn::Passes& passes,
                          Evidence& evidence) {
  const learn::Objective* objective = subject_.objective(name);
  if (objective == nullptr) return;
  const bool looks_ahead = objective->looks_ahead();
  const at::Tensor& outputs = looks_ahead ? look_ahead(*objective, needs, evidence) : outputs_;
  std::vector<at::Tensor> cotangents, behind;
  for (std::size_t i = 0; i < evidence.stack.size(); ++i) {
    const Range range = evidence.range(i);
    const std::int64_t n = range.size(), all = outputs.size(0) / 2;
    at::Tensor output = outputs.narrow(0, range.first, n);
    if (looks_ahead) output = at::cat({output, outputs.narrow(0, all + range.first, n)});
    learn::Aims aims;
    learn::Pull pull;
    objective->aims(evidence.stack[i].set.rows, passes, aims);
    objective->pull(output, aims, learn::Over::samples, {}, pull);
    cotangents.push_back(pull.cotangent.narrow(0, 0, n));
    if (looks_ahead) behind.push_back(pull.cotangent.narrow(0, n, n));
    evidence.stack[i].losses[name] = {pull.losses, pull.errors};
  }
  if (!grams_.in_one_pass()) passes.release();  // their tapes are as large as the one that did not fit
  cotangents.insert(cotangents.end(), behind.begin(), behind.end());
  if (name == "own") own_ = at::cat(cotangents);
}

void Stack::gather_grams(const Needs& needs, learn::Passes& passes, Evidence& evidence) {
  const bool function = needs.wants(Gradient::function);
  if (function) {
    std::vector<at::Tensor> taken;
    if (function_ == Function::taken)
      for (const Viewed& viewed : evidence.stack) taken.push_back(subject_.taken(viewed.set));
    const at::Tensor actions = taken.empty() ? at::Tensor() : at::cat(taken);
    const auto& atoms = evidence.readout.atoms;
    const at::Tensor at_values = cotangent(function_, learn::values_of(outputs_, atoms), actions);
    evidence.grams[Gradient::function] = grams_.gram(learn::at_outputs(at_values, outputs_, atoms));
  }
  if (!needs.wants(Gradient::loss)) return;
  if (!evidence.stack.front().losses.contains("own")) gather_losses("own", needs, passes, evidence);
  // With one output the largest and the mean are that output itself, whose cotangent is 1.
  const bool looks_ahead = subject_.objective("own")->looks_ahead();
  const bool same_function =
      function && !looks_ahead && own_.size(1) == 1 && function_ != Function::confidence;
  evidence.grams[Gradient::loss] = same_function ? evidence.grams.at(Gradient::function).scaled(own_)
                                   : looks_ahead ? folded(ahead_.gram(own_))
                                                 : grams_.gram(own_);
}

}  // namespace crosstalk::measure
