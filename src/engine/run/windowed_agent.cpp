#include <ATen/ATen.h>

#include "run/windowed_task.hpp"

namespace crosstalk::run {
namespace {

/// Another environment, each step of which goes into a memory, too.
class Witnessed final : public env::Environment {
 public:
  Witnessed(std::unique_ptr<env::Environment> seen, replay::Trajectories& steps)
      : seen_(std::move(seen)), steps_(steps) {}

  const env::Spaces& spaces() const override { return seen_->spaces(); }
  std::shared_ptr<const env::Drawing> drawing() const override { return seen_->drawing(); }
  void reset(std::uint64_t seed) override {
    seen_->reset(seed);
    steps_.begin(*seen_);
  }
  env::Outcome step(std::span<const std::int64_t> action) override {
    const env::Outcome outcome = seen_->step(action);
    steps_.add(action, outcome, *seen_);
    return outcome;
  }
  void record(std::byte* to) const override { seen_->record(to); }
  void save(tensor::State& state) const override { seen_->save(state); }
  bool load(const tensor::State& state) override { return seen_->load(state); }

 private:
  std::unique_ptr<env::Environment> seen_;
  replay::Trajectories& steps_;
};

constexpr std::size_t side_by_side = 64;  // episodes that are played at once

}  // namespace

WindowedAgent::WindowedAgent(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset,
                             bool remembers)
    : WindowedTask(settings, seed, seed, dataset) {
  std::unique_ptr<env::Environment> environment = std::make_unique<env::Windowed>(train_.images);
  if (remembers) {
    life_ = std::make_unique<replay::Trajectories>(steps_on(train_));
    environment = std::make_unique<Witnessed>(std::move(environment), *life_);
  }
  make_learner(ground(), {.environment = std::move(environment), .rewards = reward_type});
}

/// The training steps that the agent shows, and as many of the test episodes' steps, drawn without
/// replacement; none before it has learned from any.
std::vector<measure::Set> WindowedAgent::samples() {
  std::vector<data::Id> learned = recent(settings().count("probe.samples"));
  if (learned.empty()) return {};
  play(test_);
  return {{"train", {seen(), std::move(learned)}}, set_of_tests(*test_.steps)};
}

void WindowedAgent::live() {
  while (!length().reached(learner().clock(), learner().settled())) learner().tick();
}

learn::EpsilonGreedy WindowedAgent::last_policy() const {
  const double epsilon = learn::exploration(ground()).at(length().count);
  return {values().heads, {.from = epsilon, .to = epsilon, .steps = 1}};
}

void WindowedAgent::play_on(std::int64_t count, replay::Trajectories& steps) {
  const learn::EpsilonGreedy policy = last_policy();
  tensor::Stream images(seed(), "final/images"), actions(seed(), "final/actions");
  std::vector<std::uint64_t> some(side_by_side);
  while (steps.end() < count) {
    for (std::uint64_t& image : some) image = images.below(static_cast<std::uint64_t>(train_.images->size()));
    play(train_, some, policy, actions, steps);
  }
}

void WindowedAgent::play_on_tests(replay::Trajectories& steps) {
  tensor::Stream actions(seed(), "final/tests");
  play(test_, images_played(test_), last_policy(), actions, steps);
}

at::Tensor WindowedAgent::values_at(const data::Rows& rows, data::At at) {
  rows.table->draw(rows.ids, at, passes().inputs());
  return passes().output(learn::Net::online, passes().inputs()).to(at::kCPU, at::kDouble).contiguous();
}

}  // namespace crosstalk::run
