#include "learn/acting.hpp"

#include <ATen/ATen.h>

#include <limits>

namespace crosstalk::learn {
namespace {

/// Where any seed is a level, those below this.
constexpr std::uint64_t endless_levels = std::uint64_t{1} << 32;

}  // namespace

Acting::Acting(std::unique_ptr<env::Environment> environment, std::unique_ptr<const Policy> policy,
               std::unique_ptr<replay::Trajectories> steps, const Networks& networks, std::uint64_t seed,
               const std::string& actions, std::int64_t levels)
    : environment_(std::move(environment)),
      policy_(std::move(policy)),
      steps_(std::move(steps)),
      network_(networks.network()),
      noise_(network_, networks.of(Net::online), seed, "noise/acting"),
      levels_(seed, "environment"),
      actions_(seed, actions),
      action_(environment_->spaces().choices.size()) {
  if (levels == 0) levels = environment_->spaces().levels;
  level_count_ = levels > 0 ? static_cast<std::uint64_t>(levels) : endless_levels;
}

bool Acting::next(Batch& batch) {
  if (!settled()) return seen_->next(batch);
  act();
  return seen_->next(batch);
}

void Acting::act() {
  if (!steps_->going()) {
    environment_->reset(levels_.below(level_count_));
    steps_->begin(*environment_);
  }
  policy_->act([this] { return look(); }, actions_, made_, action_);
  const env::Outcome outcome = environment_->step(action_);
  steps_->add(action_, outcome, *environment_);
  ++made_;
}

std::span<const double> Acting::look() {
  steps_->now(inputs_);
  noise_.draw();
  network_.forward(noise_.parameters(), inputs_, tape_);
  outputs_ = tape_.output().to(at::kCPU, at::kDouble).contiguous();
  return {outputs_.const_data_ptr<double>(), static_cast<std::size_t>(outputs_.numel())};
}

void Acting::count(Clock& clock) const {
  clock.steps = made_;
  clock.episodes = steps_->finished();
}

void Acting::save(tensor::State& state) const {
  state.positions["steps"] = static_cast<std::uint64_t>(made_);
  state.positions["levels"] = levels_.position();
  state.positions["actions"] = actions_.position();
  if (network_.noise().size() > 0) state.positions["noise"] = noise_.position();
  if (steps_->going()) state.put("environment", tensor::saved(*environment_));
  state.put("trajectories", tensor::saved(*steps_));
  state.put("seen", tensor::saved(*seen_));
}

void Acting::load(const tensor::State& state) {
  made_ = state.count("steps");
  levels_.seek(state.position("levels"));
  actions_.seek(state.position("actions"));
  if (network_.noise().size() > 0) noise_.seek(state.position("noise"));
  steps_->load(state.part("trajectories"));
  // The steps of an episode that cannot be had again stay: it is cut there, as if time had run out.
  if (steps_->going() && !environment_->load(state.part("environment"))) steps_->cut();
  seen_->load(state.part("seen"));
}

}  // namespace crosstalk::learn
