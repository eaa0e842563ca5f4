#include <ATen/ATen.h>

#include <numeric>

#include "base/error.hpp"
#include "base/layer_shape.hpp"
#include "data/subset.hpp"
#include "env/policies.hpp"
#include "env/windowed.hpp"
#include "run/agent_task.hpp"

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

/// One split: its images, and at a measurement the episodes played; empty until somebody asks.
struct Side {
  std::string name;
  std::shared_ptr<const env::Images> images;
  std::int64_t plays;  // episodes at a measurement: of the first so many images
  env::Score blind;
  std::vector<learn::Played> played;
  std::unique_ptr<replay::Trajectories> steps;  // of them

  std::vector<std::int64_t> labels_played() const {
    return {images->labels().begin(), images->labels().begin() + plays};
  }
};

class WindowedTask final : public AgentTask {
 public:
  WindowedTask(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset);

  Length length() const override { return {Unit::steps, settings().count("learner.steps"), std::nullopt}; }
  void prepare(std::int64_t step) override;
  std::vector<measure::Set> samples() override;
  measure::Numbers numbers(const measure::Needs& needs) override;
  std::optional<std::int64_t> longest_episode() const override { return windowed_steps; }

 private:
  void check(const data::Dataset& dataset) const;
  std::shared_ptr<const env::Images> images(const data::Dataset& dataset, const data::Half& half,
                                            std::vector<std::int64_t> rows) const;
  void play(Side& side);

  Side train_{.name = "train"}, test_{.name = "test"};
};

WindowedTask::WindowedTask(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset)
    : AgentTask(settings, seed) {
  check(dataset);
  model_ = make_model(settings, seed, {env::channels, env::side, env::side}, dataset.outputs + env::moves);
  const std::int64_t all = dataset.train.rows();
  train_.images = images(dataset, dataset.train,
                         data::training_rows(all, settings.count_or("task.examples", "all").value_or(all),
                                             settings.text("task.subset"), tensor::Stream(seed, "subset")));
  const std::int64_t episodes = settings.count("probe.episodes");
  test_.images = images(dataset, dataset.test, data::first_rows(std::min(episodes, dataset.test.rows())));
  for (Side* side : {&train_, &test_}) {
    side->plays = std::min(episodes, side->images->size());
    side->blind = env::blind_policy(train_.images->labels(), side->labels_played(), dataset.outputs);
  }
  learn::Values values{.heads = {dataset.outputs, env::moves}};
  const bool timeout_ends = settings.word("task.timeout", timeouts) == Timeout::terminal;
  // Rewards are kept in single precision, as published, whatever the run's precision is.
  make_learner({settings, TaskKind::windowed, seed, std::move(values), timeout_ends},
               {.environment = std::make_unique<env::Windowed>(train_.images), .rewards = at::kFloat});
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

void WindowedTask::prepare(std::int64_t step) {
  AgentTask::prepare(step);
  for (Side* side : {&train_, &test_}) {
    side->played.clear();
    side->steps = std::make_unique<replay::Trajectories>(seen()->another(side->images));
  }
}

void WindowedTask::play(Side& side) {
  if (!side.played.empty()) return;
  tensor::Stream actions = stream("evaluation/" + side.name);
  std::vector<std::uint64_t> levels(static_cast<std::size_t>(side.plays));
  std::iota(levels.begin(), levels.end(), 0);
  side.played = learn::play([&] { return std::make_unique<env::Windowed>(side.images); }, levels, judged(),
                            passes(), actions, *side.steps);
}

/// The training steps that the agent shows, and as many of the test episodes' steps, drawn without
/// replacement; none before it has learned from any.
std::vector<measure::Set> WindowedTask::samples() {
  const std::int64_t count = settings().count("probe.samples");
  std::vector<data::Id> learned = recent(count);
  if (learned.empty()) return {};
  play(test_);
  tensor::Stream drawing = stream("probe/test");
  std::vector<data::Id> played = data::random_rows(test_.steps->size(), count, drawing);
  return {{"train", {seen(), std::move(learned)}}, {"test", {test_.steps.get(), std::move(played)}}};
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
    add(".random", env::random_policy(values().heads[0]));
    add(".blind", side->blind);
  }
  return numbers;
}

}  // namespace

std::unique_ptr<Task> windowed_task(const Settings& settings, std::uint64_t seed,
                                    const data::Dataset& dataset) {
  return std::make_unique<WindowedTask>(settings, seed, dataset);
}

}  // namespace crosstalk::run
