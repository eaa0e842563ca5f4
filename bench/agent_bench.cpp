// What an agent's training costs beside the bare passes through its network, and what measuring adds. One
// thread; prints one JSON object.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <chrono>
#include <iostream>

#include "base/gram_memory.hpp"
#include "base/measures.hpp"
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
  return {"", "noise", /*has_classes=*/true, half, half, {3, 32, 32}, 10, 255, {}};
}

/// Those of an agent of the windowed task, as a study has them where it names none.
std::vector<std::string> windowed_measures() {
  std::vector<std::string> names;
  for (const MeasureEntry& measure : measure_table)
    if (measure.kinds.empty() || measure.kinds.find("windowed") != std::string_view::npos)
      names.emplace_back(measure.name);
  return names;
}

/// Double DQN as the paper has it, past its exploration, so that every step passes through the network.
Json configuration(std::int64_t hidden, std::int64_t depth, std::int64_t batch) {
  return {{"task.kind", "windowed"},
          {"task.dataset", "noise"},
          {"task.examples", "all"},
          {"task.subset", "first"},
          {"task.observation", "paper"},
          {"task.timeout", "terminal"},
          {"network.hidden", hidden},
          {"network.depth", depth},
          {"network.head", 4},
          {"network.layers", Json::array()},
          {"network.initialisation", "glorot"},
          {"learner.algorithm", "double-dqn"},
          {"learner.loss", "smooth-l1"},
          {"learner.steps", 200000},
          {"learner.batch", batch},
          {"learner.optimizer", "adam"},
          {"learner.rate", 2.5e-4},
          {"learner.momentum", 0.0},
          {"learner.weight-decay", 0.0},
          {"learner.beta1", 0.9},
          {"learner.beta2", 0.999},
          {"learner.alpha", 0.99},
          {"learner.epsilon", 1e-8},
          {"learner.clip", 0.0},
          {"learner.start", 200},
          {"learner.update-every", 2},
          {"learner.replay", 100000},
          {"learner.gamma", 0.9},
          {"learner.target", "double"},
          {"learner.target-every", "tau"},
          {"learner.tau", 0.1},
          {"learner.explore-from", 0.0},
          {"learner.explore-to", 0.0},
          {"learner.explore-steps", 1},
          {"probe.every", 10000},
          {"probe.samples", 128},
          {"probe.episodes", 128},
          {"probe.function", "max"},
          {"probe.measures", windowed_measures()},
          {"runtime.precision", "single"},
          {"runtime.device", "cpu"},
          {"runtime.memory", 1024}};
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
    trace::gradient_into(network_, parameters_, learning_, gradients_, gradient_);
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
  const Settings settings(configuration(hidden, depth, batch));
  const std::unique_ptr<run::Task> task = run::make_task(settings, 0, &dataset);
  learn::Learner& learner = task->learner();
  const auto update = [&] {  // and the steps before it
    while (true)
      if (const learn::Update* made = learner.tick()) return made;
  };
  const learn::Update* newest = update();
  const learn::Networks& networks = task->networks();
  Bare bare(networks.network(), networks.of(learn::Net::online), batch);
  std::vector<double> ours, theirs, plays, probes;
  for (int round = -2; round < rounds; ++round) {  // two to warm up
    const double begin = seconds();
    newest = update();
    const double middle = seconds();
    bare.pass();
    if (round >= 0) ours.push_back(middle - begin), theirs.push_back(seconds() - middle);
  }
  measure::Probe probe(measure::measures(settings.texts("probe.measures")), *task, Function::max,
                       settings.count("runtime.memory") * mebibyte);
  measure::Needs scores;
  scores.number("reward");
  for (int round = -1; round < 5; ++round) {
    const double begin = seconds();
    task->prepare(round);
    task->numbers(scores);
    const double middle = seconds();
    probe.measure(round, /*last=*/false);  // plays its episodes again
    probe.after(*newest);
    if (round >= 0) plays.push_back(middle - begin), probes.push_back(seconds() - middle - (middle - begin));
  }
  const double cycle = median(ours);
  const double between =
      cycle * static_cast<double>(settings.count("probe.every") / settings.count("learner.update-every"));
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
  Json all = configuration(16, 1, 32);
  all["learner.start"] = 100000;  // acting alone: random steps fill the replay
  all["learner.explore-from"] = all["learner.explore-to"] = 1.0;
  run::Run run(Settings(all), 0, &dataset);
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
