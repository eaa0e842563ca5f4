#include "learn/play.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace crosstalk::learn {
namespace {

/// One of the episodes that go on side by side.
struct Table {
  std::unique_ptr<env::Environment> environment;
  replay::Trajectories steps;
  Played played;
};

/// The observations of those that go on, drawn at once: outputs (N, p) in double, on the CPU.
at::Tensor look_at_all(const std::vector<Table>& tables, const std::vector<std::size_t>& going,
                       const env::Drawing& drawing, Passes& passes) {
  std::vector<const std::byte*> records;
  for (const std::size_t i : going) tables[i].steps.now(records);
  drawing.draw(records, passes.inputs());
  return passes.output(Net::online, passes.inputs()).to(at::kCPU, at::kDouble).contiguous();
}

}  // namespace

void Played::add(const env::Outcome& outcome) {
  reward += outcome.reward;
  if (outcome.score) score = score.value_or(0) + *outcome.score;
  terminated = outcome.terminated;
  ++steps;
}

std::vector<Played> play(const std::function<std::unique_ptr<env::Environment>()>& environment,
                         std::span<const std::uint64_t> levels, const Policy& policy, Passes& passes,
                         tensor::Stream& stream, replay::Trajectories& steps) {
  std::vector<Table> tables;
  for (const std::uint64_t level : levels) {
    auto made = environment();
    replay::Trajectories own = steps.another();
    made->reset(level);
    own.begin(*made);
    tables.push_back({std::move(made), std::move(own), {}});
  }
  std::vector<std::size_t> going(tables.size());
  std::iota(going.begin(), going.end(), 0);
  while (!going.empty()) {
    const std::shared_ptr<const env::Drawing> drawing = tables.front().environment->drawing();
    const at::Tensor outputs = look_at_all(tables, going, *drawing, passes);
    const auto width = static_cast<std::size_t>(outputs.size(1));
    const std::span<const double> all{outputs.const_data_ptr<double>(), going.size() * width};
    std::vector<std::size_t> left;
    for (std::size_t at = 0; at < going.size(); ++at) {
      Table& table = tables[going[at]];
      std::vector<std::int64_t> action(table.environment->spaces().choices.size());
      policy.act([&] { return all.subspan(at * width, width); }, stream, table.played.steps, action);
      const env::Outcome outcome = table.environment->step(action);
      table.steps.add(action, outcome, *table.environment);
      table.played.add(outcome);
      if (!outcome.ended()) left.push_back(going[at]);
    }
    going = std::move(left);
  }
  std::vector<Played> played;
  for (const Table& table : tables) {
    steps.append(table.steps);
    played.push_back(table.played);
  }
  return played;
}

std::vector<Played> play_in_turn(env::Environment& environment, std::span<const std::uint64_t> levels,
                                 const Policy& policy, Passes& passes, tensor::Stream& stream) {
  std::vector<Played> played;
  std::vector<std::int64_t> action(environment.spaces().choices.size());
  at::Tensor outputs;
  for (const std::uint64_t level : levels) {
    Played& episode = played.emplace_back();
    replay::Trajectories own(environment.drawing(), environment.spaces().choices, at::kDouble,
                             {.capacity = 1});
    environment.reset(level);
    own.begin(environment);
    const Look look = [&]() -> std::span<const double> {
      own.now(passes.inputs());
      outputs = passes.output(Net::online, passes.inputs()).to(at::kCPU, at::kDouble).contiguous();
      return {outputs.const_data_ptr<double>(), static_cast<std::size_t>(outputs.numel())};
    };
    for (env::Outcome outcome; !outcome.ended();) {
      policy.act(look, stream, episode.steps, action);
      outcome = environment.step(action);
      own.add(action, outcome, environment);
      episode.add(outcome);
    }
  }
  return played;
}

}  // namespace crosstalk::learn
