#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "data/dataset.hpp"
#include "env/environment.hpp"
#include "env/view.hpp"

namespace crosstalk::env {

/// The images of one split as the windowed task shows them: pixels stay in the mapped file, shared by all
/// workers, and are divided as they are drawn. A record is a View.
class Images final : public Drawing {
 public:
  /// `rows` count through the half. Error(config) where the data set's images are not 3 x 32 x 32 or it has
  /// more than 256 classes, Error(data) where a class is not there or a number is not finite.
  Images(const data::Dataset& dataset, const data::Half& half, std::vector<std::int64_t> rows,
         at::ScalarType type, at::Device device);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t classes() const { return classes_; }
  const std::vector<std::int64_t>& labels() const { return labels_; }

  /// Observations (N, 4, 32, 32) of these views into `slot`, which is reused: channel 0 is 1 inside the
  /// window and 0 outside, channels 1 to 3 hold the pixels where the window is or was and 0 elsewhere. The
  /// window at a centre (u, v) is [u - 4, u + 4) x [v - 4, v + 4), clipped to the image.
  void draw(std::span<const View> views, at::Tensor& slot) const;

  std::size_t bytes() const override { return sizeof(View); }
  void draw(std::span<const std::byte* const> records, at::Tensor& slot) const override;
  std::optional<std::int64_t> label(const std::byte* record) const override;
  void check(const std::byte* record) const override;

 private:
  at::Tensor pixels_;  // (rows of the half, 3, 32, 32), uint8 or float
  std::vector<std::int64_t> rows_, labels_;
  std::int64_t classes_;
  double divide_;
  at::ScalarType type_;
  at::Device device_;
};

}  // namespace crosstalk::env
