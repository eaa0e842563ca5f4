// Agents at images that learn from the steps of another agent, whose run is made here by itself beside them.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "folder.hpp"
#include "learn/heads.hpp"
#include "replay/trajectories.hpp"
#include "runs.hpp"

namespace crosstalk::run {
namespace {

/// The rows of every update, by the tick that made it.
class Batches final : public learn::Watcher {
 public:
  void before(const learn::Update& update) override { rows[tick] = update.batch.rows.ids; }
  void after(const learn::Update&) override {}
  std::int64_t tick = 0;
  std::map<std::int64_t, std::vector<data::Id>> rows;
};

class Students : public ::testing::Test {
 protected:
  Folder folder;
  data::Dataset pictures = [this] {
    write_images(folder.path() / "images.safetensors", 30, 12, 10);
    return data::read_dataset(folder.path() / "images.safetensors");
  }();

  /// One who learns from the life of the agent of these keys.
  static Json student(const std::string& algorithm, const std::string& behaviour,
                      const Json& changes = Json::object()) {
    Json flat = agent_keys(algorithm, {{"task.behaviour", behaviour}});
    if (algorithm == "td-lambda") flat["learner.target-every"] = 5;
    flat["agent"] = agent_keys("double-dqn");
    flat.update(changes);
    flat["agent"].update(changes);
    return flat;
  }
  Kind kind(const std::string& algorithm, const std::string& behaviour,
            const Json& changes = Json::object()) {
    return {student(algorithm, behaviour, changes), &pictures};
  }
  std::vector<Kind> kinds() {
    return {kind("double-dqn", "life"),
            kind("double-dqn", "shuffled", {{"learner.optimizer", "sgd"}}),
            kind("mc", "final", {{"runtime.precision", "double"}}),
            kind("td-lambda", "final", {{"task.timeout", "truncate"}}),
            kind("reg", "final"),
            kind("reg", "life", {{"probe.function", "taken"}})};
  }

