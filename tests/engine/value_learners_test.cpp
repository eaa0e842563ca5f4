// Learners of values in control: their targets against slow twins that read a step's formula, their gradients
// against PyTorch's autograd, and what they learn.
#include <gtest/gtest.h>

#include <cmath>

#include "learn/draws.hpp"
#include "learn/learners.hpp"
#include "learn/td.hpp"
#include "runs.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9;

AgentParts parts_of(const World& world, const std::string& algorithm, const Json& changes = {}) {
  Json flat = exact_keys("random-walk", algorithm,
                         {{"task.kind", "control"},
                          {"learner.gamma", gamma},
                          {"learner.loss", "squared-error"},
                          {"learner.target-every", 5},
                          {"learner.explore-from", 0.8},
                          {"learner.explore-to", 0.2},
                          {"learner.explore-steps", 50}});
  if (!changes.is_null()) flat.update(changes);
  const Settings settings(flat);
  return agent_parts({settings, TaskKind::control, 1, world.values});
}

/// What a theta says that follows a step, as a number that autograd may go through.
using Following = std::function<at::Tensor(const at::Tensor& theta, data::Id row)>;

Following best(const World& world) {
  return [&world](const at::Tensor& theta, data::Id row) { return world.next_value(theta, theta, row, 0); };
}
Following next_taken(const World& world) {
  return [&world](const at::Tensor& theta, data::Id row) {
    return world.output(theta, row, data::At::after)[world.steps->action(row + 1)[0]];
  };
}
/// Over the policy that acts at the time of the next action: its epsilon falls from 0.8 to 0.2 over 50 steps.
Following expectation(const World& world) {
  return [&world](const at::Tensor& theta, data::Id row) {
    const double epsilon = 0.8 - 0.6 * std::min(1.0, static_cast<double>(row + 1) / 50);
    const at::Tensor values = world.output(theta, row, data::At::after);
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (std::int64_t a = 0; a < values.size(0); ++a) {
      const double chance = epsilon / static_cast<double>(values.size(0)) +
                            (a == values.argmax().item<std::int64_t>() ? 1 - epsilon : 0);
      sum = sum + chance * values[a];
    }
    return sum;
  };
}

/// r + gamma (r + gamma (... + gamma v)), step by step, until n are taken or the episode ends.
at::Tensor n_step(const World& world, const at::Tensor& theta, data::Id row, std::int64_t n,
                  const Following& following) {
  const replay::Step& step = (*world.steps)[row];
  const at::Tensor earned = at::full({}, step.reward, at::kDouble);
  if (step.terminated) return earned;
  if (n == 1 || step.truncated) return earned + gamma * following(theta, row);
  return earned + gamma * n_step(world, theta, row + 1, n - 1, following);
}

/// r + gamma ((1 - lambda) max + lambda G), step by step, to the end of the episode or of its rollout.
at::Tensor q_lambda(const World& world, const at::Tensor& theta, data::Id row, double lambda,
                    std::int64_t rollout = 1'000'000) {
  const replay::Step& step = (*world.steps)[row];
  const at::Tensor earned = at::full({}, step.reward, at::kDouble);
  if (step.terminated) return earned;
  const at::Tensor value = world.next_value(theta, theta, row, 0);
  if (step.truncated || (row + 1) % rollout == 0) return earned + gamma * value;
  return earned + gamma * ((1 - lambda) * value + lambda * q_lambda(world, theta, row + 1, lambda, rollout));
}

