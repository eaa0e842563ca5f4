// CHAIN's regulariser: its gradient against PyTorch's autograd, its reference minibatches, and what it does.
#include "learn/chain.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folder.hpp"
#include "learn/learners.hpp"
#include "learn/td.hpp"
#include "runs.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9, rate = 0.05, weight = 3;

std::unique_ptr<Objective> q_error(const World& world) {
  return std::make_unique<Td>(Td::Settings{.values = world.values,
                                           .gamma = gamma,
                                           .value = Net::online,
                                           .select = Net::online,
                                           .loss = ErrorLoss::square});
}

/// weight mean_i sum_h (Q_theta - Q_earlier)^2, sample by sample.
at::Tensor churn(const World& world, const at::Tensor& theta, const at::Tensor& earlier,
                 const data::Rows& rows) {
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (const data::Id row : rows.ids)
    for (std::size_t h = 0; h < world.values.heads.size(); ++h) {
      const at::Tensor moved = world.prediction(theta, row, h) - world.prediction(earlier, row, h);
      sum = sum + moved * moved;
    }
  return weight * sum / static_cast<double>(rows.ids.size());
}

void expect_autograds_gradient(World& world) {
  const data::Rows learned_from = world.some_rows(7);
  data::Rows beside = world.some_rows(18);
  beside.ids.erase(beside.ids.begin(), beside.ids.begin() + 7);
  auto chain = std::make_unique<Chain>(world.values, weight);
  chain->refer_to(std::make_unique<Given>(Batch{beside}));
  Learner learner(std::make_unique<Networks>(world.network, world.online), q_error(world),
                  std::make_unique<Given>(Batch{learned_from}), std::move(chain),
                  make_optimizer({.kind = OptimizerKind::sgd, .rate = rate}, world.online.theta()));
  at::Tensor earlier;
  double most = 0;
  for (int update = 0; update < 4; ++update) {
    const at::Tensor theta = world.online.theta().clone();
    Kept ours;
    ASSERT_NE(learner.tick(&ours), nullptr);
    const at::Tensor after = world.online.theta().clone();
    world.online.theta().copy_(theta);
    const Kept own = learned(world, q_error(world), Batch{learned_from});
    EXPECT_NEAR(ours.loss, own.loss, 1e-12);  // the batch's alone
    at::Tensor expected = own.gradient;
    if (update > 0) {
      const Kept besides =
          by_autograd(world, [&](const at::Tensor& moves) { return churn(world, moves, earlier, beside); });
      most = std::max(most, besides.gradient.abs().max().item<double>());
      expected = expected + besides.gradient;
    }
    EXPECT_LT(oracle::difference(ours.gradient, expected), 1e-11) << world.name << update;
    world.online.theta().copy_(after);
    earlier = theta;
  }
  EXPECT_GT(most, 1e-4) << world.name;
}

TEST(Chain, adds_autograds_gradient_of_what_the_previous_update_did_to_other_values) {
  World grid = exact_world("gridworld", {.width = 3, .height = 3}, false);
  expect_autograds_gradient(grid);
  const Folder folder;
  write_images(folder.path() / "images", 30, 12, 10);
  const data::Dataset pictures = data::read_dataset(folder.path() / "images");
  World images = image_world(pictures);  // two choices an action
  expect_autograds_gradient(images);
}

TEST(Chain, draws_reference_minibatches_of_its_own_and_leaves_those_of_the_learner_as_they_are) {
  const World world = exact_world("random-walk", {.states = 5}, false);
  const auto first_batches = [&](double chain) {
    const Settings settings(
        exact_keys("random-walk", "ql", {{"learner.chain", chain}, {"learner.start", 1}}));
    const Ground ground{settings, TaskKind::control, 1, world.values};
    AgentParts parts = agent_parts(ground);
    EXPECT_EQ(dynamic_cast<Chain*>(parts.descent.get()) != nullptr, chain > 0);
    const auto source = replayed(ground)(*world.steps, *parts.objective);
    const auto beside = drawn_beside(ground)(*world.steps, *parts.objective);
    Batch own, other, again;
    // 60 steps are there: the newest, 59, does not divide by 2.
    EXPECT_FALSE(source->next(own));
    EXPECT_TRUE(beside->next(other));
    EXPECT_TRUE(beside->next(again));
    EXPECT_EQ(other.rows.size(), 8);
    EXPECT_NE(other.rows.ids, again.rows.ids);
    tensor::Stream drawing(1, "batches/reference");
    for (const data::Id row : other.rows.ids)
      EXPECT_EQ(row, world.steps->drawn(static_cast<std::int64_t>(drawing.below(60))));
    return other.rows.ids;
  };
  EXPECT_EQ(first_batches(0), first_batches(1));
}

}  // namespace
}  // namespace crosstalk::learn

namespace crosstalk::run {
namespace {

/// The mean of value_churn over a run. With rate 0.02 values diverge at weight 10: each update undoes more of
/// the one before than there was.
double mean_churn(double chain) {
  Heard heard;
  const auto run = begun({exact_keys("gridworld", "dqn",
                                     {{"learner.approximation", "network"},
                                      {"network.layers", {"linear 16", "relu", "linear out"}},
                                      {"learner.steps", 600},
                                      {"learner.replay", 300},
                                      {"learner.batch", 16},
                                      {"learner.rate", 0.005},
                                      {"learner.target-every", 20},
                                      {"learner.chain", chain},
                                      {"probe.samples", 60},
                                      {"probe.every", 5},
                                      {"probe.measures", {"value_churn"}}})});
  EXPECT_EQ(carried_out(*run, heard).ending, Ending::done);
  double sum = 0, count = 0;
  for (const Row& row : heard.rows)
    if (row.measure == "value_churn") sum += row.value, ++count;
  EXPECT_GT(count, 50);
  return sum / count;
}

TEST(Chain, makes_the_churn_of_values_smaller_the_larger_its_weight_is) {
  const double without = mean_churn(0), little = mean_churn(2), much = mean_churn(8);
  std::printf("value churn: %.5f without, %.5f with 2, %.5f with 8\n", without, little, much);
  EXPECT_LT(little, without);
  EXPECT_LT(much, little);
}

}  // namespace
}  // namespace crosstalk::run
