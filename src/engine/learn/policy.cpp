#include "learn/policy.hpp"

#include <algorithm>
#include <cmath>

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

/// Of the distribution whose logits these are.
double mean_of(std::span<const double> logits, const Atoms& atoms) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0, weighed = 0;
  for (std::size_t z = 0; z < logits.size(); ++z) {
    const double weight = std::exp(logits[z] - top);
    sum += weight;
    weighed += weight * atoms.number(static_cast<std::int64_t>(z));
  }
  return weighed / sum;
}

/// Calls visit(h, outputs of head h).
template <class Visit>
void each_head(std::span<const double> outputs, const Heads& heads, Visit visit) {
  std::size_t first = 0;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const auto size = static_cast<std::size_t>(heads[h]);
    visit(h, outputs.subspan(first, size));
    first += size;
  }
}

}  // namespace

void Greedy::act(const Look& look, tensor::Stream&, std::int64_t, std::span<std::int64_t> action) const {
  each_head(look(), heads_, [&](std::size_t h, std::span<const double> outputs) {
    action[h] = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
  });
}

void Softmax::act(const Look& look, tensor::Stream& stream, std::int64_t,
                  std::span<std::int64_t> action) const {
  each_head(look(), heads_, [&](std::size_t h, std::span<const double> outputs) {
    action[h] = draw_softmax(outputs, stream.uniform());
  });
}

double Exploration::at(std::int64_t step) const {
  const std::int64_t fallen = std::max<std::int64_t>(0, step - wait);
  return std::lerp(from, to, std::min(1.0, static_cast<double>(fallen) / static_cast<double>(steps)));
}

void EpsilonGreedy::act(const Look& look, tensor::Stream& stream, std::int64_t step,
                        std::span<std::int64_t> action) const {
  if (stream.uniform() >= exploration_.at(step)) return greedy_.act(look, stream, step, action);
  for (std::size_t h = 0; h < heads_.size(); ++h)
    action[h] = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(heads_[h])));
}

void ByMeans::act(const Look& look, tensor::Stream& stream, std::int64_t step,
                  std::span<std::int64_t> action) const {
  std::vector<double> means;
  const Look by_means = [&]() -> std::span<const double> {
    const std::span<const double> outputs = look();
    const auto atoms = static_cast<std::size_t>(atoms_.count);
    means.clear();
    for (std::size_t first = 0; first < outputs.size(); first += atoms)
      means.push_back(mean_of(outputs.subspan(first, atoms), atoms_));
    return means;
  };
  policy_->act(by_means, stream, step, action);
}

void Fixed::act(const Look&, tensor::Stream& stream, std::int64_t, std::span<std::int64_t> action) const {
  double left = stream.uniform();
  std::size_t k = 0;
  for (; k + 1 < probabilities_.size() && left >= probabilities_[k]; ++k) left -= probabilities_[k];
  action[0] = static_cast<std::int64_t>(k);
}

}  // namespace crosstalk::learn
