#include "desk/figures_fixture.hpp"

namespace crosstalk::figures {
namespace {

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
  // Those of runs without examples (returns too), of arrays, and of signs have nothing here.
  ASSERT_EQ(whole["figures"].size(), all_figures().size() - 7);
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
  EXPECT_EQ(one["notes"].size(), 2u) << one["notes"];
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
      EXPECT_EQ(row["no_interval"], "fewer than 4 configurations");
    }
  }
}

TEST_F(FiguresTest, say_which_experiment_has_too_few_capacities_for_figure10s_chart) {
  Recipe one;
  one.experiment = "one";
  one.hidden = {4};
  one.depth = {0};
  synthetic::write(at("a"), {make({}), make(one)});
  const Json ten = figure(bundle({at("a")}), "figure10");
  std::vector<std::string> said;
  for (const Json& note : ten["notes"]) said.push_back(note);
  EXPECT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0], "one: runs of one capacity; the table has them, the chart does not.");
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

TEST_F(FiguresTest, take_for_a_run_the_mean_of_its_last_quarter) {
  Recipe recipe;
  recipe.measurements = 9;  // steps 0 to 400: those from 300 on
  const synthetic::Made made = make(recipe);
  synthetic::write(at("a"), {made});
  const Results results = load_results({at("a")});
  for (std::size_t i = 0; i < made.runs.size(); i += 17) {
    double gap = 0, interference = 0, accuracy = 0;
    for (const Row& row : made.rows[i]) {
      if (row.step < 300) continue;
      if (row.measure == "gap") gap += row.value / 3;
      if (row.measure == "function_interference" && row.split == "train-train") interference += row.value / 3;
      if (row.measure == "accuracy" && row.split == "test") accuracy += row.value / 3;
    }
    for (const Point& point : results.experiments[0].points) {
      if (point.run->record.run != made.runs[i].run) continue;
      EXPECT_NEAR(*point.quarter.gap, gap, 1e-12);
      EXPECT_NEAR(*point.quarter.of(PairMean::train_train), interference, 1e-12);
      EXPECT_NEAR(*point.quarter.test_error, 1 - accuracy, 1e-12);
      EXPECT_EQ(point.quarter.step, 400);
    }
  }
}

TEST_F(FiguresTest, call_a_run_that_is_hardly_better_than_the_constant_one_that_learned_nothing) {
  synthetic::Made made = make({});
  const auto end_at = [&](std::size_t run, double accuracy) {
    for (Row& row : made.rows[run])
      if (row.measure == "accuracy" && row.split == "train" && row.step == 150) row.value = accuracy;
  };
  end_at(0, 0.125);                   // as good as the majority class
  end_at(1, 1 - 0.91 * (1 - 0.125));  // a little better
  end_at(2, 1 - 0.89 * (1 - 0.125));  // enough
  end_at(3, 0.05);
  std::erase_if(made.rows[4], [](const Row& row) { return row.measure == "accuracy.constant"; });
  synthetic::write(at("a"), {made});
  const Json two = figure(bundle({at("a")}), "figure2");
  int hollow = 0, unknown = 0;
  for (const Json& row : rows(two, "points")) {
    if (row["variant"] != "quarter/train-train") continue;
    hollow += row["learned"] == false;
    unknown += row["learned"].is_null();
  }
  EXPECT_EQ(hollow, 3);
  EXPECT_EQ(unknown, 1);
  EXPECT_EQ(two["notes"][0],
            "digits: 3 of 144 runs learned nothing to speak of: the training error is not a tenth below that "
            "of the "
            "majority class.");
  const Json line = rows(two, "lines")[0];
  EXPECT_EQ(line["learned"], 140);
  EXPECT_EQ(line["not_learned"], 3);
  EXPECT_EQ(line["unknown_learned"], 1);
  EXPECT_EQ(two["alternative"].get<std::string>().find("Of the 144 runs of digits 3 are hollow marks"), 0u);
}

TEST_F(FiguresTest, take_each_number_of_examples_on_a_level_of_its_own_where_one_line_would_lie) {
  Recipe recipe;
  recipe.examples = {20, 100, 500};
  synthetic::Made made = make(recipe);
  for (std::size_t i = 0; i < made.runs.size(); ++i) {  // the middle size far off the line of the others
    if (made.runs[i].configuration->at("task.examples") != 100) continue;
    for (Row& row : made.rows[i]) {
      if (row.measure == "gap") row.value += 20;
      if (row.measure == "function_interference") row.value *= std::exp(20);
    }
  }
  synthetic::write(at("a"), {made});
  const Json two = figure(bundle({at("a")}), "figure2");
  EXPECT_GT(two["facts"]["digits/all/r"], 0.95) << "the middle size drives it";
  EXPECT_NEAR(two["facts"]["digits/partial/r"].get<double>(), 0.8, 0.12) << "what happens within sizes";
}

TEST_F(FiguresTest, have_a_text_for_each_reading) {
  synthetic::write(at("a"), {make({})});
  const Json whole = bundle({at("a")});
  for (const char* name : {"figure1", "figure2", "figure10"}) {
    const Json one = figure(whole, name);
    ASSERT_EQ(one["alternatives"].size(), variants().size()) << name;
    EXPECT_EQ(one["alternatives"]["quarter/train-train"], one["alternative"]);
    std::set<std::string> texts;
    for (const Json& text : one["alternatives"]) texts.insert(text.get<std::string>());
    EXPECT_GT(texts.size(), 1u) << name << ": they say what their reading shows";
  }
  EXPECT_EQ(figure(whole, "figure9")["alternatives"].size(), 3u);
}

TEST_F(FiguresTest, count_capacity_in_one_unit_within_an_experiment) {
  Recipe paper, linear;
  linear.hidden = {4};
  linear.depth = {0};
  linear.more = {{"network.layers", {"flatten", "linear out"}}};
  synthetic::write(at("a"), {make(paper), make(linear)});
  std::set<std::string> units;
  double least = 1e9;
  for (const Json& row : rows(figure(bundle({at("a")}), "figure10"), "interference")) {
    units.insert(row["capacity_unit"].get<std::string>());
    least = std::min(least, row["capacity"].get<double>());
  }
  EXPECT_EQ(units, std::set<std::string>{"parameters"}) << "the engine said them of both networks";
  EXPECT_GE(least, 1) << "which has a logarithm";
}

TEST_F(FiguresTest, take_runs_that_measured_neither_gap_nor_error_for_done) {
  synthetic::Made made = make({});
  for (auto& rows : made.rows) std::erase_if(rows, [](const Row& row) { return row.measure != "stiffness"; });
  synthetic::write(at("a"), {made});
  const Results results = load_results({at("a")});
  EXPECT_EQ(results.experiments[0].points.size(), 144u);
  EXPECT_EQ(results.experiments[0].without_rows, 0);
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

}  // namespace
}  // namespace crosstalk::figures
