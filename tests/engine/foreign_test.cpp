// Runs in environments that are written elsewhere: played here by a little world in C++, so that what the
// engine makes of any of them is seen without Python.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.hpp"
#include "env/retraced.hpp"
#include "folder.hpp"
#include "runs.hpp"
#include "tensor/random.hpp"

namespace crosstalk::run {
namespace {

/// A walk on a line of numbers that ends beyond 1, or after 12 steps; its moves are the seed's.
class Walk final : public env::Player {
 public:
  explicit Walk(bool heeds_its_seed) : heeds_its_seed_(heeds_its_seed) {}
  std::int64_t actions() const override { return 2; }
  const env::ArrayForm& form() const override { return form_; }
  void reset(std::uint64_t seed) override {
    static std::uint64_t any = 0;
    chance_ = tensor::Stream(heeds_its_seed_ ? seed : ++any, "walk");
    place_ = 0, steps_ = 0;
  }
  env::Outcome step(std::int64_t action) override {
    place_ += (action == 0 ? -0.5 : 0.5) * chance_.uniform();
    ++steps_;
    const bool over = std::abs(place_) > 1;
    return {over ? place_ : -0.1, over, !over && steps_ == 12};
  }
  void record(std::byte* to) const override {
    const double seen[] = {place_, static_cast<double>(steps_) / 12};
    std::memcpy(to, seen, sizeof seen);
  }

 private:
  bool heeds_its_seed_;
  env::ArrayForm form_{.kept = env::ArrayForm::Kept::whole, .extents = {2}};
  tensor::Stream chance_{0, "walk"};
  double place_ = 0;
  int steps_ = 0;
};

/// The first action ends the episode and earns nothing, the other earns 1 and goes on.
class Gate final : public env::Player {
 public:
  std::int64_t actions() const override { return 2; }
  const env::ArrayForm& form() const override { return form_; }
  void reset(std::uint64_t) override {}
  env::Outcome step(std::int64_t action) override { return {action == 0 ? 0. : 1., action == 0, false}; }
  void record(std::byte* to) const override {
    const double seen = 1;
    std::memcpy(to, &seen, sizeof seen);
  }

 private:
  env::ArrayForm form_{.kept = env::ArrayForm::Kept::whole, .extents = {1}};
};

/// Opens "gym:gate", "gym:walk", and "gym:moody", which takes no notice of its seed.
class Foreign : public testing::Test {
 protected:
  Foreign() {
    at::set_num_threads(1);
    env::set_opener([](const env::Foreign& which) -> std::unique_ptr<env::Player> {
      if (which.name == "gym:gate") return std::make_unique<Gate>();
      return std::make_unique<Walk>(which.name == "gym:walk");
    });
  }
  ~Foreign() override { env::set_opener(nullptr); }

