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

/// Opens "gym:walk", and "gym:moody", which takes no notice of its seed.
class Foreign : public testing::Test {
 protected:
  Foreign() {
    at::set_num_threads(1);
    env::set_opener(
        [](const env::Foreign& which) { return std::make_unique<Walk>(which.name == "gym:walk"); });
  }
  ~Foreign() override { env::set_opener(nullptr); }

  static Kind kind(const std::string& environment, const Json& changes = Json::object()) {
    Json keys = exact_keys(environment, "dqn",
                           {{"learner.approximation", "network"},
                            {"network.layers", {"linear 5", "tanh", "linear out"}},
                            {"task.episode-steps", 1000}});
    keys.update(changes);
    return {keys};
  }
};

TEST_F(Foreign, runs_end_at_the_same_theta_with_and_without_a_probe) {
  expect_the_same_theta_with_and_without_a_probe(kind("gym:walk"));
  expect_the_same_theta_with_and_without_a_probe(kind("gym:walk", {{"runtime.precision", "double"}}));
}

TEST_F(Foreign, runs_stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  const Folder folder;
  EXPECT_GT(stopped_at_each_step(kind("gym:walk"), folder.path() / "kept"), 30);
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
