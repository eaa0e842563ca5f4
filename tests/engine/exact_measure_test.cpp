// What is measured in exact environments, against plain loops over the steps that an agent has kept and over
// the episodes that it plays; functions are tables, whose gradients are known.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "env/exact.hpp"
#include "env/registry.hpp"
#include "env/solve.hpp"
#include "replay/trajectories.hpp"
#include "runs.hpp"

namespace crosstalk::run {
namespace {

constexpr std::uint64_t seed = 3;
constexpr double gamma = 0.9;

/// A run at a table of values with all that it has kept, and what its last measurement says.
class Looked {
 public:
  std::shared_ptr<const env::DecisionProcess> process;
  std::shared_ptr<const env::StateDrawing> drawing;
  std::unique_ptr<OneRun> run;
  std::unique_ptr<replay::Trajectories> steps;
  std::vector<data::Id> rows;  // all that are measured
  bool of_states;
  at::Tensor table, target;  // (outputs, states)
  bool forward = false;      // the target is of the last round of updates: no TD error looks at it
  std::map<std::pair<std::string, std::string>, double> measured;

  Looked(const std::string& environment, const std::string& algorithm, const Json& changes, int ticks)
      : process(env::exact_process(environment, {7, 3, 3})),
        drawing(std::make_shared<env::StateDrawing>(*process, at::kDouble, at::kCPU)) {
    at::set_num_threads(1);
    Json flat = exact_keys(environment, algorithm,
                           {{"learner.gamma", gamma},
                            {"learner.steps", 1000},
                            {"learner.updates", 1000},
                            {"learner.replay", 50},
                            {"probe.samples", 500},
                            {"runtime.precision", "double"}});
    if (!changes.is_null()) flat.update(changes);
    run = begun({flat}, seed);
    for (int i = 0; i < ticks; ++i) run->advance();
    const tensor::State state = run->save();
    of_states = flat.at("task.kind") == "evaluate";
    table = run->theta().view({of_states ? 1 : process->actions, process->states}).clone();
    const auto copy = state.tensors.find("target");
    target = copy == state.tensors.end() ? table : copy->second.view(table.sizes()).clone();
    if (flat.at("learner.source") == "sampled") {
      steps = std::make_unique<replay::Trajectories>(drawing, std::vector{process->actions}, at::kDouble);
      steps->load(state.part("source").part("trajectories"));
      forward = flat.at("learner.view") == "forward" && algorithm == "td-lambda";
      for (data::Id row = steps->first(); row < (forward ? steps->unfinished() : steps->end()); ++row)
        rows.push_back(row);
    }
    for (const Row& row : run->measure().rows) measured[{row.measure, row.split}] = row.value;
  }

