#include "learn/double_dqn.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "data/subset.hpp"

namespace crosstalk::learn {

double Exploration::at(std::int64_t step) const {
  return std::lerp(from, to, std::min(1.0, static_cast<double>(step) / static_cast<double>(steps)));
}

DoubleDqn::DoubleDqn(const nn::Network& network, const nn::Parameters& parameters, const env::Images& images,
                     Storing storing, DoubleDqnSettings settings, std::unique_ptr<Optimizer> optimizer,
                     std::uint64_t seed)
    : network_(network),
      parameters_(parameters),
      images_(images),
      heads_{images.classes(), env::moves},
      settings_(settings),
      interaction_(images, storing, seed),
      replay_(settings.replay),
      target_(network, parameters.theta().clone()),
      descent_(network, parameters, std::move(optimizer)),
      actor_(network, parameters),
      exploration_(seed, "exploration"),
      batches_(seed, "batches") {}

std::optional<double> DoubleDqn::advance() {
  replay_.add(interaction_.take(explore()).transition);
  const bool due = step_ > settings_.start && step_ % settings_.update_every == 0;
  ++step_;
  return due ? std::optional(update()) : std::nullopt;
}

env::Action DoubleDqn::explore() {
  if (exploration_.uniform() < settings_.exploration.at(step_)) {
    const auto guess = exploration_.below(static_cast<std::uint64_t>(heads_[0]));
    return {static_cast<std::int64_t>(guess), static_cast<std::int64_t>(exploration_.below(env::moves))};
  }
  return greedy(actor_.look(images_, {&interaction_.view(), 1}), heads_);
}

std::vector<Experience> DoubleDqn::drawn(std::int64_t count, tensor::Stream& stream) const {
  std::vector<Experience> steps;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t which = stream.below(static_cast<std::uint64_t>(replay_.size()));
    steps.push_back({replay_[static_cast<std::int64_t>(which)]});
  }
  return steps;
}

at::Tensor DoubleDqn::targets(std::span<const Experience> steps, const env::Images& images) {
  images.draw(views_after(steps), after_);
  network_.forward(target_, after_, after_tape_);
  const at::Tensor valued = after_tape_.output().clone();
  if (settings_.own_argmax) network_.forward(parameters_, after_, after_tape_);
  at::Tensor rewards = at::empty({static_cast<std::int64_t>(steps.size()), 1}, at::kDouble);
  at::Tensor going = at::empty_like(rewards);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    rewards.mutable_data_ptr<double>()[i] = steps[i].transition.reward;
    going.mutable_data_ptr<double>()[i] = steps[i].transition.terminal ? 0 : 1;
  }
  return td_targets({rewards.to(valued.options()), going.to(valued.options()), settings_.gamma},
                    after_tape_.output(), valued, heads_);
}

double DoubleDqn::update() {
  const std::vector<Experience> steps = drawn(settings_.batch, batches_);
  const at::Tensor aims = targets(steps, images_);
  images_.draw(views_before(steps), before_);
  const at::Tensor& output = descent_.forward(before_);
  const SampleLoss loss = smooth_l1(output, heads_, actions_of(steps, output), aims);
  descent_.step(loss.cotangents / static_cast<double>(steps.size()));
  at::Tensor following = target_.theta();
  following.lerp_(parameters_.theta(), settings_.tau);
  ++updates_;
  return loss.losses.mean().item<double>();
}

env::Action DoubleDqn::act(std::span<const double> outputs, tensor::Stream&) const {
  return greedy(outputs, heads_);
}

std::vector<Experience> DoubleDqn::weighed(const Episode& episode) const {
  std::vector<Experience> steps;
  for (const replay::Transition& step : episode.steps) steps.push_back({step});
  return steps;
}

std::vector<Experience> DoubleDqn::recent(std::int64_t count, tensor::Stream& stream) const {
  std::vector<Experience> steps;
  if (updates_ == 0) return steps;
  for (const std::int64_t which : data::random_rows(replay_.size(), count, stream))
    steps.push_back({replay_[which]});
  return steps;
}

SampleLoss DoubleDqn::loss(std::span<const Experience> steps, const env::Images& images,
                           const at::Tensor& output) {
  return smooth_l1(output, heads_, actions_of(steps, output), targets(steps, images));
}

void DoubleDqn::save(State& state) const {
  descent_.save(state);
  interaction_.save(state);
  state.tensors["target"] = target_.theta();
  state.tensors["replay"] = replay_.bytes();
  state.positions["replay"] = static_cast<std::uint64_t>(replay_.added());
  state.positions["exploration"] = exploration_.position();
  state.positions["batches"] = batches_.position();
  state.positions["steps"] = static_cast<std::uint64_t>(step_);
  state.positions["updates"] = static_cast<std::uint64_t>(updates_);
}

void DoubleDqn::load(const State& state) {
  descent_.load(state);
  interaction_.load(state);
  const at::Tensor& target = state.tensor("target");
  if (target.sizes() != target_.theta().sizes() || target.scalar_type() != target_.theta().scalar_type())
    throw Error(ErrorKind::data, "the checkpoint's target network is another network's");
  target_.theta().copy_(target);
  replay_.load(state.tensor("replay"), static_cast<std::int64_t>(state.position("replay")),
               {images_.size(), images_.classes()});
  exploration_.seek(state.position("exploration"));
  batches_.seek(state.position("batches"));
  step_ = static_cast<std::int64_t>(state.position("steps"));
  updates_ = static_cast<std::int64_t>(state.position("updates"));
}

}  // namespace crosstalk::learn
