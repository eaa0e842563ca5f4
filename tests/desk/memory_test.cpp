// runtime.memory: which probes a study is refused for before a run starts.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "desk/memory_study.hpp"

namespace crosstalk::study {
namespace {

const std::string agent = "task = {dataset = \"digits\", kind = \"windowed\"}\n";
const std::string digits = "task.dataset = \"digits\"\n";

TEST(Memory, refuses_Gram_matrices_that_alone_exceed_it_with_both_numbers) {
  EXPECT_EQ(
      refusal(agent + "probe.samples = 100000\n"),
      "a.toml:2: probe.samples = 100000 needs 74.5 GiB for its Gram matrices alone where runtime.memory "
      "allows 1 GiB; take at most 9,025 samples, or allow more");
  EXPECT_EQ(refusal(agent + "runtime.memory = 64\n\nprobe.samples = 4000\n"),
            "a.toml:4: probe.samples = 4000 needs 122 MiB for its Gram matrices alone where runtime.memory "
            "allows 64 MiB; take at most 1,448 samples, or allow more");
  EXPECT_EQ(refusal(digits + "[scale.x]\nprobe.samples = 30000\ntask.examples = 20000\n", {.scale = "x"}),
            "a.toml:3: probe.samples = 30000 needs 2.98 GiB for its Gram matrices alone where "
            "runtime.memory allows 1 GiB; take at most 5,792 samples, or allow more");
}

TEST(Memory, refuses_from_the_first_sample_too_many_and_allows_what_it_says) {
  // Two matrices of 11,585 rows in single precision take 1 GiB. The test images' 128 episodes have at most
  // 2,560 steps: beside 9,025 training steps they fit for sure, beside 11,586 they never do.
  struct Case {
    std::string more;
    int fits, most;
  };
  for (const auto& [more, fits, most] :
       {Case{"", 9025, 11585}, Case{"probe.episodes = 10\n", 11385, 11585},
        Case{"probe.measures = [\"stiffness\"]\n", 13824, 16384},
        Case{"probe.measures = [\"stiffness\", \"loss_interference\"]\n", 13824, 16384},
        Case{"runtime.precision = \"double\"\n", 5632, 8192},
        Case{"runtime.memory = 2048\n", 13824, 16384}}) {
    const std::string study = agent + more + "probe.samples = ";
    EXPECT_EQ(refusal(study + std::to_string(most) + "\n"), "") << more;
    const std::string said = refusal(study + std::to_string(most + 1) + "\n");
    EXPECT_NE(said.find("take at most " + with_commas(fits) + " samples"), std::string::npos) << more << said;
  }
}

TEST(Memory, counts_the_rows_that_a_run_is_sure_to_measure) {
  // The data may have few rows: the engine, which knows them, refuses what is left.
  EXPECT_EQ(refusal("task.dataset = \"mine.csv\"\ntask.target = \"y\"\nprobe.samples = 100000\n"), "");
  EXPECT_EQ(refusal(digits + "task.examples = 1000\nprobe.samples = 100000\n"), "");
  EXPECT_NE(refusal("task.dataset = \"cifar10\"\ntask.examples = 50000\nprobe.samples = 100000\n"), "");
  // An agent that takes few steps, or keeps few, or may leave out an episode that has not ended.
  const std::string many = agent + "probe.samples = 12000\n";
  EXPECT_NE(refusal(many), "");
  EXPECT_EQ(refusal(many + "learner.steps = 11000\n"), "");
  EXPECT_EQ(refusal(many + "learner.replay = 11000\n"), "");
  EXPECT_NE(refusal(many + "learner.algorithm = \"reinforce\"\nlearner.steps = 11606\n"), "");
  EXPECT_EQ(refusal(many + "learner.algorithm = \"reinforce\"\nlearner.steps = 11605\n"), "");
  const std::string rolls =
      "task.environment = \"gridworld\"\nlearner.algorithm = \"pqn\"\nprobe.samples = 12000\n";
  EXPECT_NE(refusal(rolls + "learner.steps = 11714\n"), "");  // but for a rollout of 128
  EXPECT_EQ(refusal(rolls + "learner.steps = 11713\n"), "");
}

TEST(Memory,
     counts_the_steps_of_an_agent_once_and_twice_where_a_loss_is_differentiated_at_the_next_state_too) {
  const std::string walk =
      "task.environment = \"random-walk\"\nlearner.approximation = \"network\"\nnetwork.hidden = 4\n"
      "learner.updates = 100000\nprobe.measures = ";
  const auto refused = [&](const std::string& more, int samples) {
    const std::string said = refusal(walk + more + "probe.samples = " + std::to_string(samples) + "\n");
    EXPECT_TRUE(said.empty() || said.find("Gram matrices alone") != std::string::npos) << said;
    return !said.empty();
  };
  const std::string function = "[\"function_interference\"]\n", loss = "[\"loss_interference\"]\n";
  EXPECT_FALSE(refused(function, 16384));
  EXPECT_TRUE(refused(function, 16385));
  EXPECT_FALSE(refused(loss + "learner.algorithm = \"residual\"\n", 5792));
  EXPECT_TRUE(refused(loss + "learner.algorithm = \"residual\"\n", 5793));
  EXPECT_FALSE(refused(loss + "learner.algorithm = \"residual\"\nlearner.source = \"expected\"\n", 8193));
  EXPECT_FALSE(refused(function + "learner.episodes = 1000\n", 16385)) << "of one step each, perhaps";
}

TEST(Memory, is_no_matter_where_no_measure_reads_a_Gram_matrix) {
  EXPECT_EQ(refusal(agent + "probe.samples = 100000\nprobe.measures = [\"reward\", \"policy_churn\"]\n"), "");
}

}  // namespace
}  // namespace crosstalk::study
