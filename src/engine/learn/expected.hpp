#pragma once

#include <functional>
#include <memory>

#include "learn/source.hpp"

namespace crosstalk::learn {

/// The same batch at every update: all transitions of an exact environment, each with the weight that it has
/// in the expected update. Nothing is drawn.
class Expected final : public Source {
 public:
  /// weights (N), of the table's rows in their order.
  Expected(const data::Table& table, at::Tensor weights);
  bool next(Batch& batch) override;
  void save(tensor::State&) const override {}
  void load(const tensor::State&) override {}

 private:
  data::Rows rows_;
  at::Tensor weights_;
};

/// Batches of another source whose rows weigh by an importance ratio pi(a|s) / b(a|s), beside the mean over
/// the batch: the steps are taken by another policy b than the one pi whose values are learned.
class Reweighed final : public Source {
 public:
  using Ratio = std::function<double(data::Id row)>;
  Reweighed(std::unique_ptr<Source> source, Ratio ratio, at::TensorOptions like)
      : source_(std::move(source)), ratio_(std::move(ratio)), like_(like) {}
  bool next(Batch& batch) override;
  bool settled() const override { return source_->settled(); }
  void learned(const Update& update) override { source_->learned(update); }
  void save(tensor::State& state) const override { source_->save(state); }
  void load(const tensor::State& state) override { source_->load(state); }

 private:
  std::unique_ptr<Source> source_;
  Ratio ratio_;
  at::TensorOptions like_;
};

}  // namespace crosstalk::learn
