// PQN: whole rounds of updates against a plain loop with PyTorch's autograd, its minibatches, and what of its
// steps is held. Its returns and its gradient stand in value_learners_test.cpp.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.hpp"
#include "base/network_shape.hpp"
#include "learn/acting.hpp"
#include "learn/learners.hpp"
#include "learn/rollouts.hpp"
#include "runs.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9, lambda = 0.65, rate = 0.05;
constexpr std::int64_t rollout = 12, epochs = 2, batch = 5;

Json pqn_keys() {
  return exact_keys("gridworld", "pqn",
                    {{"learner.gamma", gamma},
                     {"learner.lambda", lambda},
                     {"learner.loss", "squared-error"},
                     {"learner.rollout", rollout},
                     {"learner.epochs", epochs},
                     {"learner.batch", batch},
                     {"probe.samples", 1000}});  // so that all steps are held
}

/// An agent in a grid, as AgentTask puts it together, with nothing else around it.
struct Agent {
  Settings settings{pqn_keys()};
  World world = exact_world("gridworld", {.width = 3, .height = 3}, false);
  const replay::Trajectories* steps = nullptr;
  std::unique_ptr<Learner> learner;

  Agent() {
    AgentParts parts = agent_parts({settings, TaskKind::control, 1, world.values});
    auto networks = std::make_unique<Networks>(world.network, world.online, parts.follow, 1);
    auto seen = std::make_unique<replay::Trajectories>(
        world.environment->drawing(), world.environment->spaces().choices, at::kDouble, parts.keeping);
    steps = seen.get();
    auto acting = std::make_unique<Acting>(std::move(world.environment), std::move(parts.acting),
                                           std::move(seen), *networks, 1, parts.actions);
    acting->learn_from(parts.seen(*steps, *parts.objective));
    learner = std::make_unique<Learner>(
        std::move(networks), std::move(parts.objective), std::move(acting), std::move(parts.descent),
        make_optimizer({.kind = OptimizerKind::sgd, .rate = rate}, world.online.theta()));
  }
  at::Tensor values(const at::Tensor& theta, data::Id row, data::At at) const {
    at::Tensor slot;
    steps->draw({&row, 1}, at, slot);
    return oracle::forward(world.network, theta, slot).back()[0];
  }
  /// Step by step to the end of episode or rollout.
  double aim(const at::Tensor& theta, data::Id row) const {
    const replay::Step& step = (*steps)[row];
    if (step.terminated) return step.reward;
    const double best = values(theta, row, data::At::after).max().item<double>();
    if (step.truncated || (row + 1) % rollout == 0) return step.reward + gamma * best;
    return step.reward + gamma * ((1 - lambda) * best + lambda * aim(theta, row + 1));
  }
  /// theta after a step along the mean of squared errors of these rows.
  at::Tensor stepped(const at::Tensor& theta, const std::vector<data::Id>& rows,
                     const std::vector<double>& aims) const {
    const at::Tensor leaf = theta.clone().set_requires_grad(true);
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const data::Id row : rows) {
      const at::Tensor error = values(leaf, row, data::At::before)[steps->action(row)[0]] -
                               aims[static_cast<std::size_t>(row % rollout)];
      sum = sum + error * error;
    }
    sum = sum / static_cast<double>(rows.size());
    return theta - rate * torch::autograd::grad({sum}, {leaf})[0];
  }
};

// Returns of one theta for the whole round, no step within it, and minibatches that go over each step once.
TEST(Pqn, makes_rounds_of_updates_as_a_plain_loop_with_autograd_does) {
  Agent agent;
  const at::Tensor& theta = agent.world.online.theta();
  at::Tensor expected;
  std::vector<double> aims;
  std::vector<data::Id> pass;
  std::set<std::vector<data::Id>> orders;
  int updates = 0, ends = 0;
  constexpr int rounds = 6, per_pass = 3;  // 5, 5 and 2 of 12
  while (updates < rounds * epochs * per_pass) {
    const std::int64_t before = agent.steps->end();
    const at::Tensor was = theta.clone();
    const Update* update = agent.learner->tick();
    const int in_round = updates % (epochs * per_pass);
    EXPECT_EQ(agent.steps->end(), before + (in_round == 0 ? 1 : 0));
    EXPECT_EQ(update != nullptr, in_round > 0 || agent.steps->end() % rollout == 0);
    if (update == nullptr) continue;
    const data::Id first = updates / (epochs * per_pass) * rollout;
    EXPECT_EQ(update->batch.opens, in_round == 0);
    if (in_round == 0) {
      aims.clear();
      for (data::Id row = first; row < first + rollout; ++row) {
        aims.push_back(agent.aim(was, row));
        ends += (*agent.steps)[row].ended();
      }
      expected = was;
    }
    const std::vector<data::Id>& rows = update->batch.rows.ids;
    EXPECT_EQ(std::ssize(rows), updates % per_pass == per_pass - 1 ? 2 : batch);
    expected = agent.stepped(expected, rows, aims);
    EXPECT_LT(oracle::difference(theta, expected), 1e-12) << updates;
    pass.insert(pass.end(), rows.begin(), rows.end());
    if (++updates % per_pass != 0) continue;
    orders.insert(pass);
    std::sort(pass.begin(), pass.end());
    for (data::Id i = 0; i < rollout; ++i) EXPECT_EQ(pass.at(static_cast<std::size_t>(i)), first + i);
    EXPECT_EQ(std::ssize(pass), rollout);
    pass.clear();
  }
  EXPECT_EQ(orders.size(), static_cast<std::size_t>(rounds * epochs));
  EXPECT_GT(ends, 0);
}

