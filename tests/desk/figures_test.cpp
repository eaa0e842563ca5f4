#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.hpp"
#include "desk/synthetic.hpp"
#include "figures/bundle.hpp"
#include "figures/compare.hpp"
#include "figures/point.hpp"
#include "figures/registry.hpp"
#include "figures/results.hpp"
#include "folder.hpp"

namespace crosstalk::figures {
namespace {

using synthetic::make;
using synthetic::Recipe;

Json figure(const Json& bundle, const std::string& name) {
  for (const Json& one : bundle["figures"]) {
    if (one["name"] == name) return one;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

/// Rows of a table as objects.
std::vector<Json> rows(const Json& figure, const std::string& table) {
  std::vector<Json> rows;
  const Json& one = figure["tables"][table];
  for (const Json& cells : one["rows"]) {
    EXPECT_EQ(cells.size(), one["columns"].size());
    Json row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[one["columns"][i].get<std::string>()] = cells[i];
    rows.push_back(row);
  }
  return rows;
}

Recipe agent(const std::string& name, const std::string& algorithm, int measurements = 4) {
  Recipe recipe;
  recipe.experiment = name;
  recipe.kind = "windowed";
  recipe.algorithm = algorithm;
  recipe.measurements = measurements;
  return recipe;
}

/// The mean over runs of one measure at one step, by another route than the figures': all rows, one after the
/// other.
double mean_of(const synthetic::Made& made, int examples, std::int64_t step, const std::string& measure,
               const std::string& split) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < made.runs.size(); ++i) {
    if (made.runs[i].configuration["task.examples"] != examples) continue;
    for (const Row& row : made.rows[i]) {
      if (row.step != step || row.measure != measure || row.split != split) continue;
      sum += row.value;
      ++n;
    }
  }
  return sum / n;
}

class FiguresTest : public testing::Test {
 protected:
  Folder folder;
  std::filesystem::path at(const std::string& name) { return folder.path() / name; }
};

TEST_F(FiguresTest, figure1_finds_the_r_that_was_put_in_and_figure2_the_one_over_all) {
  Recipe recipe;
  recipe.seeds = 40;
  synthetic::write(at("a"), {make(recipe)});
  const Json whole = bundle({at("a")});
  const Json one = figure(whole, "figure1");
  for (const char* size : {"20", "100", "500"}) {
    const std::string key = std::string("digits/nT=") + size;
    EXPECT_NEAR(one["facts"][key + "/r"].get<double>(), 0.8, 0.06) << one["facts"].dump(1);
    EXPECT_EQ(one["facts"][key + "/n"], 480);
    EXPECT_EQ(one["facts"][key + "/configurations"], 12);
    EXPECT_LT(one["facts"][key + "/low"], one["facts"][key + "/r"]);
    EXPECT_GT(one["facts"][key + "/high"], one["facts"][key + "/r"]);
  }
  const Json two = figure(whole, "figure2");
  // gap = 5 + y / 4 - log10 nT, so the number of examples adds variance to the gap that interference has no
  // part in.
  EXPECT_LT(two["facts"]["digits/all/r"], 0.6);
  EXPECT_NEAR(two["facts"]["digits/partial/r"].get<double>(), 0.8, 0.05);
  EXPECT_LT(two["facts"]["digits/examples/r"], -0.85);
  EXPECT_NE(two["alternative"].get<std::string>().find("n = 1,440"), std::string::npos) << two["alternative"];
}

TEST_F(FiguresTest, do_not_depend_on_the_order_in_which_runs_were_made) {
  Recipe other;
  other.experiment = "california";
  other.kind = "regress";
  other.dataset = "california";
  synthetic::write(at("forth/a"), {make({}), make(other)});
  synthetic::write(at("back/a"), {make({}), make(other)}, true);
  EXPECT_EQ(bundle({at("forth/a")}).dump(), bundle({at("back/a")}).dump());
}

TEST_F(FiguresTest, have_every_figure_with_tables_whose_rows_are_as_wide_as_their_columns) {
  synthetic::write(at("a"), {make({}), make(agent("ddqn", "double-dqn"))});
  const Json whole = bundle({at("a")});
  ASSERT_EQ(whole["figures"].size(), all_figures().size());
  for (const Json& one : whole["figures"]) {
    EXPECT_FALSE(one["alternative"].get<std::string>().empty()) << one["name"];
    EXPECT_FALSE(one["caption"].get<std::string>().empty()) << one["name"];
    for (const auto& [name, table] : one["tables"].items()) {
      EXPECT_FALSE(rows(one, name).empty()) << one["name"] << " " << name;
    }
  }
  EXPECT_EQ(whole["runs"].size(), 288u);
  EXPECT_EQ(whole["swept"], (Json{"network.depth", "network.hidden", "task.examples"}));
}

TEST_F(FiguresTest, count_runs_that_diverged_or_failed_and_leave_them_out) {
  synthetic::Made made = make({});
  made.runs[0].status = store::Status::diverged;
  made.runs[1].status = store::Status::failed;
  made.runs[2].status = store::Status::running;
  synthetic::write(at("a"), {made});
  const Json one = figure(bundle({at("a")}), "figure1");
  EXPECT_EQ(one["facts"]["digits/nT=20/n"], 45);
  EXPECT_EQ(one["notes"][0], "digits: left out are 1 run diverged, 1 run failed and 1 run not finished.");
}

TEST_F(FiguresTest, count_means_that_have_no_logarithm) {
  synthetic::Made made = make({});
  for (Row& row : made.rows[5]) {
    if (row.measure == "function_interference" && row.split == "train-train") row.value = -1;
  }
  for (Row& row : made.rows[6]) {
    if (row.measure == "function_interference" && row.split == "train-train") row.value = std::nan("");
  }
  synthetic::write(at("a"), {made});
  const Json one = figure(bundle({at("a")}), "figure1");
  for (const Json& row : rows(one, "correlations")) {
    if (row["nT"] != 20) continue;
    const bool train_train = row["interference"] == "train-train";
    EXPECT_EQ(row["not_positive"], train_train ? 1 : 0) << row;
    EXPECT_EQ(row["missing"], train_train ? 1 : 0) << row;
    EXPECT_EQ(row["n"], train_train ? 46 : 48) << row;
  }
  EXPECT_EQ(one["notes"].size(), 4u) << one["notes"];
}

TEST_F(FiguresTest, say_why_there_is_no_interval_or_no_r) {
  Recipe few;
  few.depth = {0};  // three configurations at each size
  few.experiment = "few";
  Recipe lone;
  lone.experiment = "lone";
  lone.hidden = {4};
  lone.depth = {0};
  lone.seeds = 2;
  synthetic::write(at("a"), {make(few), make(lone)});
  for (const Json& row : rows(figure(bundle({at("a")}), "figure1"), "correlations")) {
    EXPECT_TRUE(row["low"].is_null());
    if (row["experiment"] == "lone") {
      EXPECT_TRUE(row["r"].is_null());
      EXPECT_EQ(row["undefined"], "fewer than 3 points");
    } else {
      EXPECT_TRUE(row["r"].is_number());
      EXPECT_EQ(row["no_interval"], "fewer than 6 configurations");
    }
  }
}

TEST_F(FiguresTest, take_the_last_measurement_and_as_a_twin_the_one_with_the_best_test_error) {
  Recipe recipe;
  recipe.hidden = {4};
  recipe.depth = {0};
  recipe.seeds = 3;
  synthetic::Made made = make(recipe);
  for (Row& row : made.rows[0]) {
    if (row.measure == "accuracy" && row.split == "test")
      row.value = row.step == 50 || row.step == 100 ? 0.9 : 0.5;
  }
  synthetic::write(at("a"), {made});
  const Results results = load_results({at("a")});
  const Point* point = nullptr;
  for (const Point& one : results.experiments.at(0).points) {
    if (one.run->record.run == made.runs[0].run) point = &one;
  }
  ASSERT_NE(point, nullptr);
  EXPECT_EQ(point->last.step, 150);
  EXPECT_EQ(point->early.step, 50) << "the first of equals";
  EXPECT_NEAR(*point->early.test_error, 0.1, 1e-12);
  EXPECT_EQ(point->capacity.unit, "parameters");
  // conv 3-4 (5x5), 4-8 (3x3), 8-16 (3x3), linear 1600-16, linear 16-10, with biases
  EXPECT_EQ(point->capacity.value, 304 + 296 + 1168 + 25616 + 170);
}

TEST_F(FiguresTest, join_folders_count_a_run_once_and_tell_other_fixed_keys_apart) {
  Recipe aliased;
  aliased.more = {{"learner.targets", "broadcast"}};
  Recipe separate;
  separate.more = {{"learner.targets", "separate"}};
  synthetic::write(at("a"), {make(separate)});
  synthetic::write(at("b"), {make(separate)});
  synthetic::write(at("c"), {make(aliased)});
  const Results same = load_results({at("a"), at("b")});
  EXPECT_EQ(same.runs.size(), 144u);
  EXPECT_EQ(same.experiments.size(), 1u);
  EXPECT_EQ(same.notes.size(), 1u);
  const Results apart = load_results({at("a"), at("c")});
  ASSERT_EQ(apart.experiments.size(), 2u);
  EXPECT_EQ(apart.experiments[0].name, "digits (learner.targets \"broadcast\")");
  EXPECT_EQ(apart.experiments[0].points.size(), 144u);
}

TEST_F(FiguresTest, know_how_many_examples_all_are_from_what_the_study_says_of_its_data) {
  Recipe all;
  all.more = {{"task.examples", "all"}};
  all.examples = {20};
  const Json study{{"name", "synthetic"},
                   {"data", {{"a request", {{"dataset", "digits"}, {"train_rows", 1437}}}}}};
  synthetic::write(at("a"), {make(all)}, false, study);
  synthetic::write(at("b"), {make(all)});
  EXPECT_EQ(load_results({at("a")}).experiments[0].points[0].examples, 1437);
  const Results unknown = load_results({at("b")});
  EXPECT_TRUE(unknown.experiments[0].points.empty());
  EXPECT_EQ(notes_on(unknown.experiments)[0],
            "digits: left out are 48 runs with a number of examples that cannot be told.");
}

TEST_F(FiguresTest, compare_pairs_runs_and_names_the_keys_that_differ) {
  Recipe before, after;
  before.more = {{"learner.rate", 1e-3}};
  after.more = {{"learner.rate", 1e-2}};
  synthetic::Made one = make(before), two = make(after);
  two.runs.resize(140);
  two.rows.resize(140);
  for (auto& rows : two.rows) {
    for (Row& row : rows) {
      if (row.measure == "gap") row.value += 0.25;
      if (row.measure == "function_interference") row.value *= 2;
    }
  }
  synthetic::write(at("a"), {one});
  synthetic::write(at("b"), {two});
  const Json whole = bundle({at("a"), at("b")});
  const Json& comparison = whole["comparison"];
  const std::vector<Json> keys = rows(comparison, "keys");
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0]["key"], "learner.rate");
  EXPECT_EQ(keys[0]["differs"], true);
  EXPECT_NEAR(comparison["facts"]["digits/gap/difference"].get<double>(), 0.25, 1e-12);
  EXPECT_NEAR(comparison["facts"]["digits/log_interference/difference"].get<double>(), std::log(2), 1e-12);
  EXPECT_EQ(comparison["facts"]["digits/gap/n"], 140);
  EXPECT_EQ(rows(comparison, "unpaired")[0]["runs"], 4);
  EXPECT_EQ(rows(comparison, "unpaired")[1]["runs"], 0);
}

