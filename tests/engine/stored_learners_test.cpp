// What is learned from stored trajectories: aims against plain loops over episodes, gradients against
// autograd in double precision, and the published mistakes by numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/error.hpp"
#include "learn/lambda_error.hpp"
#include "learn/lambda_return.hpp"
#include "learn/learners.hpp"
#include "learn/return_error.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9;

using Formula = at::Tensor (*)(const at::Tensor&);  // of an error
const std::pair<const char*, Formula> all_losses[] = {
    {"squared-error", [](const at::Tensor& d) { return d * d; }},
    {"smooth-l1", [](const at::Tensor& d) { return at::minimum(d * d, d.abs()); }},
    {"huber",
     [](const at::Tensor& d) { return at::huber_loss(d, at::zeros_like(d), at::Reduction::Mean, 1.0); }}};

/// Episodes of a world, all of them ended, and what an expert says of them: another network's outputs.
struct Played {
  World world;
  Lessons lessons;

  explicit Played(bool of_states) : world(exact_world("random-walk", {.states = 5}, of_states)) {
    if (world.steps->going()) world.steps->cut();
    lessons.rows = data::first_rows(world.steps->size());
  }
  void let_an_expert_say() {
    lessons.known = [this](const data::Rows& rows, data::At at) {
      std::vector<at::Tensor> all;
      for (const data::Id row : rows.ids) all.push_back(world.output(world.other, row, at));
      return at::stack(all) * 3;
    };
  }
  Json keys_of(const std::string& algorithm, const Json& changes) const {
    Json flat = exact_keys("random-walk", algorithm,
                           {{"task.kind", "evaluate"},
                            {"learner.gamma", gamma},
                            {"learner.loss", "squared-error"},
                            {"learner.target-every", 5},
                            {"learner.batch", 12},
                            {"learner.episode-end", "paper"},
                            {"learner.terminals", "drawn"},
                            {"learner.output", "taken"}});
    if (!changes.is_null()) flat.update(changes);
    return flat;
  }
  AgentParts parts(const Settings& settings) const {
    return agent_parts({.settings = settings,
                        .kind = TaskKind::evaluate,
                        .seed = 1,
                        .values = world.values,
                        .lessons = &lessons});
  }
  /// Loss and gradient of an update on `batch`, and of which network another theta is the target.
  Kept update(const std::string& algorithm, const Json& changes, const Batch& batch) {
    const Settings settings(keys_of(algorithm, changes));
    AgentParts made = parts(settings);
    made.seen(*world.steps, *made.objective);  // td-lambda remembers from then on
    const bool copies = made.follow.how != Follow::How::none;
    return learned(world, std::move(made.objective), batch, made.follow, copies ? world.other : at::Tensor());
  }
  /// (N, 1) that the online network's outputs are led to; the target network is another.
  std::vector<double> aims(const std::string& algorithm, const Json& changes) {
    const Settings settings(keys_of(algorithm, changes));
    AgentParts made = parts(settings);
    Networks networks(world.network, world.online, made.follow);
    if (networks.has_target()) {
      tensor::State state = tensor::saved(networks);
      state.tensors["target"] = world.other;
      networks.load(state);
    }
    made.seen(*world.steps, *made.objective);
    Passes passes(networks);
    Aims aims;
    made.objective->aims({world.steps.get(), lessons.rows}, passes, aims);
    const at::Tensor flat = aims.targets.contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
  }
};

double largest_output(const World& world, const at::Tensor& theta, data::Id row, data::At at) {
  return world.output(theta, row, at).max().item<double>();
}

/// A step's aim by a loop over its episode, step by step.
using Twin = std::function<double(const World&, data::Id row)>;

double one_step(const World& world, const at::Tensor& value, const at::Tensor& select, data::Id row) {
  const replay::Step& step = (*world.steps)[row];
  return step.reward + (step.terminated ? 0 : gamma * world.next_value(value, select, row, 0).item<double>());
}

