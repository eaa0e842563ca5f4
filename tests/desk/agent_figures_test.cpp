// Agents in the figures: their panels, the lines to beat, their curves.
#include "desk/figures_fixture.hpp"

namespace crosstalk::figures {
namespace {

using AgentFiguresTest = FiguresTest;

/// The mean over runs of one measure at one step, by another route than the figures': all rows, one after the
/// other.
double mean_of(const synthetic::Made& made, int examples, std::int64_t step, const std::string& measure,
               const std::string& split) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < made.runs.size(); ++i) {
    if (made.runs[i].configuration->at("task.examples") != examples) continue;
    for (const Row& row : made.rows[i]) {
      if (row.step != step || row.measure != measure || row.split != split) continue;
      sum += row.value;
      ++n;
    }
  }
  return sum / n;
}

TEST_F(AgentFiguresTest, give_each_kind_of_agent_a_panel_of_its_own_and_take_regret_for_its_error) {
  const synthetic::Made made = make(agent("digits-ddqn", "double-dqn"));
  synthetic::write(at("a"), {make({}), made, make(agent("digits-reinforce", "reinforce"))});
  const Json whole = bundle({at("a")});
  for (const char* name : {"figure1", "figure2", "figure9", "figure10", "figureD2"}) {
    const Json one = figure(whole, name);
    std::map<std::string, std::string> panels;
    for (const Json& row : rows(one, one["tables"].begin().key()))
      if (row.contains("panel")) panels[row["experiment"]] = row["panel"];
    if (std::string(name) == "figure2")
      for (const Json& row : rows(one, "points")) panels[row["experiment"]] = row["panel"];
    if (std::string(name) == "figure1")
      for (const Json& row : rows(one, "correlations")) panels[row["experiment"]] = row["panel"];
    EXPECT_EQ(panels, (std::map<std::string, std::string>{{"digits", "supervised"},
                                                          {"digits-ddqn", "value-based"},
                                                          {"digits-reinforce", "policy gradient"}}))
        << name;
  }
  EXPECT_NEAR(figure(whole, "figure9")["facts"]["digits-ddqn/nT=100/gap"].get<double>(),
              mean_of(made, 100, 150, "reward", "train") - mean_of(made, 100, 150, "reward", "test"), 1e-12);
  const Results results = load_results({at("a")});
  for (const Point& point : results.experiments.at(1).points) {
    EXPECT_NEAR(*point.last.train_error, 0, 1e-12) << "the last training reward is 1";
    EXPECT_NEAR(*point.last.test_error, *point.last.gap, 1e-12);
  }
}

TEST_F(AgentFiguresTest, know_how_large_an_agents_network_is) {
  Recipe recipe = agent("ddqn", "double-dqn");
  recipe.hidden = {4};
  recipe.depth = {0};
  synthetic::write(at("a"), {make(recipe)});
  // conv 4-4 (5x5), 4-8 (3x3), 8-16 (3x3), linear 1600-16, linear 16 to 10 classes and 4 moves, with biases
  EXPECT_EQ(load_results({at("a")}).experiments[0].points[0].capacity.value, 404 + 296 + 1168 + 25616 + 238);
}

TEST_F(AgentFiguresTest, begin_an_agents_interference_with_its_first_update_and_stop_early_only_after_it) {
  synthetic::Made made = make(agent("ddqn", "double-dqn"));
  for (auto& rows : made.rows) {
    for (Row& row : rows)
      if (row.measure == "reward" && row.split == "test")
        row.value = row.step == 0 ? 0.99 : 0.1 + 0.001 * row.step;
  }
  synthetic::write(at("a"), {made});
  std::set<double> steps;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureD2"), "curves"))
    steps.insert(row["step"].get<double>());
  EXPECT_EQ(steps, (std::set<double>{50, 100, 150}));
  const Results results = load_results({at("a")});
  for (const Point& point : results.experiments[0].points) EXPECT_EQ(point.early.step, 150);
}

TEST_F(AgentFiguresTest, count_agents_that_do_no_better_than_the_policy_that_never_looks) {
  synthetic::Made made = make(agent("ddqn", "double-dqn"));
  for (std::size_t i = 0; i < 12; ++i) {
    for (Row& row : made.rows[i])
      if (row.measure == "reward" && row.split == "train" && row.step == 150)
        row.value = i == 0 ? 0.775 : 0.7;
  }
  std::erase_if(made.rows[1], [](const Row& row) { return row.measure == "reward.blind"; });
  synthetic::write(at("a"), {made, make({})});
  const Json two = figure(bundle({at("a")}), "figure2");
  int hollow = 0, of = 0, unknown = 0;
  for (const Json& row : rows(two, "points")) {
    if (row["variant"] != "last/train-train" || row["experiment"] != "ddqn") continue;
    hollow += row["learned"] == false;
    of += row["learned"].is_boolean();
    unknown += row["learned"].is_null();
  }
  EXPECT_EQ(hollow, 11) << "to earn just as much is no better";
  EXPECT_EQ(of, 143);
  EXPECT_EQ(unknown, 1) << "what that policy earns there was not measured";
  EXPECT_EQ(
      two["notes"][0],
      "ddqn: 11 of 144 runs learned nothing to speak of: the training error is not a tenth below that of the "
      "policy that never looks.");
  EXPECT_NE(two["alternative"].get<std::string>().find("Of the 144 runs of ddqn 11 are hollow marks"),
            std::string::npos);
}

