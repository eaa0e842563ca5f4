#include "learn/draws.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"

namespace crosstalk::learn {

bool Uniform::next(Batch& batch) {
  aimed_.look();
  const auto count = static_cast<std::uint64_t>(aimed_.count());
  if (count == 0) return false;
  batch.rows.table = &steps_;
  batch.rows.ids.resize(size_);
  for (data::Id& row : batch.rows.ids) row = aimed_.row(static_cast<std::int64_t>(stream_.below(count)));
  return true;
}

void Uniform::load(const tensor::State& state) {
  stream_.seek(state.position("batches"));
  aimed_.look_again();
}

/// What has come has no chance before it has an aim; whoever had its place is gone.
void Prioritised::look() {
  aimed_.look();
  for (noted_ = std::max(noted_, steps_.first()); noted_ < steps_.end(); ++noted_)
    tree_.set(place(noted_), 0);
  for (ranked_ = std::max(ranked_, steps_.first()); ranked_ < aimed_.decided(); ++ranked_)
    if (aimed_.has(ranked_)) tree_.set(place(ranked_), largest_);
}

/// The newest row of this place.
data::Id Prioritised::row_at(std::int64_t place) const {
  const data::Id last = noted_ - 1;
  return last - (this->place(last) - place + settings_.capacity) % settings_.capacity;
}

bool Prioritised::next(Batch& batch) {
  look();
  if (aimed_.count() == 0) return false;
  const double done = std::min(1.0, static_cast<double>(steps_.end()) / static_cast<double>(settings_.steps));
  const double beta = std::lerp(settings_.weight, 1.0, done);
  const double mean = tree_.total() / static_cast<double>(aimed_.count());  // N P(i) = p^alpha / mean
  std::vector<double> weights;
  batch.rows.table = &steps_;
  batch.rows.ids.clear();
  for (std::int64_t i = 0; i < settings_.batch; ++i) {
    const std::int64_t place = tree_.find(stream_.uniform() * tree_.total());
    batch.rows.ids.push_back(row_at(place));
    weights.push_back(std::pow(static_cast<double>(tree_[place]) / mean, -beta));
  }
  const double largest = *std::max_element(weights.begin(), weights.end());
  for (double& weight : weights) weight /= largest * static_cast<double>(settings_.batch);
  batch.weights = at::tensor(weights, at::kDouble).to(settings_.like);
  return true;
}

void Prioritised::learned(const Update& update) {
  const learn::Pull& pull = update.pull;
  const at::Tensor errors =
      (pull.errors.defined() ? pull.errors.abs().sum(1) : pull.losses).to(at::kCPU, at::kDouble).contiguous();
  const double* error = errors.const_data_ptr<double>();
  for (const data::Id row : update.batch.rows.ids) {
    const auto number = static_cast<float>(std::pow(*error++ + 1e-6, settings_.exponent));
    if (!std::isfinite(number)) continue;  // the run ends of it
    tree_.set(place(row), number);
    largest_ = std::max(largest_, number);
  }
}

void Prioritised::save(tensor::State& state) const {
  state.positions["batches"] = stream_.position();
  state.positions["noted"] = static_cast<std::uint64_t>(noted_);
  state.positions["ranked"] = static_cast<std::uint64_t>(ranked_);
  at::Tensor numbers = at::empty({tree_.places()}, at::kFloat);
  auto* to = numbers.mutable_data_ptr<float>();
  for (std::int64_t place = 0; place < tree_.places(); ++place) *to++ = tree_[place];
  state.tensors["priorities"] = numbers;
  state.tensors["largest"] = at::full({1}, largest_, at::kFloat);
}

void Prioritised::load(const tensor::State& state) {
  stream_.seek(state.position("batches"));
  noted_ = state.count("noted"), ranked_ = state.count("ranked");
  const at::Tensor numbers = state.tensor("priorities").contiguous(), largest = state.tensor("largest");
  if (numbers.scalar_type() != at::kFloat || numbers.dim() != 1 || noted_ > steps_.end() ||
      ranked_ > noted_ || numbers.numel() != std::min(noted_, settings_.capacity) ||
      largest.scalar_type() != at::kFloat || largest.numel() != 1)
    throw Error(ErrorKind::data, "the checkpoint's priorities are not those of its steps");
  tree_.assign({numbers.const_data_ptr<float>(), static_cast<std::size_t>(numbers.numel())});
  largest_ = largest.item<float>();
  aimed_.look_again();
  check();
}

/// A row has a number where it has an aim, and no other place has one that could be drawn.
void Prioritised::check() const {
  bool right = largest_ > 0 && std::isfinite(largest_);
  for (std::int64_t place = 0; place < tree_.places(); ++place) {
    const float number = tree_[place];
    const data::Id row = row_at(place);
    const bool drawn = row >= steps_.first() && row < ranked_;
    right = right && std::isfinite(number) && number >= 0 && (!drawn || (number > 0) == aimed_.has(row)) &&
            (row < steps_.first() || drawn || number == 0);
  }
  if (!right) throw Error(ErrorKind::data, "the checkpoint's priorities are of other steps than it holds");
}

}  // namespace crosstalk::learn
