// Runs that learn from no examples: lines over training, sweeps, arrays, and what no report says of them.
#include "desk/changed.hpp"
#include "desk/exact_study.hpp"
#include "desk/figures_fixture.hpp"
#include "desk/student.hpp"
#include "figures/lines.hpp"

namespace crosstalk::figures {
namespace {

using WithoutExamplesTest = FiguresTest;
using exact::Made;
using student::half_interval;
using student::mean_of;

double rate_of(const Made& made) { return made.record.configuration->at("learner.rate").get<double>(); }
double lambda_of(const Made& made) { return made.record.configuration->at("learner.lambda").get<double>(); }
bool is_done(const Made& made) { return made.record.status == store::Status::done; }

/// The values of one measure at one step of the runs of a configuration, read row by row.
std::vector<double> values_at(const std::vector<Made>& all, double lambda, double rate, std::int64_t step,
                              const std::string& measure = "value_error") {
  std::vector<double> values;
  for (const Made& made : all) {
    if (!is_done(made) || lambda_of(made) != lambda || rate_of(made) != rate) continue;
    for (const Row& row : made.rows) {
      if (row.step == step && row.measure == measure) values.push_back(row.value);
    }
  }
  return values;
}

std::set<std::string> names_of(const Json& bundle) {
  std::set<std::string> names;
  for (const Json& one : bundle["figures"]) names.insert(one["name"].get<std::string>());
  return names;
}

TEST_F(WithoutExamplesTest, are_in_no_figure_of_gaps_and_no_sentence_speaks_of_examples_or_classes) {
  exact::write(at("a"), exact::sweep({0, 0.5, 0.9}, {0.1, 0.4, 0.8, 2.6}, 4));
  const Json whole = bundle({at("a")});
  EXPECT_EQ(names_of(whole), (std::set<std::string>{"figureArrays", "figureMeasures", "figureSweep"}));
  ASSERT_EQ(whole["claims"]["rows"].size(), 1u) << "most of the paper's are about runs with examples";
  EXPECT_EQ(whole["claims"]["rows"][0]["name"], "lambda-faster");
  std::string said = whole["notes"].dump() + whole["cautions"].dump() + whole["pooled"].dump();
  for (const Json& one : whole["figures"]) {
    for (const char* part : {"title", "caption", "alternative", "notes"}) said += one[part].dump();
  }
  for (const char* word : {"gap", "example", "class", "image", "learned", "test error"})
    EXPECT_EQ(said.find(word), std::string::npos) << word << " stands in " << said;
  for (const Json& one : whole["figures"])
    EXPECT_FALSE(one["alternative"].get<std::string>().empty()) << one["name"];
}

TEST_F(WithoutExamplesTest, have_a_line_a_configuration_with_students_interval_over_its_seeds) {
  const std::vector<Made> all = exact::sweep({0, 0.5, 0.9}, {0.1, 0.4, 0.8}, 5);
  exact::write(at("a"), all);
  int checked = 0;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureMeasures"), "curves")) {
    EXPECT_EQ(row["unit"], "episodes");
    if (row["measure"] != "value_error") continue;
    const std::string series = row["experiment"];
    const double lambda = std::stod(series.substr(series.find("lambda ") + 7)), rate = row["number"];
    const std::vector<double> values = values_at(all, lambda, rate, row["step"].get<std::int64_t>());
    EXPECT_NEAR(row["mean"].get<double>(), mean_of(values), 1e-12);
    EXPECT_EQ(row["n"], 5);
    if (row["step"] != 0) {  // where all are equal
      EXPECT_NEAR(row["high"].get<double>() - row["mean"].get<double>(), half_interval(values), 1e-9);
      EXPECT_NEAR(row["mean"].get<double>() - row["low"].get<double>(), half_interval(values), 1e-9);
    }
    ++checked;
  }
  EXPECT_EQ(checked, 9 * 11);
}

TEST_F(WithoutExamplesTest,
       show_those_that_diverged_where_they_were_last_measured_and_count_them_in_no_mean) {
  const std::vector<Made> all = exact::sweep({0.9}, {0.4, 2.6}, 6);
  int diverged = 0;
  std::map<std::int64_t, int> ends;
  for (const Made& made : all) {
    diverged += !is_done(made);
    if (!is_done(made)) ++ends[made.rows.back().step];
  }
  ASSERT_GE(diverged, 4) << "steps of 2.6 are overdone";
  exact::write(at("a"), all);
  const Json one = figure(bundle({at("a")}), "figureMeasures");
  std::map<std::int64_t, int> lost;
  for (const Json& row : rows(one, "lost")) lost[row["step"].get<std::int64_t>()] += row["runs"].get<int>();
  EXPECT_EQ(lost, ends);
  for (const Json& row : rows(one, "ends")) {
    if (row["measure"] != "value_error") continue;
    EXPECT_EQ(row["runs"], 6);
    EXPECT_EQ(row["diverged"], row["experiment"] == "walk (learner.rate 2.6)" ? diverged : 0);
  }
  bool apart = false;
  for (const Json& row : rows(one, "curves")) {
    if (row["diverged"] == false) continue;
    EXPECT_EQ(row["n"], diverged) << "a curve ends with the first of them";
    apart = true;
  }
  EXPECT_TRUE(apart);
  EXPECT_NE(one["alternative"].get<std::string>().find(std::to_string(diverged) +
                                                       " of 6 runs of walk (learner.rate 2.6) diverged."),
            std::string::npos)
      << one["alternative"];
  for (const std::string note : one["notes"]) EXPECT_EQ(note.find("diverged"), std::string::npos) << note;
}

TEST_F(WithoutExamplesTest, that_end_by_what_they_measure_have_curves_as_long_as_the_shortest_and_a_note) {
  std::vector<Made> all = exact::sweep({0.9}, {0.4}, 5);
  for (std::size_t run = 0; run < all.size(); ++run) {
    Json values = *all[run].record.configuration;
    values["probe.until"] = "value_error states <= 0.1";
    all[run].record.configuration = std::move(values);
    std::erase_if(all[run].rows, [&](const Row& row) { return row.step > 6 + static_cast<int>(run); });
  }
  exact::write(at("a"), all);
  const Json one = figure(bundle({at("a")}), "figureMeasures");
  std::int64_t last = 0;
  for (const Json& row : rows(one, "curves")) {
    EXPECT_EQ(row["n"], 5);
    last = std::max(last, row["step"].get<std::int64_t>());
  }
  EXPECT_EQ(last, 6);
  EXPECT_NE(one["notes"].dump().find("walk: a run ends where value_error states <= 0.1, so runs are not "
                                       "equally long."),
            std::string::npos)
      << one["notes"];
}

TEST_F(WithoutExamplesTest,
       of_a_sweep_over_two_numbers_are_the_mean_of_a_run_by_the_one_with_a_line_for_the_other) {
  const std::vector<double> lambdas{0, 0.5, 0.9}, rates{0.1, 0.2, 0.4, 0.8, 1};
  const std::vector<Made> all = exact::sweep(lambdas, rates, 8);
  exact::write(at("a"), all);
  const Json one = figure(bundle({at("a")}), "figureSweep");
  int checked = 0;
  std::map<double, std::pair<double, double>> best;  // by lambda: the least mean, and where
  for (const Json& row : rows(one, "means")) {
    EXPECT_EQ(row["x_key"], "learner.rate");
    EXPECT_EQ(row["line_key"], "learner.lambda");
    if (row["measure"] != "value_error") continue;
    std::vector<double> runs(8, 0);
    for (int episode = 1; episode <= 10; ++episode) {  // the one at 0 is before learning
      const std::vector<double> values = values_at(all, row["number"], row["x"], episode);
      for (std::size_t i = 0; i < runs.size(); ++i) runs[i] += values.at(i) / 10;
    }
    EXPECT_NEAR(row["mean"].get<double>(), mean_of(runs), 1e-12);
    EXPECT_NEAR(row["high"].get<double>() - row["mean"].get<double>(), half_interval(runs), 1e-9);
    EXPECT_NEAR(row["start"].get<double>(), exact::root_mean_square(exact::Values(exact::states + 2, 0)),
                1e-12);
    auto& least = best.try_emplace(row["number"], 1e9, 0).first->second;
    least = std::min(least, {row["mean"].get<double>(), row["x"].get<double>()});
    ++checked;
  }
  EXPECT_EQ(checked, 15);
  for (const double lambda : lambdas) {
    const std::string key = "walk/learner.lambda " + Json(lambda).dump() + "/value_error/states";
    ASSERT_TRUE(one["facts"].contains(key + "/best")) << key << " in " << one["facts"];
    EXPECT_EQ(one["facts"][key + "/best"], best[lambda].first);
    EXPECT_EQ(one["facts"][key + "/best-at"], best[lambda].second);
  }
  // As in Sutton and Barto's Fig. 12.3: a larger lambda wants smaller steps.
  EXPECT_GT(best[0].second, best[0.9].second);
}

TEST_F(WithoutExamplesTest, of_more_configurations_than_can_be_told_apart_are_pooled_and_that_is_said) {
  std::vector<double> rates;
  for (int i = 1; i <= 13; ++i) rates.push_back(0.02 * i);
  exact::write(at("a"), exact::sweep({0.5}, rates, 2, 3));
  const Json whole = bundle({at("a")});
  EXPECT_EQ(whole["pooled"], (Json{"walk: learner.rate"}));
  for (const Json& row : rows(figure(whole, "figureMeasures"), "curves")) {
    EXPECT_EQ(row["line"], "");
    EXPECT_EQ(row["n"], 26);
    EXPECT_EQ(row["configurations"], 13) << "whose runs stand and fall together";
  }
}

TEST_F(WithoutExamplesTest, are_named_by_no_key_that_counts_for_nothing_in_them) {
  std::vector<Made> all;
  for (int seed = 0; seed < 2; ++seed) {
    all.push_back(exact::make({0.5, 0.1, seed, 3, {}}));
    all.push_back(exact::make({0.7, 0.1, seed, 3, {}}));
    all.push_back(exact::make({0.9, 0.1, seed, 3, {{"learner.algorithm", "residual"}}}));
  }
  exact::write(at("a"), all);
  std::set<std::string> series;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureMeasures"), "curves"))
    series.insert(row["experiment"].get<std::string>());
  EXPECT_EQ(series, (std::set<std::string>{"walk (learner.algorithm residual)",
                                           "walk (learner.algorithm td-lambda, learner.lambda 0.5)",
                                           "walk (learner.algorithm td-lambda, learner.lambda 0.7)"}));
}

TEST_F(WithoutExamplesTest, are_lines_of_their_networks_too_where_no_axis_is_of_sizes) {
  std::vector<Made> all;
  for (const int hidden : {4, 8}) {
    const Json network = {
        {"learner.approximation", "network"}, {"network.hidden", hidden}, {"network.layers", Json::array()}};
    for (int seed = 0; seed < 2; ++seed) all.push_back(exact::make({0.5, 0.1, seed, 3, network}));
  }
  exact::write(at("a"), all);
  std::set<std::string> lines;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureMeasures"), "curves"))
    lines.insert(row["line"].get<std::string>());
  EXPECT_EQ(lines, (std::set<std::string>{"network.hidden 4", "network.hidden 8"}));
}

TEST_F(WithoutExamplesTest,
       show_their_arrays_of_one_dimension_as_means_and_those_of_two_as_one_runs_picture) {
  std::vector<Made> all = exact::sweep({0.5}, {0.1}, 4);
  for (Made& made : all)
    made.arrays.push_back(
        {9, "drifts", "batch", {2}, {3, 4}, {{"0", {{"name", "sample"}, {"labels", {7, 5}}}}}});
  exact::write(at("a"), all);
  const Json whole = bundle({at("a")});
  const std::vector<Json> places = rows(figure(whole, "figureArrays"), "curves");
  ASSERT_EQ(places.size(), static_cast<std::size_t>(exact::states)) << "single samples are no curve";
  for (const Json& row : places) {
    EXPECT_EQ(row["axis"], "state");
    std::vector<double> values;
    for (const Made& made : all)
      values.push_back(made.arrays[1].values.at(row["place"].get<std::size_t>() - 1));
    EXPECT_NEAR(row["mean"].get<double>(), mean_of(values), 1e-12) << "of what was stored last";
  }
  ASSERT_EQ(whole["matrices"].size(), 1u);
  const Json& matrix = whole["matrices"][0];
  EXPECT_EQ(matrix["name"], "value_product");
  EXPECT_EQ(matrix["shape"], (Json{exact::states, exact::states}));
  EXPECT_EQ(matrix["nT"], nullptr);
  const auto run = std::find_if(all.begin(), all.end(),
                                [&](const Made& made) { return made.record.run == matrix["run"]; });
  ASSERT_NE(run, all.end());
  EXPECT_EQ(run->record.seed, 0u);
  EXPECT_EQ(matrix["values"], Json(run->arrays[2].values));
  EXPECT_TRUE(whole["grams"].empty());
}

TEST_F(WithoutExamplesTest,
       show_what_lies_along_trajectories_as_means_over_transitions_after_the_first_update) {
  std::vector<Made> all = exact::sweep({0.5}, {0.1}, 4);
  const Json axes = {{"0", {{"name", "offset"}, {"labels", {-1, 0, 1}}}}};
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (Made& made : all) {
    const auto seed = static_cast<double>(made.record.seed);
    const auto add = [&](std::int64_t step, std::vector<double> means, std::vector<double> counts) {
      made.arrays.push_back({step, "loss_difference", "neighbours", {3}, std::move(means), axes});
      made.arrays.push_back({step, "loss_difference.count", "neighbours", {3}, std::move(counts), axes});
    };
    add(0, {100, 100, 100}, {8, 8, 8});
    add(5, {seed, 10, none}, {2, 8, 0});
    add(10, {seed + 4, 20, 3}, {6, 8, 5});
  }
  exact::write(at("a"), all);
  const Json whole = bundle({at("a")});
  const std::vector<Json> places = rows(figure(whole, "figureOffsets"), "curves");
  ASSERT_EQ(places.size(), 3u) << "counts are no curve of their own, and no other figure draws it";
  std::map<double, double> means;
  for (const Json& row : places) means[row["offset"]] = row["mean"];
  // Behind: (2 seed + 6 (seed + 4)) / 8, mean over the seeds 0 to 3; ahead one measurement alone has a step.
  EXPECT_NEAR(means.at(-1), 1.5 + 3, 1e-12);
  EXPECT_NEAR(means.at(0), 15, 1e-12);
  EXPECT_NEAR(means.at(1), 3, 1e-12);
  for (const Json& row : rows(figure(whole, "figureArrays"), "curves")) EXPECT_EQ(row["axis"], "state");
}

TEST_F(WithoutExamplesTest, change_nothing_of_what_is_said_of_runs_with_examples_beside_them) {
  synthetic::write(at("a"), {make({}), make(agent("ddqn", "double-dqn"))});
  exact::write(at("b"), exact::sweep({0.5}, {0.1}, 2, 3));
  const Json alone = bundle({at("a")}), both = bundle({at("a"), at("b")});
  for (const Json& one : alone["figures"]) {
    Json beside = figure(both, one["name"]);
    EXPECT_EQ(beside["tables"], one["tables"]) << one["name"];
    EXPECT_EQ(beside["facts"], one["facts"]) << one["name"];
    EXPECT_EQ(beside["alternative"], one["alternative"]) << one["name"];
  }
  EXPECT_EQ(both["claims"]["facts"], alone["claims"]["facts"]);
  EXPECT_TRUE(names_of(both).contains("figureMeasures"));
}

TEST_F(WithoutExamplesTest, are_judged_by_a_studys_own_claims) {
  const Json study = {
      {"name", "walk"},
      {"claims",
       {{{"name", "more"},
         {"sentence", "It interferes more with a larger lambda."},
         {"rule", "mean(function_interference) > 1.2 over all series where learner.lambda = 0.5"}},
        {{"name", "gaps"}, {"sentence", "There is a gap."}, {"rule", "mean(gap) > 0"}}}}};
  std::vector<Made> all;
  for (const double rate : {0.02, 0.05, 0.1, 0.15, 0.2}) {
    for (int seed = 0; seed < 2; ++seed) all.push_back(exact::make({0.5, rate, seed, 3, {}}));
  }
  exact::write(at("a"), all, study);
  const Json claims = bundle({at("a")})["claims"]["rows"];
  ASSERT_EQ(claims.size(), 2u);
  EXPECT_EQ(claims[0]["verdict"], "supported") << claims[0];
  EXPECT_EQ(claims[0]["unknown_learned"], 0) << "whether they learned is no question";
  EXPECT_EQ(claims[1]["verdict"], "not tested") << claims[1];
}

/// The interval of a mean that leaves one seed out at a time is Student's of the differences by seed.
TEST_F(WithoutExamplesTest, are_compared_seed_by_seed_where_a_claim_compares_configurations) {
  const Json study = {
      {"name", "walk"},
      {"claims",
       {{{"name", "less"},
         {"sentence", "The error is less with a larger lambda."},
         {"rule",
          "mean(value_error states at last where learner.lambda = 0.9) < mean(value_error states at "
          "last where learner.lambda = 0) for each configuration"}}}}};
  const std::vector<Made> all = exact::sweep({0, 0.9}, {0.1, 0.4}, 5);
  exact::write(at("a"), all, study);
  const Json row = bundle({at("a")})["claims"]["rows"][0];
  ASSERT_EQ(row["groups"].size(), 2u) << "one for each rate: " << row;
  for (const Json& group : row["groups"]) {
    const double rate = group["label"].get<std::string>().find("0.4") == std::string::npos ? 0.1 : 0.4;
    std::vector<double> differences;
    for (int seed = 0; seed < 5; ++seed) {
      const auto last = [&](double lambda) {
        double error = 0;
        for (const Row& row : exact::make({lambda, rate, seed, 10, Json::object()}).rows)
          if (row.measure == "value_error") error = row.value;
        return error;
      };
      differences.push_back(last(0.9) - last(0));
    }
    const double mean = mean_of(differences), half = half_interval(differences);
    EXPECT_EQ(group["configurations"], 5);
    EXPECT_NEAR(group["value"].get<double>(), mean, 1e-12);
    EXPECT_NEAR(group["low"].get<double>(), mean - half, 1e-9);
    EXPECT_NEAR(group["high"].get<double>(), mean + half, 1e-9);
  }
}

/// Runs of two learners that learn from stored trajectories, at each of the rates.
std::vector<Made> stored_study(const std::vector<double>& rates = {0.1, 0.2}) {
  std::vector<Made> all;
  for (const char* algorithm : {"dqn", "mc"}) {
    const bool is_mc = algorithm == std::string("mc");
    for (const double rate : rates) {
      for (int seed = 0; seed < 2; ++seed) {
        const Json more = {
            {"learner.algorithm", algorithm}, {"learner.loss", is_mc ? "smooth-l1" : "squared-error"},
            {"learner.optimizer", "adam"},    {"learner.momentum", is_mc ? 0.99 : 0.9},  // counts for no run
            {"task.environment", nullptr},    {"task.trajectories", "set"}};
        Made made = exact::make({0, rate, seed, 4, more});
        const double first = made.rows.front().value;
        std::erase_if(made.rows, [](const Row& row) { return row.measure == "value_error"; });
        for (std::int64_t step = 0; step <= 4; ++step) {
          const double change = (is_mc && seed == 0 ? 0.1 : -0.1) * static_cast<double>(step);
          for (const char* split : {"test", "train"}) {
            made.rows.push_back({step, "loss", split, first + change});
            made.rows.push_back({step, "td_error", split, 0.5});
          }
          made.rows.push_back({step, "stiffness", "train-test", 0.5});
          made.rows.push_back({step, "gap", "train-test", change});
          made.rows.push_back({step, "function_interference", "train-test", 2});
        }
        all.push_back(made);
      }
    }
  }
  return all;
}

TEST_F(WithoutExamplesTest, are_named_by_the_keys_that_differ_and_count_and_do_not_follow_from_another) {
  exact::write(
      at("a"), stored_study(),
      {{"name", "walk"}, {"scale", ""}, {"text", ""}, {"swept", {"learner.algorithm", "learner.rate"}}});
  const Json whole = bundle({at("a")});
  std::set<std::string> series;
  for (const Json& row : rows(figure(whole, "figureMeasures"), "curves")) series.insert(row["experiment"]);
  EXPECT_EQ(series, (std::set<std::string>{"walk (learner.algorithm dqn, learner.rate 0.1)",
                                           "walk (learner.algorithm dqn, learner.rate 0.2)",
                                           "walk (learner.algorithm mc, learner.rate 0.1)",
                                           "walk (learner.algorithm mc, learner.rate 0.2)"}));
  EXPECT_EQ(whole["by"], (Json{"learner.algorithm", "learner.rate"}));
  EXPECT_EQ(whole["swept"], (Json{"learner.algorithm", "learner.loss", "learner.rate"}));
  EXPECT_THROW(load_results({at("a")}, {.by = {{"learner.momentum"}}, .panel = {}, .where = {}}), Error);
}

TEST_F(WithoutExamplesTest,
       show_what_is_learned_the_gap_and_interference_first_however_many_panels_there_are) {
  std::vector<Made> all;
  for (const char* loss : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    for (Made made : stored_study({0.1, 0.2, 0.3, 0.4})) {
      change(made.record, "learner.loss", loss);
      made.record.run = sha256(made.record.run + loss).substr(0, 16);
      all.push_back(made);
    }
  }
  exact::write(at("a"), all);
  std::set<std::string> panels, drawn;
  for (const Json& row : rows(figure(bundle({at("a")}), "figureMeasures"), "curves")) {
    panels.insert(row["panel"]);
    if (row["drawn"] == true)
      drawn.insert(row["measure"].get<std::string>() + "/" + row["split"].get<std::string>());
  }
  EXPECT_EQ(panels.size(), 8U);
  EXPECT_EQ(drawn, (std::set<std::string>{"td_error.square/train", "gap/train-test",
                                          "function_interference/train-test"}));
}

TEST_F(WithoutExamplesTest,
       that_end_with_a_larger_test_loss_than_they_began_with_are_said_to_before_all_numbers) {
  exact::write(at("a"), stored_study());
  const Json cautions = bundle({at("a")})["cautions"];
  ASSERT_EQ(cautions.size(), 2U) << cautions;
  EXPECT_EQ(
      cautions[0],
      "walk (learner.algorithm mc, learner.rate 0.1): 1 of 2 runs ends worse than it began: its loss (test) "
      "is larger at the last measurement than at the first. With targets that are fixed (mc, reg, td-star) "
      "it "
      "has then learned nothing that holds for other episodes; with targets that bootstrap, a loss also "
      "grows "
      "because the values do.");
}

}  // namespace
}  // namespace crosstalk::figures