TEST(Pqn, has_an_aim_for_a_step_once_its_episode_or_its_rollout_is_over) {
  const World world = exact_world("random-walk", {.states = 5}, false);
  const Settings settings(pqn_keys());
  const AgentParts parts = agent_parts({settings, TaskKind::control, 1, world.values});
  World shorter = exact_world("random-walk", {.states = 5}, false);
  int by_rollout = 0, without = 0;
  for (int count = 1; count <= 60; ++count) {
    shorter.steps = std::make_unique<replay::Trajectories>(world.environment->drawing(),
                                                           world.environment->spaces().choices, at::kDouble);
    for (data::Id row = 0; row < count; ++row) {
      if (!shorter.steps->going()) {
        shorter.environment->reset(static_cast<std::uint64_t>(row));
        shorter.steps->begin(*shorter.environment);
      }
      const replay::Step& step = (*world.steps)[row];
      shorter.steps->add(world.steps->action(row),
                         {.reward = step.reward, .terminated = step.terminated, .truncated = step.truncated},
                         *shorter.environment);
    }
    for (data::Id row = 0; row < count; ++row) {
      bool over = false;
      for (data::Id later = row; later < count && !over; ++later) over = (*world.steps)[later].ended();
      const bool full = (row / rollout + 1) * rollout <= count;
      EXPECT_EQ(parts.objective->defined(*shorter.steps, row), over || full) << row << " of " << count;
      by_rollout += full && !over;
      without += !full && !over;
    }
  }
  EXPECT_GT(by_rollout, 0);
  EXPECT_GT(without, 0);
}

TEST(Rollouts, go_on_to_the_same_minibatches_wherever_they_are_saved) {
  World world = exact_world("random-walk", {.states = 5}, false);  // 60 steps
  const Rollouts::Settings settings{.steps = 20, .epochs = 3, .batch = 8};
  Rollouts whole(*world.steps, settings, 7);
  std::vector<tensor::State> states;
  std::vector<std::vector<data::Id>> batches;
  Batch batch;
  for (;;) {
    states.push_back(tensor::saved(whole));
    batch.opens = false;
    if (!whole.next(batch)) break;
    batches.push_back(batch.rows.ids);
  }
  ASSERT_EQ(batches.size(), 27u);  // 3 rollouts, 3 passes, 8 + 8 + 4
  for (std::size_t i = 0; i < states.size(); ++i) {
    Rollouts other(*world.steps, settings, 7);
    other.load(states[i]);
    EXPECT_EQ(other.settled(), i == batches.size());
    for (std::size_t later = i; later < batches.size(); ++later) {
      ASSERT_TRUE(other.next(batch));
      EXPECT_EQ(batch.rows.ids, batches[later]) << i << " " << later;
    }
    EXPECT_FALSE(other.next(batch));
  }
  const replay::Trajectories none(world.environment->drawing(), world.environment->spaces().choices,
                                  at::kDouble);
  Rollouts elsewhere(none, settings, 7);
  EXPECT_NO_THROW(elsewhere.load(states[0]));
  EXPECT_THROW(elsewhere.load(states[1]), Error);
  Rollouts fewer(*world.steps, {.steps = 20, .epochs = 1, .batch = 8}, 7);
  EXPECT_THROW(fewer.load(states[3]), Error);
}

}  // namespace
}  // namespace crosstalk::learn

namespace crosstalk::run {
namespace {

// With probe.samples and a rollout held, a full set of samples has returns at every step.
TEST(Pqn, is_measured_on_as_many_steps_as_are_asked_for) {
  const auto run = begun({exact_keys(
      "gridworld", "pqn", {{"learner.steps", 200}, {"learner.rollout", 12}, {"probe.samples", 30}})});
  int measured = 0;
  while (!run->finished()) {
    run->advance();
    if (run->count() < 42) continue;
    const auto samples = run->subject().samples();
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_EQ(samples.front().rows.size(), 30) << run->count();
    const learn::Objective& own = *run->subject().objective("own");
    for (const data::Id row : samples.front().rows.ids)
      EXPECT_TRUE(own.defined(*samples.front().rows.table, row));
    ++measured;
  }
  EXPECT_GT(measured, 150);
}

TEST(Pqn, has_a_layer_norm_in_front_of_each_activation_of_its_usual_network) {
  const auto layers = [](const char* algorithm) {
    return begun({exact_keys("gridworld", algorithm,
                             {{"learner.approximation", "network"}, {"network.layers", {"by-observation"}}})})
        ->network()
        .descriptions();
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(layers("ql"), (Lines{"linear 128", "relu", "linear 128", "relu", "linear 4"}));
  EXPECT_EQ(layers("pqn"),
            (Lines{"linear 128", "layernorm", "relu", "linear 128", "layernorm", "relu", "linear 4"}));
  const NetworkShape frames{
      .input = {4, 84, 84}, .outputs = 3, .layers = {"by-observation"}, .algorithm = "pqn"};
  const Lines lines = frames.lines();
  ASSERT_EQ(lines.size(), 14u);
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_EQ(lines[i] == "leaky", i > 0 && lines[i - 1] == "layernorm") << i;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "layernorm"), 4);
  EXPECT_EQ(unfit_for_network("", frames), "");
}

}  // namespace
}  // namespace crosstalk::run