TEST_F(FiguresTest, show_the_grams_of_the_typical_run_at_the_smallest_and_largest_size) {
  synthetic::Made made = make({});
  synthetic::write(at("a"), {made});
  {
    store::Store store = store::Store::open(at("a") / "study.sqlite");
    for (const store::RunRecord& record : made.runs) {
      store.append(record.run, {},
                   {{150,
                     "loss_gram",
                     "train-train",
                     {2, 2},
                     {1, 0.5, 0.5, 2},
                     {{"rows", {7, 9}}, {"labels", {0, 1}}}}});
    }
    store.commit();
  }
  const Json grams = bundle({at("a")})["grams"];
  ASSERT_EQ(grams.size(), 2u);
  EXPECT_EQ(grams[0]["nT"], 20);
  EXPECT_EQ(grams[1]["nT"], 500);
  EXPECT_EQ(grams[0]["rows"], (Json{7, 9}));
  EXPECT_EQ(grams[0]["labels"], (Json{0, 1}));
  EXPECT_EQ(grams[0]["values"].size(), 4u);
}

TEST_F(FiguresTest, refuse_a_folder_without_a_store) {
  EXPECT_THROW(bundle({at("nowhere")}), Error);
  EXPECT_THROW(bundle({}), Error);
}

TEST_F(FiguresTest, have_nothing_to_show_of_a_study_whose_runs_have_not_begun) {
  synthetic::Made made = make({});
  for (store::RunRecord& record : made.runs) record.status = store::Status::running;
  for (auto& rows : made.rows) rows.clear();
  synthetic::write(at("a"), {made});
  const Json whole = bundle({at("a")});
  EXPECT_TRUE(whole["figures"].empty());
  EXPECT_EQ(whole["runs"].size(), 144u);
}

