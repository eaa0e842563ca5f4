// How trajectories are collected: whole episodes, the same ones however often it was stopped, and what cannot
// be collected refused.
#include "run/collect.hpp"

#include <ATen/ATen.h>

#include "env/atari.hpp"
#include "env/foreign.hpp"
#include "replay/stored.hpp"
#include "small_set.hpp"

namespace crosstalk::run {
namespace {

/// A console whose screen and memory say which frame it is; each action of number k earns k points a frame,
/// and the game is over after 30 frames.
class Counter final : public env::Emulator {
 public:
  const std::vector<std::int64_t>& actions() const override { return actions_; }
  std::int64_t height() const override { return 210; }
  std::int64_t width() const override { return 160; }
  void start() override { frame_ = seen_ = 0, screen_.assign(210 * 160, 0); }
  Frames play(std::span<const std::int64_t> actions) override {
    Frames frames;
    for (const std::int64_t action : actions) {
      if (frame_ == 30) break;
      ++frame_, ++frames.count;
      frames.score += static_cast<double>(action);
      frames.signs += action > 0 ? 1 : 0;
      seen_ = (seen_ * 3 + static_cast<int>(action)) % 251;  // follows from all actions so far
    }
    screen_.assign(210 * 160, static_cast<std::uint8_t>(seen_));
    frames.over = frame_ == 30;
    return frames;
  }
  std::span<const std::uint8_t> last() const override { return screen_; }
  std::span<const std::uint8_t> last_but_one() const override { return screen_; }
  std::vector<std::uint8_t> memory() const override {
    return {static_cast<std::uint8_t>(frame_), static_cast<std::uint8_t>(seen_)};
  }

 private:
  std::vector<std::int64_t> actions_{0, 2, 5};
  std::vector<std::uint8_t> screen_;
  int frame_ = 0, seen_ = 0;
};

/// A corridor of no console: 0 goes back, 1 forth; it ends at its sixth place, where the level's first step
/// began already.
class Corridor final : public env::Player {
 public:
  std::int64_t actions() const override { return 2; }
  const env::ArrayForm& form() const override { return form_; }
  void reset(std::uint64_t seed) override { place_ = static_cast<std::int32_t>(seed % 3); }
  env::Outcome step(std::int64_t action) override {
    place_ = std::max(0, place_ + (action == 1 ? 1 : -1));
    return {.reward = -1, .terminated = place_ == 6};
  }
  void record(std::byte* to) const override { std::memcpy(to, &place_, sizeof place_); }

 private:
  env::ArrayForm form_{.kept = env::ArrayForm::Kept::index, .extents = {7}};
  std::int32_t place_ = 0;
};

class Collecting : public testing::Test {
 protected:
  void SetUp() override {
    env::set_opener([](const env::Foreign& foreign) -> std::unique_ptr<env::Player> {
      if (foreign.name == "atari:counter")
        return std::make_unique<env::Atari>(std::make_unique<Counter>(), foreign.atari);
      return std::make_unique<Corridor>();
    });
  }
  void TearDown() override { env::set_opener({}); }

  CollectOrder order(const std::string& folder, const std::string& environment, std::int64_t transitions,
                     std::uint64_t seed = 1) const {
    return CollectOrder::read({{"folder", (folder_.path() / folder).string()},
                               {"configuration",
                                {{"task.environment", environment},
                                 {"task.episode-steps", 100},
                                 {"task.frame-skip", 4},
                                 {"task.sticky", 0.25},
                                 {"task.actions", "minimal"},
                                 {"task.maximum", "after-resizing"},
                                 {"runtime.threads", 1},
                                 {"runtime.device", "cpu"},
                                 {"runtime.precision", "single"}}},
                               {"task", {{"task.episode-steps", 100}}},
                               {"seed", seed},
                               {"transitions", transitions},
                               {"expert", nullptr},
                               {"epsilon", 0},
                               {"checkpoint_seconds", 0.0},
                               {"ram", environment == "atari:counter"}});
  }
  std::filesystem::path path(const std::string& folder) const { return folder_.path() / folder; }

 private:
  Folder folder_;
};

/// Ends it after so many calls; notes what was said.
class Patience final : public CollectWatcher {
 public:
  explicit Patience(std::int64_t calls = -1) : left_(calls) {}
  bool asked_to_stop(std::int64_t, std::int64_t) override { return left_ >= 0 && left_-- == 0; }
  void remark(const std::string& what) override { said += what + "\n"; }
  std::string said;

