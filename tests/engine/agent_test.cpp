// What agents at images learn by, and their updates, against PyTorch's autograd in double precision.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/paper_layers.hpp"
#include "data/subset.hpp"
#include "env/windowed.hpp"
#include "folder.hpp"
#include "learn/acting.hpp"
#include "learn/policy_gradient.hpp"
#include "learn/seen.hpp"
#include "learn/td.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "run/run.hpp"
#include "small_data.hpp"

namespace crosstalk::learn {
namespace {

const Heads heads = {10, 4};

TEST(Exploration, falls_linearly_and_stays) {
  const Exploration exploration{0.95, 0.05, 100};
  EXPECT_DOUBLE_EQ(exploration.at(0), 0.95);
  EXPECT_DOUBLE_EQ(exploration.at(50), 0.5);
  EXPECT_DOUBLE_EQ(exploration.at(100), 0.05);
  EXPECT_DOUBLE_EQ(exploration.at(1000), 0.05);
  const Exploration later{0.95, 0.05, 100, 30};
  EXPECT_DOUBLE_EQ(later.at(30), 0.95);
  EXPECT_DOUBLE_EQ(later.at(80), 0.5);
  EXPECT_DOUBLE_EQ(later.at(130), 0.05);
}

TEST(Policies, draw_actions_as_often_as_the_softmax_says_or_take_the_largest) {
  const std::vector<double> outputs = {0, 1, 2, 0, 0, 0, 0, 0, 0, -1, 0.5, 0, -0.5, 3};
  const auto look = [&] { return std::span<const double>(outputs); };
  const at::Tensor first =
      at::softmax(at::tensor(std::vector<double>(outputs.begin(), outputs.begin() + 10)), 0);
  tensor::Stream stream(4, "draws");
  constexpr int draws = 20000;
  std::vector<double> counts(10, 0);
  std::vector<std::int64_t> action(2);
  for (int i = 0; i < draws; ++i) {
    Softmax(heads).act(look, stream, 0, action);
    ++counts[static_cast<std::size_t>(action[0])];
  }
  for (int k = 0; k < 10; ++k) {
    const double p = first[k].item<double>();
    EXPECT_NEAR(counts[static_cast<std::size_t>(k)] / draws, p, 4.5 * std::sqrt(p * (1 - p) / draws)) << k;
  }
  const auto position = stream.position();
  Greedy(heads).act(look, stream, 0, action);
  EXPECT_EQ(action, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(stream.position(), position) << "nothing is drawn";
}

TEST(Policies, explore_with_one_coin_for_all_choices_and_follow_fixed_chances) {
  const std::vector<double> outputs = {0, 1, 2, 0, 0, 0, 0, 0, 0, -1, 0.5, 0, -0.5, 3};
  const auto look = [&] { return std::span<const double>(outputs); };
  constexpr int draws = 20000;
  const auto near = [](double count, double share) {
    EXPECT_NEAR(count / draws, share, 4.5 * std::sqrt(share * (1 - share) / draws));
  };
  tensor::Stream stream(4, "draws");
  std::vector<std::int64_t> action(2);
  double best = 0, first_best = 0, second_best = 0;
  for (int i = 0; i < draws; ++i) {
    EpsilonGreedy(heads, {1, 0.4, 10}).act(look, stream, 10, action);
    first_best += action[0] == 2;
    second_best += action[1] == 3;
    best += action[0] == 2 && action[1] == 3;
  }
  near(first_best, 0.6 + 0.4 / 10);
  near(second_best, 0.6 + 0.4 / 4);
  near(best, 0.6 + 0.4 / 40);
  const std::vector<double> chances = {0.2, 0, 0.3, 0.5};
  std::vector<double> counts(4, 0);
  for (int i = 0; i < draws; ++i) {
    Fixed(chances).act(look, stream, 0, std::span(action).first(1));
    ++counts[static_cast<std::size_t>(action[0])];
  }
  for (std::size_t k = 0; k < 4; ++k) near(counts[k], chances[k]);
}

/// A step as a run's trajectories hold it, with its observations in a form that any image set can draw.
struct Step {
  env::View before, after;
  std::int64_t guess, move;
  double reward;
  bool terminated, ended;
};

/// Agents at images of noise, with a small network in double precision.
class Agents : public ::testing::Test {
 protected:
  static constexpr std::int64_t count = 20;
  Folder folder;
  data::Dataset dataset = [&] {
    at::set_num_threads(1);
    write_images(folder.path() / "images.safetensors", count, 8, 10);
    return data::read_dataset(folder.path() / "images.safetensors");
  }();
  std::shared_ptr<env::Images> images =
      std::make_shared<env::Images>(dataset, dataset.train, data::first_rows(count), at::kDouble, at::kCPU);
  nn::Network network = nn::build({4, 32, 32}, 14, paper_layers({4, 32, 32}, 2, 0, 4));

  run::Run begun(const std::string& algorithm, const Json& changes) {
    Json flat = agent_keys(algorithm, {{"task.examples", count},
                                       {"runtime.precision", "double"},
                                       {"learner.optimizer", "sgd"},
                                       {"learner.rate", 0.05},
                                       {"learner.steps", 1000}});
    if (!changes.is_null()) flat.update(changes);
    return {Settings(flat), 7, &dataset};
  }

  at::Tensor output(const at::Tensor& theta, const env::View& view) {
    at::Tensor observation;
    images->draw({&view, 1}, observation);
    return oracle::forward(network, theta, observation).back()[0];
  }

  /// The newest step of a run.
  Step newest(const run::Run& run) {
    replay::Trajectories steps(images, {10, 4}, at::kFloat);
    steps.load(run.save().part("source").part("trajectories"));
    const data::Id row = steps.end() - 1;
    Step step{.guess = steps.action(row)[0],
              .move = steps.action(row)[1],
              .reward = steps[row].reward,
              .terminated = steps[row].terminated,
              .ended = steps[row].ended()};
    std::memcpy(&step.before, steps.before(row), sizeof step.before);
    step.after = step.before;
    step.after.place = step.before.place.moved(step.move);
    step.after.seen |= step.after.place.bit();
    return step;
  }
};

TEST_F(Agents, of_double_dqn_update_theta_and_target_as_autograd_and_the_average_say) {
  for (const char* choice : {"double", "max"}) {
    run::Run run = begun("double-dqn", {{"learner.start", 10},
                                        {"learner.update-every", 2},
                                        {"learner.replay", 25},
                                        {"learner.batch", 16},
                                        {"learner.gamma", 0.9},
                                        {"learner.tau", 0.1},
                                        {"learner.target", choice},
                                        {"learner.explore-from", 0.5},
                                        {"learner.explore-to", 0.5}});
    at::Tensor target = run.theta().clone();
    tensor::Stream batches(7, "batches");
    std::vector<Step> ring;  // 25 slots; the oldest gives way
    int updates = 0;
    for (std::int64_t step = 0; step < 41; ++step) {
      const at::Tensor before = run.theta().clone();
      const std::optional<double> loss = run.advance();
      if (ring.size() < 25) ring.emplace_back();
      ring[static_cast<std::size_t>(step % 25)] = newest(run);
      EXPECT_EQ(loss.has_value(), step > 10 && step % 2 == 0) << step;
      if (!loss) {
        EXPECT_TRUE(at::equal(before, run.theta()));
        continue;
      }
      ++updates;
      const at::Tensor leaf = before.clone().set_requires_grad(true);
      at::Tensor sum = at::zeros({}, at::kDouble);
      for (int n = 0; n < 16; ++n) {
        const Step& one = ring[batches.below(ring.size())];
        const at::Tensor now = output(leaf, one.before), next = output(target, one.after),
                         selector = std::string(choice) == "max" ? next : output(before, one.after);
        for (const auto& [first, size, action] : {std::tuple{0, 10, one.guess}, {10, 4, one.move}}) {
          const std::int64_t best = selector.slice(0, first, first + size).argmax().item<std::int64_t>();
          // A time-out is an end, as the task has it by default.
          const double aim = one.reward + (one.ended ? 0 : 0.9) * next[first + best].item<double>();
          const at::Tensor error = now[first + action] - aim;
          sum = sum + at::minimum(error * error, error.abs());
        }
      }
      const at::Tensor gradient = torch::autograd::grad({sum / 16}, {leaf})[0];
      EXPECT_NEAR(*loss, sum.item<double>() / 16, 1e-10);
      EXPECT_LT(oracle::difference(run.theta(), before - 0.05 * gradient), 1e-10);
      target = 0.9 * target + 0.1 * run.theta();
      EXPECT_LT(oracle::difference(run.save().tensor("target"), target), 1e-12);
    }
    EXPECT_EQ(updates, 15);
  }
}

TEST_F(Agents, of_reinforce_update_theta_as_autograd_says_over_the_episodes_collected) {
  for (const int collect : {0, 15})
    for (const char* weight : {"to-go", "episode"}) {
      run::Run run = begun("reinforce", {{"learner.return", weight},
                                         {"learner.entropy", 0.02},
                                         {"learner.collect", collect},
                                         {"probe.samples", 30}});
      std::vector<Step> collected;
      int updates = 0;
      for (int step = 0; step < 150; ++step) {
        const at::Tensor before = run.theta().clone();
        const std::optional<double> loss = run.advance();
        collected.push_back(newest(run));
        EXPECT_EQ(loss.has_value(), collected.back().ended && std::ssize(collected) > collect);
        if (!loss) continue;
        ++updates;
        std::vector<double> weights(collected.size());
        double sum = 0;
        for (std::size_t i = collected.size(); i-- > 0;) {
          if (collected[i].ended) sum = 0;
          weights[i] = sum += collected[i].reward;
        }
        // The whole episode's: what its first step has to go.
        for (std::size_t i = 1; i < collected.size() && std::string(weight) == "episode"; ++i)
          if (!collected[i - 1].ended) weights[i] = weights[i - 1];
        const at::Tensor leaf = before.clone().set_requires_grad(true);
        at::Tensor total = at::zeros({}, at::kDouble);
        for (std::size_t i = 0; i < collected.size(); ++i) {
          const at::Tensor now = output(leaf, collected[i].before);
          for (const auto& [first, size, action] :
               {std::tuple{0, 10, collected[i].guess}, {10, 4, collected[i].move}}) {
            const at::Tensor p = at::softmax(now.slice(0, first, first + size), 0).clamp_min(1e-5);
            total = total - weights[i] * p[action].log() + 0.02 * (p * p.log()).sum();
          }
        }
        const double scale = 1.0 / static_cast<double>(collected.size());
        const at::Tensor gradient = torch::autograd::grad({total * scale}, {leaf})[0];
        EXPECT_NEAR(*loss, total.item<double>() * scale, 1e-10);
        EXPECT_LT(oracle::difference(run.theta(), before - 0.05 * gradient), 1e-10);
        collected.clear();
      }
      EXPECT_GT(updates, 2);
    }
}

/// Names no class, or the right one at every third step, and moves round.
class Script final : public Policy {
 public:
  Script(const env::Images* answers, const env::Windowed& task) : answers_(answers), task_(task) {}
  void act(const Look&, tensor::Stream&, std::int64_t step, std::span<std::int64_t> action) const override {
    const bool right = answers_ != nullptr && step % 3 == 2;
    action[0] = right ? answers_->labels()[static_cast<std::size_t>(task_.view().image)] : -1;
    action[1] = step % 4;
  }

 private:
  const env::Images* answers_;
  const env::Windowed& task_;
};

TEST_F(Agents, that_alias_see_the_picture_after_the_step_as_both_states_and_time_outs_end_where_they_shall) {
  const nn::Parameters parameters(network, at::zeros({network.layout().size()}, at::kDouble));
  const Networks networks(network, parameters);
  const env::Images* labels[] = {nullptr, images.get()};
  for (const bool aliased : {false, true})
    for (const env::Images* answers : labels) {
      auto task = std::make_unique<env::Windowed>(images);
      const env::Windowed& world = *task;
      auto kept = std::make_unique<replay::Trajectories>(images, std::vector<std::int64_t>{10, 4},
                                                         at::kDouble, replay::Keeping{.aliased = aliased});
      Acting acting(std::move(task), std::make_unique<Script>(answers, world), std::move(kept), networks, 3,
                    "exploration");
      const replay::Trajectories& steps = acting.steps();
      acting.learn_from(std::make_unique<Newest>(steps));
      Batch batch;
      at::Tensor before, after, shown;
      std::int64_t ends = 0;
      for (int i = 0; i < 80; ++i) {
        const bool goes_on = steps.going();
        const env::View left = world.view();
        EXPECT_TRUE(acting.next(batch));
        const data::Id row = batch.rows.ids.front();
        EXPECT_EQ(steps[row].terminated, answers != nullptr && i % 3 == 2);
        EXPECT_EQ(steps[row].truncated, answers == nullptr && i % 20 == 19);
        ends += steps[row].ended();
        steps.draw(batch.rows.ids, data::At::before, before);
        steps.draw(batch.rows.ids, data::At::after, after);
        const env::View reached = world.view(), start{env::Place{}.bit(), reached.image};
        images->draw({&reached, 1}, shown);
        EXPECT_TRUE(at::equal(after, shown));
        images->draw({goes_on ? &left : &start, 1}, shown);
        EXPECT_TRUE(at::equal(before, aliased ? after : shown));
        EXPECT_EQ(at::equal(before, after), aliased);
        for (const bool timeout_ends : {false, true})
          EXPECT_EQ(bootstrap(steps, batch.rows.ids, 0.9, timeout_ends, before).going.item<double>(),
                    steps[row].terminated || (timeout_ends && steps[row].truncated) ? 0 : 1);
      }
      EXPECT_EQ(ends, answers == nullptr ? 4 : 26);
    }
}

}  // namespace
}  // namespace crosstalk::learn