  std::int64_t state(const std::byte* record) const {
    std::int32_t number = 0;
    std::memcpy(&number, record, sizeof number);
    return number;
  }
  std::int64_t before(data::Id row) const { return state(steps->before(row)); }
  std::int64_t action(data::Id row) const { return of_states ? 0 : steps->action(row)[0]; }
  bool goes_on(data::Id row) const { return !(*steps)[row].terminated; }
  /// Of the observation behind a step.
  std::int64_t successor(data::Id row) const {
    at::Tensor seen;
    steps->draw({&row, 1}, data::At::after, seen);
    return seen.abs().max().item<double>() == 0 ? -1 : seen[0].argmax().item<std::int64_t>();
  }
  double value(data::Id row) const { return table[action(row)][before(row)].item<double>(); }
  double next_value(const at::Tensor& by, data::Id row) const {
    return goes_on(row) ? by.select(1, successor(row)).max().item<double>() : 0;
  }
  /// f(s, a) - (r + gamma max f'(s')).
  double td_error(data::Id row) const {
    return value(row) - ((*steps)[row].reward + gamma * next_value(forward ? table : target, row));
  }
  /// 1 at an output for a state, in the shape of the table.
  at::Tensor unit(std::int64_t output, std::int64_t state) const {
    at::Tensor one = at::zeros_like(table);
    one[output][state] = 1;
    return one;
  }
};

double mean_of_pairs(const std::vector<at::Tensor>& gradients) {
  double sum = 0, pairs = 0;
  for (std::size_t u = 0; u < gradients.size(); ++u)
    for (std::size_t v = u + 1; v < gradients.size(); ++v) {
      sum += (gradients[u] * gradients[v]).sum().item<double>();
      ++pairs;
    }
  return sum / pairs;
}

void expect_td_errors(const Looked& looked) {
  double sum = 0, squares = 0, positive = 0;
  const auto count = static_cast<double>(looked.rows.size());
  for (const data::Id row : looked.rows) {
    const double error = looked.td_error(row);
    sum += error;
    squares += error * error;
    positive += error > 0;
  }
  EXPECT_GT(squares, 0);
  EXPECT_NEAR(looked.measured.at({"td_error", "seen"}), sum / count, 1e-12);
  EXPECT_NEAR(looked.measured.at({"td_error.square", "seen"}), squares / count, 1e-12);
  EXPECT_NEAR(looked.measured.at({"td_error.positive", "seen"}), positive / count, 1e-12);
}

// Two objectives on one run: it learns by one, and the other is asked of the same steps.
TEST(Measured, td_errors_and_own_losses_of_a_residual_run_are_those_of_a_plain_loop) {
  for (const char* kind : {"control", "evaluate"}) {
    const Looked looked("gridworld", "residual", {{"task.kind", kind}}, 60);
    expect_td_errors(looked);
    double losses = 0;
    std::vector<at::Tensor> of_loss, of_function;
    for (const data::Id row : looked.rows) {
      const double error = looked.td_error(row);  // the target is alive, but as large
      losses += error * error;
      at::Tensor gradient = looked.unit(looked.action(row), looked.before(row));
      if (looked.goes_on(row)) {
        const std::int64_t next = looked.successor(row);
        gradient =
            gradient - gamma * looked.unit(looked.table.select(1, next).argmax().item<std::int64_t>(), next);
      }
      of_loss.push_back(2 * error * gradient);
      const std::int64_t here = looked.before(row);
      of_function.push_back(looked.unit(looked.table.select(1, here).argmax().item<std::int64_t>(), here));
    }
    EXPECT_NEAR(looked.measured.at({"loss", "seen"}), losses / static_cast<double>(looked.rows.size()),
                1e-12);
    EXPECT_NEAR(looked.measured.at({"loss_interference", "seen-seen"}), mean_of_pairs(of_loss), 1e-12)
        << kind;
    EXPECT_NEAR(looked.measured.at({"function_interference", "seen-seen"}), mean_of_pairs(of_function),
                1e-12);
  }
}

TEST(Measured, td_errors_and_own_losses_of_a_dqn_are_those_of_a_plain_loop_with_its_target_network) {
  const Looked looked("gridworld", "dqn", {{"learner.target-every", 7}}, 60);
  EXPECT_FALSE(at::equal(looked.table, looked.target));
  EXPECT_EQ(looked.rows.size(), 50u);  // of 60: the replay's
  expect_td_errors(looked);
  double losses = 0;
  std::vector<at::Tensor> of_loss;
  for (const data::Id row : looked.rows) {
    const double error = looked.td_error(row), size = std::abs(error);
    losses += std::min(error * error, size);
    of_loss.push_back((size <= 1 ? 2 * error : std::copysign(1, error)) *
                      looked.unit(looked.action(row), looked.before(row)));
  }
  EXPECT_NEAR(looked.measured.at({"loss", "seen"}), losses / 50, 1e-12);
  EXPECT_NEAR(looked.measured.at({"loss_interference", "seen-seen"}), mean_of_pairs(of_loss), 1e-12);
}

TEST(Measured, own_losses_of_td_lambda_are_of_returns_and_its_td_errors_of_steps) {
  const Looked looked("random-walk", "td-lambda", {{"learner.lambda", 0.6}}, 130);
  ASSERT_GT(looked.rows.size(), 20u);
  expect_td_errors(looked);
  double losses = 0, returned = 0;
  for (std::size_t i = looked.rows.size(); i-- > 0;) {
    const data::Id row = looked.rows[i];
    const replay::Step& step = (*looked.steps)[row];
    const double next = looked.next_value(looked.target, row);
    returned = step.reward + gamma * (step.ended() ? next : 0.4 * next + 0.6 * returned);
    losses += std::pow(looked.value(row) - returned, 2);
  }
  EXPECT_NEAR(looked.measured.at({"loss", "seen"}), losses / static_cast<double>(looked.rows.size()), 1e-12);
}

TEST(Measured, value_errors_are_the_root_of_the_mean_square_over_states) {
  for (const char* source : {"sampled", "expected"}) {
    const Looked looked("random-walk", "td-lambda",
                        {{"learner.source", source}, {"learner.view", "backward"}, {"learner.lambda", 0.0}},
                        100);
    double sum = 0;
    // Values of the walk with a discount, by iterating v = r + gamma P v.
    std::vector<double> v(9, 0);  // ends on both sides
    for (int sweep = 0; sweep < 2000; ++sweep)
      for (std::size_t s = 1; s <= 7; ++s)
        v[s] = 0.5 * ((s == 1 ? -1 : 0) + gamma * v[s - 1]) + 0.5 * ((s == 7 ? 1 : 0) + gamma * v[s + 1]);
    for (std::int64_t s = 0; s < 7; ++s)
      sum += std::pow(looked.table[0][s].item<double>() - v[static_cast<std::size_t>(s + 1)], 2);
    EXPECT_NEAR(looked.measured.at({"value_error", "states"}), std::sqrt(sum / 7), 1e-12) << source;
    EXPECT_GT(sum, 0);
  }
}

TEST(Measured, expected_transitions_are_those_of_the_process) {
  const Looked looked("random-walk", "residual", {{"learner.source", "expected"}}, 20);
  double sum = 0, squares = 0;
  for (std::int64_t s = 0; s < 7; ++s)
    for (const std::int64_t next : {s - 1, s + 1}) {
      const bool over = next < 0 || next > 6;
      const double reward = next < 0 ? -1 : next > 6 ? 1 : 0;
      const double error = looked.table[0][s].item<double>() - reward -
                           (over ? 0 : gamma * looked.table[0][next].item<double>());
      sum += error;
      squares += error * error;
    }
  EXPECT_NEAR(looked.measured.at({"td_error", "transitions"}), sum / 14, 1e-12);
  EXPECT_NEAR(looked.measured.at({"td_error.square", "transitions"}), squares / 14, 1e-12);
  EXPECT_NEAR(looked.measured.at({"loss", "transitions"}), squares / 14, 1e-12);
}

TEST(Measured, returns_are_those_of_episodes_played_one_step_after_the_other) {
  for (const double explore : {0.0, 0.3}) {
    const Looked looked("gridworld", "ql", {{"probe.explore", explore}, {"probe.episodes", 5}}, 300);
    const std::string at = "/" + std::to_string(looked.run->count());
    tensor::Stream levels(seed, "evaluation/levels" + at), actions(seed, "evaluation/return" + at);
    std::vector<env::Exact> worlds;
    for (int i = 0; i < 5; ++i) {
      worlds.emplace_back(looked.process, looked.drawing);
      worlds.back().reset(levels.below(std::uint64_t{1} << 32));
    }
    std::vector<bool> over(5, false);
    double earned = 0;
    for (bool all_over = false; !all_over;) {
      all_over = true;
      for (std::size_t i = 0; i < 5; ++i) {
        if (over[i]) continue;
        std::int64_t action = looked.table.select(1, worlds[i].state()).argmax().item<std::int64_t>();
        if (actions.uniform() < explore) action = static_cast<std::int64_t>(actions.below(4));
        const env::Outcome outcome = worlds[i].step({&action, 1});
        earned += outcome.reward;
        over[i] = outcome.ended();
        all_over = all_over && over[i];
      }
    }
    EXPECT_NEAR(looked.measured.at({"return", "evaluation"}), earned / 5, 1e-12);
  }
}

TEST(Measured,
     a_random_policys_return_is_that_of_a_walk_without_aim_and_stands_at_the_first_measurement_alone) {
  const Json many{{"probe.episodes", 1000}};
  const Looked looked("gridworld", "ql", many, 0);
  const env::DecisionProcess& process = *looked.process;
  // Each step costs 1: an episode costs as many as it is expected to last, cut at most_steps.
  std::vector<double> there = process.start;
  double lasts = 0;
  for (std::int64_t step = 0; step < process.most_steps; ++step) {
    std::vector<double> next(there.size(), 0);
    for (std::int64_t state = 0; state < process.states; ++state) {
      lasts += there[static_cast<std::size_t>(state)];
      for (std::int64_t action = 0; action < process.actions; ++action)
        for (const env::Branch& branch : process.after(state, action))
          if (branch.next != env::Branch::end)
            next[static_cast<std::size_t>(branch.next)] += there[static_cast<std::size_t>(state)] / 4;
    }
    there = next;
  }
  const double deviation = lasts / std::sqrt(1000);  // of a mean, where lengths are spread like a geometric's
  EXPECT_NEAR(looked.measured.at({"return.random", "evaluation"}), -lasts, 3 * deviation);
  EXPECT_NE(looked.measured.at({"return.random", "evaluation"}),
            looked.measured.at({"return", "evaluation"}));
  EXPECT_FALSE(Looked("gridworld", "ql", many, 60).measured.contains({"return.random", "evaluation"}));
}

TEST(Measured, churn_is_what_the_next_update_does_to_the_values_of_the_steps_kept) {
  Looked looked("gridworld", "ql", {}, 60);
  for (int tick = 0; tick < 10; ++tick) {
    const at::Tensor before = looked.run->theta().view(looked.table.sizes()).clone();
    looked.run->advance();
    const at::Tensor after = looked.run->theta().view(looked.table.sizes());
    if (at::equal(before, after)) continue;
    double moved = 0, changed = 0;
    for (const data::Id row : looked.rows) {
      const std::int64_t s = looked.before(row);
      moved += (after.select(1, s) - before.select(1, s)).abs().mean().item<double>();
      changed += after.select(1, s).argmax().item<std::int64_t>() !=
                 before.select(1, s).argmax().item<std::int64_t>();
    }
    const auto rows = by_key(looked.run->take_change().value().rows);
    const auto count = static_cast<double>(looked.rows.size());
    EXPECT_NEAR(rows.at({60, "value_churn", "seen"}), moved / count, 1e-12);
    EXPECT_NEAR(rows.at({60, "policy_churn", "seen"}), changed / count, 1e-12);
    return;
  }
  FAIL() << "no update was made";
}

}  // namespace
}  // namespace crosstalk::run
