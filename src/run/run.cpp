#include "run/run.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "base/error.hpp"
#include "data/scaling.hpp"
#include "data/subset.hpp"
#include "learn/supervised.hpp"
#include "measure/registry.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "nn/paper.hpp"
#include "tensor/device.hpp"

namespace crosstalk::run {
namespace {

std::vector<std::int64_t> all_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

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

}  // namespace

Run::Run(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset)
    : updates_(configuration.learner.updates),
      every_(configuration.probe.every),
      images_(dataset.is_images() && dataset.kind == data::Kind::classify) {
  if (data::kind(configuration.task.kind) != dataset.kind) {
    throw Error(ErrorKind::config, "task.kind is \"" + configuration.task.kind + "\" where " + dataset.name +
                                       " was converted for the other");
  }
  const at::Device device = tensor::device(configuration.runtime.device);
  const at::ScalarType type = tensor::precision(configuration.runtime.precision);

  const data::Scaling scaling = data::scaling(dataset, configuration.task.normalise);
  std::vector<std::int64_t> rows =
      data::training_rows(dataset.train.rows(), configuration.task.examples.value_or(dataset.train.rows()),
                          configuration.task.subset, tensor::Stream(seed, "subset"));
  train_ = std::make_unique<data::Examples>(dataset, dataset.train, std::move(rows), scaling, type, device);
  test_ = std::make_unique<data::Examples>(dataset, dataset.test, all_rows(dataset.test.rows()), scaling,
                                           type, device);

  const auto& shape = configuration.network;
  const std::vector<std::string> layers =
      shape.layers.empty() ? nn::paper_layers(dataset.input_shape, shape.hidden, shape.depth, shape.head)
                           : shape.layers;
  network_ = std::make_unique<nn::Network>(nn::build(dataset.input_shape, dataset.outputs, layers));
  tensor::Stream beginning(seed, "initialisation");
  parameters_ = std::make_unique<nn::Parameters>(
      *network_,
      nn::initial_theta(*network_, nn::initialisation(shape.initialisation), beginning, type, device));

  loss_ = make_loss(configuration.learner, dataset, scaling);
  evaluation_ = std::make_unique<learn::Evaluation>(*network_, *loss_);
  learner_ = std::make_unique<learn::Supervised>(
      learn::Batches(*train_, configuration.learner.batch, seed), *loss_,
      learn::Descent(*network_, *parameters_,
                     learn::make_optimizer(configuration.learner.optimizer, parameters_->theta())));

  const measure::Prediction function = measure::prediction(configuration.probe.function);
  if (function == measure::Prediction::confidence && dataset.kind == data::Kind::regress) {
    throw Error(
        ErrorKind::config,
        "probe.function is \"confidence\" where the outputs are no classes: give \"mean\" or \"max\"");
  }
  train_samples_ = std::min(configuration.probe.samples, train_->size());
  const std::int64_t test_samples = std::min(configuration.probe.samples, test_->size());
  at::Tensor train_block, test_block;
  const at::Tensor samples =
      at::cat({train_->inputs(0, train_samples_, train_block), test_->inputs(0, test_samples, test_block)});
  sample_targets_ =
      at::cat({train_->targets().narrow(0, 0, train_samples_), test_->targets().narrow(0, 0, test_samples)});
  probe_ = std::make_unique<measure::Probe>(
      measure::measures(configuration.probe.measures),
      measure::Subject{
          .network = *network_,
          .parameters = *parameters_,
          .samples = samples,
          .train = train_samples_,
          .test = test_samples,
          .function = function,
          .loss_cotangent =
              [this](const at::Tensor& output) { return loss_->sample_cotangents(output, sample_targets_); },
          .errors =
              [this](measure::Split split) {
                return (*evaluation_)(*parameters_, split == measure::Split::train ? *train_ : *test_);
              }});
}

Run::~Run() = default;

Measurement Run::measure() {
  const measure::Evidence evidence = probe_->gather();
  Measurement measurement{probe_->rows(evidence, step_), {}};
  if (images_ && last_probe()) measurement.arrays = grams(evidence);
  return measurement;
}

/// The training samples' part of each Gram, for the pictures that sort images by class.
std::vector<Array> Run::grams(const measure::Evidence& evidence) const {
  std::vector<Array> arrays;
  const std::int64_t n = train_samples_;
  const at::Tensor labels = sample_targets_.narrow(0, 0, n).cpu().contiguous();
  const auto* label = labels.const_data_ptr<std::int64_t>();
  const Json axes = {{"rows", std::vector<std::int64_t>(train_->rows().begin(), train_->rows().begin() + n)},
                     {"labels", std::vector<std::int64_t>(label, label + n)}};
  for (const auto& [function, name] : {std::pair{measure::Function::output, "function_gram"},
                                       std::pair{measure::Function::loss, "loss_gram"}}) {
    if (!evidence.has(function)) continue;
    const std::vector<double>& dots = evidence.gram(function).dots;
    const std::int64_t stacked = evidence.train() + evidence.test();
    Array array{step_, name, "train-train", {n, n}, {}, axes};
    for (std::int64_t u = 0; u < n; ++u) {
      array.values.insert(array.values.end(), dots.begin() + u * stacked, dots.begin() + u * stacked + n);
    }
    arrays.push_back(std::move(array));
  }
  return arrays;
}

double Run::update() {
  const double loss = learner_->update();
  ++step_;
  return loss;
}

const at::Tensor& Run::theta() const { return parameters_->theta(); }

learn::State Run::save() const {
  learn::State state;
  learner_->save(state);
  return state;
}

void Run::load(const learn::State& state, std::int64_t step) {
  learner_->load(state);
  step_ = step;
}

}  // namespace crosstalk::run
