// Options of Q-learning: targets that are the mean of several copies, and targets that are smoothed over
// time, against plain loops, PyTorch's forward pass and autograd in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <set>

#include "base/error.hpp"
#include "learn/learners.hpp"
#include "learn/measured.hpp"
#include "learn/smoothed.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

constexpr double gamma = 0.9;

/// Of an agent that acts.
Settings settings_of(const std::string& algorithm, const Json& changes) {
  Json flat = exact_keys("random-walk", algorithm,
                         {{"task.kind", "control"},
                          {"learner.gamma", gamma},
                          {"learner.loss", "squared-error"},
                          {"learner.target-every", 2}});
  flat.update(changes);
  return Settings(flat);
}

AgentParts parts_of(const World& world, const std::string& algorithm, const Json& changes) {
  const Settings settings = settings_of(algorithm, changes);
  return agent_parts({settings, TaskKind::control, 1, world.values});
}

/// An online network that moves, and the copies of it that a list keeps beside ours.
struct Copied {
  World& world;
  std::size_t most;
  std::deque<at::Tensor> copies = {world.online.theta().clone()};  // the newest last

  void step(Networks& networks, int update) {
    world.online.theta().mul_(1.1).add_(0.01);
    networks.stepped();
    if (update % 2 == 1) copies.push_back(world.online.theta().clone());
    if (copies.size() > most) copies.pop_front();
  }
  /// (p): the mean of what the copies say.
  at::Tensor mean(data::Id row, data::At at) const {
    at::Tensor sum = at::zeros({world.outputs()}, at::kDouble);
    for (const at::Tensor& theta : copies) sum = sum + world.output(theta, row, at);
    return sum / static_cast<double>(copies.size());
  }
};

TEST(AveragedCopies, are_bootstrapped_from_by_their_mean_as_soon_as_there_are_some) {
  for (const char* algorithm : {"dqn", "double-dqn"})
    for (const std::int64_t most : {1, 3, 5}) {
      World world = exact_world("gridworld", {.width = 3, .height = 3}, false);
      AgentParts parts = parts_of(world, algorithm, {{"learner.target-copies", most}});
      Networks networks(world.network, world.online, parts.follow);
      Passes passes(networks);
      Copied twin{world, static_cast<std::size_t>(most)};
      const data::Rows rows = world.some_rows(15);
      for (int update = 0; update < 14; ++update) {
        EXPECT_EQ(networks.averaged(Net::target), std::ssize(twin.copies));
        Aims aims;
        parts.objective->aims(rows, passes, aims);
        for (std::int64_t i = 0; i < rows.size(); ++i) {
          const data::Id row = rows.ids[static_cast<std::size_t>(i)];
          const replay::Step& step = (*world.steps)[row];
          const at::Tensor mean = twin.mean(row, data::At::after),
                           chooses = algorithm == std::string("dqn")
                                         ? mean
                                         : world.output(world.online.theta(), row, data::At::after);
          const double value = mean[chooses.argmax().item<std::int64_t>()].item<double>();
          EXPECT_NEAR(aims.targets[i][0].item<double>(), step.reward + (step.terminated ? 0 : gamma * value),
                      1e-12)
              << algorithm << most << " update " << update;
        }
        twin.step(networks, update);
      }
      EXPECT_EQ(std::ssize(twin.copies), most);
    }
}

// The network as it began is a copy, and never another one comes.
TEST(AveragedCopies, are_one_where_none_is_made) {
  World world = exact_world("random-walk", {.states = 5}, false);
  for (const Json& every : {Json("never"), Json("tau")}) {
    const AgentParts parts =
        parts_of(world, "double-dqn", {{"learner.target-every", every}, {"learner.target-copies", 3}});
    const Networks networks(world.network, world.online, parts.follow);
    EXPECT_EQ(networks.most_averaged(), 1) << every;
  }
}