struct Case {
  std::string algorithm;
  Json changes;
  std::function<at::Tensor(const World&, const at::Tensor& theta, data::Id row)> aim;
  bool bootstraps = true;  // anywhere
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto with_steps = [&](const std::string& algorithm, std::int64_t n,
                              Following (*following)(const World&)) {
    all.push_back({algorithm,
                   {{"learner.n-step", n}},
                   [n, following](const World& world, const at::Tensor& theta, data::Id row) {
                     return n_step(world, theta, row, n, following(world));
                   }});
    // Of the longest only those that end, and not by a cut, are known to Sarsa: it looks at no value then.
    all.back().bootstraps = algorithm != "sarsa" || n < 100;
  };
  for (const std::int64_t n : {1, 2, 3, 100}) {
    for (const char* algorithm : {"dqn", "polyak", "ql", "double-dqn"}) with_steps(algorithm, n, best);
    with_steps("sarsa", n, next_taken);
    with_steps("expected-sarsa", n, expectation);
  }
  all.push_back({"mc", {}, [](const World& world, const at::Tensor& theta, data::Id row) {
                   return n_step(world, theta, row, 1'000'000, best(world));
                 }});
  for (const double lambda : {0.0, 0.6, 1.0})
    all.push_back({"td-lambda",
                   {{"learner.lambda", lambda}},
                   [lambda](const World& world, const at::Tensor& theta, data::Id row) {
                     return q_lambda(world, theta, row, lambda);
                   }});
  for (const double lambda : {0.0, 0.65, 1.0})
    for (const std::int64_t rollout : {1, 5, 16})
      all.push_back({"pqn",
                     {{"learner.lambda", lambda}, {"learner.rollout", rollout}},
                     [lambda, rollout](const World& world, const at::Tensor& theta, data::Id row) {
                       return q_lambda(world, theta, row, lambda, rollout);
                     }});
  return all;
}

/// 60 steps in episodes cut after 8, or the newest of them in a ring.
std::vector<World> worlds() {
  std::vector<World> all;
  for (const std::int64_t capacity : {0, 23}) {
    for (const char* name : {"random-walk", "gridworld"})
      all.push_back(walked(exact_world(name, {.states = 5, .width = 3, .height = 3}, false), capacity));
  }
  return all;
}

std::vector<data::Id> rows_with_aims(const World& world, const Objective& objective) {
  std::vector<data::Id> rows;
  for (data::Id row = world.steps->first(); row < world.steps->end(); ++row)
    if (objective.defined(*world.steps, row)) rows.push_back(row);
  return rows;
}

// Of double-dqn the online network chooses and the target values: here both are the same theta.
TEST(ValueLearners, aim_at_what_their_formulas_say_step_by_step_also_where_steps_have_given_way) {
  for (World& world : worlds())
    for (const Case& each : cases()) {
      AgentParts parts = parts_of(world, each.algorithm, each.changes);
      const Networks networks(world.network, world.online, parts.follow);
      Passes passes(networks);
      const data::Rows rows{world.steps.get(), rows_with_aims(world, *parts.objective)};
      ASSERT_GT(rows.size(), 5) << each.algorithm;
      Aims aims;
      parts.objective->aims(rows, passes, aims);
      for (std::int64_t i = 0; i < rows.size(); ++i) {
        const data::Id row = rows.ids[static_cast<std::size_t>(i)];
        EXPECT_NEAR(aims.targets[i][0].item<double>(),
                    each.aim(world, world.online.theta(), row).item<double>(), 1e-10)
            << each.algorithm << each.changes.dump() << " row " << row << " of " << world.name;
        EXPECT_EQ(aims.chosen[i][0].item<std::int64_t>(), world.steps->action(row)[0]);
      }
    }
}