TEST_F(FiguresTest, give_each_kind_of_agent_a_panel_of_its_own_and_take_regret_for_its_error) {
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

TEST_F(FiguresTest, know_how_large_an_agents_network_is) {
  Recipe recipe = agent("ddqn", "double-dqn");
  recipe.hidden = {4};
  recipe.depth = {0};
  synthetic::write(at("a"), {make(recipe)});
  // conv 4-4 (5x5), 4-8 (3x3), 8-16 (3x3), linear 1600-16, linear 16 to 10 classes and 4 moves, with biases
  EXPECT_EQ(load_results({at("a")}).experiments[0].points[0].capacity.value, 404 + 296 + 1168 + 25616 + 238);
}

TEST_F(FiguresTest, begin_an_agents_interference_with_its_first_update_and_stop_early_only_after_it) {
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
  for (const Point& point : load_results({at("a")}).experiments[0].points) EXPECT_EQ(point.early.step, 150);
}

TEST_F(FiguresTest, count_agents_that_earn_less_than_the_policy_that_never_looks) {
  synthetic::Made made = make(agent("ddqn", "double-dqn"));
  for (std::size_t i = 0; i < 12; ++i) {
    for (Row& row : made.rows[i])
      if (row.measure == "reward" && row.split == "train" && row.step == 150)
        row.value = i == 0 ? 0.775 : 0.7;
  }
  synthetic::write(at("a"), {made, make({})});
  const Json two = figure(bundle({at("a")}), "figure2");
  int below = 0, of = 0, neither = 0;
  for (const Json& row : rows(two, "points")) {
    if (row["variant"] != "last/train-train") continue;
    below += row["below_blind"] == true;
    of += row["below_blind"].is_boolean();
    neither += row["below_blind"].is_null() && row["experiment"] == "digits";
  }
  EXPECT_EQ(below, 11) << "to earn just as much is not less";
  EXPECT_EQ(of, 144);
  EXPECT_EQ(neither, 144);
  EXPECT_EQ(
      two["notes"][0],
      "ddqn: 11 of 144 runs earn less, at the last measurement on the training images, than the policy that "
      "never looks.");
  EXPECT_NE(two["alternative"].get<std::string>().find("Of its 144 runs 11 are hollow marks"),
            std::string::npos);
}

TEST_F(FiguresTest, draw_what_agents_learn_beside_the_lines_to_beat) {
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
  EXPECT_NE(reward["alternative"].get<std::string>().find("the policy that never looks 0.78"),
            std::string::npos);
  EXPECT_NEAR(churn["facts"]["ddqn/nT=20/policy_churn/train/first"].get<double>(), 0.2, 1e-12);
}

TEST_F(FiguresTest, say_how_many_pairs_interfere_which_way) {
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

TEST_F(FiguresTest, tell_apart_what_several_folders_call_alike_and_what_one_experiment_mixes) {
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

TEST_F(FiguresTest, compare_no_errors_of_one_kind_with_those_of_another) {
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
}

}  // namespace
}  // namespace crosstalk::figures
