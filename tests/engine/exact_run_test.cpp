// Runs in exact environments: every learner, stopped at any step, with and without a probe; how they are
// counted; and which keys they heed.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "base/error.hpp"
#include "folder.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

/// Every learner, from steps and from expected transitions, with each kind of function.
std::vector<Kind> kinds() {
  at::set_num_threads(1);
  const Json network = {{"learner.approximation", "network"},
                        {"network.layers", {"linear 5", "tanh", "linear out"}}};
  const auto with = [](Json first, const Json& second) {
    first.update(second);
    return first;
  };
  const Json rainbow = {
      {"learner.approximation", "network"},
      {"network.layers",
       {"linear 6 noisy 0.5", "relu", "dueling 5 noisy 0.5", "relu", "dueling out noisy 0.5"}}};
  const Json backward = {{"learner.view", "backward"}}, td0 = with(backward, {{"learner.lambda", 0.0}}),
             prioritised = {{"learner.sampling", "prioritised"}},
             in_control = {{"task.kind", "control"}, {"learner.target-every", 7}, {"probe.unit", "steps"}};
  return {
      {exact_keys("random-walk", "td-lambda")},
      {exact_keys("random-walk", "td-lambda", {{"probe.unit", "episodes"}, {"probe.every", 1}})},
      {exact_keys("random-walk", "td-lambda", with(backward, {{"runtime.precision", "double"}}))},
      {exact_keys("random-walk", "td-lambda",
                  with(backward, {{"probe.unit", "episodes"}, {"probe.every", 2}, {"probe.samples", 40}}))},
      {exact_keys("gridworld", "td-lambda",
                  with(network, {{"probe.unit", "steps"}, {"learner.optimizer", "adam"}}))},
      {exact_keys("gridworld", "td-lambda", with(network, backward))},
      {exact_keys("boyan", "td-lambda", {{"learner.rate", 0.01}})},
      {exact_keys("boyan", "td-lambda", with(td0, {{"learner.source", "expected"}}))},
      {exact_keys("baird", "td-lambda", with(td0, {{"learner.rate", 0.01}}))},
      {exact_keys("baird", "residual", {{"learner.rate", 0.01}, {"learner.update-every", 1}})},
      {exact_keys("boyan", "residual", {{"learner.source", "expected"}, {"learner.optimizer", "momentum"}})},
      {exact_keys("random-walk", "residual", with(network, {{"task.kind", "control"}}))},
      {exact_keys("random-walk", "residual", network)},
      {exact_keys("gridworld", "double-dqn")},
      {exact_keys("gridworld", "double-dqn", {{"learner.target-every", 4}, {"probe.function", "taken"}})},
      {exact_keys("random-walk", "dqn", with(network, {{"learner.optimizer", "rmsprop"}}))},
      {exact_keys("gridworld", "dqn", {{"learner.target-every", "never"}, {"learner.loss", "huber"}})},
      {exact_keys("gridworld", "polyak", with(network, {{"learner.loss", "squared-error"}}))},
      {exact_keys("random-walk", "ql", {{"probe.unit", "episodes"}, {"probe.every", 2}})},
      {exact_keys("gridworld", "ql", {{"probe.unit", "updates"}})},
      {exact_keys("random-walk", "ql", prioritised)},
      {exact_keys("random-walk", "double-dqn", with(network, with(prioritised, {{"learner.n-step", 3}})))},
      {exact_keys("random-walk", "sarsa",
                  with(network, {{"learner.target-every", 4}, {"learner.update-every", 1}}))},
      {exact_keys("random-walk", "sarsa",
                  with(prioritised, {{"learner.target-every", 4}, {"learner.n-step", 2}}))},
      {exact_keys("gridworld", "expected-sarsa", {{"learner.target-every", 4}, {"learner.n-step", 2}})},
      {exact_keys("random-walk", "mc", with(network, {{"learner.update-every", 1}}))},
      {exact_keys("random-walk", "td-lambda",
                  with(network, with(in_control, {{"learner.update-every", 1}})))},
      {exact_keys("random-walk", "td-lambda", with(in_control, {{"learner.target-every", "never"}}))},
      {exact_keys("random-walk", "reinforce", network)},
      {exact_keys("random-walk", "rainbow", with(network, {{"learner.clip", 0.5}}))},
      {exact_keys("gridworld", "rainbow", {{"probe.function", "taken"}, {"learner.n-step", 2}})},
      {exact_keys("gridworld", "rainbow", with(rainbow, with(prioritised, {{"learner.n-step", 3}})))},
      {exact_keys("random-walk", "rainbow",
                  with(rainbow, {{"network.layers", {"by-observation"}}, {"runtime.precision", "double"}}))},
      {exact_keys("gridworld", "dqn", with(rainbow, {{"learner.optimizer", "adam"}}))},
      {exact_keys("gridworld", "dqn",
                  with(rainbow, {{"learner.target-every", 3}, {"learner.target-copies", 3}}))},
      {exact_keys(
          "random-walk", "double-dqn",
          with(network,
               {{"learner.target-every", 4}, {"learner.target-copies", 2}, {"learner.smoothing", 0.3}}))},
      {exact_keys("gridworld", "ql",
                  with(network, with(prioritised, {{"learner.smoothing", 0.5}, {"learner.replay", 11}})))},
      {exact_keys("random-walk", "td-lambda",
                  with(rainbow, with(in_control, {{"learner.update-every", 1}})))},
      {exact_keys("random-walk", "td-lambda", with(rainbow, backward))},
      {exact_keys("random-walk", "reinforce", rainbow)},
      {exact_keys("random-walk", "pqn")},
      {exact_keys("gridworld", "pqn",
                  with(network, {{"learner.optimizer", "adam"}, {"learner.lambda", 1.0}}))},
      {exact_keys("gridworld", "pqn",
                  {{"learner.approximation", "network"},
                   {"network.layers", {"by-observation"}},
                   {"learner.rollout", 9},
                   {"runtime.precision", "double"}})},
      {exact_keys("random-walk", "pqn", with(rainbow, {{"probe.unit", "episodes"}, {"probe.every", 1}}))},
      {exact_keys("gridworld", "dqn", with(network, {{"learner.chain", 0.5}}))},
      {exact_keys("random-walk", "double-dqn",
                  with(network, with(prioritised, {{"learner.chain", 2.0}, {"learner.n-step", 2}})))},
      {exact_keys("gridworld", "ql", with(rainbow, {{"learner.chain", 0.5}}))},
      {exact_keys("random-walk", "polyak", {{"learner.chain", 10.0}})},
  };
}

