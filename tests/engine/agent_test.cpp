// Agents' losses, targets and updates against PyTorch's autograd in double precision.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "folder.hpp"
#include "learn/double_dqn.hpp"
#include "learn/reinforce.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "oracle.hpp"
#include "small_data.hpp"

namespace crosstalk::learn {
namespace {

const Heads heads = {10, 4};

at::Tensor doubles(at::IntArrayRef shape, tensor::Stream& stream) {
  return drawn(shape, stream).to(at::kDouble);
}

/// (N, 2) actions of both heads.
at::Tensor some_actions(std::int64_t n, tensor::Stream& stream) {
  return at::cat({drawn_below({n, 1}, 10, at::kLong, stream), drawn_below({n, 1}, 4, at::kLong, stream)}, 1);
}

TEST(SmoothL1, has_the_losses_and_gradients_of_autograd_for_both_heads) {
  tensor::Stream stream(1, "td");
  const at::Tensor output = doubles({40, 14}, stream), targets = doubles({40, 2}, stream);
  const at::Tensor actions = some_actions(40, stream);
  const SampleLoss ours = smooth_l1(output, heads, actions, targets);
  const at::Tensor leaf = output.clone().set_requires_grad(true);
  const at::Tensor first =
      leaf.slice(1, 0, 10).gather(1, actions.slice(1, 0, 1)).squeeze(1) - targets.select(1, 0);
  const at::Tensor second =
      leaf.slice(1, 10, 14).gather(1, actions.slice(1, 1, 2)).squeeze(1) - targets.select(1, 1);
  const auto loss = [](const at::Tensor& d) { return at::minimum(d.square(), d.abs()); };
  const at::Tensor losses = loss(first) + loss(second);
  EXPECT_LT(oracle::difference(ours.losses, losses), 1e-10);
  EXPECT_LT(oracle::difference(ours.cotangents, torch::autograd::grad({losses.sum()}, {leaf})[0]), 1e-10);
  EXPECT_GT((first.abs() > 1).sum().item<std::int64_t>(), 5);  // both branches are there
  EXPECT_GT((first.abs() < 1).sum().item<std::int64_t>(), 5);
}

TEST(Targets, bootstrap_from_each_head_by_the_selectors_argmax_and_not_from_terminal_steps) {
  tensor::Stream stream(2, "targets");
  const at::Tensor online = doubles({30, 14}, stream), target = doubles({30, 14}, stream);
  const at::Tensor rewards = doubles({30, 1}, stream);
  const at::Tensor going = drawn_below({30, 1}, 2, at::kLong, stream).to(at::kDouble);
  const at::Tensor of_double = td_targets({rewards, going, 0.9}, online, target, heads);
  const at::Tensor of_max = td_targets({rewards, going, 0.9}, target, target, heads);
  for (std::int64_t n = 0; n < 30; ++n) {
    for (std::int64_t h = 0; h < 2; ++h) {
      const std::int64_t first = h == 0 ? 0 : 10, size = h == 0 ? 10 : 4;
      std::int64_t best = 0;
      double most = -INFINITY;
      for (std::int64_t k = 0; k < size; ++k) {
        most = std::max(most, target[n][first + k].item<double>());
        if (online[n][first + k].item<double>() > online[n][first + best].item<double>()) best = k;
      }
      const double reward = rewards[n][0].item<double>(), on = going[n][0].item<double>();
      EXPECT_NEAR(of_double[n][h].item<double>(), reward + 0.9 * on * target[n][first + best].item<double>(),
                  1e-12);
      EXPECT_NEAR(of_max[n][h].item<double>(), reward + 0.9 * on * most, 1e-12);
    }
  }
}

TEST(PolicyGradients, have_the_losses_and_gradients_of_autograd_with_entropy_and_clamping) {
  tensor::Stream stream(3, "policy");
  const at::Tensor output = doubles({40, 14}, stream) * 6;  // some probabilities fall below the clamp
  const at::Tensor returns = doubles({40}, stream), actions = some_actions(40, stream);
  for (const double entropy : {0.0, 0.3}) {
    const SampleLoss ours = policy_gradient(output, heads, actions, returns, entropy);
    const at::Tensor leaf = output.clone().set_requires_grad(true);
    at::Tensor losses = at::zeros({40}, at::kDouble);
    std::int64_t clamped = 0, first = 0;
    for (std::int64_t h = 0; h < 2; ++h) {
      const at::Tensor p = at::softmax(leaf.slice(1, first, first + heads[h]), 1).clamp_min(1e-5);
      clamped += (p <= 1e-5).sum().item<std::int64_t>();
      losses = losses - returns * p.gather(1, actions.slice(1, h, h + 1)).squeeze(1).log() +
               entropy * (p * p.log()).sum(1);
      first += heads[h];
    }
    EXPECT_GT(clamped, 10);
    EXPECT_LT(oracle::difference(ours.losses, losses), 1e-10);
    EXPECT_LT(oracle::difference(ours.cotangents, torch::autograd::grad({losses.sum()}, {leaf})[0]), 1e-10);
  }
}

TEST(Returns, are_the_rewards_to_go_or_those_of_the_whole_episode) {
  const std::vector<double> rewards = {-0.05, -0.05, 1};
  const std::vector<double> to_go = returns(rewards, Return::to_go),
                            whole = returns(rewards, Return::episode);
  for (std::size_t t = 0; t < 3; ++t) {
    double sum = 0;
    for (std::size_t k = t; k < 3; ++k) sum += rewards[k];
    EXPECT_NEAR(to_go[t], sum, 1e-15);
    EXPECT_NEAR(whole[t], 0.9, 1e-15);
  }
}

TEST(Exploration, falls_linearly_and_stays) {
  const Exploration exploration{0.95, 0.05, 100};
  EXPECT_DOUBLE_EQ(exploration.at(0), 0.95);
  EXPECT_DOUBLE_EQ(exploration.at(50), 0.5);
  EXPECT_DOUBLE_EQ(exploration.at(100), 0.05);
  EXPECT_DOUBLE_EQ(exploration.at(1000), 0.05);
}

/// A small network in double precision over images of noise.
class Agents : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path file = folder.path() / "images.safetensors";
  std::unique_ptr<data::Dataset> dataset;
  std::unique_ptr<env::Images> images;
  std::unique_ptr<nn::Network> network;
  std::unique_ptr<nn::Parameters> parameters;
  const OptimizerSettings sgd{.kind = OptimizerKind::sgd, .rate = 0.05, .weight_decay = 0};