double whole_return(const World& world, data::Id row) {
  double sum = 0, discount = 1;
  for (;; ++row) {
    const replay::Step& step = (*world.steps)[row];
    sum += discount * step.reward;
    discount *= gamma;
    if (step.terminated) return sum;
    if (step.truncated)
      return sum + discount * largest_output(world, world.online.theta(), row, data::At::after);
  }
}

/// By its definition, over n-step returns with the target network's values; `exponent` of the longest one's
/// lambda counts from T - t.
double lambda_return(const World& world, data::Id row, double lambda, int exponent) {
  const data::Id end = world.steps->episode(row).end;
  double sum = 0, rewards = 0, discount = 1;
  for (data::Id last = row; last < end; ++last) {
    const replay::Step& step = (*world.steps)[last];
    rewards += discount * step.reward;
    discount *= gamma;
    const double n_step =
        rewards +
        (step.terminated ? 0 : discount * largest_output(world, world.other, last, data::At::after));
    const double n = static_cast<double>(last - row + 1);
    sum += n_step * (last + 1 == end ? std::pow(lambda, static_cast<double>(end - row + exponent))
                                     : (1 - lambda) * std::pow(lambda, n - 1));
  }
  return sum;
}

TEST(StoredLearners, aim_at_what_a_loop_over_each_episode_gives) {
  Played acting(/*of_states=*/false), valuing(/*of_states=*/true);
  acting.let_an_expert_say();
  const World& world = acting.world;
  const auto by = [](Net value, Net select) -> Twin {
    return [value, select](const World& world, data::Id row) {
      const auto theta = [&](Net net) { return net == Net::online ? world.online.theta() : world.other; };
      return one_step(world, theta(value), theta(select), row);
    };
  };
  struct Case {
    const char* algorithm;
    Json changes;
    Played* played;
    Twin twin;
  };
  int cuts = 0, ends = 0;
  for (data::Id row = 0; row < world.steps->end(); ++row) {
    cuts += (*world.steps)[row].truncated;
    ends += (*world.steps)[row].terminated;
  }
  ASSERT_GT(cuts, 1);
  ASSERT_GT(ends, 1);
  const Twin returns = whole_return;
  for (const Case& each :
       {Case{"dqn", {}, &acting, by(Net::target, Net::target)},
        Case{"dqn", {{"learner.target-every", "never"}}, &acting, by(Net::target, Net::target)},
        Case{"polyak", {}, &acting, by(Net::target, Net::target)},
        Case{"ql", {}, &acting, by(Net::online, Net::online)},
        Case{"double-dqn", {}, &acting, by(Net::target, Net::online)},
        Case{"double-dqn", {{"learner.target-every", "tau"}}, &acting, by(Net::target, Net::online)},
        Case{"mc", {}, &acting, returns},
        Case{"td-star",
             {},
             &acting,
             [&](const World& world, data::Id row) {
               const replay::Step& step = (*world.steps)[row];
               return step.reward +
                      (step.terminated
                           ? 0
                           : gamma * 3 * largest_output(world, world.other, row, data::At::after));
             }},
        Case{"td-lambda",
             {{"learner.lambda", 0.7}},
             &valuing,
             [](const World& world, data::Id row) { return lambda_return(world, row, 0.7, -1); }},
        Case{"td-lambda", {{"learner.lambda", 0.0}}, &valuing, by(Net::target, Net::target)}}) {
    const std::vector<double> aims = each.played->aims(each.algorithm, each.changes);
    ASSERT_EQ(std::ssize(aims), each.played->world.steps->size());
    for (data::Id row = 0; row < std::ssize(aims); ++row)
      EXPECT_NEAR(aims[static_cast<std::size_t>(row)], each.twin(each.played->world, row), 1e-12)
          << each.algorithm << " " << each.changes.dump() << " at " << row;
  }
}