  /// Ticked to its end.
  std::unique_ptr<Task> ended(const Json& flat, Batches* batches = nullptr,
                              const std::filesystem::path& lives = {}) {
    auto task = make_task(Settings(flat), 3, &pictures, {}, {.lives = lives});
    for (std::int64_t tick = 1; !task->length().reached(task->learner().clock(), true); ++tick) {
      if (batches != nullptr) batches->tick = tick;
      task->learner().tick(batches);
    }
    task->prepare(task->learner().clock().steps);
    return task;
  }
  static const replay::Trajectories& steps_of(Task& task, const char* set = "train") {
    for (const measure::Set& each : task.samples())
      if (each.name == set) return replay::trajectories(*each.rows.table);
    throw std::runtime_error(set);
  }
  static std::vector<data::Id> all(const replay::Trajectories& steps) {
    std::vector<data::Id> rows(static_cast<std::size_t>(steps.unfinished()));
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }
  static at::Tensor outputs(const Task& task, const replay::Trajectories& steps) {
    learn::Passes passes(task.networks());
    steps.draw(all(steps), data::At::before, passes.inputs());
    return passes.output(learn::Net::online, passes.inputs()).clone();
  }
  static at::Tensor targets(const Task& task, const replay::Trajectories& steps) {
    learn::Passes passes(task.networks());
    learn::Aims aims;
    task.learner().objective().aims({&steps, all(steps)}, passes, aims);
    return aims.targets.to(at::kDouble);
  }
};

const Json keeps_all = {{"learner.replay", 1000}};

TEST_F(Students, learn_from_the_steps_of_the_agents_own_run_to_the_last_bit) {
  const auto agent = ended(agent_keys("double-dqn", keeps_all));
  const auto taught = ended(student("reg", "life", keeps_all));
  const replay::Trajectories &lived = steps_of(*agent), &relived = steps_of(*taught);
  EXPECT_EQ(lived.end(), 56);
  const data::Columns theirs = lived.columns(all(lived)), ours = relived.columns(all(relived));
  ASSERT_EQ(theirs.size(), ours.size());
  for (const auto& [name, column] : theirs) EXPECT_TRUE(at::equal(column, ours.at(name))) << name;
  EXPECT_TRUE(at::equal(targets(*taught, relived), outputs(*agent, lived).to(at::kDouble)))
      << "reg is led to what the agent says at its end";
  EXPECT_FALSE(at::equal(taught->networks().of(learn::Net::online).theta(),
                         agent->networks().of(learn::Net::online).theta()));
}

TEST_F(Students, make_as_many_updates_as_the_agent_at_the_same_steps_from_what_they_may_draw) {
  const Json few = {{"learner.replay", 9}};
  Batches own, life, shuffled;
  ended(agent_keys("double-dqn", few), &own);
  ended(student("double-dqn", "life", few), &life);
  ended(student("double-dqn", "shuffled", few), &shuffled);
  EXPECT_EQ(own.rows.size(), 17U);  // at the steps 22, 24, ... 54, counted from 0
  data::Id latest = 0;
  for (const auto& [tick, rows] : own.rows) {
    ASSERT_TRUE(life.rows.contains(tick) && shuffled.rows.contains(tick)) << tick;
    for (const data::Id row : life.rows[tick]) {
      EXPECT_GE(row, std::min<data::Id>(tick, 56) - 9 - 19) << "an episode without its end is left out";
      EXPECT_LT(row, tick);
    }
    for (const data::Id row : shuffled.rows[tick]) latest = std::max(latest, row - tick);
  }
  EXPECT_EQ(life.rows.size(), own.rows.size());
  EXPECT_EQ(shuffled.rows.size(), own.rows.size());
  EXPECT_GT(latest, 0) << "from the beginning on steps of all of its life";
}

TEST_F(Students, of_the_last_policy_learn_from_what_the_agent_would_do_at_its_end) {
  const Json greedy = {{"learner.explore-to", 0.0}, {"learner.explore-steps", 10}};
  const auto agent = ended(agent_keys("double-dqn", greedy));
  const auto taught = ended(student("double-dqn", "final", greedy));
  for (const char* set : {"train", "test"}) {
    const replay::Trajectories& steps = steps_of(*taught, set);
    const at::Tensor best = learn::largest(outputs(*agent, steps), {10, 4});
    EXPECT_TRUE(at::equal(steps.columns(all(steps)).at("action"), best)) << set;
  }
  EXPECT_GE(steps_of(*taught).end(), 56) << "as many as it made";
  EXPECT_EQ(steps_of(*taught, "test").finished(), 4) << "an episode for each test image that is played";
}

TEST_F(Students, have_targets_behind_a_time_out_only_where_it_does_not_end_the_episode) {
  constexpr double gamma = 0.9;
  for (const bool ends : {true, false}) {
    const Json changes = {{"task.timeout", ends ? "terminal" : "truncate"},
                          {"runtime.precision", "double"},
                          {"learner.lambda", 1.0}};
    for (const char* algorithm : {"mc", "td-lambda"}) {
      const auto taught = ended(student(algorithm, "final", changes));
      const replay::Trajectories& steps = steps_of(*taught);
      const at::Tensor aims = targets(*taught, steps);
      const bool own = std::string(algorithm) == "mc";
      learn::Passes passes(taught->networks());
      int cut = 0;
      for (const data::Id row : all(steps)) {
        const auto episode = steps.episode(row);
        double sum = 0, discount = 1;
        for (data::Id at = row; at < episode.end; ++at, discount *= gamma) sum += discount * steps[at].reward;
        at::Tensor expected = at::full({2}, sum, at::kDouble);
        if (steps[episode.end - 1].truncated && !ends) {
          ++cut;
          const data::Id last = episode.end - 1;
          steps.draw({&last, 1}, data::At::after, passes.inputs());
          const at::Tensor& output =
              passes.output(own ? learn::Net::online : learn::Net::target, passes.inputs());
          expected += discount * learn::chosen_outputs(output, {10, 4}, learn::largest(output, {10, 4}))[0];
        }
        EXPECT_TRUE(at::allclose(aims[row], expected, 0, 1e-12)) << algorithm << " " << row;
      }
      EXPECT_EQ(cut > 0, !ends);
    }
  }
}

TEST_F(Students, share_a_life_that_is_lived_once_and_again_where_its_file_is_damaged) {
  const auto theta = [](const Task& task) { return task.networks().of(learn::Net::online).theta().clone(); };
  const std::filesystem::path lives = folder.path() / "lives";
  const auto files = [&] {
    std::vector<std::filesystem::path> all;
    for (const auto& entry : std::filesystem::directory_iterator(lives)) all.push_back(entry.path());
    return all;
  };
  for (const char* behaviour : {"life", "shuffled", "final"}) {
    const Json flat = student("mc", behaviour);
    const at::Tensor alone = theta(*ended(flat));
    EXPECT_TRUE(at::equal(theta(*ended(flat, nullptr, lives)), alone)) << behaviour;
    ASSERT_EQ(files().size(), 1U) << "it is the same agent's";
    const auto written = std::filesystem::last_write_time(files().front());
    EXPECT_TRUE(at::equal(theta(*ended(flat, nullptr, lives)), alone)) << behaviour;
    EXPECT_EQ(std::filesystem::last_write_time(files().front()), written) << "it is read";
    std::filesystem::resize_file(files().front(), 1000);
    EXPECT_TRUE(at::equal(theta(*ended(flat, nullptr, lives)), alone)) << behaviour;
  }
  ended(student("mc", "life", {{"learner.gamma", 0.5}}), nullptr, lives);
  EXPECT_EQ(files().size(), 2U) << "another agent has another life";
}

TEST_F(Students, end_at_the_same_theta_with_and_without_a_probe) {
  for (const Kind& kind : kinds()) expect_the_same_theta_with_and_without_a_probe(kind);
}

TEST_F(Students, stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  for (const Kind& kind : {kind("double-dqn", "life"), kind("td-lambda", "final"), kind("reg", "final")})
    EXPECT_GT(stopped_at_each_step(kind, folder.path() / "checkpoint.safetensors"), 28) << kind.flat.dump();
}

TEST_F(Students, end_with_the_rows_of_the_network_that_their_last_update_leaves) {
  for (const Kind& kind : kinds()) expect_the_last_rows_to_be_of_the_last_network(kind);
}

TEST_F(Students, of_an_agent_that_ends_no_episode_are_refused) {
  const Kind short_lived = kind("double-dqn", "shuffled", {{"learner.steps", 3}, {"learner.start", 1}});
  const auto run = begun(short_lived);
  try {
    while (!run->finished()) run->advance();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("has ended no episode by then"), std::string::npos);
  }
}

}  // namespace
}  // namespace crosstalk::run