TEST(ExactRuns, end_at_the_same_theta_with_and_without_a_probe_whatever_learns) {
  for (const Kind& kind : kinds()) expect_the_same_theta_with_and_without_a_probe(kind);
}

TEST(ExactRuns, stopped_at_any_step_go_on_to_the_same_theta_and_rows_whatever_learns) {
  const Folder folder;
  for (const Kind& kind : kinds())
    EXPECT_GT(stopped_at_each_step(kind, folder.path() / "kept"), begun(kind)->steps() / 2)
        << kind.flat.dump();
}

// Counted in episodes, the last rows are those of the last whole episode.
TEST(ExactRuns, end_with_the_rows_of_the_network_that_their_last_update_leaves) {
  for (const Kind& kind : kinds())
    if (kind.flat.at("probe.unit") != "episodes") expect_the_last_rows_to_be_of_the_last_network(kind);
}

TEST(ExactRuns, move_theta_and_do_so_otherwise_with_another_seed_where_anything_is_drawn) {
  for (const Kind& kind : kinds()) {
    const auto ended = [&](std::uint64_t seed) {
      const auto run = begun(kind, seed);
      while (!run->finished()) run->advance();
      EXPECT_FALSE(at::equal(run->theta(), begun(kind, seed)->theta())) << kind.flat.dump();
      return run->theta().clone();
    };
    EXPECT_EQ(at::equal(ended(1), ended(2)), kind.flat.at("learner.source") == "expected")
        << kind.flat.dump();
  }
}

std::map<std::int64_t, int> steps_of(const Heard& heard, const char* measure) {
  std::map<std::int64_t, int> steps;
  for (const Row& row : heard.rows) steps[row.step] += row.measure == measure;
  return steps;
}

