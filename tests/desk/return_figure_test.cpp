// Returns of agents over training: the mean over seeds, beside it the interquartile mean, and a random
// policy's.
#include "base/vocabulary.hpp"
#include "desk/changed.hpp"
#include "desk/exact_study.hpp"
#include "desk/figures_fixture.hpp"
#include "figures/notes.hpp"
#include "figures/results.hpp"
#include "stats/interquartile.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {
namespace {

using ReturnFigureTest = FiguresTest;
using exact::Made;

/// Agents that are said to have earned just this: a walk's record with returns in place of its rows. Before
/// they learn they earn far less than what acts at random.
std::vector<Made> agents(const std::string& algorithm, const std::vector<double>& returns, double random,
                         int episodes = 10) {
  std::vector<Made> all;
  for (std::size_t seed = 0; seed < returns.size(); ++seed) {
    Made made = exact::make({0,
                             0.1,
                             static_cast<int>(seed),
                             1,
                             {{"task.kind", "control"},
                              {"task.environment", "gridworld"},
                              {"learner.algorithm", algorithm},
                              {"probe.episodes", episodes},
                              {"probe.unit", "steps"}}});
    made.arrays.clear();
    made.rows = {{0, "return", "evaluation", random - 1000},
                 {0, "return.random", "evaluation", random + static_cast<double>(seed)},
                 {100, "return", "evaluation", returns[seed]}};
    all.push_back(made);
  }
  return all;
}

Json row_of(const Json& figure, const std::string& statistic, int step) {
  for (const Json& row : rows(figure, "curves"))
    if (row["statistic"] == statistic && row["step"] == step) return row;
  ADD_FAILURE() << "no " << statistic << " at " << step;
  return {};
}

TEST_F(ReturnFigureTest, one_seed_that_fails_moves_the_mean_and_not_the_interquartile_mean) {
  const std::vector<double> returns{-9, -8, -500, -8, -10};
  exact::write(at("a"), agents("dqn", returns, -60));
  const Json one = figure(bundle({at("a")}), "figureReturn");
  const Json mean = row_of(one, "mean", 100), middle = row_of(one, "interquartile mean", 100);
  EXPECT_NEAR(mean["value"].get<double>(), -107, 1e-12);
  EXPECT_NEAR(middle["value"].get<double>(), -9, 1e-12);  // of -10, -9 and -8
  const stats::Inference student = stats::mean({{returns}, {0, 1, 2, 3, 4}, {}});
  EXPECT_NEAR(mean["low"].get<double>(), student.interval.low, 1e-9);
  EXPECT_GE(middle["low"].get<double>(), -500);
  EXPECT_LE(middle["high"].get<double>(), -8);
  EXPECT_EQ(middle["n"], 5);
  EXPECT_EQ(one["facts"]["walk/return/evaluation/interquartile-mean"], middle["value"]);
  EXPECT_NE(one["alternative"].get<std::string>().find("to -107 (interquartile mean -9)"), std::string::npos)
      << one["alternative"];
}

TEST_F(ReturnFigureTest, three_seeds_have_an_interval_of_the_interquartile_mean_and_none_of_the_mean) {
  exact::write(at("a"), agents("dqn", {1, 2, 6}, 0));
  const Json one = figure(bundle({at("a")}), "figureReturn");
  EXPECT_TRUE(row_of(one, "mean", 100)["low"].is_null());
  EXPECT_EQ(row_of(one, "mean", 100)["no_interval"], "fewer than 4 seeds");
  EXPECT_EQ(row_of(one, "interquartile mean", 100)["value"], 3);
  EXPECT_LT(row_of(one, "interquartile mean", 100)["low"].get<double>(), 3);
}

TEST_F(ReturnFigureTest, the_line_to_beat_is_what_a_random_policy_earns_over_the_seeds_of_a_panel_each_once) {
  std::vector<Made> all = agents("dqn", {1, 2, 3, 4}, -20);
  for (const Made& made : agents("ql", {5, 6, 7, 8}, -20)) all.push_back(made);
  exact::write(at("a"), all);
  const Json one = figure(bundle({at("a")}), "figureReturn");
  const std::vector<Json> lines = rows(one, "lines");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NEAR(lines[0]["value"].get<double>(), -18.5, 1e-12);
  EXPECT_EQ(lines[0]["min"], -20);
  EXPECT_EQ(lines[0]["max"], -17);
  EXPECT_EQ(lines[0]["n"], 4);
}

TEST_F(ReturnFigureTest,
       draws_the_return_and_the_other_measures_follow_elsewhere_in_the_order_of_their_table) {
  std::vector<Made> all = agents("dqn", {1, 2, 3}, 0);
  for (Made& made : all)
    for (const char* row :
         {"value_churn seen", "policy_churn seen", "stiffness seen-seen", "loss seen",
          "function_interference seen-seen", "td_error.square seen", "function_interference.q05 seen-seen"})
      made.rows.push_back({100, words_in(row)[0], words_in(row)[1], 1});
  exact::write(at("a"), all);
  std::vector<std::string> drawn, axes;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureMeasures"), "curves")) {
    if (row["measure"] == "return") {
      EXPECT_EQ(row["label"], "return");
      EXPECT_EQ(row["drawn"], false);
      continue;
    }
    EXPECT_EQ(row["drawn"], true);
    drawn.push_back(row["label"]);
    axes.push_back(row["axis"]);
  }
  EXPECT_EQ(drawn, (std::vector<std::string>{"TD error, squared (steps seen)", "loss (steps seen)",
                                             "function interference (pairs of steps seen)",
                                             "stiffness (pairs of steps seen)", "policy churn (steps seen)",
                                             "value churn (steps seen)"}));
  EXPECT_EQ(axes[3], "stiffness (cosine)");
  EXPECT_EQ(axes[4], "policy churn (share of samples)");
}

