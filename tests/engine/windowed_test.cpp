// The windowed image task: a scripted episode by hand, observations against a plain loop, and what policies
// earn.
#include "env/windowed.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "env/policies.hpp"
#include "folder.hpp"
#include "small_data.hpp"

namespace crosstalk::env {
namespace {

enum Move { up, down, left, right };

std::pair<std::int64_t, std::int64_t> centre(const View& view) {
  return {centres[view.place.row], centres[view.place.column]};
}

/// Black images with these labels.
std::shared_ptr<const Images> images_with(const std::vector<std::int64_t>& labels) {
  const auto count = static_cast<std::int64_t>(labels.size());
  data::Dataset dataset{.name = "black", .has_classes = true, .input_shape = {3, 32, 32}, .outputs = 10};
  dataset.train = {at::zeros({count, 3, 32, 32}, at::kByte), at::tensor(labels, at::kLong)};
  return std::make_shared<Images>(dataset, dataset.train, data::first_rows(count), at::kFloat, at::kCPU);
}

Outcome step(Windowed& task, std::int64_t guess, std::int64_t move) {
  return task.step(std::array{guess, move});
}

TEST(Windowed, goes_as_a_scripted_episode_does_by_hand) {
  Windowed task(images_with({3, 7}));
  task.reset(1);
  EXPECT_EQ(centre(task.view()), (std::pair<std::int64_t, std::int64_t>{16, 16}));
  EXPECT_EQ(task.view().image, 1);
  // Moves are of 8, clipped to [0, 31]: from 16 down to 24, 31 (32 clipped), 31; up again to 23.
  const std::pair<Move, std::pair<std::int64_t, std::int64_t>> script[] = {
      {down, {24, 16}}, {down, {31, 16}}, {down, {31, 16}}, {up, {23, 16}},   {left, {23, 8}},
      {left, {23, 0}},  {left, {23, 0}},  {right, {23, 8}}, {right, {23, 16}}};
  for (const auto& [move, expected] : script) {
    const Outcome outcome = step(task, 3, move);  // the class of the other image
    EXPECT_EQ(centre(task.view()), expected);
    EXPECT_EQ(outcome.reward, -0.05);
    EXPECT_FALSE(outcome.ended());
  }
  EXPECT_EQ(std::popcount(task.view().seen),
            6);  // the start and 9 moves: two against the edge, two back to where it was
  const Outcome last = step(task, 7, up);
  EXPECT_EQ(last.reward, 1);
  EXPECT_TRUE(last.terminated && last.ended() && !last.truncated);
  EXPECT_EQ(task.steps(), 10);
}

TEST(Windowed, ends_an_episode_at_its_20th_step_at_the_latest) {
  Windowed task(images_with({3}));
  task.reset(0);
  for (int time = 1; time <= 19; ++time) EXPECT_FALSE(step(task, 0, up).ended());
  const Outcome last = step(task, 0, up);
  EXPECT_TRUE(last.truncated && last.ended() && !last.terminated);
  task.reset(0);
  for (int time = 1; time <= 19; ++time) step(task, 0, up);
  const Outcome in_time = step(task, 3, up);
  EXPECT_TRUE(in_time.terminated && !in_time.truncated);
}

TEST(Windowed, says_what_an_agent_can_see_and_do_and_that_each_image_is_a_level) {
  const Windowed task(images_with({3, 7, 1}));
  EXPECT_EQ(task.spaces().observation, (std::vector<std::int64_t>{4, 32, 32}));
  EXPECT_EQ(task.spaces().choices, (std::vector<std::int64_t>{10, 4}));
  EXPECT_EQ(task.spaces().levels, 3);
}

TEST(Windowed, loaded_in_the_middle_of_an_episode_goes_on_and_refuses_what_is_not_there) {
  const auto images = images_with({3, 7});
  Windowed task(images), other(images);
  task.reset(1);
  for (const Move move : {down, left, left}) step(task, 0, move);
  const tensor::State state = tensor::saved(task);
  EXPECT_TRUE(other.load(state));
  for (int time = 0; time < 17; ++time) {
    EXPECT_EQ(other.view(), task.view());
    EXPECT_EQ(step(other, 0, time % 4).ended(), step(task, 0, time % 4).ended());
  }
  EXPECT_EQ(other.view(), task.view());
  for (const auto& [name, value] : {std::pair{"image", 2}, {"row", 8}, {"column", 8}, {"steps", 20}}) {
    tensor::State damaged = state;
    damaged.positions[name] = static_cast<std::uint64_t>(value);
    EXPECT_THROW(static_cast<void>(other.load(damaged)), Error) << name;
    damaged.positions.erase(name);
    EXPECT_THROW(static_cast<void>(other.load(damaged)), Error) << name;
  }
}

class Pictures : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path file = folder.path() / "images.safetensors";
  data::Dataset dataset = [&] {
    write_images(file, 30, 12, 10);
    return data::read_dataset(file);
  }();
};

TEST_F(Pictures, show_the_window_and_what_was_revealed_as_a_plain_loop_over_pixels_does) {
  const std::vector<std::int64_t> rows = {5, 9, 2};
  const auto images = std::make_shared<Images>(dataset, dataset.train, rows, at::kDouble, at::kCPU);
  tensor::Stream stream(3, "moves");
  for (int episode = 0; episode < 20; ++episode) {
    Windowed task(images);
    const std::uint64_t which = stream.below(3);
    task.reset(which);
    const at::Tensor image = dataset.train.x[rows[which]].to(at::kDouble) / 255;
    at::Tensor expected = at::zeros({4, 32, 32}, at::kDouble), slot;
    for (int time = 0; time < 20; ++time) {
      if (time > 0) step(task, -1, static_cast<std::int64_t>(stream.below(4)));
      const auto [u, v] = centre(task.view());
      expected[0].zero_();
      for (std::int64_t i = 0; i < 32; ++i) {
        for (std::int64_t j = 0; j < 32; ++j) {
          if (i < u - 4 || i >= u + 4 || j < v - 4 || j >= v + 4) continue;
          expected[0][i][j] = 1;
          for (std::int64_t c = 0; c < 3; ++c) expected[c + 1][i][j] = image[c][i][j];
        }
      }
      std::vector<std::byte> record(task.drawing()->bytes());  // as a step is stored
      task.record(record.data());
      task.drawing()->check(record.data());
      const std::byte* pointer = record.data();
      task.drawing()->draw({&pointer, 1}, slot);
      ASSERT_TRUE(at::equal(slot[0], expected)) << episode << " " << time;
    }
  }
}

TEST_F(Pictures, refuse_a_record_of_an_image_or_a_place_that_is_not_there) {
  const Images images(dataset, dataset.train, {5, 9}, at::kFloat, at::kCPU);
  const auto is_refused = [&](const View& view) {
    std::vector<std::byte> record(images.bytes());
    std::memcpy(record.data(), &view, sizeof view);
    try {
      images.check(record.data());
    } catch (const Error& error) {
      return error.kind() == ErrorKind::data;
    }
    return false;
  };
  EXPECT_FALSE(is_refused({.seen = 1, .image = 1, .place = {7, 7}}));
  EXPECT_TRUE(is_refused({.seen = 1, .image = 2}));
  EXPECT_TRUE(is_refused({.seen = 1, .image = -1}));
  EXPECT_TRUE(is_refused({.seen = 1, .place = {8, 0}}));
  EXPECT_TRUE(is_refused({.seen = 1, .place = {0, 8}}));
}

TEST_F(Pictures, of_another_shape_or_with_too_many_classes_are_refused) {
  data::Dataset other = dataset;
  other.input_shape = {1, 28, 28};
  try {
    Images(other, other.train, {0}, at::kFloat, at::kCPU);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("1 x 28 x 28"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("3 x 32 x 32"), std::string::npos) << error.what();
  }
  data::Dataset many = dataset;
  many.outputs = 300;
  EXPECT_THROW(Images(many, many.train, {0}, at::kFloat, at::kCPU), Error);
}

/// What 10,000 episodes of a policy earn, with their standard errors.
struct Earned {
  double mean[3], error[3];
};
template <class Policy>
Earned earned(const std::vector<std::int64_t>& labels, Policy policy) {
  constexpr int episodes = 10000;
  double sum[3] = {}, squares[3] = {};
  Windowed task(images_with(labels));
  for (std::size_t i = 0; i < episodes; ++i) {
    task.reset(i % labels.size());
    double numbers[3] = {};
    Outcome outcome;
    do {
      const std::int64_t time = task.steps();
      outcome = step(task, policy(time), 0);
      numbers[0] += outcome.reward;
      numbers[2] += time == 0 && outcome.terminated;
    } while (!outcome.ended());
    numbers[1] = outcome.terminated;
    for (int k = 0; k < 3; ++k) {
      sum[k] += numbers[k];
      squares[k] += numbers[k] * numbers[k];
    }
  }
  Earned result{};
  for (int k = 0; k < 3; ++k) {
    result.mean[k] = sum[k] / episodes;
    result.error[k] = std::sqrt((squares[k] / episodes - result.mean[k] * result.mean[k]) / episodes);
  }
  return result;
}

void expect_score(const Earned& earned, const Score& score, double errors) {
  const double expected[3] = {score.reward, score.accuracy, score.first_guess};
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(earned.mean[k], expected[k], errors * earned.error[k] + 1e-12) << k;
}

TEST(Policies, that_draw_at_random_earn_what_the_closed_form_says_within_three_standard_errors) {
  std::vector<std::int64_t> labels(100);
  tensor::Stream stream(11, "random");
  for (std::int64_t& label : labels) label = static_cast<std::int64_t>(stream.below(10));
  const Score score = random_policy(10);
  EXPECT_NEAR(score.accuracy, 0.878, 5e-4);  // the figures that the paper's protocol gives
  EXPECT_NEAR(score.reward, 0.483, 5e-4);
  expect_score(earned(labels, [&](std::int64_t) { return static_cast<std::int64_t>(stream.below(10)); }),
               score, 3);
}

TEST(Policies, that_never_look_earn_what_naming_the_classes_one_by_one_does) {
  std::vector<std::int64_t> balanced;
  for (std::int64_t i = 0; i < 100; ++i) balanced.push_back(i % 10);
  const Score score = blind_policy(balanced, balanced, 10);
  EXPECT_NEAR(score.reward, 0.775, 1e-12);
  EXPECT_NEAR(score.accuracy, 1, 1e-12);
  EXPECT_NEAR(score.first_guess, 0.1, 1e-12);
  expect_score(earned(balanced, [](std::int64_t time) { return time % 10; }), score, 0.01);

  // The most frequent training class comes first; classes beyond the 20th step are never named.
  const std::vector<std::int64_t> training = {4, 4, 4, 2, 2, 7}, labels = {4, 2, 7, 0};
  const Score uneven = blind_policy(training, labels, 10);
  EXPECT_NEAR(uneven.reward, (1 + 0.95 + 0.9 + 0.85) / 4, 1e-12);  // 4, 2, 7, then 0
  EXPECT_NEAR(uneven.first_guess, 0.25, 1e-12);
  EXPECT_NEAR(blind_policy({0}, {29}, 30).accuracy, 0, 1e-12);
  EXPECT_NEAR(blind_policy({0}, {29}, 30).reward, -1, 1e-12);
}

}  // namespace
}  // namespace crosstalk::env