/// The mean over a batch of loss(Q(s, a) - aim), the aim a number.
Kept of_numbers(const Played& played, const Batch& batch, Formula loss, const std::vector<double>& aims) {
  return by_autograd(played.world, [&](const at::Tensor& theta) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const data::Id row : batch.rows.ids)
      sum = sum + loss(played.world.prediction(theta, row, 0) - aims[static_cast<std::size_t>(row)]);
    return sum / static_cast<double>(batch.rows.size());
  });
}

void expect_equal(const Kept& ours, const Kept& theirs, const std::string& which) {
  EXPECT_NEAR(ours.loss, theirs.loss, 1e-10 * std::max(1.0, std::abs(theirs.loss))) << which;
  EXPECT_LT(oracle::difference(ours.gradient, theirs.gradient), 1e-10) << which;
}

// The aims are numbers to autograd: nothing is gone through but the prediction.
TEST(StoredLearners, have_autograds_gradient_with_every_loss_and_no_bootstrap_gone_through) {
  Played acting(/*of_states=*/false), valuing(/*of_states=*/true);
  acting.let_an_expert_say();
  for (const auto& [word, formula] : all_losses)
    for (const char* algorithm : {"dqn", "polyak", "ql", "double-dqn", "mc", "td-star", "td-lambda"}) {
      Played& played = std::string(algorithm) == "td-lambda" ? valuing : acting;
      const Json changes = {{"learner.loss", word}};
      const Batch batch{played.world.some_rows(12), {}};
      expect_equal(played.update(algorithm, changes, batch),
                   of_numbers(played, batch, formula, played.aims(algorithm, changes)),
                   std::string(algorithm) + " " + word);
    }
}

TEST(StoredLearners, by_regression_have_the_gradient_of_the_mean_over_actions) {
  Played played(/*of_states=*/false);
  played.let_an_expert_say();
  for (const auto& [word, formula] : all_losses) {
    const Batch batch{played.world.some_rows(12), {}};
    const Kept theirs = by_autograd(played.world, [&](const at::Tensor& theta) {
      at::Tensor sum = at::zeros({}, at::kDouble);
      for (const data::Id row : batch.rows.ids) {
        const at::Tensor output = played.world.output(theta, row, data::At::before),
                         known = played.world.output(played.world.other, row, data::At::before) * 3;
        for (std::int64_t a = 0; a < output.numel(); ++a)
          sum = sum + formula(output[a] - known[a]) / static_cast<double>(output.numel());
      }
      return sum / static_cast<double>(batch.rows.size());
    });
    expect_equal(played.update("reg", {{"learner.loss", word}}, batch), theirs, word);
  }
}

TEST(StoredLearners, by_residual_gradients_go_through_both_ends_of_a_step) {
  Played played(/*of_states=*/false);
  for (const auto& [word, formula] : all_losses) {
    const Batch batch{played.world.some_rows(12), {}};
    const auto theirs = [&](bool alive) {
      return by_autograd(played.world, [&](const at::Tensor& theta) {
        const at::Tensor behind = alive ? theta : theta.detach();
        at::Tensor sum = at::zeros({}, at::kDouble);
        for (const data::Id row : batch.rows.ids) {
          const replay::Step& step = (*played.world.steps)[row];
          sum =
              sum + formula(played.world.prediction(theta, row, 0) - step.reward -
                            (step.terminated ? 0 : gamma) * played.world.next_value(behind, behind, row, 0));
        }
        return sum / static_cast<double>(batch.rows.size());
      });
    };
    const Kept ours = played.update("residual", {{"learner.loss", word}}, batch);
    expect_equal(ours, theirs(true), word);
    EXPECT_GT(oracle::difference(ours.gradient, theirs(false).gradient), 0.01) << word;
  }
}

