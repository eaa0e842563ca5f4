// Verdicts on studies whose truth is known by construction.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <variant>

#include "desk/synthetic.hpp"
#include "figures/bundle.hpp"
#include "figures/claims/evaluate.hpp"
#include "figures/claims/table.hpp"
#include "figures/results.hpp"
#include "folder.hpp"
#include "study/rule.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::figures {
namespace {

using synthetic::make;
using synthetic::Recipe;

class ClaimsTest : public testing::Test {
 protected:
  Folder folder;
  std::filesystem::path at(const std::string& name) { return folder.path() / name; }

  /// The row of one claim, given by its rule, about runs of these recipes.
  Json judged(const std::string& rule, const std::vector<Recipe>& recipes,
              const Json& more = Json::object()) {
    Json claim{{"name", "it"}, {"sentence", "It is so."}, {"rule", rule}};
    claim.update(more);
    std::vector<synthetic::Made> made;
    for (const Recipe& recipe : recipes) made.push_back(make(recipe));
    const std::string name = "study" + std::to_string(++studies_);
    synthetic::write(at(name), made, false, {{"name", "mine"}, {"text", ""}, {"claims", {claim}}});
    return claims_of(load_results({at(name)}))["rows"][0];
  }

  std::string verdict(const std::string& rule, const std::vector<Recipe>& recipes) {
    return judged(rule, recipes)["verdict"];
  }

