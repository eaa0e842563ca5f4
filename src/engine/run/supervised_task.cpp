#include <ATen/ATen.h>

#include <set>

#include "base/error.hpp"
#include "data/examples.hpp"
#include "data/scaling.hpp"
#include "data/subset.hpp"
#include "learn/constant.hpp"
#include "learn/evaluate.hpp"
#include "learn/labels.hpp"
#include "learn/minibatches.hpp"
#include "run/model.hpp"
#include "run/task.hpp"

namespace crosstalk::run {
namespace {

std::unique_ptr<learn::Loss> make_loss(const Settings& settings, const data::Dataset& dataset,
                                       const data::Scaling& scaling) {
  const Reduction reduction = settings.word("learner.reduction", reductions);
  const Targets targets = settings.word("learner.targets", target_forms);
  const LossKind loss = settings.word("learner.loss", losses);
  if (loss == LossKind::cross_entropy && dataset.has_classes) {
    if (targets == Targets::broadcast) {
      throw Error(ErrorKind::config,
                  "learner.targets is \"broadcast\" where the loss is cross-entropy: it is a mistake "
                  "of the squared error (give \"separate\")");
    }
    return learn::cross_entropy(reduction);
  }
  if (loss == LossKind::squared_error && !dataset.has_classes) {
    std::vector<double> variance = dataset.target_variance;
    for (std::size_t k = 0; k < variance.size(); ++k)
      variance[k] /= scaling.targets.scale[k] * scaling.targets.scale[k];
    return learn::squared_error(reduction, targets, std::move(variance));
  }
  throw Error(ErrorKind::config, "learner.loss is \"" + std::string(word_for(losses, loss)) + "\" where " +
                                     dataset.name + " holds " +
                                     (dataset.has_classes ? "classes: give \"cross-entropy\""
                                                          : "numbers to predict: give \"squared-error\""));
}

void check_kind(const Settings& settings, const data::Dataset& dataset) {
  const TaskKind kind = settings.word("task.kind", task_kinds);
  const std::string word(word_for(task_kinds, kind));
  if ((kind == TaskKind::classify) != dataset.has_classes)
    throw Error(ErrorKind::config,
                "task.kind is \"" + word + "\" where " + dataset.name + " was converted for the other");
  if (const std::string algorithm = settings.text("learner.algorithm"); algorithm != "supervised")
    throw Error(ErrorKind::config, "learner.algorithm is \"" + algorithm + "\" where task.kind is \"" + word +
                                       "\": it is for agents (give \"supervised\")");
}

void check_function(Function function, const data::Dataset& dataset) {
  if (function == Function::confidence && !dataset.has_classes)
    throw Error(
        ErrorKind::config,
        "probe.function is \"confidence\" where the outputs are no classes: give \"max\" or \"mean\"");
  if (function == Function::taken)
    throw Error(ErrorKind::config, "probe.function is \"taken\" where nobody acts: give \"max\" or \"mean\"");
}

class SupervisedTask final : public Task {
 public:
  SupervisedTask(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset);

  learn::Learner& learner() override { return *learner_; }
  const learn::Learner& learner() const override { return *learner_; }
  Length length() const override { return {Unit::updates, updates_, std::nullopt}; }

  void prepare(std::int64_t step) override { step_ = step; }
  const learn::Objective* objective(const std::string& name) const override {
    return Task::objective(name == "evolving" ? "own" : name);
  }
  double scale_of_gradients() const override { return loss_->is_square() ? 0.5 : 1; }
  std::vector<data::Id> others(const data::Rows& apart_from, std::int64_t count) override;
  std::vector<measure::Set> samples() override {
    return {first_rows("train", *train_, samples_), first_rows("test", *test_, samples_)};
  }
  std::vector<measure::Set> whole() override {
    return {first_rows("train", *train_, train_->size()), first_rows("test", *test_, test_->size())};
  }
  std::optional<measure::Set> learned() override { return first_rows("train", *train_, train_->size()); }
  measure::Numbers numbers(const measure::Needs& needs) override;
  Json axis(const measure::Set& set) const override;

 private:
  /// One half with what the constant predictor earns there.
  void add_errors(const char* split, const data::Examples& examples, const learn::Constant& constant,
                  measure::Numbers& numbers);

