// Studies that compare algorithms: what differs beside the algorithm, and keys that count for some of them.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "desk/memory_study.hpp"
#include "study/differing.hpp"

namespace crosstalk::study {
namespace {

const std::string pole = "[task]\nenvironment = \"gym:CartPole-v1\"\n";

std::vector<Differing> differing(const std::string& text) {
  const Study study = study_of(text);
  return differing_with_algorithm(study.runs, study.swept);
}

/// What is said of learner.loss, which one experiment differs in; empty: nothing.
std::string loss_of(const std::string& text) {
  for (const Differing& one : differing(text))
    for (const std::string& key : one.keys)
      if (key.starts_with("learner.loss: ")) return key.substr(14);
  return "";
}

TEST(AlgorithmSweeps, name_each_key_whose_default_is_another_one_with_its_values) {
  const std::string losses = "learner.algorithm = [\"residual\", \"ql\", \"sarsa\"]\n";
  const std::vector<Differing> said = differing(pole + "[sweep]\n" + losses);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].heading, "also differ with learner.algorithm (give them to hold them fixed):");
  // The same by the algorithms alone.
  std::map<std::string, Json> alone;
  for (const std::string algorithm : {"residual", "ql", "sarsa"})
    alone[algorithm] = study_of(pole + "[learner]\nalgorithm = \"" + algorithm + "\"\n")
                           .runs.at(0)
                           .values.at("learner.loss");
  ASSERT_NE(alone["residual"], alone["ql"]);
  const std::string loss = loss_of(pole + "[sweep]\n" + losses);
  EXPECT_NE(loss.find(alone["residual"].dump() + " (residual"), std::string::npos) << loss;
  EXPECT_NE(loss.find(alone["ql"].dump() + " (ql"), std::string::npos) << loss;
}

TEST(AlgorithmSweeps, leave_out_of_a_key_the_algorithm_that_has_no_value_in_common_and_tell_the_rest) {
  const std::string two = loss_of(pole + "[sweep]\nlearner.algorithm = [\"residual\", \"ql\"]\n");
  ASSERT_FALSE(two.empty());
  EXPECT_EQ(loss_of(pole + "[sweep]\nlearner.algorithm = [\"residual\", \"ql\", \"reinforce\"]\n"), two);
}

TEST(AlgorithmSweeps, name_no_more_than_three_algorithms_of_the_value_that_most_of_them_have) {
  const std::string three =
      loss_of(pole + "[sweep]\nlearner.algorithm = [\"residual\", \"ql\", \"sarsa\", \"mc\"]\n");
  EXPECT_EQ(three.find("others"), std::string::npos) << three;
  EXPECT_NE(three.find("(mc, ql, sarsa)"), std::string::npos) << three;
  const std::string four = loss_of(
      pole + "[sweep]\nlearner.algorithm = [\"residual\", \"ql\", \"sarsa\", \"mc\", \"expected-sarsa\"]\n");
  EXPECT_NE(four.find("(others)"), std::string::npos) << four;
  EXPECT_NE(four.find("(residual)"), std::string::npos) << four;
}

TEST(AlgorithmSweeps, say_nothing_of_what_is_given_or_swept_and_nothing_where_the_algorithm_is_one) {
  const std::string two = "[sweep]\nlearner.algorithm = [\"residual\", \"ql\"]\n";
  ASSERT_EQ(differing(pole + two).size(), 1u);
  EXPECT_TRUE(differing(pole + "[learner]\nloss = \"squared-error\"\n" + two).empty());
  EXPECT_TRUE(differing(pole + two + "learner.loss = [\"squared-error\"]\n").empty());
  EXPECT_TRUE(differing(pole + "[sweep]\nlearner.rate = [0.1, 0.2]\n").empty());
}

TEST(AlgorithmSweeps, leave_out_what_no_value_fits) {
  EXPECT_EQ(loss_of("task = {dataset = \"digits\", kind = \"windowed\"}\n[sweep]\nlearner.algorithm = "
                    "[\"double-dqn\", \"reinforce\"]\n"),
            "");
}

TEST(AlgorithmSweeps, are_told_for_which_algorithms_a_swept_key_counts) {
  const std::string two = pole + "[sweep]\nlearner.algorithm = [\"dqn\", \"mc\"]\n";
  try {
    study_of(two + "learner.n-step = [1, 3]\n");
    FAIL();
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("; give it one value, or sweep it in a study of its own with "
                        "learner.algorithm = \"dqn\""),
              std::string::npos)
        << said;
    EXPECT_EQ(said.find("leave it out"), std::string::npos);
  }
  EXPECT_NO_THROW(study_of(pole + "[learner]\nn-step = 3\n[sweep]\nlearner.algorithm = [\"dqn\", \"mc\"]\n"));
  EXPECT_NO_THROW(
      study_of(pole + "[sweep]\nlearner.algorithm = [\"dqn\", \"ql\"]\nlearner.n-step = [1, 3]\n"));
}

}  // namespace
}  // namespace crosstalk::study
