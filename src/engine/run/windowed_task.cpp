#include <ATen/ATen.h>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "env/policies.hpp"
#include "learn/double_dqn.hpp"
#include "learn/reinforce.hpp"
#include "measure/prediction.hpp"
#include "run/model.hpp"
#include "run/task.hpp"

namespace crosstalk::run {
namespace {

using learn::Experience;

measure::Score mean_score(const std::vector<learn::Episode>& episodes) {
  measure::Score score;
  for (const learn::Episode& episode : episodes) {
    score.reward += episode.reward;
    score.accuracy += episode.right;
    score.first_guess += episode.first_right;
  }
  const auto count = static_cast<double>(episodes.size());
  return {score.reward / count, score.accuracy / count, score.first_guess / count};
}

/// One split: its images, and at a measurement the episodes played and the steps that are measured; empty
/// until somebody asks.
struct Side {
  std::string name;
  std::unique_ptr<env::Images> images;
  std::int64_t plays;  // episodes at a measurement: of the first so many images
  measure::Score blind;
  std::vector<learn::Episode> episodes;
  std::vector<Experience> steps;

  std::vector<std::int64_t> labels_played() const {
    return {images->labels().begin(), images->labels().begin() + plays};
  }
};

class WindowedTask final : public Task {
 public:
  WindowedTask(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset);

  learn::Learner& learner() override { return *agent_; }
  const learn::Learner& learner() const override { return *agent_; }
  std::int64_t steps() const override { return configuration_.learner.steps; }
  Json picture_axes() const override { return nullptr; }

  const nn::Network& network() const override { return model_->network; }
  const nn::Parameters& parameters() const override { return model_->parameters; }
  void prepare(std::int64_t step) override;
  measure::Errors errors(measure::Split split, const measure::Needs& needs) override;
  const measure::Samples& samples() override;
  at::Tensor loss_cotangent(const at::Tensor& output) override;

 private:
  std::unique_ptr<env::Images> images(const data::Dataset& dataset, const data::Half& half,
                                      std::vector<std::int64_t> rows) const;
  void make_agent();
  /// A stream of this measurement for one use: what is asked for does not change what else is drawn.
  tensor::Stream stream(const std::string& use) const { return {seed_, use + "/" + std::to_string(step_)}; }
  const std::vector<learn::Episode>& episodes(Side& side);
  measure::Samples choose_samples();
  const at::Tensor& losses();