TEST(ValueLearners, go_along_autograds_gradient_with_what_they_bootstrap_from_held) {
  World world = exact_world("gridworld", {.width = 3, .height = 3}, false);
  for (const Case& each : cases()) {
    AgentParts parts = parts_of(world, each.algorithm, each.changes);
    std::vector<data::Id> ids = rows_with_aims(world, *parts.objective);
    const Batch batch{{world.steps.get(), ids}, {}};
    const auto loss = [&](bool alive) {
      return by_autograd(world, [&](const at::Tensor& theta) {
        at::Tensor sum = at::zeros({}, at::kDouble);
        for (const data::Id row : ids) {
          const at::Tensor d =
              world.prediction(theta, row, 0) - each.aim(world, alive ? theta : theta.detach(), row);
          sum = sum + d * d;
        }
        return sum / static_cast<double>(ids.size());
      });
    };
    const Kept ours = learned(world, std::move(parts.objective), batch, parts.follow), held = loss(false);
    EXPECT_NEAR(ours.loss, held.loss, 1e-10 * std::max(1.0, held.loss)) << each.algorithm;
    EXPECT_LT(oracle::difference(ours.gradient, held.gradient), 1e-10)
        << each.algorithm << each.changes.dump();
    if (each.bootstraps) {
      EXPECT_GT(oracle::difference(ours.gradient, loss(true).gradient), 0.001) << each.algorithm;
    } else {
      EXPECT_LT(oracle::difference(ours.gradient, loss(true).gradient), 1e-10) << each.algorithm;
    }
  }
}

/// Whether each step has an aim, and what would have to be seen.
TEST(ValueLearners, have_an_aim_where_all_that_their_formula_needs_has_been_seen) {
  const World world = exact_world("random-walk", {.states = 5}, false);
  const replay::Trajectories& steps = *world.steps;
  const auto reaches = [&](data::Id row, std::int64_t n) {  // n steps, or the end of the episode
    for (std::int64_t k = 0; k < n; ++k) {
      if (!steps.neighbour(row, k)) return false;
      if (steps[row + k].ended()) return true;
    }
    return true;
  };
  std::int64_t without = 0, cut = 0;
  for (const std::int64_t n : {1, 2, 4, 9}) {
    const AgentParts q = parts_of(world, "dqn", {{"learner.n-step", n}}),
                     sarsa = parts_of(world, "sarsa", {{"learner.n-step", n}}), mc = parts_of(world, "mc");
    for (data::Id row = 0; row < steps.end(); ++row) {
      EXPECT_EQ(q.objective->defined(steps, row), reaches(row, n)) << n << " " << row;
      EXPECT_EQ(mc.objective->defined(steps, row), reaches(row, 1000)) << row;
      bool known = false;  // an end that terminates, or an action behind n steps
      for (std::int64_t k = 0; k <= n && steps.neighbour(row, k); ++k) {
        if (k == n || steps[row + k].terminated) known = true;
        if (k == n || steps[row + k].ended()) break;
      }
      EXPECT_EQ(sarsa.objective->defined(steps, row), known) << n << " " << row;
      without += !known;
      cut += !known && row < steps.unfinished();
    }
  }
  EXPECT_GT(without, 0);
  EXPECT_GT(cut, 0);
}

at::Tensor targets(const World& world, const std::string& algorithm, const Json& changes,
                   const data::Rows& rows) {
  AgentParts parts = parts_of(world, algorithm, changes);
  const Networks networks(world.network, world.online, parts.follow);
  Passes passes(networks);
  Aims aims;
  parts.objective->aims(rows, passes, aims);
  return aims.targets;
}

TEST(QLambda, is_monte_carlo_with_lambda_1_and_q_learning_with_lambda_0) {
  for (World& world : worlds()) {
    const data::Rows rows{world.steps.get(), rows_with_aims(world, *parts_of(world, "mc").objective)};
    EXPECT_LT(oracle::difference(targets(world, "td-lambda", {{"learner.lambda", 1.0}}, rows),
                                 targets(world, "mc", {}, rows)),
              1e-12);
    EXPECT_LT(oracle::difference(targets(world, "td-lambda", {{"learner.lambda", 0.0}}, rows),
                                 targets(world, "ql", {}, rows)),
              1e-12);
    EXPECT_GT(oracle::difference(targets(world, "td-lambda", {{"learner.lambda", 0.5}}, rows),
                                 targets(world, "mc", {}, rows)),
              0.01);
  }
}

