// A run's name: fixed for ever within a schema. The digests were computed by Python's hashlib from the texts.
#include "study/identity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "desk/memory_study.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

const Configuration only(const std::string& text, const LoadOptions& options = {}) {
  return study_of(text, options).runs.at(0);
}

std::string canonical(const Configuration& run) { return Identity(run.values).canonical_text(run.seed); }

TEST(Identity, is_the_digest_of_what_differs_from_the_defaults_and_of_what_is_measured) {
  const Configuration plain = only("task.dataset = \"digits\"\n");
  EXPECT_EQ(
      canonical(plain),
      R"({"keys":{"probe.measures":["accuracy","loss","gap","function_interference","function_stiffness",)"
      R"("loss_interference","stiffness"],"task.dataset":"digits"},"schema":3,"seed":0})");
  EXPECT_EQ(plain.run, "3f9cdb89285d36d9");
  const Configuration rich = only(
      "seeds = [7]\ntask.dataset = \"sarcos\"\ntask.examples = 100\nlearner.rate = "
      "5e-4\nlearner.weight-decay = 1\n"
      "learner.epsilon = 1e-10\nprobe.measures = [\"gap\", \"loss\"]\nruntime.threads = 2\nruntime.device = "
      "\"cuda\"\n");
  EXPECT_EQ(
      canonical(rich),
      R"({"keys":{"learner.epsilon":1e-10,"learner.rate":5e-04,"learner.weight-decay":1.0,)"
      R"("probe.measures":["loss","gap"],"runtime.device":"cuda","runtime.threads":2,"task.dataset":"sarcos",)"
      R"("task.examples":100},"schema":3,"seed":7})");
  EXPECT_EQ(rich.run, "51a9bbd3b4217b74");
  const Configuration own = only("task.dataset = \"H\u00e4user/x.csv\"\ntask.kind = \"classify\"\n");
  EXPECT_EQ(
      canonical(own),
      R"({"keys":{"probe.measures":["accuracy","loss","gap","function_interference","function_stiffness",)"
      R"("loss_interference","stiffness"],"task.dataset":"H\u00e4user/x.csv","task.kind":"classify"},"schema":3,"seed":0})");
  EXPECT_EQ(own.run, "9545df2782c9d536");
}

TEST(Identity, does_not_see_how_a_number_is_written) {
  const std::string digits = "task.dataset = \"digits\"\n";
  const std::string run = only(digits + "learner.weight-decay = 0.01\n").run;
  for (const std::string text : {"1e-2", "1.0e-2", "0.0100", "+0.01", "10e-3"})
    EXPECT_EQ(only(digits + "learner.weight-decay = " + text + "\n").run, run) << text;
  EXPECT_EQ(only(digits + "learner.rate = 1\n").run, only(digits + "learner.rate = 1.0\n").run);
  EXPECT_EQ(only(digits + "network.hidden = 8.0\n").run, only(digits + "network.hidden = 8\n").run);
  EXPECT_EQ(only(digits + "learner.weight-decay = -0.0\n").run, only(digits).run);
}

TEST(Identity, does_not_see_defaults_that_are_written_out) {
  for (const std::string subject :
       {"dataset = \"digits\"", "dataset = \"sarcos\"", "dataset = \"california\"", "dataset = \"x.npz\"",
        "environment = \"random-walk\"", "environment = \"gridworld\"", "environment = \"baird\""}) {
    const std::string text = "task." + subject + "\n";
    const Configuration run = only(text);
    int written_out = 0;
    for (const auto& [name, value] : run.values) {
      if (subject.starts_with(name.substr(5) + " ")) continue;
      const std::string more = text + name + " = " + to_toml(value) + "\n";
      if (!refusal(more).empty()) continue;  // it counts for nothing there
      EXPECT_EQ(only(more).run, run.run) << name;
      ++written_out;
    }
    EXPECT_GT(written_out, 15) << subject;
  }
}

