// What is made of an Atari console's frames, played here by a little one in C++ (tests/python/test_atari.py
// sets the whole beside ale-py), and what its pictures take when they are kept.
#include "env/atari.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "env/retraced.hpp"
#include "replay/trajectories.hpp"

namespace crosstalk {
namespace {

/// Its screen is of one grey, 10 more with each frame; a frame by action 5 loses 7 points, by another it
/// earns 100; the game is over after 22 frames.
class Lamp final : public env::Emulator {
 public:
  const std::vector<std::int64_t>& actions() const override { return actions_; }
  std::int64_t height() const override { return 210; }
  std::int64_t width() const override { return 160; }
  void start() override { frame_ = 0, show(last_); }
  Frames play(std::span<const std::int64_t> actions) override {
    Frames frames;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if (frame_ < 22) {
        ++frame_, ++frames.count;
        frames.score += actions[i] == 5 ? -7 : 100;
        frames.signs += actions[i] == 5 ? -1 : 1;
      }
      show(i + 2 == actions.size() ? last_but_one_ : last_);
    }
    frames.over = frame_ == 22;
    return frames;
  }
  std::span<const std::uint8_t> last() const override { return last_; }
  std::span<const std::uint8_t> last_but_one() const override { return last_but_one_; }
  std::vector<std::uint8_t> memory() const override { return {static_cast<std::uint8_t>(frame_)}; }

 private:
  void show(std::vector<std::uint8_t>& screen) const {
    screen.assign(210 * 160, static_cast<std::uint8_t>(10 * frame_));
  }
  std::vector<std::int64_t> actions_{0, 3, 5};
  std::vector<std::uint8_t> last_, last_but_one_;
  int frame_ = 0;
};

TEST(Atari, earns_the_sum_of_its_frames_signs_and_ends_with_the_game_and_never_before) {
  env::Atari game(std::make_unique<Lamp>(), {.sticky = 0});
  game.reset(1);
  for (int step = 0; step < 5; ++step) {
    const env::Outcome outcome = game.step(step == 0 ? 2 : 1);
    EXPECT_EQ(outcome.reward, step == 0 ? -4 : 4);
    EXPECT_EQ(outcome.score, step == 0 ? -28 : 400);
    EXPECT_FALSE(outcome.ended());
    EXPECT_EQ(game.executed(), std::vector<std::int64_t>(4, step == 0 ? 5 : 3));
  }
  const env::Outcome last = game.step(1);
  EXPECT_TRUE(last.terminated);
  EXPECT_EQ(last.reward, 2);
  EXPECT_EQ(last.score, 200);
  EXPECT_EQ(game.executed().size(), 2u);
}

env::Retraced retraced() {
  return {std::make_unique<env::Atari>(std::make_unique<Lamp>(), env::AtariRules{}), "atari:lamp", at::kFloat,
          at::kCPU, 1000};
}

TEST(Atari, shows_its_last_four_pictures_as_shares_of_255_and_the_first_four_times) {
  env::Retraced game = retraced();
  replay::Trajectories steps(game.drawing(), game.spaces().choices, at::kFloat);
  game.reset(3);
  steps.begin(game);
  const std::int64_t action = 1;
  for (int step = 0; step < 5; ++step) steps.add({&action, 1}, game.step({&action, 1}), game);
  at::Tensor drawn;
  steps.draw(std::vector<data::Id>{0, 1, 4}, data::At::before, drawn);
  EXPECT_EQ(drawn.sizes(), at::IntArrayRef({3, 4, 84, 84}));
  const float greys[3][4] = {{0, 0, 0, 0}, {0, 0, 0, 40}, {40, 80, 120, 160}};
  for (int row = 0; row < 3; ++row)
    for (int picture = 0; picture < 4; ++picture)
      EXPECT_TRUE(at::equal(drawn[row][picture], at::full({84, 84}, greys[row][picture] / 255.0f)));
}

std::int64_t resident_bytes() {
  std::int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(Atari, keeps_a_transition_in_the_bytes_of_one_picture) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "what is freed stays resident for the sanitizer";
#endif
  env::Retraced game = retraced();
  replay::Trajectories steps(game.drawing(), game.spaces().choices, at::kFloat, {.capacity = 10000});
  const std::int64_t before = resident_bytes(), action = 1;
  std::uint64_t seed = 0;
  for (int step = 0; step < 12000; ++step) {
    if (!steps.going()) game.reset(seed++), steps.begin(game);
    steps.add({&action, 1}, game.step({&action, 1}), game);
  }
  // An episode of six steps has seven pictures.
  const double pictures = 10000 * 7.0 / 6, picture = 84 * 84;
  EXPECT_LT(static_cast<double>(resident_bytes() - before), 1.05 * pictures * picture);
}

}  // namespace
}  // namespace crosstalk
