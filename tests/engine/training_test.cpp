// A whole run against the usual way: PyTorch's forward and autograd, Adam by its formula, the same batches.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/paper_layers.hpp"
#include "data/examples.hpp"
#include "data/scaling.hpp"
#include "data/subset.hpp"
#include "folder.hpp"
#include "learn/minibatches.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "run/run.hpp"
#include "small_data.hpp"

namespace crosstalk {
namespace {

/// Trains as `flat` says, beside the run itself, and compares theta and the errors on all rows.
void compare(const Json& flat, const std::filesystem::path& file, const std::string& error) {
  at::set_num_threads(1);
  const data::Dataset dataset = data::read_dataset(file);
  const Settings settings(flat);
  run::Run ours(settings, 4, &dataset);
  const bool classes = dataset.has_classes, sum = settings.is("learner.reduction", "sum");

  const data::Scaling scaling = data::scaling(dataset, settings.text("task.normalise"));
  const data::Examples examples(
      dataset, dataset.train,
      data::training_rows(dataset.train.rows(), dataset.train.rows(), settings.text("task.subset"),
                          tensor::Stream(4, "subset")),
      scaling, at::kDouble, at::kCPU);
  learn::Minibatches batches(examples, settings.count("learner.batch"), 4);
  const nn::Network network =
      nn::build(dataset.input_shape, dataset.outputs,
                paper_layers(dataset.input_shape, settings.count("network.hidden"),
                             settings.count("network.depth"), settings.count("network.head")));
  at::Tensor theta = ours.theta().clone(), first = at::zeros_like(theta), second = at::zeros_like(theta);
  const auto loss = [&](const at::Tensor& output, const at::Tensor& target, bool over_batch) {
    const at::Tensor each = classes ? at::cross_entropy_loss(output, target, {}, at::Reduction::None)
                                    : (output - target).square().mean(1);
    return over_batch && sum ? each.sum() : each.mean();
  };
  for (int step = 1; step <= 20; ++step) {
    learn::Batch batch;
    batches.next(batch);
    at::Tensor inputs, targets;
    examples.draw(batch.rows.ids, data::At::before, inputs);
    examples.beside("label", batch.rows.ids, targets);
    const at::Tensor leaf = theta.clone().set_requires_grad(true);
    const at::Tensor value = loss(oracle::forward(network, leaf, inputs).back(), targets, true);
    const at::Tensor gradient = torch::autograd::grad({value}, {leaf})[0];
    EXPECT_NEAR(ours.advance().value(), value.item<double>(),
                1e-10 * std::max(1.0, std::abs(value.item<double>())));
    first = 0.9 * first + 0.1 * gradient;
    second = 0.999 * second + 0.001 * gradient.square();
    theta = theta - 1e-3 * (first / (1 - std::pow(0.9, step))) /
                        ((second / (1 - std::pow(0.999, step))).sqrt() + 1e-8);
  }
  EXPECT_LT(oracle::difference(ours.theta(), theta), 1e-9);

  at::Tensor block;
  const at::Tensor output =
      oracle::forward(network, ours.theta(), examples.inputs(0, examples.size(), block)).back();
  const double expected = classes
                              ? output.argmax(1).eq(examples.targets()).to(at::kDouble).mean().item<double>()
                              : (output - examples.targets()).square().mean().item<double>();
  int found = 0;
  for (const Row& row : ours.measure().rows) {
    if (row.split != "train") continue;
    if (row.measure == error) {
      EXPECT_NEAR(row.value, expected, 1e-10 * std::max(1.0, expected));
    }
    if (row.measure == "loss") {
      EXPECT_NEAR(row.value, loss(output, examples.targets(), false).item<double>(),
                  1e-10 * std::max(1.0, row.value));
    }
    found += row.measure == error || row.measure == "loss";
  }
  EXPECT_EQ(found, 2);
}

TEST(Training, of_a_regression_goes_as_with_autograd) {
  Folder folder;
  write_table(folder.path() / "a.safetensors", 700, 30, 21, 7);  // more rows than an evaluation's block
  compare(keys({{"runtime.precision", "double"},
                {"learner.updates", 30},
                {"task.subset", "random"},
                {"task.normalise", "per-feature"}}),
          folder.path() / "a.safetensors", "squared_error");
  compare(keys({{"runtime.precision", "double"},
                {"learner.updates", 30},
                {"task.normalise", "global"},
                {"learner.reduction", "mean"}}),
          folder.path() / "a.safetensors", "squared_error");
}

TEST(Training, of_an_image_classifier_goes_as_with_autograd) {
  Folder folder;
  write_images(folder.path() / "a.safetensors", 70, 12, 10);
  compare(image_keys({{"runtime.precision", "double"}, {"learner.updates", 30}, {"network.depth", 1}}),
          folder.path() / "a.safetensors", "accuracy");
}

}  // namespace
}  // namespace crosstalk
