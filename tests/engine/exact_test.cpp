// The mathematics of exact environments: values, visits and fixed points against plain loops and closed
// forms.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"
#include "env/registry.hpp"
#include "env/solve.hpp"
#include "tensor/random.hpp"

namespace crosstalk::env {
namespace {

using Numbers = std::vector<double>;

DecisionProcess made(const std::string& name, const Sizes& sizes = {}) { return *exact_process(name, sizes); }

Numbers list(const at::Tensor& tensor) {
  const at::Tensor whole = tensor.contiguous();
  return {whole.const_data_ptr<double>(), whole.const_data_ptr<double>() + whole.numel()};
}

/// A process without any structure: 12 states, 3 actions, 4 features and a policy, all drawn at random.
DecisionProcess arbitrary(std::uint64_t seed, bool ends) {
  tensor::Stream stream(seed, "process");
  DecisionProcess process = empty_process("arbitrary", 12, 3);
  const auto distribution = [&](std::size_t count) {
    Numbers chances(count);
    double sum = 0;
    for (double& chance : chances) sum += chance = stream.uniform(0.05, 1);
    for (double& chance : chances) chance /= sum;
    return chances;
  };
  process.start = distribution(12);
  for (auto& branches : process.branches) {
    for (const double chance : distribution(3))
      branches.push_back({chance, static_cast<std::int32_t>(stream.below(12)), stream.uniform(-1, 1)});
    if (ends && stream.below(3) == 0) branches[1].next = Branch::end;
  }
  process.features = 4;
  process.observations.resize(48);
  for (double& feature : process.observations) feature = stream.uniform(-1, 1);
  Policy policy{.name = "drawn"};
  for (int state = 0; state < 12; ++state)
    for (const double chance : distribution(3)) policy.chances.push_back(chance);
  process.policies.push_back(policy);
  check(process);
  return process;
}

struct Case {
  DecisionProcess process;
  std::string policy;
  double gamma;
};

std::vector<Case> cases() {
  return {{made("random-walk", {.states = 19}), "uniform", 1},
          {made("random-walk", {.states = 5}), "uniform", 0.9},
          {made("gridworld", {.width = 4, .height = 3}), "uniform", 1},
          {made("gridworld", {.width = 2, .height = 5}), "uniform", 0.8},
          {made("boyan", {.states = 13}), "uniform", 1},
          {made("boyan", {.states = 21}), "uniform", 0.95},
          {made("baird"), "solid", 0.99},
          {arbitrary(1, true), "drawn", 1},
          {arbitrary(2, false), "drawn", 0.9},
          {arbitrary(3, true), "uniform", 0.7}};
}

/// v(s) = sum over all that can happen of its chance times (reward + gamma v(next)), again and again.
Numbers iterated_values(const DecisionProcess& process, const Policy& policy, double gamma) {
  Numbers values(static_cast<std::size_t>(process.states), 0);
  for (double change = 1; change > 1e-15;) {
    change = 0;
    for (std::size_t s = 0; s < values.size(); ++s) {
      double value = 0;
      for (std::size_t a = 0; a < static_cast<std::size_t>(process.actions); ++a)
        for (const Branch& branch : process.branches[s * static_cast<std::size_t>(process.actions) + a]) {
          const double next = branch.next < 0 ? 0 : values[static_cast<std::size_t>(branch.next)];
          value += policy.chances[s * static_cast<std::size_t>(process.actions) + a] * branch.probability *
                   (branch.reward + gamma * next);
        }
      change = std::max(change, std::abs(value - values[s]) / std::max(1.0, std::abs(value)));
      values[s] = value;
    }
  }
  return values;
}

TEST(Exact, values_are_what_the_bellman_equation_gives_when_it_is_iterated) {
  for (const auto& [process, name, gamma] : cases()) {
    const Policy& policy = policy_of(process, name);
    const Numbers values = list(true_values(process, policy, gamma)),
                  iterated = iterated_values(process, policy, gamma);
    for (std::size_t s = 0; s < values.size(); ++s)
      EXPECT_NEAR(values[s], iterated[s], 1e-12 * std::max(1.0, std::abs(iterated[s]))) << process.name << s;
  }
}

TEST(Exact, the_values_of_a_random_walk_lie_on_a_line) {
  for (const std::int64_t n : {3, 5, 19, 101}) {
    const DecisionProcess process = made("random-walk", {.states = n});
    const Numbers values = list(true_values(process, policy_of(process, "uniform"), 1));
    for (std::int64_t i = 1; i <= n; ++i)
      EXPECT_NEAR(values[static_cast<std::size_t>(i - 1)],
                  2.0 * static_cast<double>(i) / static_cast<double>(n + 1) - 1, 1e-12);
  }
}

TEST(Exact, the_values_of_boyans_chain_fall_by_2_and_its_features_can_say_them) {
  const DecisionProcess process = made("boyan", {.states = 13});
  const Policy& policy = policy_of(process, "uniform");
  const Numbers values = list(true_values(process, policy, 1)),
                weights = list(fixed_point(process, policy, 1));
  for (std::size_t s = 0; s < 13; ++s) EXPECT_NEAR(values[s], -2.0 * static_cast<double>(12 - s), 1e-12);
  const double published[] = {-24, -16, -8, 0};
  for (std::size_t f = 0; f < 4; ++f) EXPECT_NEAR(weights[f], published[f], 1e-10);
}

TEST(Exact, the_best_way_through_a_grid_is_as_long_as_its_two_sides) {
  const DecisionProcess grid = made("gridworld", {.width = 6, .height = 4});
  Numbers best(static_cast<std::size_t>(grid.states), 0);
  for (int pass = 0; pass < 30; ++pass)
    for (std::int64_t s = 0; s < grid.states; ++s) {
      double most = -1e9;
      for (std::int64_t a = 0; a < 4; ++a) {
        const Branch& branch = grid.after(s, a)[0];
        most = std::max(most,
                        branch.reward + (branch.next < 0 ? 0 : best[static_cast<std::size_t>(branch.next)]));
      }
      best[static_cast<std::size_t>(s)] = most;
    }
  EXPECT_EQ(best[0], -(6 + 4 - 2));
  EXPECT_EQ(grid.after(0, 0)[0].next, 0);  // up, against the edge
  EXPECT_EQ(grid.after(0, 3)[0].next, 1);  // right
  EXPECT_EQ(grid.after(0, 1)[0].next, 6);  // down
}

TEST(Exact,
     visits_are_those_of_episodes_that_are_followed_to_their_end_or_the_share_of_time_where_there_is_none) {
  for (const auto& [process, name, gamma] : cases()) {
    const Policy& policy = policy_of(process, name);
    const auto n = static_cast<std::size_t>(process.states);
    Numbers now = process.start, total(n, 0);
    double all = 0;
    for (int step = 0; step < 20000;
         ++step) {  // where nothing ends, the mean over time is off by about 1 / steps
      Numbers next(n, 0);
      for (std::size_t s = 0; s < n; ++s) {
        total[s] += now[s], all += now[s];
        for (std::size_t a = 0; a < static_cast<std::size_t>(process.actions); ++a)
          for (const Branch& branch : process.branches[s * static_cast<std::size_t>(process.actions) + a])
            if (branch.next >= 0)
              next[static_cast<std::size_t>(branch.next)] +=
                  now[s] * policy.steps()[s * static_cast<std::size_t>(process.actions) + a] *
                  branch.probability;
      }
      now = next;
    }
    double left = 0;
    for (const double chance : now) left += chance;
    const Numbers shares = list(visits(process, policy));
    for (std::size_t s = 0; s < n; ++s)
      EXPECT_NEAR(shares[s], total[s] / all, left < 1e-9 ? 1e-12 : 1e-4) << process.name << s;
  }
  const DecisionProcess baird = made("baird");
  for (const double share : list(visits(baird, policy_of(baird, "solid"))))
    EXPECT_NEAR(share, 1.0 / 7, 1e-14);
}

TEST(Exact, weights_of_all_transitions_add_up_to_visits_times_chances) {
  for (const auto& [process, name, gamma] : cases()) {
    const Policy& policy = policy_of(process, name);
    at::Tensor flow = at::zeros({process.states, process.states + 1}, at::kDouble);
    for (const Transition& each : all_transitions(process, policy))
      flow[each.state][each.branch.next < 0 ? process.states : each.branch.next] += each.weight;
    const at::Tensor expected =
        visits(process, policy).unsqueeze(1) * transition_matrix(process, policy.chances);
    EXPECT_LT((flow.slice(1, 0, process.states) - expected).abs().max().item<double>(), 1e-14);
    EXPECT_NEAR(flow.sum().item<double>(), 1, 1e-12);
  }
}

/// sum over all transitions of weight * delta * what, a plain loop: what = phi(s), or phi(s) - gamma phi(s').
Numbers expected_update(const DecisionProcess& process, const std::vector<Transition>& all, double gamma,
                        const Numbers& weights, bool residual) {
  const std::size_t d = weights.size();
  const auto phi = [&](std::int32_t state, std::size_t f) {
    return state < 0 ? 0.0 : process.observations[static_cast<std::size_t>(state) * d + f];
  };
  Numbers update(d, 0);
  for (const Transition& each : all) {
    double delta = each.branch.reward;
    for (std::size_t f = 0; f < d; ++f)
      delta += weights[f] * (gamma * phi(each.branch.next, f) - phi(each.state, f));
    for (std::size_t f = 0; f < d; ++f)
      update[f] +=
          each.weight * delta * (phi(each.state, f) - (residual ? gamma * phi(each.branch.next, f) : 0));
  }
  return update;
}

TEST(Exact, the_least_squares_fixed_point_is_where_expected_updates_end) {
  for (const auto& [process, name, gamma] : cases()) {
    if (process.name == "baird") continue;  // there they do not
    const Policy& policy = policy_of(process, name);
    const std::vector<Transition> all = all_transitions(process, policy);
    const Numbers fixed = list(fixed_point(process, policy, gamma));
    Numbers weights(fixed.size(), 0);
    for (double largest = 1; largest > 1e-13;) {
      largest = 0;
      const Numbers update = expected_update(process, all, gamma, weights, false);
      for (std::size_t f = 0; f < weights.size(); ++f) {
        weights[f] += update[f];  // a rate of 1: no state has more than a share of the visits
        largest = std::max(largest, std::abs(update[f]));
      }
    }
    for (std::size_t f = 0; f < weights.size(); ++f) EXPECT_NEAR(weights[f], fixed[f], 1e-8) << process.name;
  }
}

TEST(Exact, the_fixed_point_of_a_table_is_the_values) {
  for (const auto& [process, name, gamma] : cases()) {
    if (name != "uniform") continue;
    const DecisionProcess table = as_table(process);
    const Policy& policy = policy_of(table, name);
    EXPECT_TRUE(
        at::allclose(fixed_point(table, policy, gamma), true_values(table, policy, gamma), 1e-10, 1e-10));
  }
}

TEST(Baird, diverges_in_expectation_by_semi_gradients_and_not_by_residual_gradients) {
  const DecisionProcess process = made("baird");
  const std::vector<Transition> all = all_transitions(process, policy_of(process, "solid"));
  const auto largest_eigenvalue = [&](bool residual) {
    at::Tensor step = at::eye(8, at::kDouble);  // w after one update of rate 0.01, for each unit vector
    for (std::int64_t f = 0; f < 8; ++f) {
      Numbers unit(8, 0);
      unit[static_cast<std::size_t>(f)] = 1;
      const Numbers update = expected_update(process, all, 0.99, unit, residual);
      for (std::int64_t g = 0; g < 8; ++g) step[g][f] += 0.01 * update[static_cast<std::size_t>(g)];
    }
    return at::linalg_eigvals(step).abs().max().item<double>();
  };
  EXPECT_GT(largest_eigenvalue(false), 1.0005);
  EXPECT_LE(largest_eigenvalue(true), 1 + 1e-12);

  const auto size_after = [&](int updates, bool residual) {
    Numbers weights = process.weights;
    for (int step = 0; step < updates; ++step) {
      const Numbers update = expected_update(process, all, 0.99, weights, residual);
      for (std::size_t f = 0; f < 8; ++f) weights[f] += 0.01 * update[f];
    }
    double size = 0;
    for (const double weight : weights) size += weight * weight;
    return std::sqrt(size);
  };
  const double before = size_after(0, false);
  EXPECT_GT(size_after(20000, false), 1000 * before);
  EXPECT_LT(size_after(20000, true), before);
}

template <class Function>
std::string refusal(Function function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "";
}

TEST(Exact, refuses_a_discount_of_1_where_episodes_do_not_end) {
  const DecisionProcess baird = made("baird");
  EXPECT_NE(refusal([&] { true_values(baird, policy_of(baird, "solid"), 1); }).find("learner.gamma = 1"),
            std::string::npos);
  EXPECT_NO_THROW(true_values(baird, policy_of(baird, "solid"), 0.999));
  DecisionProcess trap = made("random-walk", {.states = 5});
  trap.after(1, 0) = trap.after(1, 1) = {{.next = 1}};  // one state of five keeps what enters it
  EXPECT_NE(refusal([&] { true_values(trap, policy_of(trap, "uniform"), 1); }).find("state 1"),
            std::string::npos);
}

TEST(Exact, refuses_a_fixed_point_that_is_not_one_point_and_visits_that_there_are_not) {
  const DecisionProcess baird = made("baird");
  EXPECT_NE(refusal([&] { fixed_point(baird, policy_of(baird, "solid"), 0.99); }).find("8 features"),
            std::string::npos);
  DecisionProcess traps = made("random-walk", {.states = 5});
  traps.after(0, 0) = traps.after(0, 1) = {{.next = 0}};
  traps.after(4, 0) = traps.after(4, 1) = {{.next = 4}};
  EXPECT_NE(refusal([&] { visits(traps, policy_of(traps, "uniform")); }).find("not defined"),
            std::string::npos);
}

TEST(Exact, refuses_names_sizes_and_data_that_are_no_environment) {
  EXPECT_NE(refusal([] { made("maze"); }).find("random-walk, gridworld, baird, boyan"), std::string::npos);
  EXPECT_NE(refusal([] { made("random-walk", {.states = 4}); }).find("task.states = 4"), std::string::npos);
  EXPECT_NE(refusal([] { made("boyan", {.states = 12}); }).find("task.states = 12"), std::string::npos);
  EXPECT_NE(refusal([] { made("gridworld", {.width = 1, .height = 3}); }).find("task.width = 1"),
            std::string::npos);
  DecisionProcess walk = made("random-walk", {.states = 5});
  EXPECT_NE(refusal([&] { policy_of(walk, "solid"); }).find("uniform"), std::string::npos);
  walk.after(2, 1)[0].probability = 0.5;
  EXPECT_NE(refusal([&] { check(walk); }).find("action 1 in state 2"), std::string::npos);
  walk.after(2, 1) = {{.next = 5}};
  EXPECT_NE(refusal([&] { check(walk); }).find("leads to state 5"), std::string::npos);
}

}  // namespace
}  // namespace crosstalk::env
