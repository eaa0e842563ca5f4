// Which of the steps kept an update learns from: the sum tree against plain sums, what has an aim against
// asking each step, and how often each is drawn against its chance.
#include "learn/draws.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/error.hpp"
#include "learn/learners.hpp"
#include "learn/td.hpp"
#include "worlds.hpp"

namespace crosstalk::learn {
namespace {

using Counts = std::map<data::Id, std::int64_t>;

TEST(SumTree, finds_the_place_at_which_a_plain_sum_passes_a_mass) {
  tensor::Stream stream(1, "numbers");
  replay::SumTree tree;
  std::vector<float> plain;
  EXPECT_EQ(tree.total(), 0);
  for (int change = 0; change < 600; ++change) {
    const std::size_t place = change < 100 ? plain.size() : stream.below(plain.size());
    // Multiples of 1/4 have exact sums, so that both ways find the same place.
    const auto number = static_cast<float>(stream.below(4) == 0 ? 0 : stream.below(40)) / 4;
    if (place == plain.size()) plain.push_back(0);
    plain[place] = number;
    tree.set(static_cast<std::int64_t>(place), number);
    double total = 0;
    for (const float each : plain) total += each;
    ASSERT_EQ(tree.total(), total);
    ASSERT_EQ(tree.places(), std::ssize(plain));
    for (int draw = 0; draw < 5 && total > 0; ++draw) {
      const double mass = draw == 0 ? 0 : std::floor(stream.uniform() * total * 8) / 8;
      std::size_t expected = 0;
      for (double sum = plain[0]; sum <= mass; sum += plain[++expected]) {
      }
      ASSERT_EQ(tree.find(mass), static_cast<std::int64_t>(expected)) << mass << " of " << total;
    }
    if (total > 0) {  // rounding may ask for all
      EXPECT_GT(plain[static_cast<std::size_t>(tree.find(total))], 0);
    }
  }
  replay::SumTree other;
  other.assign(plain);
  EXPECT_EQ(other.total(), tree.total());
  for (std::size_t place = 0; place < plain.size(); ++place)
    EXPECT_EQ(other[static_cast<std::int64_t>(place)], plain[place]);
}

/// A learner's objective by its keys.
std::unique_ptr<Objective> objective_of(const World& world, const std::string& algorithm,
                                        const Json& changes = {}) {
  Json flat = exact_keys("random-walk", algorithm, {{"task.kind", "control"}, {"learner.target-every", 5}});
  if (!changes.is_null()) flat.update(changes);
  const Settings settings(flat);
  return agent_parts({settings, TaskKind::control, 1, world.values}).objective;
}

/// Random steps, one after the other; an episode is cut after 5.
class Walker {
 public:
  explicit Walker(World& world) : world_(world) {}
  void step() {
    if (!world_.steps->going()) {
      world_.environment->reset(episode_++);
      world_.steps->begin(*world_.environment);
      time_ = 0;
    }
    const auto action =
        static_cast<std::int64_t>(actions_.below(static_cast<std::uint64_t>(world_.values.heads[0])));
    env::Outcome outcome = world_.environment->step({&action, 1});
    outcome.truncated = outcome.truncated || (!outcome.terminated && ++time_ >= 5);
    world_.steps->add({&action, 1}, outcome, *world_.environment);
  }