  void SetUp() override {
    at::set_num_threads(1);
    write_images(file, 20, 8, 10);
    dataset = std::make_unique<data::Dataset>(data::read_dataset(file));
    std::vector<std::int64_t> rows(20);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
    images = std::make_unique<env::Images>(*dataset, dataset->train, rows, at::kDouble, at::kCPU);
    network = std::make_unique<nn::Network>(nn::build({4, 32, 32}, 14, paper_layers({4, 32, 32}, 2, 0, 4)));
    tensor::Stream stream(5, "theta");
    parameters = std::make_unique<nn::Parameters>(
        *network, nn::initial_theta(*network, Initialisation::glorot, stream, at::kDouble));
  }

  at::Tensor output(const at::Tensor& theta, const std::vector<env::View>& views) {
    at::Tensor observations;
    images->draw(views, observations);
    return oracle::forward(*network, theta, observations).back();
  }
};

TEST_F(Agents, of_double_dqn_update_theta_and_target_as_autograd_and_the_average_say) {
  for (const bool own_argmax : {true, false}) {
    DoubleDqn agent(*network, *parameters, *images, {},
                    {.start = 10,
                     .update_every = 2,
                     .replay = 50,
                     .batch = 16,
                     .gamma = 0.9,
                     .tau = 0.1,
                     .own_argmax = own_argmax,
                     .exploration = {0.5, 0.5, 1}},
                    make_optimizer(sgd, parameters->theta()), 7);
    at::Tensor target = parameters->theta().clone();
    tensor::Stream batches(7, "batches");
    int updates = 0;
    for (std::int64_t step = 0; step < 41; ++step) {
      const at::Tensor before = parameters->theta().clone();
      const std::optional<double> loss = agent.advance();
      EXPECT_EQ(loss.has_value(), step > 10 && step % 2 == 0) << step;
      if (!loss) {
        EXPECT_TRUE(at::equal(before, parameters->theta()));
        continue;
      }
      ++updates;
      State state;
      agent.save(state);
      const std::vector<replay::Transition> held =
          replay::from_bytes(state.tensors.at("replay"), {20, 10}, "replay");
      std::vector<Experience> drawn;
      for (int i = 0; i < 16; ++i) drawn.push_back({held[batches.below(held.size())]});
      const at::Tensor leaf = before.clone().set_requires_grad(true);
      const at::Tensor at_next = output(target, views_after(drawn));
      const at::Tensor selector = own_argmax ? output(before, views_after(drawn)) : at_next;
      at::Tensor sum = at::zeros({}, at::kDouble);
      const at::Tensor now = output(leaf, views_before(drawn));
      for (std::int64_t n = 0; n < 16; ++n) {
        const replay::Transition& one = drawn[static_cast<std::size_t>(n)].transition;
        for (const auto& [first, size, action] : {std::tuple{0, 10, one.guess}, {10, 4, one.move}}) {
          const std::int64_t best = selector[n].slice(0, first, first + size).argmax().item<std::int64_t>();
          const at::Tensor aim = one.reward + (one.terminal ? 0 : 0.9) * at_next[n][first + best];
          const at::Tensor error = now[n][first + action] - aim.detach();
          sum = sum + at::minimum(error * error, error.abs());
        }
      }
      const at::Tensor gradient = torch::autograd::grad({sum / 16}, {leaf})[0];
      EXPECT_NEAR(*loss, sum.item<double>() / 16, 1e-10);
      EXPECT_LT(oracle::difference(parameters->theta(), before - 0.05 * gradient), 1e-10);
      target = 0.9 * target + 0.1 * parameters->theta();
      EXPECT_LT(oracle::difference(state.tensors.at("target"), target), 1e-12);
    }
    EXPECT_EQ(updates, 15);
  }
}

TEST_F(Agents, of_reinforce_update_theta_as_autograd_says_over_the_episodes_collected) {
  for (const auto& [collect, weight] :
       {std::pair{0, Return::to_go}, {15, Return::to_go}, {0, Return::episode}, {15, Return::episode}}) {
    Reinforce agent(*network, *parameters, *images, {},
                    {.weight = weight, .entropy = 0.02, .collect = collect, .keep = 30},
                    make_optimizer(sgd, parameters->theta()), 9);
    std::vector<replay::Transition> steps;
    std::vector<double> weights;
    int updates = 0;
    for (int step = 0; step < 150; ++step) {
      State state;
      agent.save(state);
      const at::Tensor before = parameters->theta().clone();
      const std::optional<double> loss = agent.advance();
      State after;
      agent.save(after);
      const std::int64_t held = after.tensors.at("episode").size(0);
      if (held > 0) continue;  // the episode goes on
      const auto collected = replay::from_bytes(
          loss ? after.tensors.at("recent") : after.tensors.at("collected"), {20, 10}, "recent");
      if (!loss) {
        EXPECT_LE(static_cast<std::int64_t>(collected.size()), collect);
        continue;
      }
      ++updates;
      // The update was on what was collected before and the episode that has just ended: the last of
      // `recent`.
      const std::int64_t length = state.tensors.at("episode").size(0) + 1;
      const std::int64_t count = std::min<std::int64_t>(30, state.tensors.at("collected").size(0) + length);
      if (state.tensors.at("collected").size(0) + length > 30) continue;  // more than `recent` keeps
      EXPECT_GT(count, collect);
      std::vector<Experience> drawn;
      for (std::size_t i = collected.size() - static_cast<std::size_t>(count); i < collected.size(); ++i)
        drawn.push_back({collected[i]});
      // Rewards to go, from the transitions themselves: an episode ends with a terminal step.
      double sum = 0;
      for (std::size_t i = drawn.size(); i-- > 0;) {
        if (drawn[i].transition.terminal) sum = 0;
        drawn[i].weight = sum += drawn[i].transition.reward;
      }
      // The whole episode's: what its first step has to go.
      for (std::size_t i = 1; i < drawn.size() && weight == Return::episode; ++i)
        if (!drawn[i - 1].transition.terminal) drawn[i].weight = drawn[i - 1].weight;
      const at::Tensor leaf = before.clone().set_requires_grad(true);
      const at::Tensor now = output(leaf, views_before(drawn));
      at::Tensor total = at::zeros({}, at::kDouble);
      for (std::int64_t n = 0; n < count; ++n) {
        const Experience& one = drawn[static_cast<std::size_t>(n)];
        for (const auto& [first, size, action] :
             {std::tuple{0, 10, one.transition.guess}, {10, 4, one.transition.move}}) {
          const at::Tensor p = at::softmax(now[n].slice(0, first, first + size), 0).clamp_min(1e-5);
          total = total - one.weight * p[action].log() + 0.02 * (p * p.log()).sum();
        }
      }
      const double scale = 1.0 / static_cast<double>(count);
      const at::Tensor gradient = torch::autograd::grad({total * scale}, {leaf})[0];
      EXPECT_NEAR(*loss, total.item<double>() * scale, 1e-10);
      EXPECT_LT(oracle::difference(parameters->theta(), before - 0.05 * gradient), 1e-10);
    }
    EXPECT_GT(updates, 2);
  }
}

TEST_F(Agents, that_alias_store_the_picture_after_the_step_as_both_states) {
  for (const bool aliased : {false, true}) {
    Interaction interaction(*images, {.aliased = aliased}, 3);
    for (int i = 0; i < 200; ++i) {
      const env::View before = interaction.view();
      const Interaction::Taken taken = interaction.take({-1, i % 4});
      EXPECT_EQ(taken.transition.before(), aliased ? taken.transition.after() : before);
      EXPECT_EQ(taken.transition.after().place, before.place.moved(i % 4));
      EXPECT_EQ(taken.transition.terminal, taken.ended);  // nobody is right here: every end is a time-out
    }
  }
  Interaction truncates(*images, {.truncates = true}, 3);
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(truncates.take({-1, 0}).transition.terminal);
  for (int i = 0; i < 60; ++i) {  // but nothing follows the right class
    const bool right = i % 3 == 2;
    const std::int64_t label = images->labels()[static_cast<std::size_t>(truncates.view().image)];
    const Interaction::Taken taken = truncates.take({right ? label : -1, 0});
    EXPECT_EQ(taken.transition.terminal, right);
    EXPECT_EQ(taken.ended, right);
  }
}

TEST_F(Agents, keep_a_replay_in_which_the_oldest_gives_way_to_the_newest) {
  replay::Ring ring(5);
  for (std::int32_t i = 0; i < 13; ++i) ring.add({.image = i});
  std::set<std::int32_t> images_held;
  for (std::int64_t i = 0; i < ring.size(); ++i) images_held.insert(ring[i].image);
  EXPECT_EQ(images_held, (std::set<std::int32_t>{8, 9, 10, 11, 12}));
  replay::Ring copy(5);
  copy.load(ring.bytes(), ring.added(), {20, 10});
  copy.add({.image = 13});
  ring.add({.image = 13});
  for (std::int64_t i = 0; i < 5; ++i) EXPECT_EQ(copy[i].image, ring[i].image);
  EXPECT_THROW(copy.load(ring.bytes(), 3, {20, 10}), Error);            // not so many
  EXPECT_THROW(copy.load(ring.bytes(), ring.added(), {9, 10}), Error);  // of images that are not there
}

TEST_F(Agents, draw_actions_as_often_as_the_softmax_says) {
  const std::vector<double> outputs = {0, 1, 2, 0, 0, 0, 0, 0, 0, -1, 0.5, 0, -0.5, 3};
  const at::Tensor first =
      at::softmax(at::tensor(std::vector<double>(outputs.begin(), outputs.begin() + 10)), 0);
  tensor::Stream stream(4, "draws");
  constexpr int draws = 20000;
  std::vector<double> counts(10, 0);
  for (int i = 0; i < draws; ++i) ++counts[static_cast<std::size_t>(sampled(outputs, heads, stream).guess)];
  for (int k = 0; k < 10; ++k) {
    const double p = first[k].item<double>();
    EXPECT_NEAR(counts[static_cast<std::size_t>(k)] / draws, p, 4.5 * std::sqrt(p * (1 - p) / draws)) << k;
  }
  EXPECT_EQ(greedy(outputs, heads).guess, 2);
  EXPECT_EQ(greedy(outputs, heads).move, 3);
}

}  // namespace
}  // namespace crosstalk::learn