  static Kind kind(const std::string& environment, const Json& changes = Json::object()) {
    Json keys = exact_keys(environment, "dqn",
                           {{"learner.approximation", "network"},
                            {"network.layers", {"linear 5", "tanh", "linear out"}},
                            {"task.episode-steps", 1000},
                            {"task.train-levels", "all"}});
    keys.update(changes);
    return {keys};
  }
};

TEST_F(Foreign, runs_end_at_the_same_theta_with_and_without_a_probe) {
  expect_the_same_theta_with_and_without_a_probe(kind("gym:walk"));
  expect_the_same_theta_with_and_without_a_probe(kind("gym:walk", {{"runtime.precision", "double"}}));
}

TEST_F(Foreign, consoles_are_opened_by_the_rules_that_the_study_says) {
  env::AtariRules rules;
  env::set_opener([&](const env::Foreign& which) {
    rules = which.atari;
    return std::make_unique<Walk>(true);
  });
  const auto opened = [&](const Json& changes) {
    const OneRun run(Settings(kind("atari:walk", changes).flat), 0, nullptr);
    return rules;
  };
  const env::AtariRules said = opened({{"task.frame-skip", 4},
                                       {"task.sticky", 0.25},
                                       {"task.actions", "minimal"},
                                       {"task.maximum", "after-resizing"}});
  EXPECT_EQ(said.frame_skip, 4);
  EXPECT_EQ(said.sticky, 0.25);
  EXPECT_FALSE(said.all_actions);
  EXPECT_FALSE(said.maximum_first);
  const env::AtariRules others = opened({{"task.frame-skip", 7},
                                         {"task.sticky", 0.5},
                                         {"task.actions", "all"},
                                         {"task.maximum", "before-resizing"}});
  EXPECT_EQ(others.frame_skip, 7);
  EXPECT_EQ(others.sticky, 0.5);
  EXPECT_TRUE(others.all_actions);
  EXPECT_TRUE(others.maximum_first);
}

TEST_F(Foreign, runs_stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  const Folder folder;
  EXPECT_GT(stopped_at_each_step(kind("gym:walk"), folder.path() / "kept"), 30);
}

/// A run's rows, and the seeds of the episodes that it learned from and of those it was judged by.
struct Seeds {
  std::vector<std::uint64_t> learned, judged;
  std::map<Key, double> rows;
};

/// Opened by a run first to learn in, where one seed is tried twice, then to be judged in.
Seeds seeds_of(const Kind& kind) {
  class Noting final : public env::Player {
   public:
    explicit Noting(std::vector<std::uint64_t>& seeds) : walk_(true), seeds_(seeds) {}
    std::int64_t actions() const override { return walk_.actions(); }
    const env::ArrayForm& form() const override { return walk_.form(); }
    void reset(std::uint64_t seed) override {
      seeds_.push_back(seed);
      walk_.reset(seed);
    }
    env::Outcome step(std::int64_t action) override { return walk_.step(action); }
    void record(std::byte* to) const override { walk_.record(to); }

   private:
    Walk walk_;
    std::vector<std::uint64_t>& seeds_;
  };
  Seeds seeds;
  int opened = 0;
  env::set_opener([&](const env::Foreign&) {
    return std::make_unique<Noting>(opened++ == 0 ? seeds.learned : seeds.judged);
  });
  Heard heard;
  EXPECT_EQ(carried_out(*begun(kind), heard).ending, Ending::done);
  EXPECT_EQ(opened, 2);
  seeds.learned.erase(seeds.learned.begin(), seeds.learned.begin() + 2);
  seeds.rows = by_key(heard.rows);
  return seeds;
}

TEST_F(Foreign, an_agent_learns_in_levels_below_a_bound_and_is_judged_in_as_many_below_and_beyond_it) {
  const Seeds few = seeds_of(kind("gym:walk", {{"task.train-levels", 3}}));
  tensor::Stream drawn(3, "environment");
  ASSERT_GT(few.learned.size(), 5u);
  for (const std::uint64_t level : few.learned) EXPECT_EQ(level, drawn.below(3));
  const auto below =
      std::count_if(few.judged.begin(), few.judged.end(), [](auto level) { return level < 3; });
  EXPECT_GT(below, 0);
  EXPECT_EQ(2 * below, std::ssize(few.judged));
  EXPECT_TRUE(few.rows.contains({0, "return", "train"}) && few.rows.contains({0, "return", "test"}));
  EXPECT_TRUE(few.rows.contains({0, "return.random", "train"}) &&
              few.rows.contains({0, "return.random", "test"}));
  EXPECT_FALSE(few.rows.contains({0, "return", "evaluation"}));
}

TEST_F(Foreign, all_levels_are_drawn_from_the_streams_that_they_always_came_from) {
  const Seeds all = seeds_of(kind("gym:walk"));
  tensor::Stream learned(3, "environment"), judged(3, "evaluation/levels/0");
  for (const std::uint64_t level : all.learned) EXPECT_EQ(level, learned.below(std::uint64_t{1} << 31));
  const std::int64_t episodes = kind("gym:walk").flat["probe.episodes"];
  for (std::int64_t i = 0; i < episodes; ++i)
    EXPECT_EQ(all.judged.at(static_cast<std::size_t>(i)), judged.below(std::uint64_t{1} << 31));
  EXPECT_TRUE(all.rows.contains({0, "return", "evaluation"}));
  EXPECT_FALSE(all.rows.contains({0, "return", "train"}) || all.rows.contains({0, "return", "test"}));
}

TEST_F(Foreign, the_gap_is_what_is_earned_on_levels_learned_on_less_what_is_earned_on_others) {
  const Seeds few =
      seeds_of(kind("gym:walk", {{"task.train-levels", 3}, {"probe.measures", {"gap", "return"}}}));
  int compared = 0;
  for (const auto& [key, value] : few.rows) {
    const auto& [step, measure, split] = key;
    if (measure != "gap") continue;
    EXPECT_EQ(split, "train-test");
    EXPECT_NEAR(value, few.rows.at({step, "return", "train"}) - few.rows.at({step, "return", "test"}), 1e-12);
    ++compared;
  }
  EXPECT_GT(compared, 3);
}

TEST_F(Foreign, runs_on_few_levels_that_are_stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  const Folder folder;
  const Json few = {{"task.train-levels", 3}, {"probe.measures", {"gap", "return", "loss"}}};
  EXPECT_GT(stopped_at_each_step(kind("gym:walk", few), folder.path() / "kept"), 30);
}

TEST_F(Foreign, as_many_levels_to_learn_on_as_there_are_leave_none_to_test_on_and_are_refused) {
  const std::int64_t there_are = std::int64_t{1} << 31;
  try {
    begun(kind("gym:walk", {{"task.train-levels", there_are}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(
        std::string(error.what()),
        "task.train-levels is 2147483648 where gym:walk has 2147483648 levels, and none is left to test "
        "on: give 2147483647 or fewer, or \"all\"");
  }
  EXPECT_EQ(begun(kind("gym:walk", {{"task.train-levels", there_are - 1}}))->step(), 0);
}

TEST_F(Foreign, an_episode_that_cannot_be_had_again_is_cut_and_the_run_goes_on_with_a_new_one) {
  const Folder folder;
  const Kind moody = kind("gym:moody");
  const Identity who = identity("a", moody.flat, 3, "");
  const auto first = begun(moody);
  EXPECT_NE(first->unrepeatable()->find("gym:moody"), std::string::npos);
  Heard heard;
  heard.stop_at = 25;
  Checkpoint kept(folder.path() / "kept", 1e9, who);
  ASSERT_EQ(carry_out(*first, heard, kept).ending, Ending::stopped);
  const auto second = begun(moody);
  heard.stop_at = -1;
  const Outcome outcome = carry_out(*second, heard, kept);
  EXPECT_EQ(outcome.ending, Ending::done);
  EXPECT_GE(outcome.resumed_at, 25);
  EXPECT_EQ(second->step(), 60);
}

TEST_F(Foreign, a_world_that_heeds_its_seed_is_known_for_one_that_can_be_computed_again) {
  EXPECT_EQ(begun(kind("gym:walk"))->unrepeatable(), std::nullopt);
}

TEST_F(Foreign, nobody_who_opens_them_is_said_in_plain_words) {
  env::set_opener(nullptr);
  try {
    begun(kind("gym:walk"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is written in Python, and this worker has none"),
              std::string::npos);
  }
}

/// Steps until the first end, taking one action.
env::Outcome last_outcome(env::Environment& environment, std::int64_t& steps) {
  const std::int64_t action = 0;
  environment.reset(4);
  for (steps = 1;; ++steps)
    if (const env::Outcome outcome = environment.step({&action, 1}); outcome.ended()) return outcome;
}

TEST_F(Foreign, an_episode_is_truncated_after_so_many_steps_and_not_terminated) {
  env::Retraced whole(std::make_unique<Walk>(true), "gym:walk", at::kDouble, at::kCPU, 1000);
  env::Retraced cut(std::make_unique<Walk>(true), "gym:walk", at::kDouble, at::kCPU, 2);
  std::int64_t steps = 0;
  EXPECT_TRUE(last_outcome(whole, steps).terminated);
  EXPECT_GT(steps, 2);
  const env::Outcome outcome = last_outcome(cut, steps);
  EXPECT_TRUE(outcome.truncated && !outcome.terminated);
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(whole.cut(), 0) << "it ended by itself";
  const std::int64_t tried = cut.cut();
  last_outcome(cut, steps);
  EXPECT_EQ(cut.cut(), tried + 1);
}

TEST_F(Foreign, episodes_that_are_cut_are_said_from_the_first_of_the_judged_policy_and_not_of_a_random_one) {
  int later = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    Heard heard;
    double random = 0;
    carried_out(*begun(kind("gym:gate", {{"task.episode-steps", 1}, {"probe.episodes", 1}}), seed), heard);
    std::optional<std::int64_t> first;
    for (const Row& row : heard.rows) {
      random += row.measure == "return.random" ? row.value : 0;
      if (row.measure == "return" && row.value > 0 && !first) first = row.step;
    }
    EXPECT_EQ(heard.cut_at, first ? "step " + std::to_string(*first) : "") << seed;
    later += first.value_or(1) > 0 && random > 0;
  }
  EXPECT_GT(later, 0) << "else nobody was told from a random policy";
}

TEST_F(Foreign, a_damaged_episode_in_a_checkpoint_is_refused_and_another_one_is_not_taken_for_it) {
  env::Retraced world(std::make_unique<Walk>(true), "gym:walk", at::kDouble, at::kCPU, 1000);
  const std::int64_t action = 1;
  world.reset(7);
  world.step({&action, 1});
  const tensor::State kept = tensor::saved(world);
  EXPECT_TRUE(world.load(kept));
  tensor::State other = kept;
  other.positions["seed"] = 8;
  EXPECT_FALSE(world.load(other));
  EXPECT_NE(world.unrepeatable()->find("played again"), std::string::npos);
  other.tensors["actions"] = at::full({1}, 2, at::kLong);
  EXPECT_THROW(static_cast<void>(world.load(other)), Error);
  other.tensors["actions"] = at::zeros({1}, at::kFloat);
  EXPECT_THROW(static_cast<void>(world.load(other)), Error);
}

TEST_F(Foreign, images_are_drawn_with_their_channels_first_and_bytes_as_shares_of_255) {
  const env::ArrayForm form{.kept = env::ArrayForm::Kept::bytes, .extents = {2, 3, 2}, .channels_last = true};
  std::array<std::byte, 12> record;
  for (std::size_t i = 0; i < record.size(); ++i) record[i] = static_cast<std::byte>(20 * i);
  const std::byte* const one = record.data();
  at::Tensor drawn;
  env::ArrayDrawing(form, at::kDouble, at::kCPU).draw({&one, 1}, drawn);
  const at::Tensor plain = at::arange(12, at::kDouble).mul(20).div(255).view({2, 3, 2}).permute({2, 0, 1});
  EXPECT_TRUE(at::equal(drawn, plain.unsqueeze(0)));
  EXPECT_EQ(form.observation(), (std::vector<std::int64_t>{2, 2, 3}));
}

}  // namespace
}  // namespace crosstalk::run