TEST_F(ReturnFigureTest, draws_levels_learned_on_and_others_apart_and_their_gap_stands_with_the_measures) {
  std::vector<Made> all = agents("dqn", {1, 2, 3, 4}, 0);
  for (Made& made : all) {
    const double seed = made.record.seed;
    change(made.record, "task.environment", "gym:a.py:A");
    change(made.record, "task.train-levels", 4);
    made.rows = {{0, "return.random", "test", -1},
                 {0, "return.random", "train", -2},
                 {0, "return", "test", 0},
                 {0, "return", "train", 0},
                 {0, "gap", "train-test", 0},
                 {100, "return", "test", seed},
                 {100, "return", "train", 2 * seed + 1},
                 {100, "gap", "train-test", seed + 1}};
  }
  exact::write(at("a"), all);
  const Json whole = bundle({at("a")});
  const Json returns = figure(whole, "figureReturn");
  EXPECT_EQ(returns["facts"]["walk/return/test/mean"], 1.5);
  EXPECT_EQ(returns["facts"]["walk/return/train/mean"], 4);
  const std::string said = returns["alternative"];
  for (const char* words : {"at random earns -1 on test levels", "at random earns -2 on train levels"})
    EXPECT_NE(said.find(words), std::string::npos) << said;
  std::vector<double> gaps;
  for (const Json& row : rows(figure(whole, "figureMeasures"), "curves"))
    if (row["measure"] == "gap" && row["drawn"] == true) gaps.push_back(row["mean"]);
  EXPECT_EQ(gaps, (std::vector<double>{0, 2.5}));
}

TEST_F(ReturnFigureTest, tells_runs_apart_by_their_levels_and_not_by_the_measures_that_follow_from_these) {
  std::vector<Made> all;
  for (const Json& levels : {Json(4), Json("all")}) {
    for (Made& made : agents("dqn", {1, 2, 3}, 0)) {
      change(made.record, "task.environment", "gym:a.py:A");
      change(made.record, "task.train-levels", levels);
      change(made.record, "probe.measures", levels == 4 ? Json{"gap", "return"} : Json::array({"return"}));
      made.record.run = levels.dump() + std::to_string(made.record.seed);
      all.push_back(made);
    }
  }
  exact::write(at("a"), all);
  std::set<std::string> names;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureReturn"), "curves"))
    names.insert(row["experiment"]);
  EXPECT_EQ(names, (std::set<std::string>{"walk (task.train-levels 4)", "walk (task.train-levels all)"}));
}

std::vector<std::string> notes_of(const std::filesystem::path& folder) {
  std::vector<std::string> notes;
  for (const Experiment& experiment : load_results({folder}).without_examples)
    for (const std::string& note : notes_on_learning(experiment)) notes.push_back(note);
  return notes;
}

