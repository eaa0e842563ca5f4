// The studies that come with crosstalk, against the numbers of the paper's protocol.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/digest.hpp"
#include "study/find.hpp"
#include "study/load.hpp"

namespace crosstalk::study {
namespace {

const std::filesystem::path shipped = std::filesystem::path(CROSSTALK_SOURCE_DIR) / "studies";

std::set<Json> values(const Study& study, const std::string& key) {
  std::set<Json> found;
  for (const Configuration& run : study.runs) found.insert(run.values.at(key));
  return found;
}

std::set<std::uint64_t> seeds(const Study& study) {
  std::set<std::uint64_t> found;
  for (const Configuration& run : study.runs) found.insert(run.seed);
  return found;
}

Study paper(const std::string& name, const std::string& scale = "") {
  return load(find_study("paper/" + name, shipped), {.scale = scale});
}

/// The parts of a study lie in a folder of its name.
std::vector<std::string> without_parts(const std::vector<std::string>& studies) {
  std::vector<std::string> whole;
  for (const std::string& name : studies) {
    const std::string folder = name.substr(0, name.rfind('/'));
    if (folder == name || std::find(studies.begin(), studies.end(), folder) == studies.end())
      whole.push_back(name);
  }
  return whole;
}

TEST(ShippedStudies, are_those_of_the_paper_and_beyond_it_the_digits_environments_and_the_quickstart) {
  const std::vector<std::string> expected = {"beyond/bootstrapping",
                                             "beyond/evolution-digits",
                                             "beyond/initialisation",
                                             "beyond/momentum",
                                             "beyond/overfitting",
                                             "beyond/published-mistakes",
                                             "beyond/remedies",
                                             "beyond/same-images",
                                             "digits/digits-classify",
                                             "digits/digits-ddqn",
                                             "digits/digits-reinforce",
                                             "digits/learning-digits",
                                             "exact/baird",
                                             "exact/random-walk",
                                             "exact/random-walk-traces",
                                             "gym/cartpole",
                                             "gym/minatar",
                                             "paper/atari-dqn",
                                             "paper/atari-dqn-width",
                                             "paper/atari-q-learning",
                                             "paper/atari-regression",
                                             "paper/atari-td-lambda",
                                             "paper/california",
                                             "paper/cifar10-classify",
                                             "paper/cifar10-ddqn",
                                             "paper/cifar10-reinforce",
                                             "paper/expert",
                                             "paper/figure1",
                                             "paper/figure8",
                                             "paper/gridworld-expert",
                                             "paper/sarcos",
                                             "paper/svhn-classify",
                                             "paper/svhn-ddqn",
                                             "paper/svhn-reinforce",
                                             "quickstart"};
  const std::vector<std::string> all = shipped_studies(shipped);
  EXPECT_EQ(without_parts(all), expected);
  EXPECT_EQ(std::count(all.begin(), all.end(), "paper/atari-dqn/control"), 1);
}

TEST(ShippedStudies, sweep_svhn_as_the_paper_does) {
  const Study study = paper("svhn-classify");
  EXPECT_EQ(study.scale, "paper");
  EXPECT_EQ(study.runs.size(), 3u * 4 * 8 * 4);
  EXPECT_EQ(values(study, "network.hidden"), (std::set<Json>{8, 16, 32}));
  EXPECT_EQ(values(study, "network.depth"), (std::set<Json>{0, 1, 2, 3}));
  EXPECT_EQ(values(study, "task.examples"), (std::set<Json>{20, 100, 250, 500, 1000, 5000, 10000, 50000}));
  EXPECT_EQ(seeds(study), (std::set<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(values(study, "learner.updates"), std::set<Json>{1000});
  EXPECT_EQ(values(study, "probe.every"), std::set<Json>{50});
  EXPECT_EQ(values(study, "probe.samples"), std::set<Json>{96});
  EXPECT_EQ(values(study, "network.head"), std::set<Json>{4});
}

TEST(ShippedStudies, sweep_cifar10_as_the_paper_does) {
  const Study study = paper("cifar10-classify");
  EXPECT_EQ(study.runs.size(), 3u * 4 * 7 * 3);
  EXPECT_EQ(values(study, "network.hidden"), (std::set<Json>{16, 32, 64}));
  EXPECT_EQ(values(study, "task.examples"), (std::set<Json>{20, 100, 500, 1000, 5000, 10000, 50000}));
  EXPECT_EQ(seeds(study), (std::set<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(values(study, "probe.every"), std::set<Json>{20});
  EXPECT_EQ(values(study, "network.head"), std::set<Json>{1});
}

TEST(ShippedStudies, sweep_sarcos_as_the_paper_does) {
  const Study study = paper("sarcos");
  EXPECT_EQ(study.runs.size(), 5u * 4 * 7 * 3);
  EXPECT_EQ(values(study, "network.hidden"), (std::set<Json>{16, 32, 64, 128, 256}));
  EXPECT_EQ(values(study, "task.examples"), (std::set<Json>{20, 100, 500, 1000, 5000, 10000, 44484}));
  EXPECT_EQ(seeds(study), (std::set<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(values(study, "learner.updates"), std::set<Json>{5000});
  EXPECT_EQ(values(study, "learner.reduction"), std::set<Json>{"sum"});
  EXPECT_EQ(values(study, "probe.every"), std::set<Json>{250});
  EXPECT_EQ(values(study, "probe.samples"), std::set<Json>{128});
  EXPECT_EQ(values(study, "probe.function"), std::set<Json>{"max"});
  EXPECT_EQ(values(study, "task.normalise"), std::set<Json>{"none"});
}

TEST(ShippedStudies, sweep_california_as_the_paper_does) {
  const Study study = paper("california");
  EXPECT_EQ(study.runs.size(), 4u * 7 * 4);
  EXPECT_EQ(values(study, "network.hidden"), (std::set<Json>{16, 32, 64, 128}));
  EXPECT_EQ(values(study, "network.depth"), std::set<Json>{2});
  EXPECT_EQ(values(study, "task.examples"), (std::set<Json>{20, 100, 500, 1000, 5000, 10000, 19608}));
  EXPECT_EQ(seeds(study), (std::set<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(values(study, "probe.every"), std::set<Json>{5});
  EXPECT_EQ(values(study, "probe.samples"), std::set<Json>{200});
  EXPECT_EQ(values(study, "task.normalise"), std::set<Json>{"global"});
}

TEST(ShippedStudies, sweep_agents_as_the_paper_does) {
  const std::map<std::string, std::pair<std::size_t, std::set<std::uint64_t>>> facts = {
      {"svhn-ddqn", {3u * 4 * 7, {1, 2, 3}}},
      {"cifar10-ddqn", {3u * 4 * 7, {1}}},
      {"svhn-reinforce", {3u * 4 * 7, {1, 2, 3}}},
      {"cifar10-reinforce", {3u * 3 * 7, {1, 2, 3}}}};
  for (const auto& [name, fact] : facts) {
    const Study study = paper(name);
    EXPECT_EQ(study.scale, "paper");
    EXPECT_EQ(seeds(study), fact.second) << name;
    EXPECT_EQ(study.runs.size(), fact.first * fact.second.size()) << name;
    EXPECT_EQ(values(study, "task.examples"), (std::set<Json>{20, 100, 500, 1000, 5000, 10000, 50000}));
    EXPECT_EQ(values(study, "network.hidden"), (std::set<Json>{8, 16, 32}));
    EXPECT_EQ(values(study, "task.kind"), std::set<Json>{"windowed"});
    EXPECT_EQ(values(study, "learner.steps"), std::set<Json>{200000});
    EXPECT_EQ(values(study, "probe.episodes"), std::set<Json>{128});
    EXPECT_LE(paper(name, "reduced").runs.size(), 2u) << name;
  }
}

TEST(ShippedStudies, gather_the_eight_experiments_of_the_figures) {
  const auto experiments = [](const Study& study) {
    std::map<std::string, std::size_t> found;
    for (const Configuration& run : study.runs) ++found[run.experiment];
    return found;
  };
  const auto whole = experiments(paper("figure1"));
  EXPECT_EQ(whole.size(), 8u);
  for (const auto& [name, runs] : whole) EXPECT_EQ(runs, paper(name).runs.size()) << name;
  const Study study = paper("figure1", "reduced");
  const auto reduced = experiments(study);
  EXPECT_EQ(reduced.size(), 9u);
  for (const std::string name : {"digits-classify", "digits-ddqn", "digits-reinforce"})
    EXPECT_EQ(reduced.at(name), 3u * 2 * 4 * 3) << name;
  for (const std::string name : {"sarcos", "california", "svhn-ddqn", "cifar10-reinforce"})
    EXPECT_EQ(reduced.at(name), paper(name, "reduced").runs.size()) << name;
  for (const Configuration& run : study.runs)
    if (run.values.at("task.dataset") == "digits") {
      EXPECT_LE(run.values.at("task.examples").get<int>(), 1437);
    }
}

TEST(ShippedStudies, fit_the_partial_files_at_reduced_scale_with_six_configurations_of_each_size) {
  const std::map<std::string, std::int64_t> rows = {
      {"svhn-classify", 883}, {"cifar10-classify", 8152}, {"sarcos", 3560}, {"california", 19608}};
  for (const auto& [name, most] : rows) {
    const Study study = paper(name, "reduced");
    EXPECT_EQ(study.scale, "reduced");
    std::map<std::int64_t, std::set<std::pair<Json, Json>>> capacities;
    for (const Configuration& run : study.runs)
      capacities[run.values.at("task.examples").get<std::int64_t>()].emplace(run.values.at("network.hidden"),
                                                                             run.values.at("network.depth"));
    EXPECT_LE(capacities.rbegin()->first, most) << name;
    for (const auto& [examples, found] : capacities)
      EXPECT_GE(found.size(), 6u) << name << " at " << examples;
    EXPECT_GE(seeds(study).size(), 2u) << name;
  }
}

TEST(ShippedStudies, join_a_classification_a_regression_and_an_agent_in_the_quickstart) {
  const Study study = load(find_study("quickstart", shipped), {});
  EXPECT_EQ(study.runs.front().experiment, "digits");
  EXPECT_EQ(study.runs.back().experiment, "agents");
  EXPECT_EQ(values(study, "task.kind"), (std::set<Json>{"classify", "regress", "windowed"}));
  EXPECT_EQ(study.swept, (std::vector<std::string>{"network.depth", "network.hidden", "task.examples"}));
  EXPECT_EQ(load(find_study("quickstart", shipped), {.scale = "short"}).runs.size(), 26u);
}

TEST(ShippedStudies, walk_and_diverge_as_the_books_do) {
  for (const std::string name : {"exact/random-walk", "exact/random-walk-traces"}) {
    const Study study = load(find_study(name, shipped), {});
    EXPECT_EQ(study.scale, "book");
    EXPECT_EQ(study.runs.size(), 8u * 13 * 100) << name;
    EXPECT_EQ(values(study, "learner.lambda"), (std::set<Json>{0.0, 0.4, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0}));
    EXPECT_EQ(values(study, "learner.view"),
              std::set<Json>{name.ends_with("traces") ? "backward" : "forward"});
    const auto& run = study.runs.front().values;
    for (const auto& [key, value] : std::map<std::string, Json>{{"task.kind", "evaluate"},
                                                                {"task.policy", "uniform"},
                                                                {"task.states", 19},
                                                                {"learner.gamma", 1.0},
                                                                {"learner.episodes", 10},
                                                                {"learner.approximation", "tabular"},
                                                                {"learner.optimizer", "sgd"},
                                                                {"probe.unit", "episodes"},
                                                                {"probe.every", 1},
                                                                {"probe.measures", {"value_error"}}})
      EXPECT_EQ(run.at(key), value) << name << ' ' << key;
    EXPECT_EQ(load(find_study(name, shipped), {.scale = "small"}).runs.size(), 30u);
  }
  const Study baird = load(find_study("exact/baird", shipped), {});
  ASSERT_EQ(baird.runs.size(), 2u);
  EXPECT_EQ(values(baird, "learner.source"), std::set<Json>{"expected"});
  EXPECT_EQ(values(baird, "learner.approximation"), std::set<Json>{"linear"});
  EXPECT_EQ(values(baird, "task.policy"), std::set<Json>{"solid"});
  std::set<std::string> names;  // as they were before Baird's defaults were its own
  for (const Configuration& run : load(find_study("exact/baird", shipped), {.scale = "small"}).runs)
    names.insert(run.run);
  EXPECT_EQ(names, (std::set<std::string>{"07c9669c80ee1b56", "599464fe30c2509e"}));
}

/// Computed by the crosstalk in which keys did not yet say where they count.
TEST(ShippedStudies, keep_the_names_of_their_runs) {
  const std::vector<std::tuple<std::string, std::string, std::string>> facts = {
      {"paper/figure1", "paper", "d992bbb4ed49aa11"},
      {"paper/figure1", "reduced", "1ffd82545d2da09b"},
      {"digits/digits-classify", "", "9da37f060a2740a0"},
      {"digits/digits-ddqn", "", "bb1b38f495de7750"},
      {"digits/digits-reinforce", "", "c0e5bbbab23390e0"},
      {"digits/learning-digits", "", "e825a725a6e089f0"},
      {"quickstart", "", "5aea3d8ea8075f52"},
      {"quickstart", "short", "5891ca9fab200e33"}};
  for (const auto& [name, scale, digest] : facts) {
    std::string all;
    for (const Configuration& run : load(find_study(name, shipped), {.scale = scale}).runs) all += run.run;
    EXPECT_EQ(sha256(all).substr(0, 16), digest) << name << ' ' << scale;
  }
}

TEST(ShippedStudies, say_what_they_are) {
  for (const std::string& name : shipped_studies(shipped)) {
    const Study study = load(shipped / (name + ".toml"), {});
    EXPECT_FALSE(study.title.empty()) << name;
    EXPECT_FALSE(study.description.empty()) << name;
  }
}

}  // namespace
}  // namespace crosstalk::study