 private:
  std::int64_t left_;
};

TEST_F(Collecting, stores_the_same_bytes_wherever_it_was_stopped) {
  for (const char* environment : {"atari:counter", "gym:Corridor-v0"}) {
    const std::string name = environment + std::string(environment).find(':') + 1;
    Patience patience;
    collect(order(name, environment, 100), patience);
    const auto whole = replay::contents_of_folder(path(name));
    for (const std::int64_t calls : {0, 5, 23, 60}) {
      const std::string stopped = name + std::to_string(calls);
      int stops = 0;
      for (;;) {
        Patience some(calls + 30 * stops);  // at last enough for any episode
        const Collected collected = collect(order(stopped, environment, 100), some);
        if (collected.ending == Ending::done) break;
        ++stops;
      }
      EXPECT_GT(stops, 0);
      EXPECT_TRUE(replay::contents_of_folder(path(stopped)) == whole) << environment << calls;
    }
  }
}

TEST_F(Collecting, stores_whole_episodes_alone_and_no_more_steps_than_were_asked_for) {
  for (const std::int64_t transitions : {30, 77, 150}) {
    const std::string name = std::to_string(transitions);
    Patience patience;
    const Collected collected = collect(order(name, "gym:Corridor-v0", transitions), patience);
    const replay::Stored stored(path(name), at::kFloat, at::kCPU);
    EXPECT_EQ(stored.steps().end(), collected.steps);
    EXPECT_EQ(stored.steps().finished(), collected.episodes);
    EXPECT_LE(collected.steps, transitions);
  }
}

TEST_F(Collecting, plays_other_episodes_by_another_seed_and_the_same_by_the_same) {
  Patience patience;
  for (const auto& [name, seed] : {std::pair("a", 1), {"b", 1}, {"c", 2}})
    collect(order(name, "gym:Corridor-v0", 100, static_cast<std::uint64_t>(seed)), patience);
  const auto a = replay::contents_of_folder(path("a")), b = replay::contents_of_folder(path("b")),
             c = replay::contents_of_folder(path("c"));
  EXPECT_TRUE(a == b);
  EXPECT_NE(a.at("000000.safetensors"), c.at("000000.safetensors"));
}

TEST_F(Collecting, stores_what_a_player_shows_who_is_given_the_stored_seeds_and_actions) {
  Patience patience;
  collect(order("set", "atari:counter", 60), patience);
  const replay::Stored stored(path("set"), at::kFloat, at::kCPU);
  const replay::Trajectories& steps = stored.steps();
  env::Atari again(std::make_unique<Counter>(), {});
  std::vector<std::byte> shown(again.form().bytes());
  for (data::Id row = 0; row < steps.end(); ++row) {
    if (!steps.neighbour(row, -1)) {
      again.reset(stored.seed(row).value());
      EXPECT_TRUE(std::ranges::equal(stored.ram(row, data::At::before), again.memory()));
    }
    const env::Outcome outcome = again.step(steps.action(row)[0]);
    EXPECT_EQ(steps[row].reward, outcome.reward);
    EXPECT_EQ(stored.score(row), outcome.score);
    EXPECT_EQ(steps[row].terminated, outcome.terminated);
    EXPECT_TRUE(std::ranges::equal(stored.ram(row, data::At::after), again.memory()));
    std::vector<std::int64_t> executed = again.executed();
    executed.resize(4, -1);
    EXPECT_TRUE(std::ranges::equal(stored.executed(row), executed));
    again.record(shown.data());
    at::Tensor after;
    steps.draw({&row, 1}, data::At::after, after);
    EXPECT_FLOAT_EQ(after[0][3][0][0].item<float>(), static_cast<float>(shown[0]) / 255);
  }
}

TEST_F(Collecting, says_there_is_nothing_to_do_where_the_set_is_complete) {
  Patience patience;
  EXPECT_FALSE(collect(order("set", "gym:Corridor-v0", 50), patience).was_complete);
  const auto before = replay::contents_of_folder(path("set"));
  EXPECT_TRUE(collect(order("set", "gym:Corridor-v0", 50), patience).was_complete);
  EXPECT_TRUE(replay::contents_of_folder(path("set")) == before);
}

TEST_F(Collecting, refuses_an_episode_longer_than_all_that_is_asked_for_and_memory_where_there_is_none) {
  Patience patience;
  const auto said = [&](const CollectOrder& order) -> std::string {
    try {
      collect(order, patience);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "nothing";
  };
  EXPECT_NE(said(order("set", "gym:Corridor-v0", 3)).find("--transitions 3: the first episode"),
            std::string::npos);
  CollectOrder with_memory = order("other", "gym:Corridor-v0", 30);
  with_memory.ram = true;
  EXPECT_NE(said(with_memory).find("no console"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path("other")));
}

TEST_F(Collecting, says_that_episodes_were_cut) {
  CollectOrder cut = order("set", "gym:Corridor-v0", 60);
  Json flat = cut.settings.flat();
  flat["task.episode-steps"] = 5;
  cut.settings = Settings(flat);
  Patience patience;
  collect(cut, patience);
  EXPECT_NE(patience.said.find("were cut after task.episode-steps = 5 steps"), std::string::npos)
      << patience.said;
}

}  // namespace
}  // namespace crosstalk::run
