#include <ATen/ATen.h>

#include "base/error.hpp"
#include "data/examples.hpp"
#include "data/scaling.hpp"
#include "data/subset.hpp"
#include "learn/constant.hpp"
#include "learn/evaluate.hpp"
#include "learn/supervised.hpp"
#include "measure/prediction.hpp"
#include "run/model.hpp"
#include "run/task.hpp"

namespace crosstalk::run {
namespace {

std::unique_ptr<learn::Loss> make_loss(const Configuration::Learner& learner, const data::Dataset& dataset,
                                       const data::Scaling& scaling) {
  const learn::Reduction reduction = learn::reduction(learner.reduction);
  const learn::Targets targets = learn::targets(learner.targets);
  const bool classes = dataset.kind == data::Kind::classify;
  if (learner.loss == "cross-entropy" && classes) {
    if (targets == learn::Targets::broadcast) {
      throw Error(ErrorKind::config,
                  "learner.targets is \"broadcast\" where the loss is cross-entropy: it is a mistake "
                  "of the squared error (give \"separate\")");
    }
    return learn::cross_entropy(reduction);
  }
  if (learner.loss == "squared-error" && !classes) {
    std::vector<double> variance = dataset.target_variance;
    for (std::size_t k = 0; k < variance.size(); ++k)
      variance[k] /= scaling.targets.scale[k] * scaling.targets.scale[k];
    return learn::squared_error(reduction, targets, std::move(variance));
  }
  throw Error(
      ErrorKind::config,
      "learner.loss is \"" + learner.loss + "\" where " + dataset.name + " holds " +
          (classes ? "classes: give \"cross-entropy\"" : "numbers to predict: give \"squared-error\""));
}

class SupervisedTask final : public Task {
 public:
  SupervisedTask(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset);

  learn::Learner& learner() override { return *learner_; }
  const learn::Learner& learner() const override { return *learner_; }
  std::int64_t steps() const override { return updates_; }
  Json picture_axes() const override;

  const nn::Network& network() const override { return model_->network; }
  const nn::Parameters& parameters() const override { return model_->parameters; }
  void prepare(std::int64_t) override {}
  measure::Errors errors(measure::Split split, const measure::Needs&) override {
    const bool train = split == measure::Split::train;
    measure::Errors errors = (*evaluation_)(model_->parameters, train ? *train_ : *test_);
    errors.constant = train ? constant_on_train_ : constant_on_test_;
    return errors;
  }
  const measure::Samples& samples() override { return samples_; }
  at::Tensor loss_cotangent(const at::Tensor& output) override {
    return loss_->sample_cotangents(output, sample_targets_);
  }

 private:
  void choose_samples(std::int64_t count);

  std::int64_t updates_;
  bool shows_images_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<data::Examples> train_, test_;
  std::unique_ptr<learn::Loss> loss_;
  std::unique_ptr<learn::Evaluation> evaluation_;
  measure::Constant constant_on_train_, constant_on_test_;
  std::unique_ptr<learn::Learner> learner_;
  measure::Samples samples_;
  at::Tensor sample_targets_;
};

SupervisedTask::SupervisedTask(const Configuration& configuration, std::uint64_t seed,
                               const data::Dataset& dataset)
    : updates_(configuration.learner.updates),
      shows_images_(dataset.is_images() && dataset.kind == data::Kind::classify) {
  if (data::kind(configuration.task.kind) != dataset.kind) {
    throw Error(ErrorKind::config, "task.kind is \"" + configuration.task.kind + "\" where " + dataset.name +
                                       " was converted for the other");
  }
  if (configuration.learner.algorithm != "supervised") {
    throw Error(ErrorKind::config, "learner.algorithm is \"" + configuration.learner.algorithm +
                                       "\" where task.kind is \"" + configuration.task.kind +
                                       "\": it is for agents (give \"supervised\")");
  }
  model_ = make_model(configuration, seed, dataset.input_shape, dataset.outputs);
  const data::Scaling scaling = data::scaling(dataset, configuration.task.normalise);
  std::vector<std::int64_t> rows =
      data::training_rows(dataset.train.rows(), configuration.task.examples.value_or(dataset.train.rows()),
                          configuration.task.subset, tensor::Stream(seed, "subset"));
  train_ = std::make_unique<data::Examples>(dataset, dataset.train, std::move(rows), scaling, model_->type,
                                            model_->device);
  test_ = std::make_unique<data::Examples>(dataset, dataset.test, data::first_rows(dataset.test.rows()),
                                           scaling, model_->type, model_->device);
  loss_ = make_loss(configuration.learner, dataset, scaling);
  evaluation_ = std::make_unique<learn::Evaluation>(model_->network, *loss_);
  const auto constant_on = [&](const data::Examples& examples) {
    return learn::constant_errors(*loss_, train_->targets(), examples.targets(), dataset.outputs);
  };
  constant_on_train_ = constant_on(*train_);
  constant_on_test_ = constant_on(*test_);
  learner_ = std::make_unique<learn::Supervised>(
      learn::Batches(*train_, configuration.learner.batch, seed), *loss_,
      learn::Descent(model_->network, model_->parameters,
                     learn::make_optimizer(configuration.learner.optimizer, model_->parameters.theta())));
  const measure::Prediction function = measure::prediction(configuration.probe.function);
  if (function == measure::Prediction::confidence && dataset.kind == data::Kind::regress) {
    throw Error(
        ErrorKind::config,
        "probe.function is \"confidence\" where the outputs are no classes: give \"max\" or \"mean\"");
  }
  if (function == measure::Prediction::taken) {
    throw Error(ErrorKind::config, "probe.function is \"taken\" where nobody acts: give \"max\" or \"mean\"");
  }
  choose_samples(configuration.probe.samples);
}

void SupervisedTask::choose_samples(std::int64_t count) {
  samples_.train = std::min(count, train_->size());
  samples_.test = std::min(count, test_->size());
  at::Tensor train_block, test_block;
  samples_.inputs =
      at::cat({train_->inputs(0, samples_.train, train_block), test_->inputs(0, samples_.test, test_block)});
  sample_targets_ =
      at::cat({train_->targets().narrow(0, 0, samples_.train), test_->targets().narrow(0, 0, samples_.test)});
}

Json SupervisedTask::picture_axes() const {
  if (!shows_images_) return nullptr;
  const at::Tensor labels = sample_targets_.narrow(0, 0, samples_.train).cpu().contiguous();
  const auto* label = labels.const_data_ptr<std::int64_t>();
  const auto row = train_->rows().begin();
  return {{"rows", std::vector<std::int64_t>(row, row + samples_.train)},
          {"labels", std::vector<std::int64_t>(label, label + samples_.train)}};
}

}  // namespace

std::unique_ptr<Task> supervised_task(const Configuration& configuration, std::uint64_t seed,
                                      const data::Dataset& dataset) {
  return std::make_unique<SupervisedTask>(configuration, seed, dataset);
}

}  // namespace crosstalk::run
