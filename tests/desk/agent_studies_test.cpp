// Study files of agents: their defaults, and what can be wrong in them alone.
#include <gtest/gtest.h>

#include "desk/memory_study.hpp"
#include "study/behaviour.hpp"
#include "study/describe.hpp"

namespace crosstalk::study {
namespace {

const std::string digits = "task.dataset = \"digits\"\n";
const std::string agent = "task = {dataset = \"digits\", kind = \"windowed\"}\n";
const std::string windowed = digits + "task.kind = \"windowed\"\n";
const std::string reinforce = agent + "learner.algorithm = \"reinforce\"\n";

TEST(AgentStudies, have_the_papers_defaults) {
  const auto value = [](const std::string& dataset, const std::string& algorithm, const std::string& key) {
    return study_of("task.kind = \"windowed\"\ntask.dataset = \"" + dataset + "\"\nlearner.algorithm = \"" +
                    algorithm + "\"\n")
        .runs.at(0)
        .values.at(key);
  };
  const std::vector<std::tuple<std::string, std::string, std::string, Json>> facts = {
      {"svhn", "double-dqn", "learner.loss", "smooth-l1"},
      {"svhn", "double-dqn", "learner.batch", 128},
      {"svhn", "double-dqn", "learner.rate", 2.5e-4},
      {"svhn", "double-dqn", "learner.epsilon", 1e-8},
      {"svhn", "double-dqn", "learner.steps", 200000},
      {"svhn", "double-dqn", "learner.start", 5000},
      {"svhn", "double-dqn", "learner.update-every", 2},
      {"svhn", "double-dqn", "learner.replay", 100000},
      {"svhn", "double-dqn", "learner.target", "double"},
      {"svhn", "double-dqn", "learner.gamma", 0.9},
      {"svhn", "double-dqn", "learner.tau", 0.1},
      {"svhn", "double-dqn", "learner.explore-from", 0.95},
      {"svhn", "double-dqn", "learner.explore-to", 0.05},
      {"svhn", "double-dqn", "learner.explore-steps", 100000},
      {"cifar10", "double-dqn", "network.head", 4},
      {"cifar10", "double-dqn", "network.initialisation", "glorot"},
      {"cifar10", "double-dqn", "probe.every", 10000},
      {"cifar10", "double-dqn", "probe.samples", 128},
      {"cifar10", "double-dqn", "probe.episodes", 128},
      {"cifar10", "double-dqn", "probe.function", "max"},
      {"cifar10", "reinforce", "learner.loss", "policy-gradient"},
      {"cifar10", "reinforce", "learner.rate", 1e-4},
      {"cifar10", "reinforce", "learner.epsilon", 1e-2},
      {"cifar10", "reinforce", "learner.return", "to-go"},
      {"cifar10", "reinforce", "learner.entropy", 1e-5},
      {"cifar10", "reinforce", "learner.collect", 0},
      {"cifar10", "reinforce", "probe.every", 5000},
      {"cifar10", "reinforce", "probe.function", "max"},
      {"svhn", "reinforce", "learner.rate", 1e-5},
      {"svhn", "reinforce", "learner.epsilon", 1e-8},
      {"svhn", "reinforce", "learner.return", "episode"},
      {"svhn", "reinforce", "learner.entropy", 1e-4},
      {"svhn", "reinforce", "learner.collect", 250},
      {"svhn", "reinforce", "probe.every", 1000},
      {"digits", "reinforce", "task.observation", "paper"},
      {"./photos", "reinforce", "task.timeout", "terminal"}};
  for (const auto& [dataset, algorithm, key, expected] : facts)
    EXPECT_EQ(value(dataset, algorithm, key), expected) << dataset << ' ' << algorithm << ' ' << key;
  EXPECT_EQ(study_of(digits + "task.kind = \"windowed\"\n").runs.at(0).values.at("learner.algorithm"),
            "double-dqn");
}

TEST(AgentStudies, say_which_defaults_follow_the_algorithm) {
  const Reading reading =
      reading_of({{"a.toml",
                   "task = {dataset = \"svhn\", kind = \"windowed\"}\n[sweep]\nlearner.algorithm = "
                   "[\"double-dqn\", \"reinforce\"]\n"}});
  for (const auto& cells : described_keys(reading.experiments.at(0)))
    if (cells[0] == "probe.every") {
      EXPECT_EQ(cells[1] + " | " + cells[2],
                "10000, 1000 | default for double-dqn, default for svhn/reinforce");
    }
}

TEST(AgentStudies, keep_agents_to_images_and_algorithms_to_their_tasks) {
  const std::string images =
      "goes only for images (digits, cifar10, svhn or a folder of your own); task.dataset is ";
  EXPECT_EQ(refusal("task.dataset = \"sarcos\"\ntask.kind = \"windowed\"\nlearner.steps = 9\n"),
            "a.toml:2: task.kind = \"windowed\" " + images + "\"sarcos\"");
  EXPECT_EQ(refusal("task.dataset = \"x.npz\"\ntask.kind = \"windowed\"\n"),
            "a.toml:2: task.kind = \"windowed\" " + images + "\"x.npz\"");
  EXPECT_EQ(
      refusal(digits + "learner.algorithm = \"double-dqn\"\nlearner.steps = 9\n"),
      "a.toml:2: learner.algorithm = \"double-dqn\" goes only with task.kind = \"windowed\", \"control\" or "
      "\"evaluate\" from stored trajectories; task.kind is \"classify\": \"supervised\" is expected");
  EXPECT_EQ(refusal("task.dataset = \"sarcos\"\nlearner.algorithm = \"reinforce\"\n"),
            "a.toml:2: learner.algorithm = \"reinforce\" goes only with task.kind = \"windowed\" or "
            "\"control\"; task.kind is "
            "\"regress\": \"supervised\" is expected");
  const std::string of_windowed =
      "; task.kind is \"windowed\": \"double-dqn\", \"reinforce\", \"td-lambda\", \"mc\" or \"reg\" is "
      "expected";
  EXPECT_EQ(
      refusal(agent + "learner.algorithm = \"supervised\"\n"),
      "a.toml:2: learner.algorithm = \"supervised\" goes only with task.kind = \"classify\" or \"regress\"" +
          of_windowed);
  for (const std::string one : {"dqn", "polyak", "ql"})
    EXPECT_EQ(refusal(agent + "learner.algorithm = \"" + one + "\"\n"),
              "a.toml:2: learner.algorithm = \"" + one +
                  "\" goes only with task.kind = \"control\" or \"evaluate\" from stored trajectories" +
                  of_windowed);
  EXPECT_EQ(refusal("task = {dataset = \"./photos\", kind = \"windowed\"}\n"), "");
}

TEST(AgentStudies, have_an_agent_behind_those_that_learn_from_its_steps) {
  const auto only = [](const std::string& text) { return study_of(windowed + text).runs.at(0); };
  const auto values = [&](const std::string& text) { return Json(only(text).values); };
  const auto behind = [&](const std::string& text) { return Json(*agent_behind(only(text))); };
  const std::string
      said = "learner.steps = 9000\nlearner.rate = 0.01\nlearner.replay = 500\nnetwork.hidden = 8\n",
      behaves = "task.behaviour = \"life\"\n", target = "learner.target-every = 7\n";
  EXPECT_FALSE(agent_behind(only(said)));
  EXPECT_FALSE(agent_behind(study_of(reinforce).runs.at(0)));
  EXPECT_FALSE(agent_behind(study_of(digits).runs.at(0)));
  EXPECT_EQ(behind(said + target + behaves), values(said + target));
  EXPECT_EQ(behind(said + behaves + "probe.every = 9\n"), values(said + "probe.every = 9\n"));
  for (const std::string algorithm : {"mc", "td-lambda", "reg"}) {
    const std::string other = "learner.algorithm = \"" + algorithm + "\"\n";
    EXPECT_EQ(only(other).values.at("task.behaviour"), "final");
    EXPECT_EQ(behind(said + other), values(said)) << algorithm;
    EXPECT_EQ(behind(said + other + "learner.loss = \"squared-error\"\n"),
              values(said + "learner.loss = \"squared-error\"\n"))
        << algorithm;
  }
  EXPECT_EQ(behind(said + target + "learner.algorithm = \"td-lambda\"\nlearner.lambda = 0.3\n"), values(said))
      << "how its own target network follows is its own";
}

TEST(AgentStudies, learn_from_own_steps_by_double_dqn_and_reinforce_alone) {
  EXPECT_EQ(refusal(windowed + "learner.algorithm = \"mc\"\ntask.behaviour = \"own\"\n"),
            "a.toml:4: task.behaviour = \"own\" goes only with learner.algorithm = \"double-dqn\"; "
            "learner.algorithm is \"mc\": \"life\", \"shuffled\" or \"final\" is expected");
  EXPECT_NE(refusal(windowed + "learner.algorithm = \"reinforce\"\ntask.behaviour = \"life\"\n")
                .find("task.behaviour counts only with"),
            std::string::npos);
  EXPECT_NE(refusal(windowed + "task.behaviour = \"life\"\ntask.observation = \"aliased\"\n")
                .find("task.observation = \"aliased\" goes only with"),
            std::string::npos);
  EXPECT_NE(refusal(digits + "task.behaviour = \"life\"\n").find("task.behaviour counts only with"),
            std::string::npos);
}

TEST(AgentStudies, tell_which_loss_and_measures_an_algorithm_has) {
  EXPECT_EQ(refusal(agent + "learner.loss = \"cross-entropy\"\n"),
            "a.toml:2: learner.loss = \"cross-entropy\" goes only with learner.algorithm = \"supervised\" or "
            "\"rainbow\"; learner.algorithm is \"double-dqn\": \"squared-error\", \"smooth-l1\" or \"huber\" "
            "is expected");
  EXPECT_EQ(
      refusal(reinforce + "learner.loss = \"smooth-l1\"\n"),
      "a.toml:3: learner.loss = \"smooth-l1\" goes only with learner.algorithm = \"double-dqn\", \"dqn\", "
      "\"polyak\", \"ql\", \"td-lambda\", \"residual\", \"sarsa\", \"expected-sarsa\", \"mc\", \"reg\", "
      "\"td-star\" or \"pqn\"; learner.algorithm is \"reinforce\": \"policy-gradient\" is expected");
  EXPECT_EQ(refusal(digits + "learner.loss = \"policy-gradient\"\n"),
            "a.toml:2: learner.loss = \"policy-gradient\" goes only with learner.algorithm = \"reinforce\"; "
            "learner.algorithm is \"supervised\": \"cross-entropy\" is expected");
  EXPECT_EQ(refusal(agent + "learner.targets = \"broadcast\"\n"),
            "a.toml:2: learner.targets counts only with task.kind = \"regress\"; leave it out");
  EXPECT_EQ(refusal(agent + "learner.targets = \"separate\"\n"), "");
  const std::string of_windowed = refusal(agent + "probe.measures = [\"reward\", \"squared_error\"]\n");
  EXPECT_TRUE(of_windowed.starts_with(
      "a.toml:2: probe.measures holds \"squared_error\", which goes only with "
      "task.kind = \"regress\"; task.kind is \"windowed\": \"accuracy\", \"reward\", "))
      << of_windowed;
  EXPECT_TRUE(of_windowed.ends_with(" others (`crosstalk study keys` has them) is expected")) << of_windowed;
  EXPECT_TRUE(
      refusal(digits + "probe.measures = [\"policy_churn\"]\n")
          .starts_with("a.toml:2: probe.measures holds \"policy_churn\", which goes only with task.kind = "
                       "\"windowed\", \"control\" or \"evaluate\" from stored trajectories; task.kind is "
                       "\"classify\": \"accuracy\", "));
  EXPECT_EQ(refusal(agent + "probe.measures = [\"accuracy\", \"value_churn\", \"stiffness\"]\n"), "");
  EXPECT_EQ(refusal(agent + "probe.function = \"confidence\"\n"),
            "a.toml:2: probe.function = \"confidence\" goes only with task.kind = \"classify\"; task.kind is "
            "\"windowed\": \"max\", \"mean\" or \"taken\" is expected");
  EXPECT_EQ(refusal(digits + "probe.function = \"taken\"\n"),
            "a.toml:2: probe.function = \"taken\" goes only with task.kind = \"windowed\", \"control\" or "
            "\"evaluate\" from stored trajectories; task.kind is "
            "\"classify\": \"max\", \"mean\" or \"confidence\" is expected");
  EXPECT_EQ(refusal(reinforce + "probe.function = \"taken\"\n"), "");
  for (const std::string loss : {"squared-error", "smooth-l1", "huber"})
    EXPECT_EQ(refusal(agent + "learner.loss = \"" + loss + "\"\n"), "");
}

TEST(AgentStudies, refuse_a_replay_that_cannot_fill_a_batch) {
  EXPECT_EQ(refusal(agent + "learner.replay = 127\n"),
            "a.toml:2: learner.replay = 127 keeps fewer transitions than learner.batch = 128 draws; keep at "
            "least as many");
  EXPECT_EQ(
      refusal(agent + "learner.batch = 200000\nlearner.start = 200000\nlearner.steps = 300000\n"),
      "a.toml:2: learner.replay = 100000 keeps fewer transitions than learner.batch = 200000 draws; keep "
      "at least as many");
  EXPECT_EQ(refusal(agent + "learner.start = 100\n"),
            "a.toml:2: learner.start = 100 is too early for learner.batch = 128: the first update would have "
            "fewer transitions than it draws; start at 128 or later");
  EXPECT_EQ(refusal(agent + "learner.steps = 5000\n"),
            "a.toml:2: learner.steps = 5000 ends before the first update, at step 5002 "
            "(learner.start = 5000, learner.update-every = 2); take more steps or start earlier");
  EXPECT_EQ(refusal(agent + "learner.tau = 0\n"),
            "a.toml:2: learner.tau = 0: a number above 0 and at most 1 is expected");
  EXPECT_EQ(refusal(agent + "learner.explore-from = 0.05\nlearner.explore-to = 0.95\n"), "");
  EXPECT_EQ(refusal(agent + "learner.explore-to = 1.5\n"),
            "a.toml:2: learner.explore-to = 1.5: a number from 0 to 1 is expected");
}

/// The smallest learner.steps that are taken, found one by one.
int fewest_steps(const std::string& text, int from) {
  while (!refusal(text + "learner.steps = " + std::to_string(from) + "\n").empty()) ++from;
  return from;
}

TEST(AgentStudies, refuse_runs_that_end_before_their_first_update) {
  for (const auto& [start, every] : {std::pair{128, 1}, {128, 2}, {129, 2}, {130, 7}, {200, 300}}) {
    int first = start + 1;  // as the agent has it: after the start, at a step that divides
    while (first % every != 0) ++first;
    EXPECT_EQ(fewest_steps(agent + "learner.replay = 128\nlearner.start = " + std::to_string(start) +
                               "\nlearner.update-every = " + std::to_string(every) + "\n",
                           129),
              first + 1)
        << start << ' ' << every;
  }
  for (const int collect : {0, 1, 250})  // one more than these, at the earliest
    EXPECT_EQ(fewest_steps(reinforce + "learner.collect = " + std::to_string(collect) + "\n", 1),
              collect + 1);
  EXPECT_EQ(refusal("task = {dataset = \"svhn\", kind = \"windowed\"}\nlearner.algorithm = \"reinforce\"\n"
                    "learner.steps = 200\n"),
            "a.toml:3: learner.steps = 200 ends before the first update, for which more than "
            "learner.collect = 250 steps are collected; take more steps or collect fewer");
}

TEST(AgentStudies, name_keys_that_an_algorithm_does_not_heed) {
  const auto idle = [](const std::string& line, const std::string& key, const std::string& only) {
    return "a.toml:" + line + ": " + key + " counts only with " + only + "; leave it out";
  };
  const std::string acts = "task.kind = \"windowed\" or \"control\"";
  const auto key_of = [](const std::string& line) { return line.substr(0, line.find(' ')); };
  EXPECT_EQ(
      refusal(digits + "task.observation = \"aliased\"\n"),
      idle("2", "task.observation", "task.kind = \"windowed\" or \"evaluate\" from stored trajectories"));
  for (const std::string line : {"learner.steps = 9", "probe.episodes = 9"})
    EXPECT_EQ(refusal(digits + line + "\n"), idle("2", key_of(line), acts));
  const std::string but_the_last =
      "learner.algorithm = \"double-dqn\", \"dqn\", \"polyak\", \"ql\", \"td-lambda\", \"residual\", "
      "\"sarsa\", "
      "\"expected-sarsa\", \"mc\", \"reg\"";
  for (const std::string line : {"learner.start = 9", "learner.update-every = 9", "learner.replay = 9"}) {
    const std::string of_replay = but_the_last + " or \"rainbow\"";
    EXPECT_EQ(refusal(digits + line + "\n"), idle("2", key_of(line), of_replay));
    EXPECT_EQ(refusal(reinforce + line + "\n"), idle("3", key_of(line), of_replay));
  }
  for (const std::string line :
       {"learner.explore-from = 0.5", "learner.explore-to = 0.5", "learner.explore-steps = 9"}) {
    const std::string who_explores = but_the_last + ", \"rainbow\" or \"pqn\"";
    EXPECT_EQ(refusal(digits + line + "\n"), idle("2", key_of(line), who_explores));
    EXPECT_EQ(refusal(reinforce + line + "\n"), idle("3", key_of(line), who_explores));
  }
  const std::vector<std::pair<std::string, std::string>> of_values = {
      {"learner.target = \"max\"", "learner.algorithm = \"double-dqn\""},
      {"learner.target-every = 9",
       "learner.algorithm = \"double-dqn\", \"dqn\", \"td-lambda\", \"sarsa\", \"expected-sarsa\" "
       "or \"rainbow\""},
      {"learner.tau = 0.5", "learner.algorithm = \"double-dqn\" or \"polyak\""},
      {"learner.gamma = 0.5",
       "learner.algorithm = \"double-dqn\", \"dqn\", \"polyak\", \"ql\", \"td-lambda\", \"residual\", "
       "\"sarsa\", \"expected-sarsa\", \"mc\", \"reg\", \"td-star\", \"rainbow\" or \"pqn\""},
      {"learner.rollout = 9", "learner.algorithm = \"pqn\""},
      {"learner.epochs = 9", "learner.algorithm = \"pqn\""}};
  for (const auto& [line, only] : of_values) {
    EXPECT_EQ(refusal(digits + line + "\n"), idle("2", key_of(line), only));
    EXPECT_EQ(refusal(reinforce + line + "\n"), idle("3", key_of(line), only));
  }
  for (const std::string line :
       {"learner.return = \"episode\"", "learner.entropy = 0", "learner.collect = 9"}) {
    EXPECT_EQ(refusal(digits + line + "\n"), idle("2", key_of(line), "learner.algorithm = \"reinforce\""));
    EXPECT_EQ(refusal(agent + line + "\n"), idle("2", key_of(line), "learner.algorithm = \"reinforce\""));
  }
  EXPECT_EQ(refusal(agent + "learner.updates = 9\n"),
            idle("2", "learner.updates", "task.kind = \"classify\", \"regress\" or \"evaluate\""));
  EXPECT_EQ(refusal(agent + "learner.reduction = \"sum\"\n"),
            idle("2", "learner.reduction", "task.kind = \"classify\" or \"regress\""));
  EXPECT_EQ(refusal(reinforce + "learner.batch = 9\n"),
            idle("3", "learner.batch",
                 "learner.algorithm = \"supervised\", \"double-dqn\", \"dqn\", \"polyak\", "
                 "\"ql\", \"td-lambda\", \"residual\", \"sarsa\", \"expected-sarsa\", \"mc\", \"reg\", "
                 "\"td-star\", \"rainbow\" or \"pqn\""));
  const std::string separate = digits + "task.kind = \"windowed\"\n";
  EXPECT_EQ(
      refusal(separate + "learner.algorithm = \"reinforce\"\ntask.timeout = \"truncate\"\n"),
      idle("4", "task.timeout", "learner.algorithm = \"double-dqn\", \"mc\", \"td-lambda\" or \"reg\""));
  EXPECT_EQ(refusal(digits + "task.timeout = \"truncate\"\n"),
            idle("2", "task.timeout", "task.kind = \"windowed\""));
  EXPECT_EQ(refusal(separate + "task.timeout = \"truncate\"\n"), "");
  EXPECT_EQ(refusal(separate + "task.normalise = \"per-feature\"\n"),
            idle("3", "task.normalise", "task.kind = \"classify\" or \"regress\""));
  EXPECT_EQ(refusal(digits + "task.normalise = \"per-feature\"\n"), "");
}

TEST(AgentStudies, let_a_target_follow_or_be_copied_and_not_both) {
  EXPECT_EQ(study_of(agent).runs.at(0).values.at("learner.target-every"), "tau");
  EXPECT_EQ(refusal(agent + "learner.target-every = 500\n"), "");
  EXPECT_EQ(refusal(agent + "learner.target-every = \"never\"\n"), "");
  EXPECT_EQ(refusal(agent + "learner.target-every = \"tau\"\nlearner.tau = 0.5\n"), "");
  for (const std::string every : {"500", "\"never\""})
    EXPECT_EQ(refusal(agent + "learner.target-every = " + every + "\nlearner.tau = 0.5\n"),
              "a.toml:3: learner.tau counts only with learner.target-every = \"tau\"; leave it out");
  EXPECT_EQ(refusal(agent + "learner.target-every = \"nevr\"\n"),
            "a.toml:2: learner.target-every = \"nevr\": an integer from 1 to 1,000,000,000, \"never\" or "
            "\"tau\" is "
            "expected; did you mean \"never\"?");
  EXPECT_EQ(study_of(agent + "learner.target-every = \"tau\"\n").runs.at(0).run,
            study_of(agent).runs.at(0).run);
}

}  // namespace
}  // namespace crosstalk::study