 private:
  World& world_;
  tensor::Stream actions_{3, "actions"};
  std::uint64_t episode_ = 0;
  int time_ = 0;
};

void keep(World& world, replay::Keeping keeping) {
  world.steps = std::make_unique<replay::Trajectories>(
      world.environment->drawing(), world.environment->spaces().choices, at::kDouble, keeping);
}

TEST(Aims, are_of_the_rows_that_have_one_when_each_is_asked_also_while_steps_give_way) {
  struct Case {
    const char* algorithm;
    Json changes;
  };
  for (const Case& each : {Case{"dqn", {}}, Case{"dqn", {{"learner.n-step", 3}}}, Case{"sarsa", {}},
                           Case{"sarsa", {{"learner.n-step", 2}}}, Case{"mc", {}}, Case{"td-lambda", {}}})
    for (const replay::Keeping keeping :
         {replay::Keeping{}, {.capacity = 7}, {.capacity = 7, .evict = replay::Keeping::Evict::episodes}}) {
      World world = exact_world("random-walk", {.states = 5}, false);
      keep(world, keeping);
      const auto objective = objective_of(world, each.algorithm, each.changes);
      Aimed often(*world.steps, *objective), seldom(*world.steps, *objective);
      Walker walker(world);
      std::int64_t without = 0;
      for (int t = 0; t < 80; ++t) {
        walker.step();
        std::vector<data::Id> expected;
        for (data::Id row = world.steps->first(); row < world.steps->end(); ++row)
          if (objective->defined(*world.steps, row)) expected.push_back(row);
        without += world.steps->size() - std::ssize(expected);
        for (Aimed* aimed : {&often, &seldom}) {
          if (aimed == &seldom && t % 13 != 0) continue;
          aimed->look();
          std::vector<data::Id> rows;
          for (std::int64_t place = 0; place < aimed->count(); ++place) rows.push_back(aimed->row(place));
          std::sort(rows.begin(), rows.end());
          ASSERT_EQ(rows, expected) << each.algorithm << " at " << t;
        }
        Aimed anew(*world.steps, *objective);
        anew.look_again();
        ASSERT_EQ(anew.count(), std::ssize(expected));
      }
      EXPECT_EQ(without == 0, each.algorithm == std::string("dqn") && each.changes.is_null());
    }
}

/// What `batches` batches hold, each row how often.
Counts drawn_by(Source& source, int batches) {
  Counts counts;
  Batch batch;
  for (int i = 0; i < batches; ++i) {
    EXPECT_TRUE(source.next(batch));
    for (const data::Id row : batch.rows.ids) ++counts[row];
  }
  return counts;
}

/// Pearson's statistic has the mean k - 1 and the variance 2 (k - 1). With seeds that are given this passes
/// or fails for good; 5 deviations above lies less than one in a thousand.
void expect_shares(const Counts& counts, const std::map<data::Id, double>& chances) {
  double all = 0, sum = 0, draws = 0;
  for (const auto& [row, count] : counts) {
    draws += static_cast<double>(count);
    EXPECT_TRUE(chances.contains(row)) << row;
  }
  for (const auto& [row, chance] : chances) sum += chance;
  for (const auto& [row, chance] : chances) {
    const double expected = draws * chance / sum,
                 off = static_cast<double>(counts.contains(row) ? counts.at(row) : 0) - expected;
    ASSERT_GT(expected, 5);
    all += off * off / expected;
  }
  const double freedom = static_cast<double>(chances.size()) - 1;
  EXPECT_LT(all, freedom + 5 * std::sqrt(2 * freedom));
  EXPECT_GT(all, freedom - 5 * std::sqrt(2 * freedom));  // and not more even than chance
}

TEST(Uniform, draws_every_row_with_an_aim_alike_and_no_other) {
  World world = exact_world("random-walk", {.states = 5}, false);
  for (const char* algorithm : {"sarsa", "mc", "dqn"}) {
    const auto objective = objective_of(world, algorithm);
    Uniform source(*world.steps, *objective, 50, 7);
    std::map<data::Id, double> chances;
    for (data::Id row = 0; row < world.steps->end(); ++row)
      if (objective->defined(*world.steps, row)) chances[row] = 1;
    EXPECT_EQ(std::ssize(chances) == world.steps->end(), algorithm == std::string("dqn"));
    expect_shares(drawn_by(source, 2000), chances);
  }
}

TEST(Uniform, gives_no_batch_while_no_row_has_an_aim) {
  World world = exact_world("random-walk", {.states = 5}, false);
  keep(world, {});
  const auto objective = objective_of(world, "mc");
  Uniform source(*world.steps, *objective, 4, 7);
  Walker walker(world);
  Batch batch;
  EXPECT_FALSE(source.next(batch));
  bool given = false;
  for (int t = 0; t < 12; ++t) {
    walker.step();
    EXPECT_EQ(source.next(batch), world.steps->unfinished() > 0);
    given = given || world.steps->unfinished() > 0;
  }
  EXPECT_TRUE(given);
}

Prioritised::Settings drawing(const World& world, double exponent, double weight) {
  return {.batch = 50,
          .exponent = exponent,
          .weight = weight,
          .steps = 4 * world.steps->end(),
          .capacity = world.steps->end(),
          .like = world.online.theta().options()};
}

/// As if an update on these rows had found these errors.
void teach(Source& source, const World& world, const std::vector<data::Id>& rows,
           const std::vector<double>& errors) {
  Update update;
  update.batch.rows = {world.steps.get(), rows};
  update.pull.errors = at::tensor(errors, at::kDouble).unsqueeze(1);
  source.learned(update);
}

TEST(Prioritised, draws_in_proportion_to_the_errors_power_and_weighs_by_the_inverse_chance) {
  World world = exact_world("random-walk", {.states = 5}, false);
  for (const char* algorithm : {"dqn", "sarsa"})
    for (const double exponent : {0.0, 0.6, 1.0}) {
      const auto objective = objective_of(world, algorithm);
      Prioritised source(*world.steps, *objective, drawing(world, exponent, 0.4), 7);
      Batch batch;
      EXPECT_TRUE(source.next(batch));
      std::vector<data::Id> rows;
      std::vector<double> errors;
      std::map<data::Id, double> chances;
      tensor::Stream stream(5, "errors");
      for (data::Id row = 0; row < world.steps->end(); ++row) {
        if (!objective->defined(*world.steps, row)) continue;
        chances[row] = 1;  // one without an update has the largest so far
        if (row % 7 == 3) continue;
        rows.push_back(row);
        errors.push_back((stream.uniform() - 0.5) * 1.6);  // both signs, none above 1
        chances[row] = std::pow(std::abs(errors.back()) + 1e-6, exponent);
      }
      teach(source, world, rows, errors);
      // Very small chances would be drawn too seldom to be counted.
      double sum = 0;
      for (const auto& [row, chance] : chances) sum += chance;
      expect_shares(drawn_by(source, 6000), chances);
      const double beta = 0.4 + 0.6 / 4;  // a quarter of the way
      EXPECT_TRUE(source.next(batch));
      double largest = 0;
      const auto weight = [&](data::Id row) {
        return std::pow(static_cast<double>(std::ssize(chances)) * chances.at(row) / sum, -beta);
      };
      for (const data::Id row : batch.rows.ids) largest = std::max(largest, weight(row));
      for (std::int64_t i = 0; i < batch.rows.size(); ++i)
        EXPECT_NEAR(batch.weights[i].item<double>() * 50,
                    weight(batch.rows.ids[static_cast<std::size_t>(i)]) / largest, 1e-6);
    }
}

TEST(Prioritised, takes_losses_where_there_are_no_errors) {
  World world = exact_world("random-walk", {.states = 5}, false);
  const auto objective = objective_of(world, "dqn");
  Prioritised by_errors(*world.steps, *objective, drawing(world, 0.6, 0.4), 7),
      by_losses(*world.steps, *objective, drawing(world, 0.6, 0.4), 7);
  Batch batch;
  EXPECT_TRUE(by_errors.next(batch));
  EXPECT_TRUE(by_losses.next(batch));
  std::vector<data::Id> rows(10);
  std::vector<double> sizes;
  for (data::Id row = 0; row < 10; ++row) {
    rows[static_cast<std::size_t>(row)] = row;
    sizes.push_back(0.1 * static_cast<double>(row));
  }
  teach(by_errors, world, rows, sizes);
  Update update;
  update.batch.rows = {world.steps.get(), rows};
  update.pull.losses = at::tensor(sizes, at::kDouble);
  by_losses.learned(update);
  for (int i = 0; i < 20; ++i) {
    Batch other;
    EXPECT_TRUE(by_errors.next(batch));
    EXPECT_TRUE(by_losses.next(other));
    EXPECT_EQ(batch.rows.ids, other.rows.ids);
  }
}

TEST(Prioritised, gives_what_is_new_the_largest_priority_that_there_has_been_and_forgets_what_is_gone) {
  World world = exact_world("random-walk", {.states = 5}, false);
  keep(world, {.capacity = 10});
  const auto objective = objective_of(world, "dqn");
  Prioritised source(*world.steps, *objective,
                     {.batch = 100,
                      .exponent = 0.5,
                      .weight = 1,
                      .steps = 1,
                      .capacity = 10,
                      .like = world.online.theta().options()},
                     7);
  Walker walker(world);
  Batch batch;
  for (int t = 0; t < 20; ++t) walker.step();
  EXPECT_TRUE(source.next(batch));
  std::map<data::Id, double> chances;
  for (data::Id row = 10; row < 20; ++row) chances[row] = 0.5 * static_cast<double>(row);
  for (const auto& [row, error] : chances) teach(source, world, {row}, {error});
  for (auto& [row, chance] : chances) chance = std::sqrt(chance + 1e-6);
  const double largest = chances.at(19);
  teach(source, world, {19}, {0.01});
  chances[19] = std::sqrt(0.01 + 1e-6);
  for (data::Id row = 20; row < 23; ++row) {
    walker.step();
    chances.erase(row - 10);
    chances[row] = largest;
  }
  expect_shares(drawn_by(source, 3000), chances);
}

TEST(Prioritised, loaded_from_what_was_saved_draws_the_same_and_refuses_what_is_of_other_steps) {
  World world = exact_world("random-walk", {.states = 5}, false);
  keep(world, {.capacity = 10});
  const auto objective = objective_of(world, "sarsa");
  const Prioritised::Settings settings{
      .batch = 5, .steps = 40, .capacity = 10, .like = world.online.theta().options()};
  Prioritised source(*world.steps, *objective, settings, 7);
  Walker walker(world);
  Batch batch;
  for (int t = 0; t < 23; ++t) {
    walker.step();
    if (t % 4 != 3 || !source.next(batch)) continue;
    teach(source, world, batch.rows.ids, {0.1, -3, 0.02, 7, 1.0 + t});
  }
  const tensor::State state = tensor::saved(source);  // a few steps have come since it last drew
  Prioritised other(*world.steps, *objective, settings, 7);
  other.load(state);
  Batch theirs;
  EXPECT_TRUE(source.next(batch) && other.next(theirs));
  EXPECT_EQ(batch.rows.ids, theirs.rows.ids);
  EXPECT_TRUE(at::equal(batch.weights, theirs.weights));
  const auto is_refused = [&](const auto& damage) {
    tensor::State damaged;
    for (const auto& [name, tensor] : state.tensors) damaged.tensors[name] = tensor.clone();
    damaged.positions = state.positions;
    damage(damaged);
    try {
      Prioritised(*world.steps, *objective, settings, 7).load(damaged);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
      return true;
    }
    return false;
  };
  EXPECT_FALSE(is_refused([](tensor::State&) {}));
  for (const auto& [name, tensor] : state.tensors) {
    EXPECT_TRUE(is_refused([&](tensor::State& each) { each.tensors.erase(name); })) << name;
    EXPECT_TRUE(is_refused([&](tensor::State& each) { each.tensors[name] = tensor.to(at::kDouble); }))
        << name;
    EXPECT_TRUE(is_refused([&](tensor::State& each) { each.tensors[name] = at::cat({tensor, tensor}); }))
        << name;
    for (const double wrong : {double(NAN), double(INFINITY), -1.0})
      EXPECT_TRUE(is_refused([&](tensor::State& each) { each.tensors[name][0] = wrong; })) << name << wrong;
  }
  EXPECT_TRUE(is_refused([](tensor::State& each) { each.tensors["priorities"].fill_(1); }));
  EXPECT_TRUE(is_refused([](tensor::State& each) { each.tensors["priorities"].fill_(0); }));
  for (const auto& [name, value] : state.positions) {
    EXPECT_TRUE(is_refused([&](tensor::State& each) { each.positions.erase(name); })) << name;
    if (name != "batches") {
      EXPECT_TRUE(is_refused([&](tensor::State& each) { each.positions[name] = 1000; })) << name;
    }
  }
}

}  // namespace
}  // namespace crosstalk::learn