  Configuration configuration_;
  std::uint64_t seed_;
  std::unique_ptr<Model> model_;
  Side train_{.name = "train"}, test_{.name = "test"};
  learn::Heads heads_;
  learn::Storing storing_;
  std::unique_ptr<learn::Agent> agent_;
  std::unique_ptr<learn::Actor> actor_;      // plays at measurements
  std::int64_t step_ = 0;                    // of the measurement
  std::optional<measure::Samples> samples_;  // nothing: not asked for yet
  at::Tensor losses_;                        // (train + test); undefined: not computed yet
  at::Tensor observations_;
};

bool is_word(const std::string& key, const std::string& value, const std::string& no,
             const std::string& yes) {
  if (value != no && value != yes) {
    throw Error(ErrorKind::config,
                key + " is \"" + value + "\" where \"" + no + "\" or \"" + yes + "\" is expected");
  }
  return value == yes;
}

WindowedTask::WindowedTask(const Configuration& configuration, std::uint64_t seed,
                           const data::Dataset& dataset)
    : configuration_(configuration), seed_(seed) {
  if (dataset.kind != data::Kind::classify || !dataset.is_images()) {
    throw Error(ErrorKind::config,
                "task.kind is \"windowed\" where " + dataset.name +
                    " holds no images with classes: give digits, cifar10, svhn or a folder "
                    "of images");
  }
  storing_ = {is_word("task.observation", configuration.task.observation, "paper", "aliased"),
              is_word("task.timeout", configuration.task.timeout, "terminal", "truncate")};
  model_ =
      make_model(configuration, seed, {env::channels, env::side, env::side}, dataset.outputs + env::moves);
  const std::int64_t all = dataset.train.rows();
  train_.images = images(dataset, dataset.train,
                         data::training_rows(all, configuration.task.examples.value_or(all),
                                             configuration.task.subset, tensor::Stream(seed, "subset")));
  const std::int64_t episodes = configuration.probe.episodes;
  test_.images = images(dataset, dataset.test, data::first_rows(std::min(episodes, dataset.test.rows())));
  heads_ = {dataset.outputs, env::moves};
  for (Side* side : {&train_, &test_}) {
    side->plays = std::min(episodes, side->images->size());
    side->blind = env::blind_policy(train_.images->labels(), side->labels_played(), dataset.outputs);
  }
  if (measure::prediction(configuration.probe.function) == measure::Prediction::confidence) {
    throw Error(ErrorKind::config,
                "probe.function is \"confidence\" where the outputs are two choices, not classes alone: give "
                "\"max\", \"mean\" or \"taken\"");
  }
  make_agent();
  actor_ = std::make_unique<learn::Actor>(model_->network, model_->parameters);
}

std::unique_ptr<env::Images> WindowedTask::images(const data::Dataset& dataset, const data::Half& half,
                                                  std::vector<std::int64_t> rows) const {
  return std::make_unique<env::Images>(dataset, half, std::move(rows), model_->type, model_->device);
}

void WindowedTask::make_agent() {
  const Configuration::Learner& learner = configuration_.learner;
  const Configuration::Agent& agent = learner.agent;
  auto optimizer = learn::make_optimizer(learner.optimizer, model_->parameters.theta());
  if (learner.algorithm == "double-dqn") {
    const learn::DoubleDqnSettings settings{
        .start = agent.start,
        .update_every = agent.update_every,
        .replay = agent.replay,
        .batch = learner.batch,
        .gamma = agent.gamma,
        .tau = agent.tau,
        .own_argmax = is_word("learner.target", agent.target, "max", "double"),
        .exploration = {agent.explore_from, agent.explore_to, agent.explore_steps}};
    agent_ = std::make_unique<learn::DoubleDqn>(model_->network, model_->parameters, *train_.images, storing_,
                                                settings, std::move(optimizer), seed_);
  } else if (learner.algorithm == "reinforce") {
    const learn::ReinforceSettings settings{.weight = learn::return_kind(agent.return_kind),
                                            .entropy = agent.entropy,
                                            .collect = agent.collect,
                                            .keep = configuration_.probe.samples};
    agent_ = std::make_unique<learn::Reinforce>(model_->network, model_->parameters, *train_.images, storing_,
                                                settings, std::move(optimizer), seed_);
  } else {
    throw Error(ErrorKind::config,
                "learner.algorithm is \"" + learner.algorithm +
                    "\" where task.kind is \"windowed\": give \"double-dqn\" or \"reinforce\"");
  }
}

void WindowedTask::prepare(std::int64_t step) {
  step_ = step;
  for (Side* side : {&train_, &test_}) {
    side->episodes.clear();
    side->steps.clear();
  }
  samples_.reset();
  losses_.reset();
}

const std::vector<learn::Episode>& WindowedTask::episodes(Side& side) {
  if (side.episodes.empty()) {
    tensor::Stream actions = stream("evaluation/" + side.name);
    side.episodes =
        learn::play(*actor_, *side.images, side.plays, storing_.truncates,
                    [&](std::span<const double> outputs) { return agent_->act(outputs, actions); });
  }
  return side.episodes;
}

const measure::Samples& WindowedTask::samples() {
  if (!samples_) samples_ = choose_samples();
  return *samples_;
}

/// The training steps that the agent shows, and as many of the test episodes' steps, drawn without
/// replacement; none before it has learned from any.
measure::Samples WindowedTask::choose_samples() {
  const std::int64_t count = configuration_.probe.samples;
  tensor::Stream of_train = stream("probe/train"), of_test = stream("probe/test");
  train_.steps = agent_->recent(count, of_train);
  if (train_.steps.empty()) return {};
  std::vector<Experience> played;
  for (const learn::Episode& episode : episodes(test_)) {
    const std::vector<Experience> steps = agent_->weighed(episode);
    played.insert(played.end(), steps.begin(), steps.end());
  }
  for (const std::int64_t which : data::random_rows(std::ssize(played), count, of_test))
    test_.steps.push_back(played[static_cast<std::size_t>(which)]);
  std::vector<at::Tensor> inputs, taken;
  for (const Side* side : {&train_, &test_}) {
    side->images->draw(learn::views_before(side->steps), observations_);
    inputs.push_back(observations_.clone());
    const at::Tensor ones = at::ones({std::ssize(side->steps), 2}, observations_.options());
    const at::Tensor outputs = at::empty({ones.size(0), model_->network.outputs()}, ones.options());
    taken.push_back(learn::at_chosen(outputs, heads_, learn::actions_of(side->steps, outputs), ones));
  }
  return {.inputs = at::cat(inputs),
          .train = std::ssize(train_.steps),
          .test = std::ssize(test_.steps),
          .taken = at::cat(taken),
          .heads = heads_,
          .values = agent_->has_values()};
}

/// Keeps the losses for errors().
at::Tensor WindowedTask::loss_cotangent(const at::Tensor& output) {
  std::vector<at::Tensor> losses, cotangents;
  std::int64_t first = 0;
  for (const Side* side : {&train_, &test_}) {
    const std::int64_t count = std::ssize(side->steps);
    const learn::SampleLoss each = agent_->loss(side->steps, *side->images, output.narrow(0, first, count));
    losses.push_back(each.losses);
    cotangents.push_back(each.cotangents);
    first += count;
  }
  losses_ = at::cat(losses);
  return at::cat(cotangents);
}

/// Of all samples; from a pass of their own where nobody asked for their gradients.
const at::Tensor& WindowedTask::losses() {
  if (!losses_.defined()) {
    nn::Tape tape;
    model_->network.forward(model_->parameters, samples().inputs, tape);
    loss_cotangent(tape.output());
  }
  return losses_;
}

measure::Errors WindowedTask::errors(measure::Split split, const measure::Needs& needs) {
  const bool train = split == measure::Split::train;
  Side& side = train ? train_ : test_;
  measure::Errors errors;
  if (needs.wants_errors()) {
    errors.score = mean_score(episodes(side));
    errors.random = env::random_policy(heads_[0]);
    errors.blind = side.blind;
  }
  if (needs.wants_loss() && samples().inputs.defined()) {
    const std::int64_t first = train ? 0 : samples().train;
    errors.loss = losses().narrow(0, first, std::ssize(side.steps)).mean().item<double>();
  }
  return errors;
}

}  // namespace

std::unique_ptr<Task> windowed_task(const Configuration& configuration, std::uint64_t seed,
                                    const data::Dataset& dataset) {
  return std::make_unique<WindowedTask>(configuration, seed, dataset);
}

}  // namespace crosstalk::run
