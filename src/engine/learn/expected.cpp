#include "learn/expected.hpp"

#include <ATen/ATen.h>

#include <numeric>

namespace crosstalk::learn {

Expected::Expected(const data::Table& table, at::Tensor weights) : weights_(std::move(weights)) {
  rows_.table = &table;
  rows_.ids.resize(static_cast<std::size_t>(table.size()));
  std::iota(rows_.ids.begin(), rows_.ids.end(), table.first());
}

bool Expected::next(Batch& batch) {
  batch.rows = rows_;
  batch.weights = weights_;
  return true;
}

bool Reweighed::next(Batch& batch) {
  if (!source_->next(batch)) return false;
  std::vector<double> weights;
  for (const data::Id row : batch.rows.ids)
    weights.push_back(ratio_(row) / static_cast<double>(batch.rows.size()));
  batch.weights = at::tensor(weights, at::kDouble).to(like_);
  return true;
}

}  // namespace crosstalk::learn
