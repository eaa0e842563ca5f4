// Exact environments as an agent meets them: frequencies against the chances that they are made of, ends,
// observations, and going on in the middle.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/error.hpp"
#include "env/exact.hpp"
#include "env/registry.hpp"
#include "env/solve.hpp"

namespace crosstalk::env {
namespace {

Exact made(const std::string& name, const Sizes& sizes = {}) {
  const auto process = exact_process(name, sizes);
  return {process, std::make_shared<StateDrawing>(*process, at::kFloat, at::kCPU)};
}

Outcome step(Exact& world, std::int64_t action) { return world.step(std::span(&action, 1)); }

/// Of each state and action the policy's own draw; stream "agent".
std::int64_t action_of(const Exact& world, const Policy& policy, tensor::Stream& stream) {
  double number = stream.uniform();
  for (std::int64_t action = 0; action + 1 < world.process().actions; ++action) {
    number -= world.process().of(policy.steps(), world.state(), action);
    if (number < 0) return action;
  }
  return world.process().actions - 1;
}

// With seeds that are given this passes or fails for good. A share of N draws lies beyond 5 standard
// deviations once in a million times; some 200 shares are looked at.
TEST(ExactSteps, states_follow_one_another_as_often_as_the_matrix_says_and_bring_its_rewards) {
  for (auto [world, name] : {std::pair{made("random-walk", {.states = 7}), "uniform"},
                             {made("gridworld", {.width = 3, .height = 3}), "uniform"},
                             {made("boyan", {.states = 9}), "uniform"},
                             {made("baird"), "solid"}}) {
    const Policy& policy = policy_of(world.process(), name);
    const std::int64_t n = world.process().states;
    const at::Tensor expected = transition_matrix(world.process(), policy.steps()),
                     rewards = expected_rewards(world.process(), policy.steps());
    at::Tensor counts = at::zeros({n, n + 1}, at::kDouble), earned = at::zeros({n}, at::kDouble);
    auto count = counts.accessor<double, 2>();
    auto sum = earned.accessor<double, 1>();
    tensor::Stream agent(5, "agent");
    std::uint64_t episode = 0;
    world.reset(episode);
    for (int t = 0; t < 60000; ++t) {
      const std::int32_t from = world.state();
      const Outcome outcome = step(world, action_of(world, policy, agent));
      EXPECT_EQ(outcome.terminated, world.state() == Branch::end);
      count[from][outcome.terminated ? n : world.state()] += 1;
      sum[from] += outcome.reward;
      if (outcome.ended()) world.reset(++episode);
    }
    for (std::int64_t s = 0; s < n; ++s) {
      const double of_state = counts[s].sum().item<double>();
      ASSERT_GT(of_state, 1000);
      double ends = 1;
      for (std::int64_t next = 0; next <= n; ++next) {
        const double chance = next < n ? expected[s][next].item<double>() : ends;
        if (next < n) ends -= chance;
        EXPECT_NEAR(count[s][next] / of_state, chance,
                    5 * std::sqrt(std::abs(chance * (1 - chance)) / of_state) + 1e-12)
            << world.process().name << " " << s << " " << next;
      }
      EXPECT_NEAR(sum[s] / of_state, rewards[s].item<double>(),
                  5 / std::sqrt(of_state));  // rewards spread by less than 1
    }
  }
}

TEST(ExactSteps, episodes_of_the_same_seed_and_actions_are_the_same_and_others_are_not) {
  Exact world = made("boyan", {.states = 13});
  const auto walked = [&](std::uint64_t seed) {
    std::vector<std::int32_t> states;
    world.reset(seed);
    for (Outcome outcome; !outcome.ended(); outcome = step(world, 0)) states.push_back(world.state());
    return states;
  };
  const auto first = walked(3);
  EXPECT_EQ(walked(3), first);
  EXPECT_NE(walked(4), first);
}

TEST(ExactSteps, an_episode_that_is_loaded_in_its_middle_goes_on_as_if_it_had_not_been_saved) {
  for (const auto& [name, sizes] : {std::pair{"random-walk", Sizes{.states = 9}}, {"baird", Sizes{}}}) {
    Exact world = made(name, sizes);
    world.reset(11);
    for (int t = 0; t < 3; ++t) step(world, t % 2);
    Exact other = made(name, sizes);
    EXPECT_TRUE(other.load(tensor::saved(world)));
    for (int t = 0; t < 4; ++t) {
      EXPECT_EQ(other.state(), world.state());
      const Outcome there = step(world, 1 - t % 2), here = step(other, 1 - t % 2);
      EXPECT_EQ(here.reward, there.reward);
      EXPECT_EQ(here.ended(), there.ended());
    }
    EXPECT_EQ(other.state(), world.state());
  }
  Exact world = made("baird");
  world.reset(0);
  tensor::State state = tensor::saved(world);
  state.positions["state"] = 8;
  EXPECT_THROW(static_cast<void>(world.load(state)), Error);
}

TEST(ExactSteps, an_episode_that_finds_no_end_is_truncated_and_does_not_terminate) {
  Exact world = made("random-walk", {.states = 3});
  world.reset(0);
  Outcome outcome;
  int steps = 0;
  for (; !outcome.ended(); ++steps) outcome = step(world, steps % 2);  // to and fro
  EXPECT_EQ(steps, 10 * 3 * 3);
  EXPECT_TRUE(outcome.truncated && !outcome.terminated);
  EXPECT_NE(world.state(), Branch::end);
  world.reset(1);
  EXPECT_FALSE(step(world, 0).ended());
  outcome = step(world, 0);
  EXPECT_TRUE(outcome.terminated && !outcome.truncated);
  EXPECT_EQ(outcome.reward, -1);
  EXPECT_THROW(step(world, 0), Error);
  world.reset(2);
  EXPECT_THROW(step(world, 2), Error);
}

TEST(ExactSteps, records_are_drawn_as_the_features_of_their_states_and_an_end_as_zeros) {
  Exact world = made("random-walk", {.states = 3});
  const auto drawing = world.drawing();
  std::vector<std::vector<std::byte>> records(3, std::vector<std::byte>(drawing->bytes()));
  world.reset(0);
  for (int t = 0; t < 3; ++t) {  // the middle, the left one, the end
    world.record(records[static_cast<std::size_t>(t)].data());
    drawing->check(records[static_cast<std::size_t>(t)].data());
    if (t < 2) step(world, 0);
  }
  const std::byte* pointers[] = {records[0].data(), records[1].data(), records[2].data()};
  at::Tensor slot;
  drawing->draw(pointers, slot);
  EXPECT_TRUE(at::equal(slot, at::tensor({0.f, 1.f, 0.f, 1.f, 0.f, 0.f, 0.f, 0.f, 0.f}).reshape({3, 3})));
  for (const std::int32_t state : {-2, 3}) {
    std::memcpy(records[0].data(), &state, sizeof state);
    EXPECT_THROW(drawing->check(records[0].data()), Error);
  }
}

TEST(ExactSteps, states_are_rows_with_their_values_beside_them) {
  const auto process = exact_process("boyan", {.states = 13});
  const at::Tensor values = true_values(*process, policy_of(*process, "uniform"), 1);
  const States states(std::make_shared<StateDrawing>(*process, at::kDouble, at::kCPU), values);
  EXPECT_EQ(states.size(), 13);
  const std::vector<data::Id> rows = {12, 0, 2};
  at::Tensor inputs, beside;
  states.draw(rows, data::At::before, inputs);
  EXPECT_TRUE(states.beside("value", rows, beside) && !states.beside("label", rows, beside));
  EXPECT_TRUE(at::equal(inputs, observations(*process).index_select(0, at::tensor({12, 0, 2}))));
  EXPECT_TRUE(at::allclose(at::mv(inputs, at::tensor({-24.0, -16.0, -8.0, 0.0})), beside));
}

}  // namespace
}  // namespace crosstalk::env
