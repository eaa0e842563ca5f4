#include "run/windowed_task.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "base/error.hpp"
#include "base/layer_shape.hpp"
#include "data/subset.hpp"

namespace crosstalk::run {
namespace {

env::Score mean_score(const std::vector<learn::Played>& episodes) {
  env::Score score;
  for (const learn::Played& episode : episodes) {
    score.reward += episode.reward;
    score.accuracy += episode.terminated;
    score.first_guess += episode.terminated && episode.steps == 1;
  }
  const auto count = static_cast<double>(episodes.size());
  return {score.reward / count, score.accuracy / count, score.first_guess / count};
}

}  // namespace

WindowedTask::WindowedTask(const Settings& settings, std::uint64_t seed, std::uint64_t images_seed,
                           const data::Dataset& dataset)
    : AgentTask(settings, seed), outputs_{.heads = {dataset.outputs, env::moves}} {
  check(dataset);
  model_ = make_model(settings, seed, {env::channels, env::side, env::side}, dataset.outputs + env::moves);
  const std::int64_t all = dataset.train.rows();
  train_.images =
      images(dataset, dataset.train,
             data::training_rows(all, settings.count_or("task.examples", "all").value_or(all),
                                 settings.text("task.subset"), tensor::Stream(images_seed, "subset")));
  const std::int64_t episodes = settings.count("probe.episodes");
  test_.images = images(dataset, dataset.test, data::first_rows(std::min(episodes, dataset.test.rows())));
  for (Side* side : {&train_, &test_}) {
    side->plays = std::min(episodes, side->images->size());
    const std::vector<std::int64_t>& labels = side->images->labels();
    side->blind = env::blind_policy(train_.images->labels(), {labels.begin(), labels.begin() + side->plays},
                                    dataset.outputs);
  }
}

void WindowedTask::check(const data::Dataset& dataset) const {
  if (!dataset.has_classes || !dataset.is_images())
    throw Error(ErrorKind::config,
                "task.kind is \"windowed\" where " + dataset.name +
                    " holds no images with classes: give digits, cifar10, svhn or a folder "
                    "of images");
  const std::vector<std::string> layers = settings().texts("network.layers");
  if (const std::string streams = unfit_for_choices(layers); !streams.empty())
    throw Error(ErrorKind::config, streams);
  if (settings().word("probe.function", functions) == Function::confidence)
    throw Error(ErrorKind::config,
                "probe.function is \"confidence\" where the outputs are two choices, not classes alone: give "
                "\"max\", \"mean\" or \"taken\"");
}

std::shared_ptr<const env::Images> WindowedTask::images(const data::Dataset& dataset, const data::Half& half,
                                                        std::vector<std::int64_t> rows) const {
  return std::make_shared<env::Images>(dataset, half, std::move(rows), model_->type, model_->device);
}

learn::Ground WindowedTask::ground() const {
  const bool timeout_ends = settings().word("task.timeout", timeouts) == Timeout::terminal;
  return {settings(), TaskKind::windowed, seed(), outputs_, timeout_ends};
}

replay::Trajectories WindowedTask::steps_on(const Side& side) const {
  return {side.images, outputs_.heads, reward_type};
}

void WindowedTask::prepare(std::int64_t step) {
  AgentTask::prepare(step);
  for (Side* side : {&train_, &test_}) {
    side->played.clear();
    side->steps = std::make_unique<replay::Trajectories>(steps_on(*side));
  }
}

std::vector<learn::Played> WindowedTask::play(const Side& side, std::span<const std::uint64_t> images,
                                              const learn::Policy& policy, tensor::Stream& actions,
                                              replay::Trajectories& steps) {
  return learn::play([&] { return std::make_unique<env::Windowed>(side.images); }, images, policy, passes(),
                     actions, steps);
}

std::vector<std::uint64_t> WindowedTask::images_played(const Side& side) {
  std::vector<std::uint64_t> images(static_cast<std::size_t>(side.plays));
  std::iota(images.begin(), images.end(), 0);
  return images;
}

void WindowedTask::play(Side& side) {
  if (!side.played.empty()) return;
  tensor::Stream actions = stream("evaluation/" + side.name);
  side.played = play(side, images_played(side), judged(), actions, *side.steps);
}

measure::Set WindowedTask::set_of_tests(const replay::Trajectories& steps) const {
  tensor::Stream drawing = stream("probe/test");
  return {"test", {&steps, data::random_rows(steps.size(), settings().count("probe.samples"), drawing)}};
}

measure::Numbers WindowedTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (!needs.wants_number("reward") && !needs.wants_number("accuracy") && !needs.wants_number("first_guess"))
    return numbers;
  for (Side* side : {&train_, &test_}) {
    play(*side);
    const auto add = [&](const std::string& beside, const env::Score& score) {
      numbers["reward" + beside][side->name] = score.reward;
      numbers["accuracy" + beside][side->name] = score.accuracy;
      numbers["first_guess" + beside][side->name] = score.first_guess;
    };
    add("", mean_score(side->played));
    add(".random", env::random_policy(outputs_.heads[0]));
    add(".blind", side->blind);
  }
  return numbers;
}

}  // namespace crosstalk::run
