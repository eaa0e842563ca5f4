#include "learn/reinforce.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "replay/bytes.hpp"

namespace crosstalk::learn {
namespace {

void save_steps(const std::string& name, const std::vector<Experience>& steps, State& state) {
  std::vector<replay::Transition> transitions;
  for (const Experience& step : steps) transitions.push_back(step.transition);
  state.tensors[name] = replay::to_bytes(transitions);
  state.tensors[name + ".returns"] = weights_of(steps, at::empty({0}, at::kDouble));
}

std::vector<Experience> load_steps(const std::string& name, const replay::Limits& limits,
                                   const State& state) {
  const std::vector<replay::Transition> transitions =
      replay::from_bytes(state.tensor(name), limits, name.c_str());
  const at::Tensor returns = state.tensor(name + ".returns").contiguous();
  if (returns.scalar_type() != at::kDouble ||
      returns.numel() != static_cast<std::int64_t>(transitions.size()))
    throw Error(ErrorKind::data, "the checkpoint's " + name + " steps and their returns are not as many");
  std::vector<Experience> steps;
  for (std::size_t i = 0; i < transitions.size(); ++i)
    steps.push_back({transitions[i], returns.const_data_ptr<double>()[i]});
  return steps;
}

}  // namespace

Reinforce::Reinforce(const nn::Network& network, const nn::Parameters& parameters, const env::Images& images,
                     Storing storing, ReinforceSettings settings, std::unique_ptr<Optimizer> optimizer,
                     std::uint64_t seed)
    : images_(images),
      heads_{images.classes(), env::moves},
      settings_(settings),
      interaction_(images, storing, seed),
      descent_(network, parameters, std::move(optimizer)),
      actor_(network, parameters),
      policy_(seed, "policy") {}

std::optional<double> Reinforce::advance() {
  const env::Action action = sampled(actor_.look(images_, {&interaction_.view(), 1}), heads_, policy_);
  const Interaction::Taken taken = interaction_.take(action);
  episode_.steps.push_back(taken.transition);
  if (!taken.ended) return std::nullopt;
  const std::vector<Experience> steps = weighed(episode_);
  episode_.steps.clear();
  collected_.insert(collected_.end(), steps.begin(), steps.end());
  recent_.insert(recent_.end(), steps.begin(), steps.end());
  const auto too_many = static_cast<std::int64_t>(recent_.size()) - settings_.keep;
  if (too_many > 0) recent_.erase(recent_.begin(), recent_.begin() + too_many);
  if (static_cast<std::int64_t>(collected_.size()) <= settings_.collect) return std::nullopt;
  return update();
}

double Reinforce::update() {
  images_.draw(views_before(collected_), observations_);
  const SampleLoss each = loss(collected_, images_, descent_.forward(observations_));
  descent_.step(each.cotangents / static_cast<double>(collected_.size()));
  collected_.clear();
  ++updates_;
  return each.losses.mean().item<double>();
}

env::Action Reinforce::act(std::span<const double> outputs, tensor::Stream& stream) const {
  return sampled(outputs, heads_, stream);
}

std::vector<Experience> Reinforce::weighed(const Episode& episode) const {
  std::vector<double> rewards;
  for (const replay::Transition& step : episode.steps) rewards.push_back(step.reward);
  const std::vector<double> weights = returns(rewards, settings_.weight);
  std::vector<Experience> steps;
  for (std::size_t t = 0; t < weights.size(); ++t) steps.push_back({episode.steps[t], weights[t]});
  return steps;
}

std::vector<Experience> Reinforce::recent(std::int64_t count, tensor::Stream&) const {
  if (updates_ == 0) return {};
  return {recent_.end() - std::min<std::ptrdiff_t>(count, std::ssize(recent_)), recent_.end()};
}

SampleLoss Reinforce::loss(std::span<const Experience> steps, const env::Images&, const at::Tensor& output) {
  return policy_gradient(output, heads_, actions_of(steps, output), weights_of(steps, output),
                         settings_.entropy);
}

void Reinforce::save(State& state) const {
  descent_.save(state);
  interaction_.save(state);
  state.positions["policy"] = policy_.position();
  state.positions["updates"] = updates_;
  state.tensors["episode"] = replay::to_bytes(episode_.steps);
  save_steps("collected", collected_, state);
  save_steps("recent", recent_, state);
}

void Reinforce::load(const State& state) {
  const replay::Limits limits{images_.size(), images_.classes()};
  descent_.load(state);
  interaction_.load(state);
  policy_.seek(state.position("policy"));
  updates_ = state.position("updates");
  episode_.steps = replay::from_bytes(state.tensor("episode"), limits, "episode");
  collected_ = load_steps("collected", limits, state);
  recent_ = load_steps("recent", limits, state);
}

}  // namespace crosstalk::learn