TEST_F(AgentFiguresTest, draw_what_agents_learn_beside_the_lines_to_beat) {
  const synthetic::Made ddqn = make(agent("ddqn", "double-dqn")), reinforce = make(agent("pg", "reinforce"));
  synthetic::write(at("a"), {ddqn, reinforce, make({})});
  const Json whole = bundle({at("a")});
  const Json reward = figure(whole, "figureReward"), churn = figure(whole, "figureChurn");
  int checked = 0;
  for (const Json& one : {reward, churn}) {
    for (const Json& row : rows(one, "curves")) {
      EXPECT_NE(row["experiment"], "digits") << "is no agent";
      const synthetic::Made& made = row["experiment"] == "ddqn" ? ddqn : reinforce;
      EXPECT_NEAR(row["mean"].get<double>(),
                  mean_of(made, row["nT"], row["step"].get<std::int64_t>(), row["measure"], row["split"]),
                  1e-12);
      EXPECT_LE(row["low"], row["mean"]);
      EXPECT_GE(row["high"], row["mean"]);
      ++checked;
    }
  }
  // two agents, three sizes, two splits: three measures at four steps; one and two kinds of churn at three
  EXPECT_EQ(checked, 2 * 3 * 2 * 3 * 4 + 3 * 2 * (1 + 2) * 3);
  const std::vector<Json> lines = rows(reward, "lines");
  EXPECT_EQ(lines.size(), 2u * 3 * 2 * 2);
  EXPECT_NEAR(reward["facts"]["ddqn/reward.blind/train"].get<double>(), 0.775, 1e-12);
  EXPECT_NEAR(reward["facts"]["ddqn/reward.random/test"].get<double>(), 0.483, 1e-12);
  EXPECT_NE(reward["alternative"].get<std::string>().find("the policy that never looks 0.78 and 0.77"),
            std::string::npos);
  EXPECT_NEAR(churn["facts"]["ddqn/nT=20/policy_churn/train/first"].get<double>(), 0.2, 1e-12);
}

TEST_F(AgentFiguresTest, say_how_many_pairs_interfere_which_way) {
  const synthetic::Made made = make(agent("ddqn", "double-dqn"));
  synthetic::write(at("a"), {made});
  const Json one = figure(bundle({at("a")}), "figureD2");
  for (const Json& row : rows(one, "shares")) {
    EXPECT_NEAR(row["positive"].get<double>(),
                mean_of(made, row["nT"], 150, "function_interference.positive", "train-train"), 1e-12);
    EXPECT_NEAR(row["positive"].get<double>() + row["zero"].get<double>() + row["negative"].get<double>(), 1,
                1e-12);
    EXPECT_EQ(row["n"], 48);
  }
  EXPECT_EQ(rows(one, "shares").size(), 3u);
  EXPECT_EQ(one["facts"]["ddqn/nT=20/zero"], 0.0625);
}

TEST_F(AgentFiguresTest, tell_apart_what_several_folders_call_alike_and_what_one_experiment_mixes) {
  Recipe paper = agent("digits-ddqn", "double-dqn"), aliased = paper;
  paper.more = {{"task.observation", "paper"}};
  aliased.more = {{"task.observation", "aliased"}};
  synthetic::write(at("a"), {make(paper)});
  synthetic::write(at("b"), {make(aliased)});
  Recipe mixed = agent("both", "double-dqn"), other = agent("both", "reinforce");
  other.more = {{"learner.return", "to-go"}};
  synthetic::write(at("c"), {make(mixed), make(other)});
  const Json whole = bundle({at("a"), at("b"), at("c")});
  std::set<std::string> names;
  for (const Json& run : whole["runs"]) names.insert(run["experiment"]);
  EXPECT_EQ(names, (std::set<std::string>{"both (double-dqn)", "both (reinforce)",
                                          "digits-ddqn (task.observation \"aliased\")",
                                          "digits-ddqn (task.observation \"paper\")"}));
  EXPECT_EQ(whole["runs"].size(), 4u * 144);
  EXPECT_FALSE(whole.contains("comparison")) << "of three there is none";
  EXPECT_EQ(whole["studies"].size(), 3u);
}

TEST_F(AgentFiguresTest, compare_no_errors_of_one_kind_with_those_of_another) {
  synthetic::write(at("classify"), {make({})});
  synthetic::write(at("ddqn"), {make(agent("digits", "double-dqn"))});
  Recipe aliased = agent("digits", "double-dqn");
  aliased.more = {{"task.observation", "aliased"}};
  synthetic::write(at("aliased"), {make(aliased)});
  const Json apart = bundle({at("classify"), at("ddqn")})["comparison"];
  EXPECT_TRUE(rows(apart, "pairs").empty());
  EXPECT_EQ(apart["alternative"],
            "No run of A has a partner in B: A has runs of kind classify (supervised), B of kind windowed "
            "(double-dqn), and errors of different kinds are not compared.");
  const Json alike = bundle({at("ddqn"), at("aliased")})["comparison"];
  EXPECT_EQ(alike["facts"]["digits/gap/n"], 144);
  for (const Json& row : rows(alike, "differences")) {
    const Json unit = row["unit"];
    if (row["measure"] == "gap") {
      EXPECT_EQ(unit, "reward");
    } else if (row["measure"] == "stiffness") {
      EXPECT_EQ(unit, "cosine");
    }
  }
}

}  // namespace
}  // namespace crosstalk::figures
