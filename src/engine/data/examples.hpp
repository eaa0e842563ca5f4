#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "data/dataset.hpp"
#include "data/scaling.hpp"
#include "data/table.hpp"

namespace crosstalk::data {

/// The classes of some rows of a half. Error(data) for a class that is not there.
std::vector<std::int64_t> class_labels(const Dataset& dataset, const Half& half,
                                       const std::vector<std::int64_t>& rows);

/// Error(data) where an image among these rows of a half holds a number that is not finite.
void check_images(const Dataset& dataset, const Half& half, const std::vector<std::int64_t>& rows);

/// Some rows of a data set as a run sees them: in its order, scale, precision and device. Tables are
/// converted once; uint8 images stay in the mapped file, shared by all workers, and are scaled as they are
/// gathered (a batch of 32 CIFAR images: some 20 us beside an update of milliseconds).
class Examples final : public Table {
 public:
  /// `rows` count through the half. Error(data) for a number that is not finite or a class that is not there.
  Examples(const Dataset& dataset, const Half& half, std::vector<std::int64_t> rows, const Scaling& scaling,
           at::ScalarType type, at::Device device);

  Id first() const override { return 0; }
  Id end() const override { return static_cast<Id>(rows_.size()); }
  const std::vector<std::int64_t>& rows() const { return rows_; }  // each one's row in the half
  /// Classes (N) int64, or scaled numbers (N, outputs).
  const at::Tensor& targets() const { return targets_; }

  /// Inputs of [first, first + count): a view, or converted into `block`, a slot that is reused.
  at::Tensor inputs(std::int64_t first, std::int64_t count, at::Tensor& block) const;
  void draw(std::span<const Id> rows, At at, at::Tensor& slot) const override;
  /// "label": classes (N) int64 or numbers (N, outputs).
  bool beside(std::string_view name, std::span<const Id> rows, at::Tensor& slot) const override;
  /// "rows" (N) int64: each one's row in the half of the data file.
  Columns columns(std::span<const Id> rows) const override;

 private:
  void convert_images(std::span<const std::int64_t> which, at::Tensor& inputs) const;

  at::Tensor pixels_;  // mapped images: uint8 (rows of the half, C, H, W); else undefined
  at::Tensor inputs_;  // converted: (N, ...); else undefined
  at::Tensor targets_;
  std::vector<std::int64_t> rows_, shape_;
  Affine image_scaling_;  // of pixels_, a pair a channel
  at::ScalarType type_;
  at::Device device_;
};

}  // namespace crosstalk::data
