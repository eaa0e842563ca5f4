#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/subset.hpp"
#include "env/exact.hpp"
#include "env/registry.hpp"
#include "env/windowed.hpp"
#include "learn/learner.hpp"
#include "learn/td_error.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "oracle.hpp"
#include "small_data.hpp"

/// Environments with some steps taken at random, a network over them in double precision, and what is learned
/// of the steps by PyTorch's own way.
namespace crosstalk::learn {

struct World {
  std::string name;
  std::unique_ptr<env::Environment> environment;
  Values values;  // of the network's outputs
  nn::Network network;
  nn::Parameters online;
  at::Tensor other;  // another theta
  std::unique_ptr<replay::Trajectories> steps;

  World(std::string name, std::unique_ptr<env::Environment> made, Values values,
        const std::vector<std::string>& layers)
      : name(std::move(name)),
        environment(std::move(made)),
        values(std::move(values)),
        network(nn::build(environment->spaces().observation, {outputs(), of_each()}, layers)),
        online(network, begun(1)),
        other(begun(2)),
        steps(std::make_unique<replay::Trajectories>(environment->drawing(), environment->spaces().choices,
                                                     at::kDouble)) {}

  std::int64_t outputs() const { return values.count() * of_each(); }
  std::int64_t of_each() const { return values.atoms ? values.atoms->count : 1; }

  /// Random actions; an episode is cut after `longest` steps.
  void walk(int count, int longest) {
    at::set_num_threads(1);
    tensor::Stream actions(3, "actions");
    std::vector<std::int64_t> action(environment->spaces().choices.size());
    int time = 0;
    for (int i = 0; i < count; ++i) {
      if (!steps->going()) {
        const std::int64_t levels = environment->spaces().levels;
        environment->reset(static_cast<std::uint64_t>(levels > 0 ? i % levels : i));
        steps->begin(*environment);
        time = 0;
      }
      for (std::size_t c = 0; c < action.size(); ++c)
        action[c] = static_cast<std::int64_t>(
            actions.below(static_cast<std::uint64_t>(environment->spaces().choices[c])));
      env::Outcome outcome = environment->step(action);
      outcome.truncated = outcome.truncated || (!outcome.terminated && ++time >= longest);
      steps->add(action, outcome, *environment);
    }
  }

  /// `count` rows of ended episodes, some of them twice.
  data::Rows some_rows(int count) const {
    tensor::Stream drawing(4, "rows");
    data::Rows rows{steps.get(), {}};
    for (int i = 0; i < count; ++i)
      rows.ids.push_back(
          static_cast<data::Id>(drawing.below(static_cast<std::uint64_t>(steps->unfinished()))));
    return rows;
  }

  /// (p) at what is seen before or after a step, by PyTorch.
  at::Tensor output(const at::Tensor& theta, data::Id row, data::At at) const {
    at::Tensor seen;
    steps->draw({&row, 1}, at, seen);
    return oracle::forward(network, theta, seen).back()[0];
  }
  /// What the network says of choice `head` of a step.
  at::Tensor prediction(const at::Tensor& theta, data::Id row, std::size_t head) const {
    const std::int64_t chosen = values.of_state ? 0 : steps->action(row)[head];
    return output(theta, row, data::At::before)[first(head) + chosen];
  }
  /// The value behind a step, of the best action of a head as `select` has it.
  at::Tensor next_value(const at::Tensor& theta, const at::Tensor& select, data::Id row,
                        std::size_t head) const {
    const auto of_head = [&](const at::Tensor& by) {
      return output(by, row, data::At::after).narrow(0, first(head), values.heads[head]);
    };
    return of_head(theta)[of_head(select).argmax().item<std::int64_t>()];
  }
  std::int64_t first(std::size_t head) const {
    std::int64_t sum = 0;
    for (std::size_t h = 0; h < head; ++h) sum += values.heads[h];
    return sum;
  }

 private:
  at::Tensor begun(std::uint64_t seed) const {
    tensor::Stream stream(seed, "theta");
    return nn::initial_theta(network, Initialisation::pytorch, stream, at::kDouble);
  }
};

inline World exact_world(const std::string& name, const env::Sizes& sizes, bool of_states,
                         const std::optional<Atoms>& atoms = {},
                         const std::vector<std::string>& layers = {"linear 6", "tanh", "linear out"}) {
  const auto process = env::exact_process(name, sizes);
  auto drawing = std::make_shared<env::StateDrawing>(*process, at::kDouble, at::kCPU);
  const Values values = of_states ? Values{{1}, true} : Values{{process->actions}, false, atoms};
  World world(name, std::make_unique<env::Exact>(process, drawing), values, layers);
  world.walk(60, 8);
  return world;
}

/// The same with other steps: 60 in episodes cut after 8, or the newest `capacity` of them in a ring; 0: all.
inline World walked(World world, std::int64_t capacity) {
  world.steps = std::make_unique<replay::Trajectories>(world.environment->drawing(),
                                                       world.environment->spaces().choices, at::kDouble,
                                                       replay::Keeping{.capacity = capacity});
  world.walk(60, 8);
  return world;
}

/// Images of noise under a window; `dataset` must outlive it.
inline World image_world(const data::Dataset& dataset) {
  auto images = std::make_shared<env::Images>(dataset, dataset.train, data::first_rows(dataset.train.rows()),
                                              at::kDouble, at::kCPU);
  World world("windowed", std::make_unique<env::Windowed>(images), {{dataset.outputs, env::moves}},
              {"conv 2 5 stride 3", "tanh", "flatten", "linear 6", "tanh", "linear out"});
  world.walk(60, 1000);
  return world;
}

/// The same batch again and again.
class Given final : public Source {
 public:
  explicit Given(Batch batch) : batch_(std::move(batch)) {}
  bool next(Batch& batch) override {
    batch = batch_;
    return true;
  }
  void save(tensor::State&) const override {}
  void load(const tensor::State&) override {}

 private:
  Batch batch_;
};

/// What an update is, kept.
class Kept final : public Watcher {
 public:
  double loss = 0;
  at::Tensor gradient;
  void before(const Update& update) override {
    loss = update.pull.loss;
    gradient = update.gradient.clone();
  }
  void after(const Update&) override {}
};

/// Loss and gradient of theta by a learner's whole path; theta stays where it is. `target`: theta of the
/// target network, where it is another than the online one.
inline Kept learned(World& world, std::unique_ptr<Objective> objective, Batch batch, Follow follow = {},
                    const at::Tensor& target = {}) {
  auto networks = std::make_unique<Networks>(world.network, world.online, follow);
  if (target.defined()) {
    tensor::State state = tensor::saved(*networks);
    state.tensors["target"] = target;
    networks->load(state);
  }
  Learner learner(std::move(networks), std::move(objective), std::make_unique<Given>(std::move(batch)),
                  std::make_unique<Descent>(),
                  make_optimizer({.kind = OptimizerKind::sgd, .rate = 0}, world.online.theta()));
  Kept kept;
  EXPECT_NE(learner.tick(&kept), nullptr);
  return kept;
}

/// A number of the network's theta, by autograd.
inline Kept by_autograd(const World& world, const std::function<at::Tensor(const at::Tensor& theta)>& loss) {
  const at::Tensor leaf = world.online.theta().clone().set_requires_grad(true);
  const at::Tensor value = loss(leaf);
  Kept kept;
  kept.loss = value.item<double>();
  kept.gradient = torch::autograd::grad({value}, {leaf})[0];
  return kept;
}

}  // namespace crosstalk::learn
