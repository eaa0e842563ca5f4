// Studies of stored trajectories: what they may say, their defaults, and what of a folder is refused before
// any run begins.
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.hpp"
#include "base/trajectory_set.hpp"
#include "desk/memory_study.hpp"
#include "folder.hpp"
#include "study/identity.hpp"
#include "study/own_class.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"
#include "work/results_folder.hpp"
#include "work/stored.hpp"

namespace crosstalk::study {
namespace {

const std::string stored = "task.trajectories = \"sets/breakout\"\n";

Configuration only(const std::string& text) { return study_of(text).runs.at(0); }
std::string with(const std::string& algorithm) {
  return stored + "learner.algorithm = \"" + algorithm + "\"\n";
}

TEST(StoredStudies, need_nothing_but_a_folder_and_have_the_published_protocol_s_defaults) {
  for (const auto& [text, key, expected] : std::vector<std::tuple<std::string, std::string, Json>>{
           {stored, "task.kind", "evaluate"},
           {stored, "task.trajectories", "sets/breakout"},
           {stored, "task.transitions", "all"},
           {stored, "task.test-share", 0.2},
           {stored, "learner.algorithm", "dqn"},
           {stored, "learner.updates", 500000},
           {stored, "learner.batch", 32},
           {stored, "learner.gamma", 0.99},
           {stored, "learner.weight-decay", 1e-4},
           {stored, "learner.rate", 2.5e-4},
           {stored, "learner.target-every", 10000},
           {stored, "learner.loss", "smooth-l1"},
           {stored, "learner.terminals", "drawn"},
           {stored, "network.layers", {"by-observation"}},
           {stored, "network.initialisation", "glorot"},
           {stored, "probe.every", 1000},
           {stored, "probe.unit", "updates"},
           {stored + "learner.optimizer = \"momentum\"\n", "learner.momentum", 0.9},
           {with("td-lambda") + "learner.optimizer = \"momentum\"\n", "learner.momentum", 0.9},
           {with("mc") + "learner.optimizer = \"momentum\"\n", "learner.momentum", 0.99},
           {with("reg") + "learner.optimizer = \"momentum\"\n", "learner.momentum", 0.99},
           {with("td-star") + "learner.optimizer = \"momentum\"\n", "learner.momentum", 0.99},
           {with("double-dqn"), "learner.batch", 32},
           {with("double-dqn"), "learner.target-every", 10000},
           {with("double-dqn"), "learner.rate", 2.5e-4},
           {with("double-dqn"), "probe.every", 1000},
           {with("polyak"), "learner.tau", 0.01},
           {with("td-lambda"), "learner.target-every", 10000},
           {with("td-lambda"), "learner.loss", "smooth-l1"},
           {with("residual"), "learner.loss", "squared-error"},
           {with("residual"), "learner.rate", 2.5e-4},
           {with("mc"), "learner.episode-end", "paper"},
           {with("mc"), "learner.output", "taken"}})
    EXPECT_EQ(only(text).values.at(key), expected) << text << key;
  const Json measures = only(stored).values.at("probe.measures");
  for (const char* measure :
       {"loss", "gap", "value_error", "td_error", "policy_churn", "function_interference"})
    EXPECT_NE(std::find(measures.begin(), measures.end(), measure), measures.end()) << measure;
}

TEST(StoredStudies, have_the_same_defaults_whether_they_name_the_environment_or_not) {
  for (const char* environment : {"atari:ms_pacman", "gym:CartPole-v1", "random-walk", "baird"})
    for (const char* algorithm : {"dqn", "polyak", "mc", "td-lambda"}) {
      KeyValues::Map named =
          only(with(algorithm) + "task.environment = \"" + std::string(environment) + "\"\n").values;
      EXPECT_EQ(named.at("task.environment"), environment);
      named.erase("task.environment");
      EXPECT_EQ(KeyValues(named), only(with(algorithm)).values) << environment;
    }
}

TEST(StoredStudies, are_known_by_their_folder_s_plain_path_and_what_is_no_default) {
  const std::string name = Identity(only(stored).values).canonical_text(0);
  EXPECT_NE(name.find(R"("task.trajectories":"sets/breakout")"), std::string::npos) << name;
  EXPECT_EQ(Identity(only("task.trajectories = \"./sets//breakout/\"\n").values).canonical_text(0), name);
  EXPECT_EQ(name.find("learner"), std::string::npos) << name;
}

TEST(StoredStudies, take_each_key_where_it_counts_alone) {
  const std::string walk = "task.environment = \"random-walk\"\n";
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {stored + "task.kind = \"control\"\n", "a.toml:2: task.kind = \"control\" goes only with"},
           {"task.trajectories = \"\"\n", "a.toml:1: task.trajectories = \"\": the folder"},
           {stored + "learner.steps = 9\n", "learner.steps counts only"},
           {stored + "learner.replay = 9\n", "learner.replay counts only"},
           {stored + "task.policy = \"uniform\"\n", "task.policy counts only without task.trajectories"},
           {stored + "learner.approximation = \"tabular\"\n",
            "learner.approximation counts only without task.trajectories"},
           {stored + walk + "task.states = 9\n", "task.states counts only"},
           {stored + "task.environment = \"gym:A-v0\"\ntask.train-levels = 9\n",
            "task.train-levels counts only"},
           {stored + "task.environment = \"atari:pong\"\ntask.sticky = 0\n", "task.sticky counts only"},
           {stored + "probe.unit = \"episodes\"\n", "probe.unit = \"episodes\" goes only"},
           {stored + "task.observation = \"aliased\"\n", "goes only with task.kind = \"windowed\""},
           {with("td-lambda") + "learner.view = \"backward\"\n", "learner.view counts only"},
           {with("dqn") + "learner.episode-end = \"leaking\"\n",
            "learner.episode-end counts only with learner.algorithm = \"mc\" or \"td-lambda\""},
           {with("mc") + "learner.episode-end = \"underweighted\"\n",
            "goes only with learner.algorithm = \"td-lambda\""},
           {with("td-lambda") + "learner.episode-end = \"leaking\"\n",
            "goes only with learner.algorithm = \"mc\""},
           {with("td-lambda") + "learner.output = \"max\"\n", "learner.output counts only"},
           {with("sarsa"), "learner.algorithm = \"sarsa\" goes only with task.kind = \"control\""},
           {walk + "task.transitions = 9\n",
            "task.transitions counts only with task.kind = \"evaluate\" from stored trajectories"},
           {walk + "task.test-share = 0.5\n", "task.test-share counts only for data of your own"},
           {walk + "learner.terminals = \"left-out\"\n", "learner.terminals counts only"},
           {walk + "learner.algorithm = \"dqn\"\n",
            "goes only with task.kind = \"control\" or \"evaluate\" from stored trajectories"},
           {walk + "learner.algorithm = \"reg\"\n",
            "goes only with task.kind = \"evaluate\" from stored trajectories"},
           {walk + "learner.loss = \"huber\"\n",
            "learner.loss = \"huber\" goes, with task.kind = \"evaluate\", only from stored trajectories"},
           {walk + "probe.measures = [\"gap\"]\n", "probe.measures holds \"gap\""},
           {walk + "probe.measures = [\"policy_churn\"]\n", "probe.measures holds \"policy_churn\""}})
    EXPECT_NE(refusal(text).find(part), std::string::npos) << text << refusal(text);
  for (const char* loss : {"squared-error", "smooth-l1", "huber"})
    for (const char* algorithm :
         {"dqn", "polyak", "ql", "double-dqn", "mc", "reg", "td-star", "td-lambda", "residual"})
      EXPECT_EQ(refusal(with(algorithm) + "learner.loss = \"" + loss + "\"\n"), "") << algorithm << loss;
}

