// Series, studies and units beside each other: what is told apart, joined, compared, and what is not.
#include "desk/figures_fixture.hpp"

namespace crosstalk::figures {
namespace {

using SeveralSeriesTest = FiguresTest;

TEST_F(SeveralSeriesTest, divide_an_experiment_by_swept_keys_that_are_no_sizes_unless_told_otherwise) {
  Recipe adam, sgd;
  adam.more = {{"learner.optimizer", "adam"}, {"learner.rate", 0.1}};
  sgd.more = {{"learner.optimizer", "sgd"}, {"learner.rate", 0.1}};
  sgd.r = -0.8;
  synthetic::write(at("a"), {make(adam), make(sgd)});
  const auto names = [&](const Choice& choice) {
    std::set<std::string> found;
    for (const Experiment& experiment : load_results({at("a")}, choice).experiments)
      found.insert(experiment.name);
    return found;
  };
  const std::set<std::string> two{"digits (learner.optimizer adam)", "digits (learner.optimizer sgd)"};
  EXPECT_EQ(names({}), two);
  EXPECT_THROW(names({.by = {{"learner.rate"}}, .panel = {}, .where = {}}), Error) << "it has one value";
  EXPECT_EQ(names({.by = {{}}, .panel = "learner.optimizer", .where = {}}), two);
  EXPECT_EQ(names({.by = {{}}, .panel = {}, .where = {{"learner.optimizer", "sgd"}}}),
            std::set<std::string>{"digits"});
  const Json pooled = bundle({at("a")}, {.by = {{}}, .panel = {}, .where = {}});
  EXPECT_EQ(pooled["pooled"], (Json{"digits: learner.optimizer"}));
  EXPECT_EQ(rows(figure(pooled, "figure2"), "lines")[0]["pooled"], "learner.optimizer");
  EXPECT_EQ(rows(figure(pooled, "figure2"), "lines")[0]["cell_varies"], "the seed and learner.optimizer");
  const Json divided = bundle({at("a")});
  EXPECT_EQ(divided["by"], (Json{"learner.optimizer"}));
  EXPECT_LT(figure(divided, "figure2")["facts"]["digits (learner.optimizer sgd)/partial/r"], -0.7);
  EXPECT_THROW(names({.by = {{"learner.nothing"}}, .panel = {}, .where = {}}), Error);
  EXPECT_THROW(names({.by = {}, .panel = {}, .where = {{"learner.optimizer", "rmsprop"}}}), Error);
}

TEST_F(SeveralSeriesTest, compare_regressions_in_a_unit_that_both_have) {
  Recipe plain, scaled;
  plain.kind = scaled.kind = "regress";
  plain.more = {{"task.normalise", "none"}};
  scaled.more = {{"task.normalise", "per-feature"}};
  synthetic::Made worse = make(plain), better = make(scaled);
  for (auto& rows : better.rows) {
    for (Row& row : rows) {  // half the error, in units a thousand times as small
      if (row.measure == "gap" || row.measure == "squared_error") row.value *= 500;
      if (row.measure == "squared_error_normalised") row.value *= 0.5;
    }
  }
  synthetic::write(at("a"), {worse});
  synthetic::write(at("b"), {better});
  const Json comparison = bundle({at("a"), at("b")})["comparison"];
  EXPECT_LT(comparison["facts"]["digits/test_error/difference"], 0) << "B is better";
  for (const Json& row : rows(comparison, "differences")) {
    EXPECT_NE(row["measure"], "log_interference") << "gradients of targets in other units";
    if (row["measure"] == "gap") {
      EXPECT_EQ(row["unit"], "squared error over the targets' variance");
    }
  }
}

TEST_F(SeveralSeriesTest, say_before_any_number_where_errors_have_several_units) {
  Recipe plain, scaled;
  plain.kind = scaled.kind = "regress";
  plain.more = {{"task.normalise", "global"}};
  scaled.more = {{"task.normalise", "per-feature"}};
  synthetic::write(at("a"), {make(plain), make(scaled)});
  const Json divided = bundle({at("a")});
  ASSERT_EQ(divided["cautions"].size(), 1u);
  EXPECT_NE(divided["cautions"][0].get<std::string>().find("not to be compared"), std::string::npos);
  EXPECT_EQ(rows(figure(divided, "figure9"), "gaps")[0]["unit"], "digits, global");
  const Json pooled = bundle({at("a")}, {.by = {{}}, .panel = {}, .where = {}});
  EXPECT_EQ(pooled["cautions"][0],
            "digits pools squared errors in several units (digits, global; digits, per-feature): its r and "
            "its lines "
            "mix them and say nothing.");
  synthetic::write(at("b"), {make(plain)});
  EXPECT_TRUE(bundle({at("b")})["cautions"].empty());
}

TEST_F(SeveralSeriesTest, join_folders_count_a_run_once_and_tell_other_fixed_keys_apart) {
  Recipe mean;
  mean.more = {{"learner.reduction", "mean"}};
  Recipe sum;
  sum.more = {{"learner.reduction", "sum"}};
  synthetic::write(at("a"), {make(sum)});
  synthetic::write(at("b"), {make(sum)});
  synthetic::write(at("c"), {make(mean)});
  const Results same = load_results({at("a"), at("b")});
  EXPECT_EQ(same.runs.size(), 144u);
  EXPECT_EQ(same.experiments.size(), 1u);
  EXPECT_EQ(same.notes.size(), 1u);
  const Results apart = load_results({at("a"), at("c")});
  ASSERT_EQ(apart.experiments.size(), 2u);
  EXPECT_EQ(apart.experiments[0].name, "digits (learner.reduction \"mean\")");
  EXPECT_EQ(apart.experiments[0].points.size(), 144u);
}

/// A study that says from which file its digits were made, and how many rows that had.
Json study_with(const std::string& checksum, int rows) {
  return {{"name", "synthetic"},
          {"data", {{"a request", {{"dataset", "digits"}, {"train_rows", rows}, {"sha256", checksum}}}}}};
}

TEST_F(SeveralSeriesTest, of_several_folders_take_each_runs_data_from_its_own) {
  Recipe all;
  all.more = {{"task.examples", "all"}};
  all.examples = {20};
  synthetic::write(at("a"), {make(all)}, false, study_with(std::string(64, 'a'), 1437));
  synthetic::write(at("b"), {make(all)}, false, study_with(std::string(64, 'b'), 300));
  synthetic::write(at("c"), {make(all)}, false, study_with(std::string(64, 'a'), 1437));
  const Json whole = bundle({at("a"), at("b")});
  ASSERT_EQ(whole["runs"].size(), 96u) << "runs of one name over other data are others";
  std::map<std::string, std::set<double>> sizes;
  for (const Json& row : rows(figure(whole, "figure2"), "points"))
    sizes[row["experiment"]].insert(row["nT"].get<double>());
  EXPECT_EQ(sizes["digits (data " + std::string(16, 'a') + ")"], (std::set<double>{1437}));
  EXPECT_EQ(sizes["digits (data " + std::string(16, 'b') + ")"], (std::set<double>{300}));
  for (const Json& run : whole["runs"])
    EXPECT_EQ(whole["data"][run["data"].get<int>()]["folder"], run["folder"]);
  const std::vector<Json> keys = rows(whole["comparison"], "keys");
  ASSERT_EQ(keys.size(), 1u) << whole["comparison"]["tables"]["keys"];
  EXPECT_EQ(keys[0]["key"], "SHA-256 of the data for digits");
  EXPECT_EQ(keys[0]["differs"], true);
  EXPECT_EQ(whole["comparison"]["facts"]["digits/gap/n"], 48);
  EXPECT_EQ(bundle({at("a"), at("c")})["runs"].size(), 48u) << "the same runs over the same data count once";
}

TEST_F(SeveralSeriesTest, compare_pairs_runs_and_names_the_keys_that_differ) {
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
  const Json divided = bundle({at("a"), at("b")}, {.by = {{"learner.rate"}}, .panel = {}, .where = {}});
  EXPECT_EQ(divided["comparison"]["facts"]["digits/gap/n"], 140) << "a key in which the two alone differ";
  EXPECT_FALSE(bundle({at("a"), at("b")}, {.by = {}, .panel = {}, .where = {{"learner.rate", "0.01"}}})
                   .contains("comparison"));
  EXPECT_NEAR(comparison["facts"]["digits/r_given_examples/difference"].get<double>(), 0, 1e-9)
      << "both were moved by a constant";
  EXPECT_NEAR(comparison["facts"]["digits/r_given_examples/high"].get<double>(), 0, 1e-6)
      << "by pairs nothing differs, however uncertain each r is";
  EXPECT_EQ(rows(comparison, "unpaired")[0]["runs"], 4);
  EXPECT_EQ(rows(comparison, "unpaired")[1]["runs"], 0);
}

}  // namespace
}  // namespace crosstalk::figures