TEST(AveragedCopies, are_what_measured_errors_bootstrap_from) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const Settings settings = settings_of("dqn", {{"learner.target-copies", 3}, {"probe.lambda", 0.0}});
  const Ground ground{settings, TaskKind::control, 1, world.values};
  AgentParts parts = agent_parts(ground);
  Networks networks(world.network, world.online, parts.follow);
  Passes passes(networks);
  Copied twin{world, 3};
  const data::Rows rows = world.some_rows(15);
  for (int update = 0; update < 9; ++update) {
    Aims own;
    parts.objective->aims(rows, passes, own);
    for (const LossMeasured which : {LossMeasured::td, LossMeasured::lambda}) {
      Aims aims;
      measured_objective(which, ground, Net::target)->aims(rows, passes, aims);
      EXPECT_LT(oracle::difference(aims.targets, own.targets), 1e-12) << update;
    }
    const std::int64_t version = passes.version(Net::target);
    twin.step(networks, update);
    EXPECT_EQ(passes.version(Net::target) != version, update % 2 == 1);
  }
}

TEST(AveragedCopies, come_back_from_a_checkpoint_to_the_last_bit) {
  World world = exact_world("random-walk", {.states = 5}, false),
        other = exact_world("random-walk", {.states = 5}, false);
  const Follow follow{.how = Follow::How::every, .updates = 2, .copies = 3};
  Networks networks(world.network, world.online, follow), again(other.network, other.online, follow);
  Copied twin{world, 3};
  Passes passes(networks), passes_again(again);
  const data::Rows rows = world.some_rows(9);
  at::Tensor inputs;
  world.steps->draw(rows.ids, data::At::after, inputs);
  for (int update = 0; update < 9; ++update) {
    again.load(tensor::saved(networks));
    for (const Net net : {Net::online, Net::target})
      EXPECT_TRUE(at::equal(passes.output(net, inputs), passes_again.output(net, inputs))) << update;
    twin.step(networks, update);
  }
  // What one copy leaves is what it was before there could be several.
  Networks one(world.network, world.online, {.how = Follow::How::every});
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensor::saved(one).tensors) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"target", "theta"}));
}

/// The value of the best action at what is seen before or after a step.
at::Tensor best(const World& world, const at::Tensor& value, const at::Tensor& select, data::Id row,
                data::At at) {
  return world.output(value, row, at)[world.output(select, row, at).argmax().item<std::int64_t>()];
}

/// By the formula, step by step: the state before is that of the step before, if it is of the same episode
/// and still there.
at::Tensor smoothed(const World& world, const at::Tensor& value, const at::Tensor& select, data::Id row,
                    double beta) {
  const replay::Trajectories& steps = *world.steps;
  const replay::Step& step = steps[row];
  at::Tensor next = at::zeros({}, at::kDouble);
  if (!step.terminated) next = best(world, value, select, row, data::At::after);
  if (row == steps.first() || steps[row - 1].terminated || steps[row - 1].truncated)
    return step.reward + gamma * next;
  return step.reward +
         gamma * ((1 - beta) * next + beta * best(world, value, select, row - 1, data::At::before));
}

/// All steps, or the newest in a ring.
std::vector<World> worlds() {
  std::vector<World> all;
  for (const std::int64_t capacity : {0, 23})
    all.push_back(walked(exact_world("random-walk", {.states = 5}, false), capacity));
  return all;
}

struct Learned {
  const char* algorithm;
  Net value, select;
};
constexpr Learned all_learners[] = {{"dqn", Net::target, Net::target},
                                    {"polyak", Net::target, Net::target},
                                    {"double-dqn", Net::target, Net::online},
                                    {"ql", Net::online, Net::online}};