TEST(StoredLearners, lead_the_largest_output_to_the_return_where_the_published_scripts_do) {
  Played played(/*of_states=*/false);
  const Batch batch{played.world.some_rows(12), {}};
  const std::vector<double> aims = played.aims("mc", {});
  const Kept ours = played.update("mc", {{"learner.output", "max"}}, batch);
  const Kept theirs = by_autograd(played.world, [&](const at::Tensor& theta) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const data::Id row : batch.rows.ids)
      sum = sum +
            (played.world.output(theta, row, data::At::before).max() - aims[static_cast<std::size_t>(row)])
                .square();
    return sum / static_cast<double>(batch.rows.size());
  });
  expect_equal(ours, theirs, "max");
  EXPECT_GT(oracle::difference(ours.gradient, played.update("mc", {}, batch).gradient), 0.01);
}

/// Steps of the rewards that are given, as episodes; an episode ends where another begins.
replay::Trajectories episodes_of(const World& world, const std::vector<std::vector<double>>& rewards) {
  replay::Trajectories steps = world.steps->another();
  world.environment->reset(0);
  for (const std::vector<double>& episode : rewards) {
    steps.begin(*world.environment);
    for (std::size_t t = 0; t < episode.size(); ++t) {
      const std::int64_t action = 0;
      steps.add({&action, 1}, {.reward = episode[t], .terminated = t + 1 == episode.size()},
                *world.environment);
    }
  }
  return steps;
}

std::vector<double> returns_of(World& world, const replay::Trajectories& steps, EpisodeEnd end) {
  const ReturnError objective(world.values, 0.5, end, Output::taken, ErrorLoss::square);
  const Networks networks(world.network, world.online);
  Passes passes(networks);
  Aims aims;
  objective.aims({&steps, data::first_rows(steps.size())}, passes, aims);
  const at::Tensor flat = aims.targets.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

// Three episodes with the rewards 1 2 4, 8 6 and 16 32, gamma = 1/2. As published, from the end: 32, an end,
// so that 0 follows: 16 + 0; 6 + 16 / 2 = 14, an end: 8 + 0; 4 + 8 / 2 = 8, an end: 2 + 0; 1 + 2 / 2.
TEST(LeakingReturns, gain_part_of_the_next_episode_at_the_end_and_lose_the_last_reward_before_it) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const replay::Trajectories steps = episodes_of(world, {{1, 2, 4}, {8, 6}, {16, 32}});
  EXPECT_EQ(returns_of(world, steps, EpisodeEnd::paper), (std::vector<double>{3, 4, 4, 11, 6, 32, 32}));
  EXPECT_EQ(returns_of(world, steps, EpisodeEnd::leaking), (std::vector<double>{2, 2, 8, 8, 14, 16, 32}));
}

// One episode of rewards 1 and 2, gamma = 1, lambda = 1/2, values 10 and 20 behind the steps. Right: of the
// last step 2, of the first (1 + 10) / 2 + (1 + 2) / 2 = 7. With weights lambda^(T-t+1): 2 / 4 = 0.5 and
// (1 + 10) / 2 + (1 + 2) / 8 = 5.875. Cut at the end, the longest returns are 22 and 23.
TEST(UnderweightedReturns, leave_lambda_squared_of_the_last_step_s_return) {
  const std::vector<double> rewards = {1, 2}, values = {10, 20};
  std::vector<double> returns(2);
  lambda_returns(rewards, values, LastStep::terminal, 1, 0.5, returns);
  EXPECT_EQ(returns, (std::vector<double>{7, 2}));
  underweigh_longest(rewards, values, LastStep::terminal, 1, 0.5, returns);
  EXPECT_EQ(returns, (std::vector<double>{5.875, 0.5}));
  lambda_returns(rewards, values, LastStep::truncated, 1, 0.5, returns);
  underweigh_longest(rewards, values, LastStep::truncated, 1, 0.5, returns);
  EXPECT_EQ(returns, (std::vector<double>{5.5 + 23.0 / 8, 22.0 / 4}));
}