TEST(Identity, sees_every_key_and_the_seed) {
  const std::string digits = "task.dataset = \"digits\"\n";
  const std::string run = only(digits).run;
  for (const std::string text : {"seeds = [1]",
                                 "task.examples = 1437",
                                 "task.subset = \"random\"",
                                 "network.hidden = 17",
                                 "network.depth = 0",
                                 "network.head = 1",
                                 "network.layers = [\"flatten\", \"linear out\"]",
                                 "network.initialisation = \"glorot\"",
                                 "learner.reduction = \"sum\"",
                                 "learner.updates = 999",
                                 "learner.batch = 31",
                                 "learner.optimizer = \"sgd\"",
                                 "learner.rate = 0.0010000000000000002",
                                 "learner.beta1 = 0",
                                 "learner.beta2 = 0.99",
                                 "learner.epsilon = 1e-7",
                                 "probe.every = 49",
                                 "probe.samples = 95",
                                 "probe.function = \"mean\"",
                                 "probe.measures = [\"loss\"]",
                                 "runtime.threads = 2",
                                 "runtime.precision = \"double\"",
                                 "runtime.device = \"cuda\""})
    EXPECT_NE(only(digits + text + "\n").run, run) << text;
  for (const auto& [optimizer, text] :
       {std::pair{"momentum", "learner.momentum = 0.9"}, {"rmsprop", "learner.alpha = 0.9"}}) {
    const std::string other = digits + "learner.optimizer = \"" + optimizer + "\"\n";
    EXPECT_NE(only(other + text + "\n").run, only(other).run) << text;
  }
}

TEST(Identity, does_not_depend_on_the_order_of_keys_or_of_a_sweep) {
  std::vector<std::string> lines = {"task.dataset = \"california\"",
                                    "task.examples = 500",
                                    "network.depth = 1",
                                    "learner.rate = 0.01",
                                    "probe.every = 50",
                                    "seeds = [2, 0, 1]",
                                    "sweep.network.hidden = [32, 8, 16]",
                                    "sweep.learner.batch = [16, 8]",
                                    "probe.measures = [\"gap\", \"loss\", \"stiffness\"]"};
  const auto ids = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& line : parts) text += line + "\n";
    std::vector<std::string> found;
    for (const Configuration& run : study_of(text).runs) found.push_back(run.run);
    return found;
  };
  const std::vector<std::string> expected = ids(lines);
  std::mt19937 order(1);
  for (int i = 0; i < 100; ++i) {
    std::shuffle(lines.begin(), lines.end(), order);
    ASSERT_EQ(ids(lines), expected);
  }
  std::vector<std::string> sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (std::string& line : lines) {
    if (line.starts_with("seeds")) line = "seeds = 3";
    if (line.starts_with("sweep.network")) line = "sweep.network.hidden = [8, 16, 32]";
    if (line.starts_with("probe.measures")) line = "probe.measures = [\"stiffness\", \"gap\", \"loss\"]";
  }
  std::vector<std::string> turned = ids(lines);
  std::sort(turned.begin(), turned.end());
  EXPECT_EQ(turned, sorted);
}

TEST(Identity, leaves_out_keys_that_a_stored_configuration_has_again_as_their_defaults) {
  for (const std::string subject : {"dataset = \"sarcos\"", "dataset = \"digits\"\ntask.kind = \"windowed\"",
                                    "environment = \"baird\""}) {
    const Json whole = only("task." + subject + "\n").values;
    const study::Setup setup = setup_of(whole.get<std::map<std::string, Json>>());
    for (const Key& key : keys()) {
      if (!whole.contains(key.name) || key.name == "task.kind" || key.name == "learner.algorithm" ||
          key.name == "task.dataset" || key.name == "task.environment")
        continue;
      Json stored = whole;  // from before there was this key
      stored.erase(key.name);
      EXPECT_EQ(completed(stored)[key.name], default_in_names(key, setup)) << key.name;
    }
    Json nameless = whole;
    nameless.erase("task.kind");
    nameless.erase("learner.rate");
    EXPECT_EQ(completed(nameless), nameless) << "what it is cannot be known";
  }
  EXPECT_EQ(completed(Json()), Json());
}

TEST(Identity, is_the_same_whether_a_study_runs_alone_or_joined) {
  const std::string swept = "seeds = 2\n[sweep]\nlearner.batch = [4, 8]\n",
                    set = "task.trajectories = \"d\"\n",
                    made = "task.environment = \"minatar:breakout\"\ntrajectories.transitions = 9\n";
  const auto is_the_same = [](const std::string& part) {
    const Study alone = study_of(part);
    const Study joined = reading_of({{"a.toml", "include = [\"p/b.toml\"]"}, {"p/b.toml", part}}).study;
    EXPECT_EQ(alone.runs.size(), 4u);
    return std::equal(
        alone.runs.begin(), alone.runs.end(), joined.runs.begin(), joined.runs.end(),
        [](const Configuration& one, const Configuration& other) { return one.run == other.run; });
  };
  EXPECT_TRUE(is_the_same("task.dataset = \"sarcos\"\n" + swept));
  EXPECT_TRUE(is_the_same(set + made + swept)) << "made beside the results, wherever the study's file is";
  EXPECT_FALSE(is_the_same(set + swept)) << "another folder, beside the file that names it";
}

}  // namespace
}  // namespace crosstalk::study