// After each episode its updates are made, and then it is measured: also after the last one.
TEST(ExactRuns, of_so_many_episodes_are_measured_after_the_updates_of_each) {
  for (const char* view : {"forward", "backward"}) {
    const auto run = begun({exact_keys("random-walk", "td-lambda",
                                       {{"learner.view", view},
                                        {"learner.updates", 1000000},
                                        {"learner.episodes", 6},
                                        {"probe.unit", "episodes"},
                                        {"probe.every", 1},
                                        {"probe.measures", {"value_error"}}})});
    Heard heard;
    EXPECT_EQ(carried_out(*run, heard).ending, Ending::done);
    EXPECT_EQ(run->count(), 6);
    EXPECT_EQ(steps_of(heard, "value_error"),
              (std::map<std::int64_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}));
    // As many updates as steps were taken: none is owed at the end.
    const tensor::State state = run->save();
    EXPECT_EQ(state.position("updates"), state.position("source.steps")) << view;
    const auto rows = by_key(heard.rows);
    EXPECT_NE(rows.at({5, "value_error", "states"}), rows.at({6, "value_error", "states"})) << view;
  }
}

TEST(ExactRuns, are_counted_in_steps_updates_and_episodes) {
  const auto run =
      begun({exact_keys("gridworld", "ql", {{"learner.steps", 200}, {"learner.update-every", 3}})});
  while (!run->finished()) run->advance();
  const tensor::State state = run->save();
  EXPECT_EQ(run->step(), 200);
  EXPECT_EQ(state.position("source.steps"), 200u);
  EXPECT_EQ(state.position("updates"), 60u);  // after learner.start = 20 steps: at 21, 24, ..., 198
  for (const char* unit : {"steps", "updates", "episodes"}) {
    const auto other = begun({exact_keys(
        "gridworld", "ql", {{"probe.unit", unit}, {"learner.steps", 200}, {"learner.update-every", 3}})});
    other->load(state);
    EXPECT_EQ(other->count(), unit == std::string("steps")     ? 200
                              : unit == std::string("updates") ? 60
                                                               : state.count("source.trajectories.finished"));
  }
  EXPECT_GT(state.count("source.trajectories.finished"), 3);
}

TEST(ExactRuns, make_all_updates_of_a_rollout_that_their_last_step_fills) {
  const auto run = begun({exact_keys(
      "gridworld", "pqn",
      {{"learner.steps", 40}, {"learner.rollout", 20}, {"learner.epochs", 3}, {"learner.batch", 5}})});
  while (!run->finished()) run->advance();
  const tensor::State state = run->save();
  EXPECT_EQ(run->step(), 40);
  EXPECT_EQ(state.position("updates"), 2u * 3 * 4);
}

