// runtime.memory: which probes a study is refused for before a run starts.
#include <gtest/gtest.h>

#include "desk/memory_study.hpp"

namespace crosstalk::study {
namespace {

const std::string agent = "task = {dataset = \"digits\", kind = \"windowed\"}\n";
const std::string digits = "task.dataset = \"digits\"\n";

TEST(Memory, refuses_Gram_matrices_that_alone_exceed_it_with_both_numbers) {
  EXPECT_EQ(refusal(agent + "probe.samples = 100000\n"),
            "a.toml:2: probe.samples = 100000 needs 298 GiB for its Gram matrices alone where runtime.memory "
            "allows 1 GiB; take at most 5,792 samples, or allow more");
  EXPECT_EQ(refusal(agent + "runtime.memory = 64\n\nprobe.samples = 4000\n"),
            "a.toml:4: probe.samples = 4000 needs 488 MiB for its Gram matrices alone where runtime.memory "
            "allows 64 MiB; take at most 1,448 samples, or allow more");
  EXPECT_EQ(refusal(digits + "[scale.x]\nprobe.samples = 30000\ntask.examples = 20000\n", {.scale = "x"}),
            "a.toml:3: probe.samples = 30000 needs 2.98 GiB for its Gram matrices alone where "
            "runtime.memory allows 1 GiB; take at most 11,585 samples, or allow more");
}

TEST(Memory, allows_exactly_what_the_refusal_says) {
  for (const auto& [more, most] : std::initializer_list<std::pair<std::string, int>>{
           {"", 5792},
           {"probe.measures = [\"stiffness\"]\n", 8192},
           {"probe.measures = [\"stiffness\", \"loss_interference\"]\n", 8192},
           {"runtime.precision = \"double\"\n", 4096},
           {"runtime.memory = 2048\n", 8192}}) {
    const std::string study = agent + more + "probe.samples = ";
    EXPECT_EQ(refusal(study + std::to_string(most) + "\n"), "") << more;
    EXPECT_NE(refusal(study + std::to_string(most + 1) + "\n").find("Gram matrices alone"), std::string::npos)
        << more;
  }
}

TEST(Memory, counts_the_rows_that_a_run_is_sure_to_measure) {
  // The data may have few rows: the engine, which knows them, refuses what is left.
  EXPECT_EQ(refusal("task.dataset = \"mine.csv\"\ntask.target = \"y\"\nprobe.samples = 100000\n"), "");
  EXPECT_EQ(refusal(digits + "task.examples = 1000\nprobe.samples = 100000\n"), "");
  EXPECT_NE(refusal("task.dataset = \"cifar10\"\ntask.examples = 50000\nprobe.samples = 100000\n"), "");
  // One output: one matrix serves both functions.
  const std::string rows = "task.examples = 16384\nprobe.samples = 16384\n";
  EXPECT_EQ(refusal("task.dataset = \"california\"\n" + rows), "");
  EXPECT_NE(refusal("task.dataset = \"cifar10\"\n" + rows), "");
}

TEST(Memory,
     counts_the_steps_of_an_agent_once_and_twice_where_a_loss_is_differentiated_at_the_next_state_too) {
  const std::string walk =
      "task.environment = \"random-walk\"\nlearner.approximation = \"network\"\nnetwork.hidden = "
      "4\nprobe.measures = ";
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
}

TEST(Memory, is_no_matter_where_no_measure_reads_a_Gram_matrix) {
  EXPECT_EQ(refusal(agent + "probe.samples = 100000\nprobe.measures = [\"reward\", \"policy_churn\"]\n"), "");
}

}  // namespace
}  // namespace crosstalk::study