 private:
  int studies_ = 0;
};

Recipe recipe(double r, const std::string& experiment = "digits") {
  Recipe recipe;
  recipe.r = r;
  recipe.experiment = experiment;
  return recipe;
}

TEST_F(ClaimsTest, a_positive_r_supports_contradicts_and_leaves_open_what_it_should) {
  const std::string each = " for each examples";
  EXPECT_EQ(verdict("r(log interference, gap) > 0.3" + each, {recipe(0.8)}), "supported");
  EXPECT_EQ(verdict("r(log interference, gap) < 0.3" + each, {recipe(0.8)}), "contradicted");
  EXPECT_EQ(verdict("r(log interference, gap) > 0.8" + each, {recipe(0.8)}), "undecided");
  EXPECT_EQ(verdict("|r(log interference, gap)| < 0.3" + each, {recipe(-0.8)}), "contradicted");
  EXPECT_EQ(verdict("|r(log interference, gap)| > 0.3" + each, {recipe(-0.8)}), "supported");
  EXPECT_EQ(verdict("r(log interference, gap) > 0 where panel = value-based", {recipe(0.8)}), "not tested");
  EXPECT_EQ(verdict("mean(loss_interference) > 0", {recipe(0.8)}), "not tested") << "nothing measured it";
}

TEST_F(ClaimsTest, a_row_holds_value_interval_n_and_the_run_of_the_claim) {
  const Json row = judged("r(log interference, gap) > 0.3 for each examples", {recipe(0.8)});
  ASSERT_EQ(row["groups"].size(), 3u);
  const Json& group = row["groups"][1];
  EXPECT_EQ(group["label"], "digits, 100 examples");
  EXPECT_NEAR(group["value"].get<double>(), 0.8, 0.12);
  EXPECT_LT(group["low"], group["value"]);
  EXPECT_EQ(group["n"], 48);
  EXPECT_EQ(group["configurations"], 12);
  EXPECT_EQ(group["side"], "holds");
  EXPECT_EQ(row["source"], "mine");
  EXPECT_NE(row["shows"].get<std::string>().find("Of 3 groups, 3 lie wholly"), std::string::npos)
      << row["shows"];
}

TEST_F(ClaimsTest, an_r_over_all_sizes_is_said_to_be_confounded_and_shown_within_each) {
  const Json row = judged("r(log interference, gap) > 0.1", {recipe(0.8)});
  EXPECT_EQ(row["verdict"], "supported");
  EXPECT_NE(row["confounded"].get<std::string>().find("Not held fixed"), std::string::npos);
  ASSERT_EQ(row["within"].size(), 5u);
  EXPECT_GT(row["within"][0]["r"], row["groups"][0]["value"]) << "the sizes add variance to the gap alone";
  EXPECT_EQ(judged("r(log interference, gap given examples, network) > 0.1", {recipe(0.8)})["confounded"],
            "");
  EXPECT_EQ(judged("r(log examples, gap given network) < -0.8", {recipe(0.8)})["confounded"], "");
}

TEST_F(ClaimsTest, given_a_logarithm_are_said_to_be_linear_in_it) {
  const auto shows = [&](const std::string& given) -> std::string {
    return judged("r(log interference, gap given " + given + ") > 0", {recipe(0.8)})["shows"];
  };
  EXPECT_NE(shows("log examples").find("Given: linear in log examples."), std::string::npos);
  EXPECT_EQ(shows("examples").find("linear"), std::string::npos);
}

TEST_F(ClaimsTest, few_configurations_decide_nothing_and_the_row_says_what_would) {
  Recipe few = recipe(0.95);
  few.depth = {0};
  const Json row = judged("r(log interference, gap) > 0 for each examples", {few});
  EXPECT_EQ(row["verdict"], "undecided");
  EXPECT_EQ(row["groups"][0]["no_interval"], "fewer than 4 configurations");
  EXPECT_EQ(row["left_out_groups"].size(), 3u);
  EXPECT_EQ(
      row["decides"],
      "A fresh replication with at least 4 configurations in each group: with fewer there is no interval.");
  const Json close = judged("r(log interference, gap) > 0.7 for each examples", {recipe(0.8)});
  EXPECT_EQ(close["verdict"], "undecided");
  EXPECT_TRUE(close["decides"].get<std::string>().starts_with("A fresh replication with about "))
      << close["decides"];
  EXPECT_GT(close["replication"], 12);
}

TEST_F(ClaimsTest, a_difference_is_taken_between_experiments_on_the_same_data) {
  const std::string rule =
      "r(log interference, gap where experiment = low) < r(log interference, gap where experiment = high) "
      "for each examples";
  const Json row = judged(rule, {recipe(-0.6, "low"), recipe(0.6, "high")});
  EXPECT_EQ(row["verdict"], "supported");
  EXPECT_EQ(row["groups"][0]["label"], "low against high, 20 examples");
  EXPECT_NEAR(row["groups"][0]["value"].get<double>(), -1.2, 0.4);
  Recipe elsewhere = recipe(0.6, "high");
  elsewhere.dataset = "svhn";
  EXPECT_EQ(verdict(rule, {recipe(-0.6, "low"), elsewhere}), "not tested");
  EXPECT_EQ(verdict(rule, {recipe(0.6, "low"), recipe(-0.6, "high")}), "contradicted");
}

TEST_F(ClaimsTest, a_difference_within_one_experiment_is_between_runs_that_differ_in_a_key) {
  const Json row = judged("mean(gap where examples = 500) < mean(gap where examples = 20)", {recipe(0.5)});
  EXPECT_EQ(row["verdict"], "supported");
  EXPECT_NEAR(row["groups"][0]["value"].get<double>(), std::log10(20) - std::log10(500), 0.1);
}

TEST_F(ClaimsTest, moments_and_variation_are_those_of_the_run) {
  // log interference grows by 1/4 from each of four measurements to the next, in every run; of those at steps
  // 0, 50, 100 and 150 the last alone lies in the last quarter.
  const Json row = judged("mean(log interference - log interference at first) > 0.7", {recipe(0.5)});
  EXPECT_NEAR(row["groups"][0]["value"].get<double>(), 0.75, 1e-9);
  EXPECT_EQ(row["verdict"], "supported");
  const Json half = judged("mean(log interference - log interference at 70%) < 0.6", {recipe(0.5)});
  EXPECT_NEAR(half["groups"][0]["value"].get<double>(), 0.25, 1e-9)
      << "70% of 150 steps is after the one at 100";
  const Json varies = judged("mean(variation interference) > 0", {recipe(0.5)});
  const double e[] = {std::exp(0.5), std::exp(0.75),
                      std::exp(1.0)};  // without the first quarter of the steps
  EXPECT_NEAR(varies["groups"][0]["value"].get<double>(), (e[2] - e[0]) / 2 / 2 / e[1], 1e-9)
      << "half the distance of the quartiles, (e[1] + e[2]) / 2 - (e[0] + e[1]) / 2, beside the median";
}

TEST_F(ClaimsTest, one_group_of_several_is_enough_for_some_and_a_majority_contradicts_each) {
  const auto groups = [](int holds, int against, int open) {
    std::vector<Group> groups(holds + against + open);
    for (int i = 0; i < holds + against + open; ++i)
      groups[i].side = i < holds ? Side::holds : i < holds + against ? Side::against : Side::open;
    return groups;
  };
  EXPECT_EQ(verdict_of(groups(3, 0, 0), false), Verdict::supported);
  EXPECT_EQ(verdict_of(groups(3, 0, 1), false), Verdict::undecided);
  EXPECT_EQ(verdict_of(groups(2, 2, 0), false), Verdict::undecided);
  EXPECT_EQ(verdict_of(groups(1, 2, 0), false), Verdict::contradicted);
  EXPECT_EQ(verdict_of(groups(0, 1, 1), false), Verdict::undecided);
  EXPECT_EQ(verdict_of(groups(1, 2, 3), true), Verdict::supported);
  EXPECT_EQ(verdict_of(groups(0, 2, 1), true), Verdict::undecided);
  EXPECT_EQ(verdict_of(groups(0, 3, 0), true), Verdict::contradicted);
  EXPECT_EQ(verdict_of({}, false), Verdict::not_tested);
  std::vector<Group> with_a_small_one = groups(2, 0, 0);
  with_a_small_one.emplace_back();
  EXPECT_EQ(verdict_of(with_a_small_one, false), Verdict::supported)
      << "a group without an interval does not count";
  EXPECT_EQ(verdict_of({Group{}}, false), Verdict::undecided);
}

TEST_F(ClaimsTest, of_a_study_say_whether_they_stood_in_the_file_before_its_runs) {
  const std::string rule = "mean(gap) > 0";
  const auto when = [&](const Json& more) { return judged(rule, {recipe(0.5)}, more)["when"]; };
  EXPECT_EQ(when({{"begun", 0}, {"done", 0}, {"runs", 144}}), "Stood in the file before the runs began.");
  EXPECT_EQ(when({{"begun", 9}, {"done", 7}, {"runs", 144}}), "Added after 7 of 144 runs were done.");
  EXPECT_EQ(when({{"begun", 2}, {"done", 0}, {"runs", 144}}),
            "Added after the runs began, before any was done.");
  EXPECT_EQ(when(Json::object()), "The store does not say since when it stands.");
}

TEST_F(ClaimsTest, of_a_study_come_into_its_record_with_what_was_done_by_then) {
  study::Study study;
  study.claims = {{.name = "a", .sentence = "A.", .rule = "mean(gap) > 0"}};
  study.runs.resize(3);
  const Json before = work::study_record(study, {}, nullptr, Json(), {});
  EXPECT_EQ(before["claims"][0]["begun"], 0);
  EXPECT_EQ(before["claims"][0]["runs"], 3);
  study.claims.push_back({.name = "b", .sentence = "B.", .rule = "mean(gap) > 0"});
  const std::vector<store::RunRecord> there{{.run = "1", .status = store::Status::done, .tries = 1},
                                            {.run = "2", .status = store::Status::running, .tries = 1},
                                            {.run = "3"}};
  const Json after = work::study_record(study, {}, nullptr, before, there);
  EXPECT_EQ(after["claims"][0]["begun"], 0) << "it was there before";
  EXPECT_EQ(after["claims"][1]["begun"], 2);
  EXPECT_EQ(after["claims"][1]["done"], 1);
}

TEST_F(ClaimsTest, of_an_included_file_are_judged_by_its_runs_alone) {
  const std::string rule = "r(log interference, gap) > 0 for each examples";
  const std::vector<Recipe> recipes{recipe(0.8, "up"), recipe(-0.8, "down")};
  EXPECT_EQ(judged(rule, recipes, {{"experiments", Json::array({"up"})}})["verdict"], "supported");
  EXPECT_EQ(judged(rule, recipes, {{"experiments", Json::array({"up", "down"})}})["verdict"], "undecided");
}

TEST_F(ClaimsTest, of_a_study_are_judged_by_its_own_runs) {
  const auto study = [](const std::string& name) {
    return Json{
        {"name", name},
        {"text", ""},
        {"claims",
         {{{"name", name}, {"sentence", "."}, {"rule", "r(log interference, gap) > 0 for each examples"}}}}};
  };
  synthetic::write(at("a"), {make(recipe(0.8, "up"))}, false, study("a"));
  synthetic::write(at("b"), {make(recipe(-0.8, "down"))}, false, study("b"));
  const Json rows = claims_of(load_results({at("a"), at("b")}))["rows"];
  EXPECT_EQ(rows[0]["verdict"], "supported");
  EXPECT_EQ(rows[1]["verdict"], "contradicted");
}

TEST_F(ClaimsTest, find_an_experiment_by_its_name_where_the_report_has_a_longer_one) {
  const Json study{
      {"name", "a"},
      {"text", ""},
      {"claims",
       {{{"name", "it"},
         {"sentence", "."},
         {"rule", "r(log interference, gap) > 0 where experiment = digits for each examples"}}}}};
  Recipe other = recipe(-0.8);
  other.more = {{"learner.rate", 0.1}};
  Recipe one = recipe(0.8);
  one.more = {{"learner.rate", 0.01}};
  synthetic::write(at("a"), {make(one)}, false, study);
  synthetic::write(at("b"), {make(other)});
  const Json row = claims_of(load_results({at("a"), at("b")}))["rows"][0];
  EXPECT_EQ(row["verdict"], "supported") << row["decides"];
  EXPECT_EQ(row["groups"][0]["label"], "digits (learner.rate 0.01), 20 examples");
}

TEST_F(ClaimsTest, of_the_paper_are_in_every_bundle_the_same_on_every_call) {
  Recipe classify = recipe(0.8);
  classify.examples = {100, 500, 1000};
  synthetic::write(at("a"), {make(classify)});
  const Json one = bundle({at("a")})["claims"];
  EXPECT_EQ(one.dump(), bundle({at("a")})["claims"].dump());
  std::map<std::string, std::string> verdicts;
  for (const Json& row : one["rows"]) {
    verdicts[row["name"]] = row["verdict"];
    EXPECT_EQ(row["decides"].get<std::string>().empty(),
              row["verdict"] == "supported" || row["verdict"] == "contradicted")
        << row;
  }
  EXPECT_EQ(verdicts["classification-positive"], "supported");
  EXPECT_EQ(verdicts["classification-over-all"], "not tested")
      << "100 to 1,000 examples are not the paper's range";
  EXPECT_EQ(verdicts["td-negative"], "not tested");
  EXPECT_EQ(verdicts["sign-variance-reward"], "not tested");
  EXPECT_EQ(one["facts"]["paper/classification-positive/verdict"], "supported");
  EXPECT_EQ(one["facts"]["paper/classification-positive/digits/n"], 96);
}

TEST_F(ClaimsTest, show_the_interval_that_judges_and_its_level) {
  const auto first = [&](const std::string& rule) -> Json {
    const Json row = judged(rule, {recipe(0.8)});
    EXPECT_NE(row["shows"].get<std::string>(), "");
    return row["groups"][0];
  };
  const std::string each = "r(log interference, gap) > 0.3 where examples = 20";
  EXPECT_NEAR(first(each)["level"].get<double>(), 0.9, 1e-9);
  const Json usual = first("r(log interference, gap) > 0.3 for each examples");
  const Json sure = first("r(log interference, gap) > 0.3 for some examples");
  EXPECT_NEAR(sure["level"].get<double>(), 1 - 0.1 / 3, 1e-9) << "three groups to choose from";
  EXPECT_LT(sure["low"], usual["low"]);
  const Json against = first("r(log interference, gap) < 0.3 for some examples");
  EXPECT_NEAR(against["level"].get<double>(), 0.9, 1e-9) << "all must be against: none is chosen";
  const std::string shows =
      judged("r(log interference, gap) != 0.3 where examples = 20", {recipe(0.8)})["shows"];
  EXPECT_NE(shows.find("(95% interval "), std::string::npos) << shows;
}

TEST_F(ClaimsTest, are_judged_alike_whatever_a_report_is_asked_to_draw) {
  const std::string rule = "r(log interference, gap) > 0 for each examples";
  std::vector<synthetic::Made> made;
  for (const auto& [rate, r] : {std::pair{0.01, 0.8}, {0.1, -0.8}}) {
    Recipe one = recipe(r);
    one.more = {{"learner.rate", rate}};
    made.push_back(make(one));
  }
  const Json claim{{"name", "it"}, {"sentence", "It is so."}, {"rule", rule}, {"begun", 0}};
  synthetic::write(at("a"), made, false, {{"name", "mine"}, {"text", ""}, {"claims", {claim}}});
  const Json usual = bundle({at("a")})["claims"];
  EXPECT_EQ(usual["rows"][0]["verdict"], "undecided") << "one rate has it, the other the contrary";
  EXPECT_EQ(bundle({at("a")}, {.where = {{"learner.rate", "0.01"}}})["claims"].dump(), usual.dump())
      << "of one rate alone it would be supported";
  EXPECT_EQ(bundle({at("a")}, {.by = std::vector<std::string>{}})["claims"].dump(), usual.dump());
  EXPECT_EQ(bundle({at("a")}, {.panel = "network.hidden"})["claims"].dump(), usual.dump())
      << "a panel for each width leaves no series with a width beside another";
}

TEST_F(ClaimsTest, that_this_version_cannot_read_are_not_tested) {
  const Json row = judged("mode(gap) > 0", {recipe(0.5)});
  EXPECT_EQ(row["verdict"], "not tested");
  EXPECT_NE(row["decides"].get<std::string>().find("cannot read the rule"), std::string::npos);
}

}  // namespace
}  // namespace crosstalk::figures
