// Studies that compare algorithms: what differs beside the algorithm, and keys that count for some of them.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "desk/memory_study.hpp"
#include "study/differing.hpp"

namespace crosstalk::study {
namespace {

const std::string pole = "[task]\nenvironment = \"gym:CartPole-v1\"\n";

std::vector<std::string> differing(const std::string& text) {
  const Study study = study_of(text);
  return differing_with_algorithm(study.runs, study.swept);
}

TEST(AlgorithmSweeps, name_each_key_whose_default_is_another_one_with_its_values) {
  const std::string losses = "learner.algorithm = [\"dqn\", \"ql\", \"sarsa\"]\n";
  const std::vector<std::string> said = differing(pole + "[sweep]\n" + losses);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].starts_with("also differ with learner.algorithm: ")) << said[0];
  // The same by the algorithms alone.
  std::map<std::string, Json> alone;
  for (const std::string algorithm : {"dqn", "ql", "sarsa"})
    alone[algorithm] = study_of(pole + "[learner]\nalgorithm = \"" + algorithm + "\"\n")
                           .runs.at(0)
                           .values.at("learner.loss");
  ASSERT_NE(alone["dqn"], alone["ql"]);
  EXPECT_NE(said[0].find("learner.loss " + alone["dqn"].dump() + " (dqn"), std::string::npos) << said[0];
  EXPECT_NE(said[0].find(alone["ql"].dump() + " (ql"), std::string::npos) << said[0];
}

TEST(AlgorithmSweeps, say_nothing_of_what_is_given_or_swept_and_nothing_where_the_algorithm_is_one) {
  const std::string two = "[sweep]\nlearner.algorithm = [\"dqn\", \"ql\"]\n";
  ASSERT_EQ(differing(pole + two).size(), 1u);
  EXPECT_TRUE(differing(pole + "[learner]\nloss = \"huber\"\n" + two).empty());
  EXPECT_TRUE(differing(pole + two + "learner.loss = [\"huber\", \"smooth-l1\"]\n").empty());
  EXPECT_TRUE(differing(pole + "[sweep]\nlearner.rate = [0.1, 0.2]\n").empty());
}

TEST(AlgorithmSweeps, leave_out_what_no_value_fits) {
  for (const std::string& sentence :
       differing("task = {dataset = \"digits\", kind = \"windowed\"}\n[sweep]\nlearner.algorithm = "
                 "[\"double-dqn\", \"reinforce\"]\n"))
    EXPECT_EQ(sentence.find("learner.loss"), std::string::npos) << sentence;
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
