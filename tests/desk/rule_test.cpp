// The language of claims: what a rule means, what is wrong with one, and claims in a study file.
#include "study/rule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>

#include "desk/memory_study.hpp"
#include "figures/claims/paper.hpp"
#include "study/claim.hpp"

namespace crosstalk::study {
namespace {

Rule rule_of(const std::string& text) {
  const auto parsed = parse_rule(text);
  if (const auto* fault = std::get_if<RuleFault>(&parsed))
    ADD_FAILURE() << text << "\ncolumn " << fault->column << ": " << fault->message;
  return std::holds_alternative<Rule>(parsed) ? std::get<Rule>(parsed) : Rule{};
}

/// "column: message" of a rule that is wrong.
std::string fault_of(const std::string& text) {
  const auto parsed = parse_rule(text);
  const auto* fault = std::get_if<RuleFault>(&parsed);
  return fault == nullptr ? "" : std::to_string(fault->column) + ": " + fault->message;
}

TEST(Rule, has_a_statistic_a_side_runs_and_groups) {
  const Rule rule = rule_of(
      "r(log interference, gap) < -0.3 where panel = value-based and examples >= 500 for each examples");
  EXPECT_EQ(rule.value.kind, Statistic::Kind::correlation);
  ASSERT_EQ(rule.value.expressions.size(), 2u);
  const Quantity& x = rule.value.expressions[0].quantity;
  EXPECT_EQ(x.name + " " + x.split, "function_interference train-train");
  EXPECT_TRUE(x.logarithm);
  EXPECT_EQ(rule.value.expressions[1].quantity.name, "gap");
  EXPECT_EQ(rule.high, -0.3);
  EXPECT_TRUE(std::isinf(rule.low));
  ASSERT_EQ(rule.where.size(), 2u);
  EXPECT_EQ(rule.where[0].values, std::vector<Json>{"value-based"});
  EXPECT_EQ(rule.where[1].comparison, ">=");
  EXPECT_EQ(rule.by, std::vector<std::string>{"examples"});
  EXPECT_FALSE(rule.some);
}

TEST(Rule, means_the_return_on_all_levels_where_no_split_is_said) {
  const auto quantity = [](const std::string& text) {
    const Quantity read = rule_of("mean(" + text + ") > 0").value.expressions.at(0).quantity;
    return read.name + " " + read.split;
  };
  EXPECT_EQ(quantity("return"), "return evaluation");
  EXPECT_EQ(quantity("return.random"), "return.random evaluation");
  EXPECT_EQ(quantity("return test"), "return test");
  EXPECT_EQ(quantity("return.random train"), "return.random train");
}

TEST(Rule, takes_the_constant_predictor_and_the_cosine_of_function_gradients) {
  for (const std::string name :
       {"accuracy.constant train", "squared_error.constant test", "function_stiffness train-test",
        "function_stiffness.sign train-train", "function_stiffness.positive train-train",
        "function_stiffness.left_out test-test", "gap_first_guess train-test"}) {
    const Rule rule = rule_of("mean(" + name + ") > 0");
    ASSERT_EQ(rule.value.expressions.size(), 1u) << name;
    const Quantity& quantity = rule.value.expressions[0].quantity;
    EXPECT_EQ(quantity.name + " " + quantity.split, name);
  }
  const Rule plain = rule_of("mean(function_stiffness) > 0");
  EXPECT_EQ(plain.value.expressions.at(0).quantity.split, "train-train");
  EXPECT_NE(fault_of("mean(reward.constant train) < 0"), "") << "an agent's line is the blind policy's";
}

TEST(Rule, compares_two_groups_by_their_difference) {
  const Rule rule = rule_of(
      "mean(accuracy test where learner.rate = 1e-3) > mean(accuracy test where learner.rate = 1e-2)");
  ASSERT_TRUE(rule.other);
  EXPECT_EQ(rule.low, 0);
  EXPECT_TRUE(std::isinf(rule.high));
  EXPECT_EQ(rule.other->where[0].field, "learner.rate");
  EXPECT_EQ(rule.other->where[0].values[0], 0.01);
  const Rule apart =
      rule_of("|mean(gap where network.depth = 0) - mean(gap where network.depth in [1, 2])| < 0.1");
  EXPECT_TRUE(apart.other && !apart.outside && apart.low == -0.1 && apart.high == 0.1);
  EXPECT_EQ(apart.other->where[0].values.size(), 2u);
}

TEST(Rule, has_limits_from_above_and_below_and_asks_for_a_difference_either_way) {
  const Rule between = rule_of("-0.91 < r(log examples, gap) < -0.8 across 20 to 50000 examples");
  EXPECT_EQ(between.low, -0.91);
  EXPECT_EQ(between.high, -0.8);
  EXPECT_EQ(between.across, std::pair(20.0, 50000.0));
  const Rule differ = rule_of(
      "slope(log capacity, gap where kind = classify) != slope(log capacity, gap where kind = regress) on "
      "all cells");
  EXPECT_TRUE(differ.outside && differ.low == 0 && differ.high == 0 && !differ.common_cells);
  EXPECT_TRUE(rule_of("|r(gap, examples)| > 0.3").outside);
  EXPECT_TRUE(rule_of("mean(gap where kind = classify) < mean(gap where kind = regress)").common_cells);
}

TEST(Rule, takes_all_series_of_an_experiment_together_where_it_says_so) {
  EXPECT_TRUE(rule_of("mean(gap) > 0 over all series where kind = classify for each examples").all_series);
  EXPECT_FALSE(rule_of("mean(gap) > 0 where kind = classify").all_series);
}

TEST(Rule, gives_a_level_to_each_value_of_a_field_and_a_line_to_a_number) {
  const Rule levels = rule_of("r(log interference, gap given examples, network, learner.rate) > 0");
  EXPECT_EQ(levels.value.levels, (std::vector<std::string>{"examples", "network", "learner.rate"}));
  EXPECT_EQ(levels.value.expressions.size(), 2u);
  const Rule line = rule_of("r(log interference, gap given log examples, train error) > 0");
  EXPECT_TRUE(line.value.levels.empty());
  EXPECT_EQ(line.value.expressions.size(), 4u);
  const Rule pooled = rule_of("r(log interference, gap pooled over examples where kind = classify) > 0");
  EXPECT_TRUE(pooled.value.pooled);
  EXPECT_EQ(pooled.value.levels, std::vector<std::string>{"examples"});
  EXPECT_EQ(pooled.value.where.size(), 1u);
}

TEST(Rule, knows_what_is_true_of_a_run) {
  const Rule rule = rule_of("median(gap) > 0 where kind = classify and overfits and learned = unknown");
  EXPECT_EQ(rule.value.kind, Statistic::Kind::median);
  EXPECT_EQ(rule.where[1].values, std::vector<Json>{true});
  EXPECT_EQ(rule.where[2].values, std::vector<Json>{"unknown"});
  EXPECT_EQ(rule_of("mean(gap where converged) > 0 where overfits = false for each network").where[0].values,
            std::vector<Json>{false});
}

TEST(Rule, knows_moments_variation_and_differences_within_a_run) {
  const Rule rule =
      rule_of("|mean(log interference test-test at best - log interference test-test at 25%)| < .5");
  const Expression& expression = rule.value.expressions[0];
  EXPECT_EQ(expression.quantity.moment, Quantity::Moment::best);
  ASSERT_TRUE(expression.minus);
  EXPECT_EQ(expression.minus->percent, 25);
  EXPECT_EQ(expression.minus->split, "test-test");
  EXPECT_FALSE(expression.magnitude);
  EXPECT_TRUE(rule_of("mean(|gap at last - gap at 50%|) < .5").value.expressions[0].magnitude);
  EXPECT_EQ(rule_of("mean(gap) < .5").value.expressions[0].quantity.moment, Quantity::Moment::quarter);
  EXPECT_TRUE(rule_of("mean(log variation loss_interference) > 0 for some dataset, network.hidden").some);
  const Quantity reached = rule_of("mean(gap at first_guess train >= 0.9) > 0").value.expressions[0].quantity;
  EXPECT_EQ(reached.moment, Quantity::Moment::milestone);
  EXPECT_EQ(reached.milestone.name + " " + reached.milestone.split, "first_guess train");
  EXPECT_TRUE(reached.milestone.above);
  EXPECT_EQ(reached.milestone.limit, 0.9);
  EXPECT_FALSE(rule_of("mean(gap at loss train <= 1) > 0").value.expressions[0].quantity.milestone.above);
  EXPECT_EQ(rule_of("mean(test error) < 0.5").value.expressions[0].quantity.name, "test error");
  EXPECT_EQ(rule_of("needs a study of Atari").needs, "a study of Atari");
}

TEST(Rule, says_where_it_is_wrong_what_was_expected_and_what_is_near) {
  EXPECT_EQ(fault_of("t(gap, examples) < 0"),
            "1: expected r(...), mean(...), median(...) or slope(...), not \"t\"; did you mean r?");
  EXPECT_EQ(fault_of("maen(gap) < 0"),
            "1: expected r(...), mean(...), median(...) or slope(...), not \"maen\"; did you mean mean?");
  EXPECT_EQ(
      fault_of("r(log interfrence, gap) < 0"),
      "7: expected a quantity (interference, gap, train error, test error, examples, capacity or a measure), "
      "not \"interfrence\"; did you mean interference?");
  EXPECT_EQ(
      fault_of("mean(reward.blidn train) < 0"),
      "6: expected reward, reward.random or reward.blind, not \"reward.blidn\"; did you mean reward.blind?");
  EXPECT_EQ(fault_of("mean(gap.zero) < 0"), "6: expected gap, not \"gap.zero\"");
  EXPECT_EQ(
      fault_of("mean(loss_interference.q50) < 0"),
      "6: expected loss_interference, loss_interference.positive, loss_interference.zero or "
      "loss_interference.negative, not \"loss_interference.q50\"; quantiles are stored, but no claim is "
      "judged by them");
  EXPECT_EQ(fault_of("r(gap) < 0"), "6: expected a comma: r is of two quantities, not \")\"");
  EXPECT_EQ(fault_of("mean(gap)"), "10: expected \"<\", \">\" or \"!=\", not the end of the rule");
  EXPECT_EQ(fault_of("mean(gap) = 0"), "11: expected \"<\", \">\" or \"!=\", not \"=\"");
  EXPECT_EQ(fault_of("mean(gap) < much"),
            "13: expected a number, r(...), mean(...), median(...) or slope(...), not \"much\"");
  EXPECT_EQ(fault_of("mean(accuracy) > 0"), "14: expected a split of accuracy, train or test, not \")\"");
  EXPECT_EQ(fault_of("mean(gap) < 0 were panel = supervised"),
            "15: expected \"where\", \"for\" or the end of the rule, not \"were\"; did you mean where?");
  EXPECT_EQ(
      fault_of("mean(gap) < 0 where panel = value-baste"),
      "29: expected supervised, value-based, policy gradient or offline, not \"value-baste\"; did you mean "
      "value-based?");
  EXPECT_EQ(fault_of("mean(gap) < 0 where network.hiden = 4"),
            "21: expected a field (experiment, panel, kind, algorithm, dataset, examples, capacity, learned, "
            "converged or overfits) or a key of the "
            "configuration, not \"network.hiden\"; did you mean network.hidden?");
  EXPECT_EQ(fault_of("mean(gap) < 0 where panel < supervised"),
            "27: expected = or !=, since panel is no number, not \"<\"");
  EXPECT_EQ(fault_of("mean(gap) < 0 where examples > many"), "32: expected a number, not \"many\"");
  EXPECT_EQ(fault_of("mean(gap) < 0 for all examples"), "19: expected \"each\" or \"some\", not \"all\"");
  EXPECT_EQ(fault_of("mean(gap at end) < 0"),
            "13: expected a moment (last, first, best, a share of the steps such as 50%, or what a measure "
            "reaches, "
            "such as first_guess train >= 0.9), not \"end\"");
  EXPECT_EQ(fault_of("mean(gap at first_guess train) < 0.1"),
            "30: expected \">=\" or \"<=\": a moment is where a measure first reaches a limit, not \")\"");
  EXPECT_EQ(fault_of("mean(gap) < 0.1 over series"), "22: expected \"all series\", not \"series\"");
  EXPECT_EQ(fault_of("|mean(gap) < 0.1"), "12: expected \"|\" or \"-\", not \"<\"");
  EXPECT_EQ(fault_of("mean(gap at 120%) < 0.1"),
            "13: expected a moment (last, first, best, a share of the steps such as 50%, or what a measure "
            "reaches, "
            "such as first_guess train >= 0.9), not \"120\"");
  EXPECT_EQ(fault_of("mean(gap) < 0 where dataset = 'own"), "31: expected a value, not \"'\"");
  EXPECT_EQ(fault_of("needs"), "6: expected what it takes to test the claim, not the end of the rule");
  EXPECT_EQ(fault_of(""),
            "1: expected r(...), mean(...), median(...) or slope(...), not the end of the rule");
  EXPECT_EQ(
      fault_of(
          "r(gap, capacity given examples, examples, examples, examples, examples, examples, examples) < 0"),
      "83: expected at most 6 quantities behind \"given\", not \"examples\"");
  EXPECT_EQ(fault_of("|r(gap, examples)| < -0.3"),
            "22: expected a number above 0, for a magnitude, not \"-0.3\"");
  EXPECT_EQ(fault_of("0.3 < mean(gap) < 0.1"), "19: expected a number above the first limit, not \"0.1\"");
  EXPECT_EQ(fault_of("mean(gap) < 0.1 on common cells"),
            "17: \"on\" belongs to a rule that compares two statistics");
  EXPECT_EQ(fault_of("slope(gap, log capacity pooled over examples) < 0"),
            "25: only r(...) can be pooled: each level has an r of its own, and their mean is taken");
  EXPECT_EQ(
      fault_of("r(gap, log capacity given network pooled over examples) < 0"),
      "35: either a level is given or r is pooled over it: with \"pooled over\", only numbers are given");
  EXPECT_EQ(fault_of("r(log examples, gap) < 0 across 500 to 20 examples"),
            "40: expected a number above the first, not \"20\"");
  EXPECT_EQ(fault_of("mean(|gap at last) < 0"), "18: expected \"|\" or \"-\", not \")\"");
  EXPECT_EQ(fault_of("mean(gap) < 0 where overfits = maybe"), "32: expected true or false, not \"maybe\"");
}

TEST(Rule, that_is_wrong_comes_with_one_that_is_right_in_that_place) {
  for (const std::string wrong :
       {"", "maen(gap) < 0", "r(gap) < 0", "r(gap, examples given ) < 0", "slope(gap) < 0", "mean(gab) < 0",
        "mean(gap) < 0 where panel < 1", "mean(gap) < 0 for all", "0 < mean(gap)", "|mean(gap)| < x",
        "mean(gap) < 0 across 3", "mean(gap) < mean(gap) on", "r(gap, examples pooled) < 0",
        "mean(gap) < 0 x"}) {
    const auto parsed = parse_rule(wrong);
    ASSERT_TRUE(std::holds_alternative<RuleFault>(parsed)) << wrong;
    rule_of(std::get<RuleFault>(parsed).example);
  }
}

TEST(Rule, can_name_an_environment_of_a_family) {
  const auto where = [](const std::string& name) { return "mean(gap) < 0 where task.environment = " + name; };
  EXPECT_EQ(fault_of(where("\"minatar:breakout\"")), "");
  EXPECT_EQ(fault_of(where("gridworld")), "");
  EXPECT_NE(fault_of(where("\"minatar:\"")), "");
  EXPECT_NE(fault_of(where("\"mintar:breakout\"")), "");
}

TEST(Rule, of_each_sentence_of_the_paper_can_be_read) {
  std::set<std::string_view> names;
  for (const figures::PaperClaim& claim : figures::paper_claims()) {
    EXPECT_EQ(fault_of(std::string(claim.rule)), "") << claim.name;
    EXPECT_TRUE(names.insert(claim.name).second) << claim.name;
    EXPECT_FALSE(claim.sentence.empty() || claim.where.empty()) << claim.name;
  }
  EXPECT_GE(names.size(), 50u);
}

TEST(Rule, of_each_sentence_of_the_paper_stands_in_the_documentation) {
  std::ifstream file(CROSSTALK_SOURCE_DIR "/docs/claims.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const figures::PaperClaim& claim : figures::paper_claims()) {
    std::string line = "| " + std::string(claim.name) + " (" + std::string(claim.where) + ") | `";
    for (const char c : claim.rule) line += c == '|' ? std::string("\\|") : std::string(1, c);
    EXPECT_NE(text.find(line + "` | "), std::string::npos) << line;
  }
}

TEST(Rule, that_the_documentation_gives_as_an_example_can_be_read) {
  std::ifstream file(CROSSTALK_SOURCE_DIR "/docs/claims.md");
  std::string line;
  while (std::getline(file, line) && line != "One example each:") continue;
  std::getline(file, line);
  int examples = 0;
  for (; std::getline(file, line) && line.starts_with("    "); ++examples)
    EXPECT_EQ(fault_of(line), "") << line;
  EXPECT_GE(examples, 8);
}

const std::string digits = "task.dataset = \"digits\"\n";

TEST(ClaimsOfAStudy, come_with_their_place_and_those_of_included_files_behind_them) {
  const Study study =
      reading_of({{"a.toml",
                   "include = [\"b.toml\", \"c.toml\"]\n\n[[claim]]\nname = \"mine\"\nsentence = \"A.\"\n"
                   "rule = 'mean(gap) > 0'\nsource = \"me\"\n"},
                  {"b.toml", digits + "[[claim]]\nsentence = \"B.\"\nrule = 'mean(gap) < 1'\n"},
                  {"c.toml",
                   "task.dataset = \"california\"\n[[claim]]\nsentence = \"C.\"\nrule = 'mean(gap) < 1'\n"}})
          .study;
  ASSERT_EQ(study.claims.size(), 3u);
  EXPECT_EQ(study.claims[0].name, "mine");
  EXPECT_EQ(study.claims[0].source, "me");
  EXPECT_EQ(study.claims[0].line, 3);
  EXPECT_EQ(study.claims[1].name, "claim-1");
  EXPECT_EQ(study.claims[0].experiments, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(study.claims[1].experiments, std::vector<std::string>{"b"});
  EXPECT_EQ(study.claims[2].name, "c-claim-1");
  EXPECT_EQ(study.claims[1].file, "b.toml");
  EXPECT_EQ(study.claims[1].rule, "mean(gap) < 1");
}

TEST(ClaimsOfAStudy, change_no_run) {
  EXPECT_EQ(study_of(digits + "[[claim]]\nsentence = \"A.\"\nrule = 'mean(gap) > 0'\n").runs.at(0).run,
            study_of(digits).runs.at(0).run);
}

TEST(ClaimsOfAStudy, are_refused_all_at_once_each_with_its_line) {
  EXPECT_EQ(refusal(digits + "[[claim]]\nsentense = \"A.\"\nrule = 'mean(gap) > 0'\n"
                             "[[claim]]\nsentence = \"B.\"\nrule = 'mean(gab) > 0'\n"
                             "[[claim]]\nsentence = \"C.\"\n"
                             "[[claim]]\nsentence = 3\nrule = \"\"\n"),
            "a.toml:3: claim.sentense is not a key of a claim; did you mean sentence?\n"
            "a.toml:7: claim: rule = \"mean(gab) > 0\", column 6: expected a quantity (interference, gap, "
            "train error, "
            "test error, examples, capacity or a measure), not \"gab\"; did you mean gap? (a right rule: "
            "mean(|log interference at last - log interference at 50%|) < 0.69)\n"
            "a.toml:8: a claim has a sentence and a rule; this one has no rule (a right rule: r(log "
            "interference, gap) > 0 for each examples)\n"
            "a.toml:11: claim.sentence is a text in quotes, and not an empty one\n"
            "a.toml:12: claim.rule is a text in quotes, and not an empty one");
  EXPECT_EQ(refusal(digits + "[claim]\nsentence = \"A.\"\n"),
            "a.toml:2: claim is a list of tables: [[claim]], then sentence = \"...\" and rule = 'r(log "
            "interference, gap) > 0 for each examples'");
  EXPECT_EQ(refusal(digits + "[[scale.small.claim]]\nsentence = \"A.\"\n"),
            "a.toml:2: claim belongs to the top of the file, not into a scale");
  EXPECT_EQ(refusal(digits + "[[claim]]\nname = \"x\"\nsentence = \"A.\"\nrule = 'mean(gap) > 0'\n"
                             "[[claim]]\nname = \"x\"\nsentence = \"B.\"\nrule = 'mean(gap) > 0'\n"),
            "a.toml:6: a claim named x stands in line 2 already; a name stands for one claim");
}

TEST(ClaimsOfAStudy, remember_how_much_was_known_when_they_were_first_recorded) {
  std::vector<Claim> claims{{.name = "a", .sentence = "A.", .rule = "mean(gap) > 0"}};
  const Json first = record_of(claims, Json(), "2026-01-01T00:00:00Z", 0, 0, 12);
  EXPECT_EQ(first[0]["begun"], 0);
  claims.push_back({.name = "b", .sentence = "B.", .rule = "mean(gap) > 0"});
  const Json second = record_of(claims, first, "2026-01-02T00:00:00Z", 7, 5, 12);
  EXPECT_EQ(second[0]["recorded"], "2026-01-01T00:00:00Z");
  EXPECT_EQ(second[0]["begun"], 0);
  EXPECT_EQ(second[1]["begun"], 7);
  EXPECT_EQ(second[1]["done"], 5);
  claims[0].rule = "mean(gap) > 1";
  EXPECT_EQ(record_of(claims, second, "2026-01-03T00:00:00Z", 12, 12, 12)[0]["done"], 12);
}

}  // namespace
}  // namespace crosstalk::study