TEST(QLambda, remembers_returns_to_the_last_bit_and_not_beyond_its_networks_version) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const Json keys = {{"learner.lambda", 0.7}};
  AgentParts remembering = parts_of(world, "td-lambda", keys), plain = parts_of(world, "td-lambda", keys);
  const auto source = remembering.seen(*world.steps, *remembering.objective);
  Networks networks(world.network, world.online, {Follow::How::every, 2});
  Passes passes(networks);
  const data::Rows rows = world.some_rows(40);
  std::vector<at::Tensor> seen;
  for (int update = 0; update < 5; ++update) {
    Aims ours, theirs;
    remembering.objective->aims(rows, passes, ours);
    plain.objective->aims(rows, passes, theirs);
    EXPECT_TRUE(at::equal(ours.targets, theirs.targets)) << update;
    seen.push_back(ours.targets);
    world.online.theta().mul_(1.1);
    networks.stepped();
  }
  EXPECT_TRUE(at::equal(seen[0], seen[1]));
  EXPECT_FALSE(at::equal(seen[1], seen[2]));
  EXPECT_TRUE(at::equal(seen[2], seen[3]));
}

}  // namespace
}  // namespace crosstalk::learn

namespace crosstalk::run {
namespace {

TEST(ValueLearners, find_the_shortest_way_through_a_grid) {
  struct Case {
    const char* algorithm;
    Json changes;
  };
  const Json prioritised = {{"learner.sampling", "prioritised"}};
  for (const Case& each :
       {Case{"dqn", {}}, Case{"dqn", {{"learner.n-step", 3}}}, Case{"dqn", prioritised}, Case{"polyak", {}},
        Case{"ql", prioritised}, Case{"double-dqn", {{"learner.n-step", 2}}}, Case{"sarsa", {}},
        Case{"expected-sarsa", {}}, Case{"mc", {}}, Case{"td-lambda", {{"learner.lambda", 0.7}}},
        Case{"dqn", {{"learner.chain", 1.0}}},
        Case{"pqn",
             {{"learner.lambda", 0.65},
              {"learner.rollout", 32},
              {"learner.epochs", 4},
              {"learner.batch", 8},
              {"learner.loss", "squared-error"}}},
        Case{"residual",
             {{"learner.optimizer", "sgd"},
              {"learner.rate", 5.0},
              {"learner.gamma", 0.8},
              {"learner.steps", 8000},
              {"learner.replay", 8000},
              {"learner.explore-steps", 6000}}},
        Case{"reinforce", {{"learner.rate", 0.1}, {"learner.steps", 12000}, {"learner.collect", 100}}}}) {
    Json flat = exact_keys(
        "gridworld", each.algorithm,
        {{"task.kind", "control"},
         {"task.width", 4},
         {"task.height", 4},
         {"learner.gamma", 0.95},
         {"learner.optimizer", "adam"},
         {"learner.rate", 0.05},
         {"learner.steps", 4000},
         {"learner.start", 100},
         {"learner.update-every", 2},
         {"learner.replay", 2000},
         {"learner.batch", 32},
         {"learner.target-every", each.algorithm == std::string("double-dqn") ? Json("tau") : Json(50)},
         {"learner.explore-steps", 2000},
         {"probe.unit", "steps"},
         {"probe.every", 1000000},
         {"probe.explore", 0.0},
         {"probe.episodes", 20},
         {"probe.measures", {"return"}}});
    if (!each.changes.is_null()) flat.update(each.changes);
    const auto run = begun({flat});
    while (!run->finished()) run->advance();
    const auto rows = by_key(run->measure().rows);
    const double earned = rows.at({run->count(), "return", "evaluation"});
    EXPECT_GE(earned, each.algorithm == std::string("reinforce") ? -7.5 : -6.0)
        << flat.dump();  // the best earn -6
    EXPECT_LE(earned, -6.0);
  }
}

}  // namespace
}  // namespace crosstalk::run