TEST(ExactRuns, that_cannot_be_are_refused_by_what_is_wrong) {
  const auto refusal = [](const Json& flat) -> std::string {
    try {
      begun({flat});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(exact_keys("random-walk", "td-lambda")), "");
  for (const auto& [flat, part] : std::vector<std::pair<Json, std::string>>{
           {exact_keys("random-walk", "td-lambda", {{"task.states", 8}}), "task.states = 8"},
           {exact_keys("gridworld", "ql", {{"task.width", 1}}), "task.width = 1"},
           {exact_keys("windowed", "ql"), "\"windowed\" is no exact environment"},
           {exact_keys("baird", "td-lambda",
                       {{"task.policy", "uniform"}, {"learner.view", "backward"}, {"learner.gamma", 1.0}}),
            "learner.gamma = 1"},
           {exact_keys("baird", "td-lambda", {{"learner.view", "forward"}}),
            "learner.view = \"forward\" waits"},
           {exact_keys("baird", "td-lambda", {{"learner.view", "backward"}, {"learner.episodes", 9}}),
            "learner.episodes waits"},
           {exact_keys("baird", "residual", {{"probe.unit", "episodes"}}), "probe.unit = \"episodes\" waits"},
           {exact_keys("boyan", "td-lambda", {{"task.policy", "solid"}}), "task.policy = \"solid\""},
           {exact_keys("random-walk", "td-lambda", {{"learner.algorithm", "supervised"}}), "supervised"},
           {exact_keys("random-walk", "td-lambda",
                       {{"learner.approximation", "network"}, {"network.layers", {"linear 3"}}}),
            "has 1 output: end the list with \"linear out\" (the environment's states have 7 features)"},
           {exact_keys("random-walk", "ql", {{"probe.function", "confidence"}}), "probe.function"},
           {exact_keys("random-walk", "ql", {{"learner.loss", "cross-entropy"}}), "learner.loss"}})
    EXPECT_NE(refusal(flat).find(part), std::string::npos) << part << ": " << refusal(flat);
}

/// The names that the desk's tables of keys have, as its source says them.
std::set<std::string> keys_of_the_desk() {
  std::set<std::string> names;
  const std::regex said("\\.name = \"([a-z]+\\.[a-z0-9-]+)\"");
  for (const auto& entry : std::filesystem::directory_iterator(CROSSTALK_SOURCE_DIR "/src/desk/study")) {
    const std::string table = entry.path().filename();
    // How trajectories are made is known to those who collect them, and to no run.
    if (!table.starts_with("keys_") || table == "keys_trajectories.cpp") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator found(text.begin(), text.end(), said), end; found != end; ++found)
      names.insert((*found)[1]);
  }
  return names;
}

TEST(Keys, of_the_desk_are_all_heeded_by_some_run_but_those_of_the_conversion_of_data) {
  const Folder folder;
  const auto table = folder.path() / "table", images = folder.path() / "images";
  write_table(table, 50, 20, 21, 7);
  write_images(images, 30, 12, 10);
  const data::Dataset rows = data::read_dataset(table), pictures = data::read_dataset(images);
  std::vector<Kind> all = kinds();
  for (const char* optimizer : {"adam", "momentum", "rmsprop"})
    all.push_back({keys({{"learner.optimizer", optimizer}}), &rows});
  all.push_back({agent_keys("double-dqn", {{"task.behaviour", "own"}}), &pictures});
  all.push_back({agent_keys("reinforce"), &pictures});
  replay::store_small_set(folder.path() / "set");
  for (const char* algorithm : {"dqn", "polyak", "mc", "td-lambda", "reg", "td-star", "residual"})
    all.push_back({stored_keys(algorithm), nullptr, stored_in(folder.path() / "set")});
  all.push_back({stored_keys("dqn", {{"probe.losses", {"lambda"}},
                                     {"probe.measures", {"loss_difference", "sign_variance"}}}),
                 nullptr, stored_in(folder.path() / "set")});
  std::set<std::string> heeded;
  for (const Kind& kind : all) {
    const Settings settings(kind.flat);
    OneRun run(settings, 0, kind.dataset, kind.file);
    run.measure();
    run.advance();
    heeded.insert(settings.taken().begin(), settings.taken().end());
  }
  heeded.insert("runtime.threads");  // by run/serve.cpp, of the whole process
  heeded.insert("probe.keep");       // there too: it changes nothing of the run
  heeded.insert("probe.until");      // there too: it ends the run, and changes nothing before
  for (const char* of_foreign : {"task.episode-steps", "task.train-levels"})
    heeded.insert(of_foreign);  // by run/foreign_task.cpp, in environments from Python
  for (const char* of_atari : {"task.frame-skip", "task.sticky", "task.actions", "task.maximum"})
    heeded.insert(of_atari);  // there too (foreign_test.cpp)
  for (const char* of_data :
       {"task.dataset", "task.trajectories", "task.source", "task.train-rows", "task.target"}) {
    EXPECT_FALSE(heeded.contains(of_data)) << of_data;
    heeded.insert(of_data);
  }
  EXPECT_GT(keys_of_the_desk().size(), 50u);
  EXPECT_EQ(heeded, keys_of_the_desk());
  const Json supervised = keys();
  for (const auto& [name, value] : supervised.items()) EXPECT_TRUE(heeded.contains(name)) << name;
}

}  // namespace
}  // namespace crosstalk::run
