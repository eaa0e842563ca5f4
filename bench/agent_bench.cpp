// What an agent's training costs beside the bare passes through its network, and what measuring adds. One
// thread; prints one JSON object.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <iostream>

#include "data/dataset.hpp"
#include "measure/probe.hpp"
#include "measure/registry.hpp"
#include "run/checkpoint.hpp"
#include "run/run.hpp"
#include "trace/gradient.hpp"

namespace crosstalk::bench {
namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// Images of noise: what an update costs does not depend on them.
data::Dataset noise(std::int64_t rows) {
  const data::Half half{at::randint(0, 256, {rows, 3, 32, 32}, at::kByte),
                        at::randint(0, 10, {rows}, at::kLong)};
  return {"", "noise", data::Kind::classify, half, half, {3, 32, 32}, 10, 255, {}};
}

/// Double DQN as the paper has it, past its exploration, so that every step passes through the network.
run::Configuration configuration(std::int64_t hidden, std::int64_t depth, std::int64_t batch) {
  run::Configuration all{};
  all.task = {.kind = "windowed",
              .dataset = "noise",
              .subset = "first",
              .normalise = "none",
              .observation = "paper",
              .timeout = "terminal",
              .examples = std::nullopt};
  all.network = {.hidden = hidden, .depth = depth, .head = 4, .layers = {}, .initialisation = "glorot"};
  all.learner = {.algorithm = "double-dqn",
                 .loss = "smooth-l1",
                 .reduction = "mean",
                 .targets = "separate",
                 .updates = 1,
                 .steps = 200000,
                 .batch = batch,
                 .optimizer = {.kind = learn::OptimizerKind::adam,
                               .rate = 2.5e-4,
                               .momentum = 0,
                               .weight_decay = 0,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .alpha = 0.99,
                               .epsilon = 1e-8},
                 .agent = {.start = 200,
                           .update_every = 2,
                           .replay = 100000,
                           .explore_steps = 1,
                           .collect = 0,
                           .gamma = 0.9,
                           .tau = 0.1,
                           .explore_from = 0,
                           .explore_to = 0,
                           .entropy = 0,
                           .target = "double",
                           .return_kind = "to-go"}};
  all.probe = {.every = 10000, .samples = 128, .episodes = 128, .function = "max", .measures = {}};
  all.runtime = {.threads = 1, .precision = "single", .device = "cpu"};
  return all;
}

/// The passes of one update and the two steps before it, on inputs that lie ready: two observations acted on,
/// s' by both networks, s forward and backward.
class Bare {
 public:
  Bare(const nn::Network& network, const nn::Parameters& parameters, std::int64_t batch)
      : network_(network),
        parameters_(parameters),
        one_(at::rand({1, 4, 32, 32})),
        batch_(at::rand({batch, 4, 32, 32})),
        cotangent_(at::rand({batch, network.outputs()})),
        gradient_(at::zeros_like(parameters.theta())) {}
  void pass() {
    for (int i = 0; i < 2; ++i) network_.forward(parameters_, one_, acting_);
    for (nn::Tape* tape : {&target_, &online_, &learning_}) network_.forward(parameters_, batch_, *tape);
    network_.backward(parameters_, learning_, cotangent_, gradients_);
    trace::gradient_into(network_, learning_, gradients_, gradient_);
  }

 private:
  const nn::Network& network_;
  const nn::Parameters& parameters_;
  at::Tensor one_, batch_, cotangent_, gradient_;
  nn::Tape acting_, target_, online_, learning_;
  nn::Gradients gradients_;
};

Json measure(std::int64_t hidden, std::int64_t depth, std::int64_t batch, int rounds) {
  const data::Dataset dataset = noise(200);
  const run::Configuration all = configuration(hidden, depth, batch);
  const std::unique_ptr<run::Task> task = run::make_task(all, 0, dataset);
  learn::Learner& learner = task->learner();
  while (!learner.advance()) {
  }
  Bare bare(task->network(), task->parameters(), batch);
  std::vector<double> ours, theirs, plays, probes;
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    const double begin = seconds();
    while (!learner.advance()) {
    }
    const double middle = seconds();
    bare.pass();
    if (round >= 0) ours.push_back(middle - begin), theirs.push_back(seconds() - middle);
  }
  measure::Probe probe(measure::measures({}), *task, measure::Prediction::max);
  measure::Needs scores;
  scores.errors();
  for (int round = -1; round < 5; ++round) {
    const double begin = seconds();
    task->prepare(round);
    for (const measure::Split split : {measure::Split::train, measure::Split::test})
      task->errors(split, scores);
    const double middle = seconds();
    const measure::Evidence evidence = probe.gather(round);  // plays its episodes again
    probe.rows(evidence, round);
    probe.change_rows();
    if (round >= 0) plays.push_back(middle - begin), probes.push_back(seconds() - middle - (middle - begin));
  }
  const double cycle = median(ours);
  const double between = cycle * static_cast<double>(all.probe.every / all.learner.agent.update_every);
  return {{"hidden", hidden},
          {"depth", depth},
          {"batch", batch},
          {"update_seconds", cycle},
          {"bare_seconds", median(theirs)},
          {"episodes_seconds", median(plays)},
          {"probe_seconds", median(probes)},
          {"probe_share", median(probes) / between},
          {"episodes_share", median(plays) / between}};
}

/// Size of a checkpoint with a full replay, and the time to write it to the disk.
Json checkpoint() {
  const data::Dataset dataset = noise(200);
  run::Configuration all = configuration(16, 1, 32);
  all.learner.agent.start = 100000;  // acting alone: random steps fill the replay
  all.learner.agent.explore_from = all.learner.agent.explore_to = 1;
  run::Run run(all, 0, dataset);
  while (run.step() < 100000) run.advance();
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / "crosstalk-bench-checkpoint.safetensors";
  run::Checkpoint checkpoint(path, 0, {"bench", "bench"});
  const double begin = seconds();
  checkpoint.save(run);
  const double took = seconds() - begin;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  return {{"bytes", bytes}, {"seconds", took}, {"transitions", 100000}};
}

}  // namespace
}  // namespace crosstalk::bench

int main(int count, char** arguments) {
  using namespace crosstalk;
  at::set_num_threads(1);
  at::manual_seed(1);
  const int rounds = count > 1 ? std::max(5, std::atoi(arguments[1])) : 25;
  const Json report = {{"networks", {bench::measure(8, 0, 128, rounds), bench::measure(16, 1, 128, rounds)}},
                       {"checkpoint", bench::checkpoint()}};
  std::cout << report.dump(2) << "\n";
  return 0;
}