TEST(StoredStudies, sweep_algorithms_of_which_a_key_counts_for_some) {
  const Study study = study_of(stored +
                               "sweep.learner.algorithm = [\"dqn\", \"mc\", \"reg\", \"td-lambda\"]\n"
                               "learner.target-every = 50\nlearner.lambda = 0.5\n");
  EXPECT_EQ(study.runs.size(), 4u);
}

}  // namespace
}  // namespace crosstalk::study

namespace crosstalk::work {
namespace {

/// A folder that says that it holds two episodes of five steps in two files.
class StoredFolders : public ::testing::Test {
 protected:
  Folder folder;
  Json about = {{"what", TrajectorySet::what},
                {"format", TrajectorySet::format},
                {"environment", "minatar:breakout"},
                {"complete", true},
                {"steps", 10},
                {"episodes", 2},
                {"actions", 6},
                {"frames", 0},
                {"ram", 0},
                {"scores", nullptr},
                {"discount of values", 0.99},
                {"observation", {{"kept", "bits"}}},
                {"segments", Json::array()}};

  void SetUp() override {
    for (const char* name : {"0", "1"}) {
      about["segments"].push_back({{"file", name},
                                   {"steps", 5},
                                   {"episodes", 1},
                                   {"bytes", 7},
                                   {"contents", std::string(32, 'a')},
                                   {"sha256", std::string(64, *name)}});
      std::ofstream(folder.path() / "set" / name) << "1234567";
    }
    write();
  }
  StoredFolders() { std::filesystem::create_directories(folder.path() / "set"); }
  void write() const { std::ofstream(folder.path() / "set" / TrajectorySet::about_name) << about.dump(); }