TEST(UnderweightedReturns, are_the_sums_over_n_step_returns_with_the_published_weight) {
  Played played(/*of_states=*/true);
  for (const double lambda : {0.3, 0.9, 1.0}) {
    const std::vector<double> aims =
        played.aims("td-lambda", {{"learner.lambda", lambda}, {"learner.episode-end", "underweighted"}});
    for (data::Id row = 0; row < std::ssize(aims); ++row)
      EXPECT_NEAR(aims[static_cast<std::size_t>(row)], lambda_return(played.world, row, lambda, 1), 1e-12)
          << row;
  }
}

// An episode of a game has 27,000 observations of 84 x 84 x 4: they are shown to the network block by block.
TEST(LambdaErrors, are_the_same_whether_an_episode_is_shown_at_once_or_in_blocks) {
  Played played(/*of_states=*/true);
  Networks networks(played.world.network, played.world.online);
  Passes passes(networks);
  const auto aims = [&](std::int64_t block) {
    const LambdaError objective(played.world.values, gamma, 0.8, Net::online, ErrorLoss::square,
                                LambdaError::Ends{}, block);
    Aims aims;
    objective.aims({played.world.steps.get(), played.lessons.rows}, passes, aims);
    return aims.targets.clone();
  };
  const at::Tensor whole = aims(1000);
  for (const std::int64_t block : {1, 3, 8})
    EXPECT_LT(oracle::difference(aims(block), whole), 1e-12) << block;
}

/// The rows of so many batches.
std::vector<data::Id> drawn_by(const Played& played, const std::string& algorithm, const Json& changes) {
  const Settings settings(played.keys_of(algorithm, changes));
  const AgentParts made = played.parts(settings);
  const auto source = made.seen(*played.world.steps, *made.objective);
  std::vector<data::Id> rows;
  for (int i = 0; i < 200; ++i) {
    Batch batch;
    EXPECT_TRUE(source->next(batch));
    rows.insert(rows.end(), batch.rows.ids.begin(), batch.rows.ids.end());
  }
  return rows;
}

TEST(StoredLearners, draw_the_same_minibatches_whichever_of_them_learns) {
  Played played(/*of_states=*/false);
  played.let_an_expert_say();
  const std::vector<data::Id> rows = drawn_by(played, "mc", {});
  EXPECT_EQ(std::set<data::Id>(rows.begin(), rows.end()).size(), played.lessons.rows.size());
  for (const char* other : {"reg", "td-star", "dqn", "polyak", "ql", "double-dqn", "residual"})
    EXPECT_EQ(drawn_by(played, other, {}), rows) << other;
}

TEST(StoredLearners, draw_from_their_lessons_alone_and_never_a_terminal_step_where_these_are_left_out) {
  Played played(/*of_states=*/false);
  std::erase_if(played.lessons.rows, [](data::Id row) { return row < 20; });
  std::set<data::Id> without;
  for (const data::Id row : played.lessons.rows)
    if (!(*played.world.steps)[row].terminated) without.insert(row);
  ASSERT_LT(without.size(), played.lessons.rows.size());
  const std::vector<data::Id> all = drawn_by(played, "dqn", {}),
                              some = drawn_by(played, "dqn", {{"learner.terminals", "left-out"}});
  EXPECT_EQ(std::set<data::Id>(all.begin(), all.end()),
            std::set<data::Id>(played.lessons.rows.begin(), played.lessons.rows.end()));
  EXPECT_EQ(std::set<data::Id>(some.begin(), some.end()), without);
}

TEST(StoredLearners, of_known_values_are_refused_where_no_expert_played) {
  Played played(/*of_states=*/false);
  for (const char* algorithm : {"reg", "td-star"}) {
    const Settings settings(played.keys_of(algorithm, {}));
    try {
      played.parts(settings);
      ADD_FAILURE() << algorithm;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      EXPECT_NE(std::string(error.what()).find("learner.algorithm = \"" + std::string(algorithm) + "\""),
                std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace crosstalk::learn
