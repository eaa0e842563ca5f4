// Which runs a rule puts beside which: seeds of one configuration, several series, other environments, and
// the moment at which a run has reached something.
#include "desk/exact_study.hpp"
#include "desk/figures_fixture.hpp"
#include "desk/student.hpp"
#include "figures/claims/paper.hpp"

namespace crosstalk::figures {
namespace {

using exact::Made;
using student::half_interval;
using student::mean_of;
using student::Values;

class ClaimsGroupsTest : public FiguresTest {
 protected:
  Json judged(const std::string& rule, const std::vector<Made>& all) {
    const std::string name = "study" + std::to_string(++studies_);
    exact::write(
        at(name), all,
        {{"name", "walk"}, {"claims", {{{"name", "it"}, {"sentence", "It is so."}, {"rule", rule}}}}});
    return bundle({at(name)})["claims"]["rows"][0];
  }

 private:
  int studies_ = 0;
};

/// A value function of one experiment, measured at the steps 0, 10, 20, ...
Made learner(const std::string& experiment, const Json& keys, int seed,
             const std::vector<std::pair<std::string, Values>>& measured) {
  Json more = {{"learner.optimizer", "adam"}, {"probe.unit", "updates"}};
  more.update(keys);
  Made made = exact::make({0, 0.1, seed, 1, more});
  made.record.experiment = experiment;
  made.record.status = store::Status::done;
  made.arrays.clear();
  made.rows.clear();
  for (const auto& [name, values] : measured) {
    const auto split = name.find(' ');
    for (std::size_t i = 0; i < values.size(); ++i)
      made.rows.push_back(
          {static_cast<std::int64_t>(10 * i), name.substr(0, split), name.substr(split + 1), values[i]});
  }
  return made;
}

const Values of_dqn{0.9, 1.3, 1.1, 1.6, 0.8}, of_reg{0.2, 0.5, 0.1, 1.0, 0.6};
const std::string gain = "loss_difference.td ahead";
const std::string higher = "mean(" + gain + " where algorithm = dqn) > mean(" + gain +
                           " where algorithm = reg) for each learner.optimizer, task.environment";

std::vector<Made> two_learners(const Json& keys_of_dqn, const std::string& environment = "random-walk") {
  std::vector<Made> all;
  for (int seed = 0; seed < 5; ++seed) {
    Json keys = {{"learner.algorithm", "dqn"}};
    keys.update(keys_of_dqn);
    all.push_back(learner("walk", keys, seed, {{gain, {of_dqn[seed], of_dqn[seed]}}}));
    all.push_back(learner("walk", {{"learner.algorithm", "reg"}, {"task.environment", environment}}, seed,
                          {{gain, {of_reg[seed], of_reg[seed]}}}));
  }
  return all;
}

TEST_F(ClaimsGroupsTest, of_one_configuration_a_side_have_students_interval_over_pairs_of_seeds) {
  const Json row = judged(higher, two_learners(Json::object()));
  ASSERT_EQ(row["groups"].size(), 1u) << row;
  Values differences;
  for (int seed = 0; seed < 5; ++seed) differences.push_back(of_dqn[seed] - of_reg[seed]);
  const Json& group = row["groups"][0];
  EXPECT_NEAR(group["low"].get<double>(), mean_of(differences) - half_interval(differences), 1e-9);
  EXPECT_NEAR(group["high"].get<double>(), mean_of(differences) + half_interval(differences), 1e-9);
  EXPECT_NE(row["shows"].get<std::string>().find("5 seeds of one configuration"), std::string::npos)
      << row["shows"];
}

TEST_F(ClaimsGroupsTest, that_differ_in_more_than_the_rule_asks_share_no_seed) {
  std::vector<Made> all = two_learners({{"learner.rate", 0.3}});
  for (std::size_t i = 0; i < all.size(); i += 2) all[i].record.experiment = "another";
  const Json row = judged(higher, all);
  ASSERT_EQ(row["groups"].size(), 1u) << row;
  const double difference = mean_of(of_dqn) - mean_of(of_reg), half = half_interval(of_dqn, of_reg);
  EXPECT_NEAR(row["groups"][0]["low"].get<double>(), difference - half, 1e-9);
  EXPECT_NEAR(row["groups"][0]["high"].get<double>(), difference + half, 1e-9);
}

TEST_F(ClaimsGroupsTest, of_two_environments_are_not_compared_unless_the_rule_names_them) {
  const std::string rule = higher.substr(0, higher.find(" for each"));
  std::vector<Made> elsewhere = two_learners(Json::object(), "gridworld");
  for (std::size_t i = 0; i < elsewhere.size(); i += 2) elsewhere[i].record.experiment = "another";
  EXPECT_EQ(judged(rule, elsewhere)["verdict"], "not tested");
  const std::string named = "mean(" + gain + " where task.environment = random-walk) > mean(" + gain +
                            " where task.environment = gridworld)";
  EXPECT_EQ(judged(named, elsewhere)["verdict"], "supported");
  std::vector<Made> here = two_learners(Json::object());
  for (std::size_t i = 0; i < here.size(); i += 2) here[i].record.experiment = "another";
  EXPECT_EQ(judged(rule, here)["verdict"], "supported");
}

/// Adam knows no such momentum as momentum SGD: the key has a value that says nothing.
TEST_F(ClaimsGroupsTest, are_not_kept_apart_by_a_key_that_counts_for_nothing) {
  const std::string rule = higher.substr(0, higher.find(" for each")) + " for each configuration";
  EXPECT_EQ(judged(rule, two_learners({{"learner.momentum", 0.9}}))["verdict"], "supported");
  EXPECT_EQ(judged(rule, two_learners({{"learner.weight-decay", 0.9}}))["verdict"], "not tested");
}

TEST_F(ClaimsGroupsTest, of_several_series_are_pooled_where_the_rule_says_so) {
  std::vector<Made> all;
  for (const double rate : {0.1, 0.2, 0.3}) {
    for (const int hidden : {8, 16}) {
      for (int seed = 0; seed < 2; ++seed) {
        const double x = std::log(rate) + 0.1 * std::log(hidden) + 0.01 * seed;
        all.push_back(learner("walk",
                              {{"learner.algorithm", "dqn"},
                               {"learner.approximation", "network"},
                               {"learner.rate", rate},
                               {"network.hidden", hidden}},
                              seed, {{"sign_variance train", {x}}, {"td_error train", {x * x * x}}}));
      }
    }
  }
  const std::string r = "r(sign_variance train, td_error train) > 0";
  const Json apart = judged(r, all), together = judged(r + " over all series", all);
  EXPECT_EQ(apart["verdict"], "undecided") << "no series has four configurations: " << apart;
  ASSERT_EQ(together["groups"].size(), 1u) << together;
  EXPECT_EQ(together["groups"][0]["configurations"], 6);
  EXPECT_EQ(together["verdict"], "supported");
}

TEST_F(ClaimsGroupsTest, are_read_where_each_run_first_reached_what_the_rule_says) {
  std::vector<Made> all;
  for (int seed = 0; seed < 5;
       ++seed) {  // each reaches 0.9 a measurement later than the one before; one never
    Values fit(6, 0.5), value(6, -1);
    if (seed < 4) fit[seed + 1] = 0.9, value[seed + 1] = seed;
    all.push_back(learner("walk", {{"learner.algorithm", "dqn"}}, seed,
                          {{"accuracy train", fit}, {"value_error states", value}}));
  }
  const Json row = judged("mean(value_error states at accuracy train >= 0.9) > 0", all);
  ASSERT_EQ(row["groups"].size(), 1u) << row;
  EXPECT_EQ(row["groups"][0]["n"], 4);
  EXPECT_NEAR(row["groups"][0]["value"].get<double>(), 1.5, 1e-12) << "of 0, 1, 2 and 3";
  EXPECT_EQ(row["groups"][0]["left_out"], 1);
}

TEST_F(ClaimsGroupsTest, that_lack_a_measure_are_told_which_and_of_which_split) {
  const Json row = judged("mean(interference at value_error states <= 1) > 0 where kind = evaluate",
                          {learner("walk", {{"learner.algorithm", "dqn"}}, 0, {{"td_error train", {1, 2}}})});
  EXPECT_EQ(row["verdict"], "not tested") << row;
  EXPECT_NE(
      row["decides"].get<std::string>().find("function_interference train-train and value_error states"),
      std::string::npos)
      << row["decides"];
}

std::string rule_of_the_paper(const std::string& name) {
  for (const PaperClaim& claim : paper_claims())
    if (claim.name == name) return std::string(claim.rule);
  return "";
}

// Each takes two kinds of run, in which the other option is off. A run from before there were these options
// has neither.
TEST_F(ClaimsGroupsTest, on_smoothing_and_on_ensembles_are_of_what_is_alike_in_all_else) {
  std::vector<Made> all;
  const auto runs = [&](const Json& options, double variance) {
    Json keys = {{"learner.algorithm", "dqn"}, {"task.trajectories", "set"}, {"learner.target-every", 9}};
    if (!options.is_null()) keys.update(options);
    for (int seed = 0; seed < 5; ++seed) {
      const double value = variance + 0.01 * seed;
      all.push_back(learner("walk", keys, seed, {{"sign_variance train", {value, value}}}));
    }
  };
  runs({}, 0.5);
  runs({{"learner.target-copies", 10}, {"learner.smoothing", 0.0}}, 0.3);
  runs({{"learner.target-copies", 1}, {"learner.smoothing", 0.2}}, 0.7);
  runs({{"learner.chain", 100.0}}, 0.1);
  runs({{"learner.target-copies", 2}, {"learner.smoothing", 0.0}}, 0.9);
  const Json ensembles = judged(rule_of_the_paper("ensembles-help"), all),
             smoothing = judged(rule_of_the_paper("smoothing-helps"), all);
  EXPECT_EQ(ensembles["verdict"], "supported") << ensembles;
  EXPECT_EQ(smoothing["verdict"], "contradicted") << smoothing;
  ASSERT_EQ(ensembles["groups"].size(), 1u) << ensembles;
  EXPECT_NEAR(ensembles["groups"][0]["value"].get<double>(), -0.2, 1e-9) << ensembles;
  EXPECT_NEAR(smoothing["groups"][0]["value"].get<double>(), 0.2, 1e-9) << smoothing;
}

}  // namespace
}  // namespace crosstalk::figures