TEST_F(ReturnFigureTest, agents_that_end_no_better_than_a_random_policy_are_said_before_the_numbers) {
  // A random policy earns -20, -19, -18 and -17 with these seeds: -18.5.
  exact::write(at("a"), agents("dqn", {-18.5, -30, -18.4, 5}, -20));
  const std::vector<std::string> notes = notes_of(at("a"));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(
      notes[0],
      "walk: 2 of 4 runs end no better than they began or than a random policy: over the last quarter of "
      "their steps they earn no more.");
  EXPECT_EQ(figure(bundle({at("a")}), "figureReturn")["notes"][0], notes[0]);
  exact::write(at("b"), agents("dqn", {-18.4, 5, 6, 7}, -20));
  EXPECT_TRUE(notes_of(at("b")).empty());
}

TEST_F(ReturnFigureTest, nobody_is_judged_by_fewer_than_ten_episodes) {
  exact::write(at("a"), agents("dqn", {-30, -30}, -20, 9));
  EXPECT_TRUE(notes_of(at("a")).empty());
  std::vector<Made> longer =
      agents("dqn", {-30, -30}, -20, 5);  // with two measurements each in the last quarter
  for (Made& made : longer) made.rows.push_back({80, "return", "evaluation", -30});
  exact::write(at("b"), longer);
  EXPECT_EQ(notes_of(at("b")).size(), 1u);
}

TEST_F(ReturnFigureTest, agents_that_end_as_they_began_are_said_also_where_they_beat_a_random_policy) {
  std::vector<Made> all = agents("dqn", {5, 5, 5, 5}, -20);
  all[2].rows[0].value = 5;    // a network that never changes
  all[3].rows[0].value = 4.9;  // and one that learned a little
  exact::write(at("a"), all);
  const std::vector<std::string> notes = notes_of(at("a"));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(
      notes[0],
      "walk: 1 of 4 runs ends no better than it began or than a random policy: over the last quarter of "
      "its steps it earns no more.");
  for (Made& made : all) change(made.record, "probe.episodes", 9);
  exact::write(at("b"), all);
  EXPECT_TRUE(notes_of(at("b")).empty());
}

TEST_F(ReturnFigureTest, a_random_policy_that_several_configurations_measured_has_played_its_episodes_once) {
  std::vector<Made> all;
  for (const char* algorithm : {"dqn", "ql", "sarsa", "mc"}) {
    for (Made& made : agents(algorithm, {-30}, -20, 5)) {
      made.rows.push_back({80, "return", "evaluation", -30});  // ten of its own
      all.push_back(made);
    }
  }
  exact::write(at("a"), all);
  EXPECT_TRUE(notes_of(at("a")).empty()) << "one seed: five different episodes";
  Made second = agents("dqn", {0, 0}, -20, 5)[1];
  all.push_back(second);
  exact::write(at("b"), all);
  EXPECT_EQ(notes_of(at("b")).size(), 4u) << "two seeds: ten; one of each algorithm ends no better";
}

TEST_F(ReturnFigureTest, a_random_policy_is_one_over_all_experiments_of_a_task) {
  std::vector<Made> all = agents("dqn", {-19, 5}, -20);  // at random -20 and -19 here
  for (Made& made : agents("ql", {5, 5, 5, 5}, -20)) {   // with two more seeds: -18.5
    made.record.experiment = "other";
    all.push_back(made);
  }
  exact::write(at("a"), all);
  const std::vector<std::string> notes = notes_of(at("a"));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_TRUE(notes[0].starts_with("walk: 1 of 2 runs ends no better")) << notes[0];
}

TEST_F(ReturnFigureTest, few_levels_are_few_episodes_however_often_they_are_played) {
  for (const int levels : {9, 10}) {
    std::vector<Made> all = agents("dqn", {-30}, -20, 50);
    change(all[0].record, "task.train-levels", levels);
    for (Row& row : all[0].rows) row.split = "train";
    const std::filesystem::path folder = at(std::to_string(levels));
    exact::write(folder, all);
    EXPECT_EQ(notes_of(folder).size(), levels == 10 ? 1u : 0u);
  }
}

TEST_F(ReturnFigureTest, is_not_there_where_nobody_acts) {
  exact::write(at("a"), exact::sweep({0.5}, {0.1}, 4, 2));
  const Json whole = bundle({at("a")});
  for (const Json& one : whole["figures"]) EXPECT_NE(one["name"], "figureReturn");
}

}  // namespace
}  // namespace crosstalk::figures