  std::int64_t updates_, samples_, step_ = 0;
  std::uint64_t seed_;
  bool shows_images_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<data::Examples> train_, test_;
  std::unique_ptr<learn::Loss> loss_;
  std::unique_ptr<learn::Evaluation> evaluation_;
  learn::Constant constant_on_train_, constant_on_test_;
  std::unique_ptr<learn::Learner> learner_;
};

SupervisedTask::SupervisedTask(const Settings& settings, std::uint64_t seed, const data::Dataset& dataset)
    : updates_(settings.count("learner.updates")),
      samples_(settings.count("probe.samples")),
      seed_(seed),
      shows_images_(dataset.is_images() && dataset.has_classes) {
  check_kind(settings, dataset);
  check_function(settings.word("probe.function", functions), dataset);
  model_ = make_model(settings, seed, dataset.input_shape, dataset.outputs);
  const data::Scaling scaling = data::scaling(dataset, settings.text("task.normalise"));
  const std::int64_t all = dataset.train.rows();
  std::vector<std::int64_t> rows =
      data::training_rows(all, settings.count_or("task.examples", "all").value_or(all),
                          settings.text("task.subset"), tensor::Stream(seed, "subset"));
  train_ = std::make_unique<data::Examples>(dataset, dataset.train, std::move(rows), scaling, model_->type,
                                            model_->device);
  test_ = std::make_unique<data::Examples>(dataset, dataset.test, data::first_rows(dataset.test.rows()),
                                           scaling, model_->type, model_->device);
  loss_ = make_loss(settings, dataset, scaling);
  evaluation_ = std::make_unique<learn::Evaluation>(model_->network, *loss_);
  const auto constant_on = [&](const data::Examples& examples) {
    return learn::constant_errors(*loss_, train_->targets(), examples.targets(), dataset.outputs);
  };
  constant_on_train_ = constant_on(*train_);
  constant_on_test_ = constant_on(*test_);
  learner_ = std::make_unique<learn::Learner>(
      std::make_unique<learn::Networks>(model_->network, model_->parameters, learn::Follow{}, seed),
      std::make_unique<learn::Labels>(*loss_),
      std::make_unique<learn::Minibatches>(*train_, settings.count("learner.batch"), seed),
      std::make_unique<learn::Descent>(),
      learn::make_optimizer(learn::optimizer_settings(settings), model_->parameters.theta()));
}

void SupervisedTask::add_errors(const char* split, const data::Examples& examples,
                                const learn::Constant& constant, measure::Numbers& numbers) {
  const learn::Errors errors = (*evaluation_)(model_->parameters, examples);
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) numbers[name][split] = *value;
  };
  add("loss", errors.loss);
  add("accuracy", errors.accuracy);
  add("accuracy.constant", constant.accuracy);
  add("squared_error", errors.squared_error);
  add("squared_error.constant", constant.squared_error);
  add("squared_error_normalised", errors.squared_error_normalised);
  add("squared_error_normalised.constant", constant.squared_error_normalised);
}

measure::Numbers SupervisedTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (needs.numbers().empty()) return numbers;
  add_errors("train", *train_, constant_on_train_, numbers);
  add_errors("test", *test_, constant_on_test_, numbers);
  return numbers;
}

/// Training rows.
std::vector<data::Id> SupervisedTask::others(const data::Rows& apart_from, std::int64_t count) {
  const std::set<data::Id> left_out(apart_from.ids.begin(), apart_from.ids.end());
  tensor::Stream drawing(seed_, "probe/others/" + std::to_string(step_));
  return data::apart_from(left_out, data::random_rows(train_->size(), count + std::ssize(left_out), drawing),
                          count);
}

Json SupervisedTask::axis(const measure::Set& set) const {
  if (!shows_images_ || set.name != "train") return nullptr;
  const at::Tensor labels = train_->targets().narrow(0, 0, set.rows.size()).cpu().contiguous();
  const auto* label = labels.const_data_ptr<std::int64_t>();
  const auto row = train_->rows().begin();
  return {{"rows", std::vector<std::int64_t>(row, row + set.rows.size())},
          {"labels", std::vector<std::int64_t>(label, label + set.rows.size())}};
}

}  // namespace

std::unique_ptr<Task> supervised_task(const Settings& settings, std::uint64_t seed,
                                      const data::Dataset& dataset) {
  return std::make_unique<SupervisedTask>(settings, seed, dataset);
}

}  // namespace crosstalk::run
