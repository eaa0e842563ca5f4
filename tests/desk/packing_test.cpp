#include "cluster/packing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/error.hpp"
#include "cluster/script.hpp"
#include "cluster/slurm.hpp"
#include "cluster/time_limit.hpp"

namespace crosstalk::cluster {
namespace {

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was refused";
}

std::vector<Packed> random_runs(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::exponential_distribution<double> length(1.0 / 300);
  std::vector<Packed> runs;
  for (std::size_t i = 0; i < count; ++i) runs.push_back({i, length(random), ""});
  return runs;
}

TEST(Packing, puts_every_run_into_exactly_one_task) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const std::vector<Packed> runs = random_runs(997, seed);
    std::multiset<std::size_t> places;
    for (const Task& task : pack(runs, {.seconds = 3600, .jobs = 4}))
      places.insert(task.runs.begin(), task.runs.end());
    ASSERT_EQ(places.size(), 997u);
    for (std::size_t place = 0; place < 997; ++place) EXPECT_EQ(places.count(place), 1u) << place;
  }
}

TEST(Packing, makes_tasks_about_as_long_as_one_another_and_as_was_wished) {
  const std::vector<Packed> runs = random_runs(3000, 4);  // 250 hours, or 63 tasks of an hour with 4 workers
  const std::vector<Task> tasks = pack(runs, {.seconds = 3600, .jobs = 4});
  const auto [shortest, longest] = std::minmax_element(
      tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.seconds < b.seconds; });
  EXPECT_LT(longest->seconds, 1.25 * 3600);
  EXPECT_GT(shortest->seconds, 0.75 * 3600);
}

TEST(Packing, leaves_a_run_alone_that_is_longer_than_a_task_should_be) {
  std::vector<Packed> runs{{0, 50000, ""}};
  for (std::size_t i = 1; i < 40; ++i) runs.push_back({i, 600, ""});
  for (const Task& task : pack(runs, {.seconds = 3600})) {
    if (task.runs.front() == 0) {
      EXPECT_EQ(task.runs.size(), 1u);
    }
  }
}

TEST(Packing, keeps_runs_together_that_learn_from_one_agent) {
  std::vector<Packed> runs;
  for (std::size_t i = 0; i < 60; ++i) runs.push_back({i, 100, "agent " + std::to_string(i % 12)});
  for (const Task& task : pack(runs, {.seconds = 1000})) {
    std::map<std::size_t, int> members;
    for (const std::size_t place : task.runs) ++members[place % 12];
    for (const auto& [agent, count] : members) EXPECT_EQ(count, 5) << agent;
  }
}

TEST(Packing, splits_what_shares_an_agent_where_it_is_longer_than_a_task) {
  std::vector<Packed> runs;
  for (std::size_t i = 0; i < 100; ++i) runs.push_back({i, 360, "one agent"});
  EXPECT_EQ(pack(runs, {.seconds = 3600}).size(), 10u);
}

TEST(Packing, never_makes_more_tasks_than_the_cluster_takes) {
  EXPECT_EQ(pack(random_runs(3000, 5), {.seconds = 60, .most_tasks = 50}).size(), 50u);
}

TEST(Packing, makes_one_task_of_runs_whose_time_is_not_known) {
  EXPECT_EQ(pack({{0, 0, ""}, {1, 0, ""}, {2, 0, ""}}, {}).size(), 1u);
}

TEST(Packing, by_number_takes_runs_in_their_order) {
  const std::vector<Task> tasks = pack(random_runs(10, 6), {.runs = 4});
  ASSERT_EQ(tasks.size(), 3u);
  EXPECT_EQ(tasks[1].runs, (std::vector<std::size_t>{4, 5, 6, 7}));
  EXPECT_EQ(tasks[2].runs, (std::vector<std::size_t>{8, 9}));
}

TEST(Packing, by_number_says_what_number_the_cluster_can_take) {
  const std::string said = refusal([] { pack(random_runs(5000, 7), {.most_tasks = 1001, .runs = 1}); });
  EXPECT_NE(said.find("--runs-per-task 1 makes 5,000 tasks"), said.npos) << said;
  EXPECT_NE(said.find("at least --runs-per-task 5"), said.npos) << said;
  EXPECT_EQ(pack(random_runs(5000, 7), {.most_tasks = 1001, .runs = 5}).size(), 1000u);
}

TEST(TimeLimit, is_read_as_slurm_reads_it) {
  EXPECT_EQ(seconds_of("90"), 5400);
  EXPECT_EQ(seconds_of("2:30"), 150);
  EXPECT_EQ(seconds_of("12:00:00"), 43200);
  EXPECT_EQ(seconds_of("1-12"), 129600);
  EXPECT_EQ(seconds_of("1-12:30"), 131400);
  EXPECT_EQ(seconds_of("1-00:00:01"), 86401);
  EXPECT_EQ(seconds_of("infinite"), std::nullopt);
  EXPECT_EQ(seconds_of("UNLIMITED"), std::nullopt);
  for (const char* wrong : {"", "soon", "1h", "1:2:3:4", "-5", "1-", "1-2-3", "1:", "99999999999", "1.5"})
    EXPECT_NE(refusal([&] { seconds_of(wrong); }).find("is no time as Slurm takes it"), std::string::npos)
        << wrong;
}

