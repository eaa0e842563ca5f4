#include "learn/acting.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace crosstalk::learn {
namespace {

std::int64_t draw_softmax(std::span<const double> outputs, double u) {
  const double top = *std::max_element(outputs.begin(), outputs.end());
  double sum = 0;
  for (const double output : outputs) sum += std::exp(output - top);
  double left = u * sum;
  for (std::size_t k = 0; k + 1 < outputs.size(); ++k) {
    left -= std::exp(outputs[k] - top);
    if (left < 0) return static_cast<std::int64_t>(k);
  }
  return static_cast<std::int64_t>(outputs.size()) - 1;
}

}  // namespace

env::Action greedy(std::span<const double> outputs, const Heads& heads) {
  const auto best = [](std::span<const double> head) {
    return static_cast<std::int64_t>(std::max_element(head.begin(), head.end()) - head.begin());
  };
  const auto classes = static_cast<std::size_t>(heads[0]);
  return {best(outputs.first(classes)), best(outputs.subspan(classes))};
}

env::Action sampled(std::span<const double> outputs, const Heads& heads, tensor::Stream& stream) {
  const auto classes = static_cast<std::size_t>(heads[0]);
  const std::int64_t guess = draw_softmax(outputs.first(classes), stream.uniform());
  return {guess, draw_softmax(outputs.subspan(classes), stream.uniform())};
}

std::span<const double> Actor::look(const env::Images& images, std::span<const env::View> views) {
  images.draw(views, observations_);
  network_.forward(parameters_, observations_, tape_);
  outputs_ = tape_.output().to(at::kCPU, at::kDouble).contiguous();
  return {outputs_.const_data_ptr<double>(), static_cast<std::size_t>(outputs_.numel())};
}

std::vector<Episode> play(Actor& actor, const env::Images& images, std::int64_t count, bool truncates,
                          const std::function<env::Action(std::span<const double>)>& choose) {
  std::vector<Episode> episodes(static_cast<std::size_t>(count));
  std::vector<env::Windowed> tasks(episodes.size(), env::Windowed(images.labels()));
  std::vector<std::size_t> going(episodes.size());
  std::iota(going.begin(), going.end(), 0);
  for (const std::size_t i : going) tasks[i].reset(static_cast<std::int32_t>(i));
  std::vector<env::View> views;
  while (!going.empty()) {
    views.clear();
    for (const std::size_t i : going) views.push_back(tasks[i].view());
    const std::span<const double> outputs = actor.look(images, views);
    const std::size_t width = outputs.size() / views.size();
    std::vector<std::size_t> left;
    for (std::size_t at = 0; at < going.size(); ++at) {
      const std::size_t i = going[at];
      Episode& episode = episodes[i];
      const env::Action action = choose(outputs.subspan(at * width, width));
      const env::Outcome outcome = tasks[i].step(action);
      episode.first_right |= outcome.right && episode.steps.empty();
      episode.steps.push_back(
          replay::transition(views[at], action, outcome, tasks[i].view(), outcome.terminal(truncates)));
      episode.reward += outcome.reward;
      episode.right = outcome.right;
      if (!outcome.ended()) left.push_back(i);
    }
    going = std::move(left);
  }
  return episodes;
}

}  // namespace crosstalk::learn