  Json read() const {
    const auto run = study::study_of("task.trajectories = \"set\"\n").runs.at(0);
    return stored_trajectories(run, folder.path().string());
  }
  std::string refusal() const {
    try {
      read();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  }
  std::string refusal(const std::string& text) const {
    const study::Configuration run = study::study_of("task.trajectories = \"set\"\n" + text).runs.at(0);
    const Datasets all = prepare_data({run}, {}, {{"base", folder.path().string()}}, {}, nullptr);
    try {
      check_trajectories({run}, all);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  }
};

TEST_F(StoredFolders, are_found_beside_the_study_and_sent_by_what_they_hold) {
  const study::Configuration run = study::study_of("task.trajectories = \"set\"\n").runs.at(0);
  const Datasets all = prepare_data({run}, {}, {{"base", folder.path().string()}}, {}, nullptr);
  const Json sent = assignment(run, all, "").fields.at("trajectories");
  EXPECT_EQ(sent.at("file"), (folder.path() / "set").string());
  EXPECT_EQ(sent.at("sha256"), TrajectorySet::read(folder.path() / "set").digest());
  EXPECT_FALSE(assignment(run, all, "").fields.contains("data"));
}

TEST_F(StoredFolders, that_are_none_not_complete_or_cut_short_are_refused_with_the_key_and_the_place) {
  EXPECT_EQ(refusal(), "");
  std::ofstream(folder.path() / "set" / "1") << "123456";
  EXPECT_EQ(refusal(), "task.trajectories = \"set\": " + (folder.path() / "set" / "1").string() +
                           " has 6 bytes where 7 are expected: it is cut short or another file");
  std::filesystem::remove(folder.path() / "set" / "1");
  EXPECT_NE(refusal().find("cannot be read"), std::string::npos) << refusal();
  about["complete"] = false;
  write();
  EXPECT_NE(refusal().find("is not complete"), std::string::npos) << refusal();
  std::filesystem::remove_all(folder.path() / "set");
  EXPECT_NE(refusal().find("task.trajectories = \"set\": " + (folder.path() / "set").string()),
            std::string::npos)
      << refusal();
}

TEST_F(StoredFolders, that_do_not_fit_a_run_are_refused_by_what_does_not) {
  const std::string all = "learner.updates = 9\n";
  EXPECT_EQ(refusal(all), "");
  EXPECT_EQ(refusal("task.environment = \"minatar:breakout\"\ntask.transitions = 10\n"), "");
  EXPECT_EQ(refusal("task.environment = \"minatar:asterix\"\n"),
            "task.environment = \"minatar:asterix\": task.trajectories = \"set\" was played in "
            "\"minatar:breakout\"; give that, or other trajectories, or leave task.environment out.");
  EXPECT_EQ(refusal("task.transitions = 11\n"),
            "task.transitions = 11: task.trajectories = \"set\" holds 10 transitions, those for testing "
            "among them; ask for fewer, or for \"all\".");
  const std::string star = "learner.algorithm = \"td-star\"\n";
  EXPECT_EQ(refusal(star), "");
  EXPECT_NE(refusal(star + "learner.gamma = 0.5\n").find("learner.gamma = 0.5: the values"),
            std::string::npos)
      << refusal(star + "learner.gamma = 0.5\n");
  EXPECT_EQ(refusal("learner.algorithm = \"reg\"\nlearner.gamma = 0.5\n"), "");
  const std::string measured = "probe.measures = [\"loss_difference\"]\n";
  EXPECT_EQ(refusal(measured + "probe.losses = [\"td-star\", \"reg\"]\n"), "");
  EXPECT_NE(refusal(measured + "probe.losses = [\"td-star\"]\nlearner.gamma = 0.5\n")
                .find("the values that probe.losses = [\"td-star\"] takes"),
            std::string::npos);
  EXPECT_EQ(refusal(measured + "probe.losses = [\"reg\"]\nlearner.gamma = 0.5\n"), "");
  EXPECT_NE(refusal("probe.measures = [\"cosine.ram\"]\n").find("holds no console's memory"),
            std::string::npos);
  about["discount of values"] = nullptr;
  write();
  EXPECT_NE(
      refusal(measured + "probe.losses = [\"reg\"]\n").find("probe.losses = [\"reg\"] takes the values"),
      std::string::npos);
  EXPECT_NE(refusal(star).find("holds none, because no expert played it"), std::string::npos)
      << refusal(star);
  about["segments"].erase(1);
  about["steps"] = 5;
  about["episodes"] = 1;
  write();
  EXPECT_EQ(refusal(all), "task.trajectories = \"set\" holds one episode; training and test need one each.");
}

TEST_F(StoredFolders, of_another_discount_than_is_learned_with_have_no_distance_to_an_experts_values) {
  const auto notices = [&](const std::string& text) {
    const std::vector runs = {study::study_of("task.trajectories = \"set\"\n" + text).runs.at(0)};
    return without_value_error(runs, prepare_data(runs, {}, {{"base", folder.path().string()}}, {}, nullptr));
  };
  EXPECT_EQ(notices(""), std::vector<std::string>());
  EXPECT_EQ(notices("learner.gamma = 0.5\n"),
            std::vector<std::string>{"task.trajectories = \"set\": value_error is not measured where "
                                     "learner.gamma = 0.5, because the expert's values are of the discount "
                                     "0.99"});
  EXPECT_EQ(notices("learner.gamma = 0.5\nlearner.algorithm = \"reg\"\n"), std::vector<std::string>());
  EXPECT_EQ(notices("learner.gamma = 0.5\nprobe.measures = [\"loss\"]\n"), std::vector<std::string>());
}

TEST_F(StoredFolders, of_the_same_steps_are_others_where_the_values_are_of_another_discount) {
  const std::string before = read().at("sha256");
  about["discount of values"] = 0.5;
  write();
  EXPECT_NE(read().at("sha256"), before);
  about["discount of values"] = "half";
  write();
  EXPECT_NE(refusal().find("a number from 0 to 1, or null, is expected"), std::string::npos) << refusal();
}

TEST_F(StoredFolders, that_are_others_than_those_of_the_results_are_refused_with_both_digests) {
  const Json before = {{"key", read()}};
  about["segments"][0]["sha256"] = std::string(64, 'f');
  write();
  try {
    check_checksums({{"key", read()}}, before);
    ADD_FAILURE();
  } catch (const Error& error) {
    const std::string message = error.what();
    for (const Json& each : {read(), before["key"]})
      EXPECT_NE(message.find(each["sha256"].get<std::string>().substr(0, 16)), std::string::npos) << message;
    EXPECT_NE(message.find("put the former trajectories back"), std::string::npos) << message;
  }
}

TEST_F(StoredFolders, are_stored_in_the_results_with_who_played_them) {
  EXPECT_EQ(read().at("trajectories").at("policy"), Json::object());
  about["policy"] = {
      {"kind", "expert"}, {"epsilon", 0.01}, {"algorithm", "rainbow"}, {"layers", {1, 2}}, {"file", "x"}};
  write();
  const Json played = {{"kind", "expert"}, {"epsilon", 0.01}, {"algorithm", "rainbow"}};
  EXPECT_EQ(read().at("trajectories").at("policy"), played);
}

TEST_F(StoredFolders, make_as_much_work_as_their_updates_and_batches) {
  const auto run = [](const std::string& text) {
    return study::study_of("task.trajectories = \"set\"\nlearner.updates = 100\n" + text).runs.at(0);
  };
  const study::Configuration small = run("learner.batch = 4\n"), large = run("learner.batch = 40\n");
  const Networks networks{{network_key(small), {10, 1000}}, {network_key(large), {10, 1000}}};
  EXPECT_EQ(work_of(small, {}, networks).updates, 100);
  EXPECT_EQ(work_of(small, {}, networks).probes, 2);
  EXPECT_GT(work_of(large, {}, networks).per_update, work_of(small, {}, networks).per_update);
}

}  // namespace
}  // namespace crosstalk::work