TEST(SmoothedTargets, are_those_of_their_formula_step_by_step) {
  int ends = 0, firsts = 0;
  for (World& world : worlds())
    for (const Learned& each : all_learners) {
      AgentParts parts = parts_of(world, each.algorithm, {{"learner.smoothing", 0.3}});
      Networks networks(world.network, world.online, parts.follow);
      if (networks.has_target()) {
        tensor::State state = tensor::saved(networks);
        state.tensors["target"] = world.other;
        networks.load(state);
      }
      const auto by = [&](Net net) { return net == Net::online ? world.online.theta() : world.other; };
      Passes passes(networks);
      data::Rows rows{world.steps.get(), {}};
      for (data::Id row = world.steps->first(); row < world.steps->end(); ++row) {
        ASSERT_TRUE(parts.objective->defined(*world.steps, row));
        rows.ids.push_back(row);
        ends += (*world.steps)[row].terminated && world.steps->neighbour(row, -1);
        firsts += !world.steps->neighbour(row, -1);
      }
      Aims aims;
      parts.objective->aims(rows, passes, aims);
      for (std::int64_t i = 0; i < rows.size(); ++i) {
        const data::Id row = rows.ids[static_cast<std::size_t>(i)];
        EXPECT_NEAR(aims.targets[i][0].item<double>(),
                    smoothed(world, by(each.value), by(each.select), row, 0.3).item<double>(), 1e-12)
            << each.algorithm << " row " << row;
      }
    }
  EXPECT_GT(ends, 0);
  EXPECT_GT(firsts, 0);
}

/// Loss and gradient over rows, what is bootstrapped from held or alive.
Kept by_loop(const World& world, const data::Rows& rows, bool alive) {
  return by_autograd(world, [&](const at::Tensor& theta) {
    const at::Tensor behind = alive ? theta : theta.detach();
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const data::Id row : rows.ids)
      sum = sum + (world.prediction(theta, row, 0) - smoothed(world, behind, behind, row, 0.3)).square();
    return sum / static_cast<double>(rows.size());
  });
}

TEST(SmoothedTargets, are_held_while_a_step_is_made_and_alive_in_what_ql_is_measured_by) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const Json keys = {{"learner.smoothing", 0.3}};
  const data::Rows rows = world.some_rows(12);
  const Kept ours = learned(world, parts_of(world, "ql", keys).objective, {rows, {}}),
             theirs = by_loop(world, rows, false);
  EXPECT_NEAR(ours.loss, theirs.loss, 1e-12);
  EXPECT_LT(oracle::difference(ours.gradient, theirs.gradient), 1e-12);

  EXPECT_EQ(parts_of(world, "dqn", keys).objective->live(), nullptr);
  const AgentParts ql = parts_of(world, "ql", keys);
  ASSERT_NE(ql.objective->live(), nullptr);
  class Alive final : public Objective {  // what is measured, as if one learned by it
   public:
    explicit Alive(const Objective& live) : live_(live) {}
    void inputs(const data::Rows& rows, at::Tensor& slot) const override { live_.inputs(rows, slot); }
    void aims(const data::Rows& rows, Passes& passes, Aims& aims) const override {
      live_.aims(rows, passes, aims);
    }
    void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
              Pull& pull) const override {
      live_.pull(output, aims, over, weights, pull);
    }

   private:
    const Objective& live_;
  };
  const Kept live = learned(world, std::make_unique<Alive>(*ql.objective->live()), {rows, {}}),
             alive = by_loop(world, rows, true);
  EXPECT_NEAR(live.loss, alive.loss, 1e-12);
  EXPECT_LT(oracle::difference(live.gradient, alive.gradient), 1e-12);
  EXPECT_GT(oracle::difference(live.gradient, ours.gradient), 0.001);
}

TEST(SmoothedTargets, are_plain_ones_to_the_last_bit_where_nothing_is_smoothed) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const data::Rows rows = world.some_rows(12);
  const Kept none = learned(world, parts_of(world, "ql", Json::object()).objective, {rows, {}}),
             zero = learned(world, parts_of(world, "ql", {{"learner.smoothing", 0.0}}).objective, {rows, {}});
  EXPECT_TRUE(at::equal(none.gradient, zero.gradient));
}

TEST(SmoothedTargets, of_several_steps_are_refused) {
  World world = exact_world("random-walk", {.states = 5}, false);
  try {
    parts_of(world, "dqn", {{"learner.smoothing", 0.3}, {"learner.n-step", 2}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(std::string(error.what()).find("learner.smoothing = 0.3 does not go with learner.n-step = 2"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace crosstalk::learn
