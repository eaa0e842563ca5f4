// Where a key counts is said once, in its entry, and refusals, `study show` and the page of keys follow from
// it.
#include "study/counting.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/environments.hpp"
#include "base/measures.hpp"
#include "base/vocabulary.hpp"
#include "desk/memory_study.hpp"
#include "study/datasets.hpp"
#include "study/describe.hpp"
#include "study/learners.hpp"
#include "study/measures.hpp"

namespace crosstalk::study {
namespace {

/// Small studies in which, together, each key counts somewhere and for nothing elsewhere.
const std::vector<std::string> subjects = {
    "task.dataset = \"digits\"\n",
    "task.dataset = \"sarcos\"\ntask.source = \"test-file\"\n",
    "task.dataset = \"x.csv\"\nnetwork.layers = [\"linear out\"]\n",
    "task.dataset = \"digits\"\ntask.kind = \"windowed\"\nlearner.optimizer = \"momentum\"\n",
    "task.dataset = \"digits\"\ntask.kind = \"windowed\"\nlearner.algorithm = \"reinforce\"\n",
    "task.environment = \"random-walk\"\nlearner.optimizer = \"rmsprop\"\n",
    "task.environment = \"baird\"\nlearner.algorithm = \"residual\"\nlearner.source = \"expected\"\n",
    "task.environment = \"gridworld\"\n",
    "task.environment = \"gym:CartPole-v1\"\n",
    "task.environment = \"atari:ms_pacman\"\n",
    "task.environment = \"gridworld\"\nlearner.algorithm = \"dqn\"\nlearner.sampling = \"prioritised\"\n",
    "task.trajectories = \"set\"\ntask.environment = \"atari:ms_pacman\"\ntrajectories.transitions = 9\n"
    "learner.algorithm = \"mc\"\n",
    "task.trajectories = \"set\"\ntask.environment = \"minatar:breakout\"\ntrajectories.transitions = 9\n"
    "trajectories.expert = \"results\"\n",
    "task.environment = \"minatar:breakout\"\nlearner.algorithm = \"rainbow\"\n",
    "task.environment = \"gridworld\"\nlearner.algorithm = \"polyak\"\nlearner.approximation = \"tabular\"\n",
    "task.environment = \"gridworld\"\nlearner.algorithm = \"ql\"\n"
    "probe.measures = [\"loss_difference\", \"sign_variance\"]\nprobe.losses = [\"own\", \"lambda\"]\n",
    "task.environment = \"gridworld\"\nlearner.algorithm = \"pqn\"\n",
};

/// Another value than the default, so that a refusal cannot be about one that is harmless.
std::string some_value(const Key& key, const Json& now) {
  if (key.name == "task.dataset") return "\"digits\"";
  for (const std::string& word : key.allowed)
    if (Json(word) != now && key.type == Type::text) return to_toml(word);
  if (key.type == Type::text) return "\"some\"";
  if (key.name == "trajectories.set") return "[\"task.sticky=0\"]";
  if (key.type == Type::texts)
    return key.allowed.empty() ? "[\"linear out\"]" : to_toml({key.allowed.front()});
  if (!key.allowed_counts.empty()) return std::to_string(key.allowed_counts.front());
  return key.type == Type::number ? "0.25" : "9";
}

TEST(Counting, is_the_same_to_refusals_to_study_show_and_to_the_page_of_keys) {
  std::map<std::string, std::set<bool>> seen;
  for (const std::string& text : subjects) {
    const Reading reading = reading_of({{"a.toml", text}});
    std::set<std::string> shown;
    for (const auto& cells : described_keys(reading.experiments.at(0))) shown.insert(cells[0]);
    const Configuration& run = reading.study.runs.at(0);
    const Lookup lookup = lookup_in(run.values);
    for (const Key& key : keys()) {
      const Condition* missing = unmet(key.counts, lookup);
      seen[key.name].insert(missing == nullptr);
      EXPECT_EQ(shown.contains(key.name), missing == nullptr) << key.name << "\n" << text;
      // Trajectories decide what a study is about: where they are said, other keys count for nothing.
      if (missing == nullptr || key.name == "task.trajectories") continue;
      const std::string refused = refusal(text + key.name + " = " + some_value(key, lookup(key.name)) + "\n");
      EXPECT_NE(refused.find(key.name + " counts only " + in_words(*missing) + "; leave it out"),
                std::string::npos)
          << text << key.name << ": " << refused;
      EXPECT_NE(as_markdown(key).find("| " + in_words(key.counts) + " |"), std::string::npos);
      EXPECT_NE(in_words(key.counts).find(in_words(*missing)), std::string::npos);
    }
  }
  for (const Key& key : keys())
    EXPECT_EQ(seen[key.name].size(), key.counts.empty() ? 1u : 2u)
        << key.name << " is tried on one side alone";
}

TEST(Counting, of_a_new_key_is_one_entry) {
  const Key warmth{
      .name = "learner.warmth",
      .type = Type::text,
      .help = "How it is.",
      .fallback = "mild",
      .counts = {{"learner.optimizer", {"sgd", "adam"}}, {"task.dataset", {".csv"}, "for a table"}},
      .allowed = {"mild", "hot"},
      .only = {{"hot", {{"task.kind", {"regress"}}}}}};
  const auto run = [](const std::string& text) { return study_of(text).runs.at(0); };
  const Configuration table = run("task.dataset = \"x.csv\"\n"), images = run("task.dataset = \"digits\"\n"),
                      classes = run("task.dataset = \"x.csv\"\ntask.kind = \"classify\"\n"),
                      momentum = run("task.dataset = \"x.csv\"\nlearner.optimizer = \"momentum\"\n");
  EXPECT_TRUE(counts(warmth, lookup_in(table.values)));
  EXPECT_EQ(in_words(*unmet(warmth.counts, lookup_in(images.values))), "for a table");
  EXPECT_EQ(in_words(*unmet(warmth.counts, lookup_in(momentum.values))),
            "with learner.optimizer = \"sgd\" or \"adam\"");
  EXPECT_EQ(fitting_words(warmth, lookup_in(table.values)), (std::vector<std::string>{"mild", "hot"}));
  EXPECT_EQ(fitting_words(warmth, lookup_in(classes.values)), std::vector<std::string>{"mild"});
  EXPECT_EQ(as_markdown(warmth),
            "| `learner.warmth` | \"mild\" or \"hot\" | `\"mild\"` | with learner.optimizer = \"sgd\" or "
            "\"adam\", and "
            "for a table | How it is. Only with task.kind = \"regress\": \"hot\". |\n");
  EXPECT_EQ(check(warmth, "hott").problem,
            "learner.warmth = \"hott\": \"mild\" or \"hot\" is expected; did you mean \"hot\"?");
}

TEST(Counting, takes_any_count_where_a_condition_asks_for_one_and_no_word_for_it) {
  const Condition some{"task.train-levels", {any_count}};
  const auto holds_of = [&](const Json& value) {
    return holds(some, [&](const std::string&) -> const Json& { return value; });
  };
  EXPECT_TRUE(holds_of(7));
  EXPECT_FALSE(holds_of("all"));
  EXPECT_FALSE(holds_of(nullptr));
}

TEST(Counting, depends_on_keys_and_values_that_there_are) {
  std::vector<const Condition*> all;
  for (const Key& key : keys()) {
    for (const Condition& condition : key.counts) all.push_back(&condition);
    for (const auto& [word, conditions] : key.only) {
      EXPECT_NE(std::find(key.allowed.begin(), key.allowed.end(), word), key.allowed.end())
          << key.name << word;
      for (const Condition& condition : conditions) all.push_back(&condition);
    }
  }
  const std::set<std::string> families = {"own-table", "own-images", ".csv", "stored", "evaluate/stored"};
  for (const Condition* condition : all) {
    const Key* key = find_key(condition->key);
    ASSERT_NE(key, nullptr) << condition->key;
    EXPECT_FALSE(condition->values.empty()) << condition->key;
    for (const std::string& value : condition->values) {
      if (value.empty()) {
        EXPECT_TRUE(key->fallback.is_null()) << condition->key;
      } else if (!families.contains(value)) {
        const Json json = value == "[]"              ? Json::array()
                          : value == any_count       ? Json(1)
                          : key->type == Type::texts ? Json::array({value})  // one of what a list holds
                                                     : Json(value + (is_family(value) ? "any" : ""));
        EXPECT_EQ(check(*key, json).problem, "") << condition->key;
      }
    }
  }
  std::set<std::string> before;
  for (const Key* key : keys_deciding_first()) {
    for (const Condition& condition : key->counts) EXPECT_TRUE(before.contains(condition.key)) << key->name;
    before.insert(key->name);
  }
  EXPECT_EQ(before.size(), keys().size());
}

TEST(Defaults, go_together_in_every_environment_with_every_kind_and_algorithm_that_it_has) {
  int tried = 0;
  for (const std::string& environment : environment_names()) {
    for (const std::string& kind : kinds_in(environment)) {
      for (const std::string& algorithm : algorithms_for(kind)) {
        const std::string name = environment + (is_family(environment) ? "any" : "");
        const std::string text = "task.environment = \"" + name + "\"\ntask.kind = \"" + kind +
                                 "\"\nlearner.algorithm = \"" + algorithm + "\"\n" +
                                 (kind == "windowed" ? "task.dataset = \"digits\"\n" : "");
        EXPECT_EQ(refusal(text), "") << text;
        ++tried;
      }
    }
  }
  EXPECT_EQ(tried, 4 * 2 + 5 * 12 + 5);  // evaluate in four, control in five, windowed
}

TEST(Measures, stand_in_one_table_with_their_kinds_splits_and_parts) {
  std::set<std::string_view> names;
  for (const MeasureEntry& measure : measure_table) {
    EXPECT_TRUE(names.insert(measure.name).second) << measure.name;
    EXPECT_FALSE(measure.splits.empty() || measure.label.empty()) << measure.name;
    for (const std::string& kind : words_in(measure.kinds))
      EXPECT_TRUE(kind == "control/levels" || kind == "evaluate/stored" || meaning(task_kinds, kind))
          << measure.name;
  }
  EXPECT_EQ(find_measure("stiffness")->parts,
            "positive zero negative sign left_out quantiles within within.sign between between.sign");
  EXPECT_EQ(find_measure("no such"), nullptr);
  for (const std::string kind : {"control", "evaluate"}) {
    const std::vector<std::string> fitting = measure_names(kind);
    for (const std::string none : {"gap", "accuracy", "reward"})
      EXPECT_EQ(std::find(fitting.begin(), fitting.end(), none), fitting.end()) << "there is no test set";
    for (const std::string one : {"loss", "stiffness", "td_error"})
      EXPECT_NE(std::find(fitting.begin(), fitting.end(), one), fitting.end()) << one;
  }
}

}  // namespace
}  // namespace crosstalk::study