TEST(TimeLimit, must_leave_time_beside_starting_and_one_checkpoint) {
  const Stopping stopping{.step_seconds = 40, .checkpoint_seconds = 10, .checkpoint_bytes = 3e8, .jobs = 2};
  EXPECT_EQ(signal_seconds(stopping), 30 + 2 * (40 + 2 * 10));
  check_time_limit("4", stopping);  // 150 s to stop, 60 s too soon, 30 s to start: 240 s
  check_time_limit("UNLIMITED", stopping);
  const std::string said = refusal([&] { check_time_limit("3:59", stopping); });
  EXPECT_NE(
      said.find("--time 3:59 is too short for one checkpoint: a task needs 240 s, and would have 239 s"),
      said.npos)
      << said;
  EXPECT_NE(said.find("300,000,000 bytes"), said.npos) << said;
  EXPECT_NE(refusal([] { check_time_limit("1", 30); }).find("a task needs 120 s, and would have 60 s"),
            said.npos);
  EXPECT_NE(said.find("at least --time 4 (minutes)"), said.npos) << said;
}

Plan small_plan() {
  Plan plan{.id = "0123456789abcdef",
            .study = {{"name", "small"}, {"scale", "paper"}},
            .tasks = {{{0, 1}, {1, 1}, 2}, {{2}, {1}, 1}}};
  plan.resources = {.partition = "long",
                    .time = "2:00:00",
                    .constraint = "rome&ib",
                    .cpus = 8,
                    .gpus = 1,
                    .array_limit = 16,
                    .more = {"mem=8G", "exclusive"},
                    .signal_seconds = 70};
  return plan;
}

TEST(Script, asks_slurm_for_what_was_asked_and_runs_one_task) {
  const std::string script =
      array_script({"/scratch/my results/100%"}, small_plan(), {"/venv/bin/python", "-m", "crosstalk"});
  for (const char* line :
       {"#!/bin/sh\n", "#SBATCH --job-name=small-crosstalk-0123456789abcdef\n", "#SBATCH --partition=long\n",
        "#SBATCH --time=2:00:00\n", "#SBATCH --constraint=rome&ib\n", "#SBATCH --cpus-per-task=8\n",
        "#SBATCH --gpus=1\n", "#SBATCH --mem=8G\n", "#SBATCH --exclusive\n", "#SBATCH --requeue\n",
        "#SBATCH --signal=B:USR1@70\n", "#SBATCH --open-mode=append\n",
        "#SBATCH --output=\"/scratch/my results/100%%/cluster/logs/task-%a.log\"\n",
        "\nexec /venv/bin/python -m crosstalk task '/scratch/my results/100%' \"$SLURM_ARRAY_TASK_ID\"\n"})
    EXPECT_NE(script.find(line), script.npos) << line << '\n' << script;
  EXPECT_EQ(script.find("--array"), script.npos);
}

TEST(Script, has_no_line_that_a_name_has_written) {
  Plan plan = small_plan();
  plan.study["name"] = "a\nrm -rf b";
  EXPECT_EQ(array_script({"/r"}, plan, {"x"}).find("\nrm"), std::string::npos);
  EXPECT_NE(refusal([] { array_script({"/a\n#SBATCH --x"}, small_plan(), {"x"}); }).find("a control character"),
            std::string::npos);
}

TEST(Script, numbers_tasks_as_sbatch_takes_them) {
  EXPECT_EQ(array_of({0, 1, 2, 3, 7, 9, 10}, {.array_limit = 16}), "0-3,7,9,10%16");
  EXPECT_EQ(array_of({5}, {}), "5");
}

TEST(Script, refuses_options_that_it_decides_itself) {
  check_option("mem=8G");
  check_option("mail-type=END");
  check_option("exclusive");
  for (const char* wrong : {"array=0-3", "requeue", "signal=B:USR2@5", "output=x", "time=5", "--mem=8G", "",
                            "=x", "Mem=8G", "comment=a\"b", "comment=a\nb"})
    EXPECT_NE(refusal([&] { check_option(wrong); }), "nothing was refused") << wrong;
}

TEST(SameBits, asks_for_the_kind_with_the_most_processors_that_features_tell_apart) {
  EXPECT_EQ(one_kind({{{"rome"}, 10, 640}, {{"skylake"}, 12, 480}}, "long").constraint, "rome");
  EXPECT_EQ(one_kind({{{"ib"}, 10, 640}, {{"ib", "rome"}, 4, 256}}, "long").constraint, "ib&rome");
  EXPECT_EQ(one_kind({{{"rome"}, 10, 640}}, "long").constraint, "rome");
  EXPECT_EQ(one_kind({{{}, 1, 64}}, "one").constraint, "");
  EXPECT_NE(refusal([] { one_kind({{{}, 4, 64}}, "plain"); }).find("have no features in Slurm"),
            std::string::npos);
  EXPECT_NE(refusal([] { one_kind({}, "empty"); }).find("has no nodes"), std::string::npos);
}

}  // namespace
}  // namespace crosstalk::cluster
