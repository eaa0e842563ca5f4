#include "env/images.hpp"

#include <ATen/ops/empty.h>

#include <bit>
#include <cstring>

#include "base/error.hpp"
#include "data/examples.hpp"

namespace crosstalk::env {
namespace {

constexpr std::int64_t plane = side * side;

struct Extent {
  std::int64_t first, last;  // rows or columns of a window
};
Extent extent(std::size_t index) {
  return {std::max<std::int64_t>(0, centres[index] - window / 2),
          std::min(side, centres[index] + window / 2)};
}

/// Observation (4, 32, 32) of one view of image (3, 32, 32).
template <class T, class Pixel>
void draw_one(const View& view, const Pixel* image, T divide, T* out) {
  std::memset(out, 0, static_cast<std::size_t>(channels * plane) * sizeof(T));
  const Extent rows = extent(view.place.row), columns = extent(view.place.column);
  for (std::int64_t u = rows.first; u < rows.last; ++u) {
    for (std::int64_t v = columns.first; v < columns.last; ++v) out[u * side + v] = 1;
  }
  for (std::uint64_t left = view.seen; left != 0; left &= left - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(left));
    const Extent seen_rows = extent(place / centres.size()), seen_columns = extent(place % centres.size());
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      for (std::int64_t u = seen_rows.first; u < seen_rows.last; ++u) {
        const Pixel* from = image + channel * plane + u * side;
        T* to = out + (channel + 1) * plane + u * side;
        for (std::int64_t v = seen_columns.first; v < seen_columns.last; ++v)
          to[v] = static_cast<T>(from[v]) / divide;
      }
    }
  }
}

}  // namespace

Images::Images(const data::Dataset& dataset, const data::Half& half, std::vector<std::int64_t> rows,
               at::ScalarType type, at::Device device)
    : pixels_(half.x),
      rows_(std::move(rows)),
      classes_(dataset.outputs),
      divide_(dataset.divide),
      type_(type),
      device_(device) {
  if (const std::string why = unfit_for_window(dataset.name, dataset.input_shape, classes_); !why.empty())
    throw Error(ErrorKind::config, why);
  labels_ = data::class_labels(dataset, half, rows_);
  data::check_images(dataset, half, rows_);
}

void Images::draw(std::span<const View> views, at::Tensor& slot) const {
  const auto count = static_cast<std::int64_t>(views.size());
  if (!slot.defined() || slot.size(0) != count)
    slot = at::empty({count, channels, side, side}, at::TensorOptions(type_).device(device_));
  at::Tensor drawn = device_.is_cpu() ? slot : at::empty(slot.sizes(), at::TensorOptions(type_));
  const auto draw_all = [&]<class T, class Pixel>(T divide, const Pixel* from) {
    T* to = drawn.mutable_data_ptr<T>();
    for (std::size_t i = 0; i < views.size(); ++i) {
      const std::int64_t row = rows_[static_cast<std::size_t>(views[i].image)];
      draw_one(views[i], from + row * 3 * plane, divide,
               to + static_cast<std::int64_t>(i) * channels * plane);
    }
  };
  const auto with_pixels = [&]<class T>(T divide) {
    if (pixels_.scalar_type() == at::kByte)
      draw_all(divide, pixels_.const_data_ptr<std::uint8_t>());
    else if (pixels_.scalar_type() == at::kFloat)
      draw_all(divide, pixels_.const_data_ptr<float>());
    else
      draw_all(divide, pixels_.const_data_ptr<double>());
  };
  if (type_ == at::kFloat)
    with_pixels(static_cast<float>(divide_));
  else
    with_pixels(divide_);
  if (!device_.is_cpu()) slot.copy_(drawn);
}

void Images::draw(std::span<const std::byte* const> records, at::Tensor& slot) const {
  std::vector<View> views(records.size());
  for (std::size_t i = 0; i < views.size(); ++i) std::memcpy(&views[i], records[i], sizeof(View));
  draw(views, slot);
}

std::optional<std::int64_t> Images::label(const std::byte* record) const {
  View view;
  std::memcpy(&view, record, sizeof view);
  return labels_[static_cast<std::size_t>(view.image)];
}

void Images::check(const std::byte* record) const {
  View view;
  std::memcpy(&view, record, sizeof view);
  if (view.image < 0 || view.image >= size() || view.place.row >= centres.size() ||
      view.place.column >= centres.size())
    throw Error(ErrorKind::data, "the checkpoint's transitions are of an image or a place that is not there");
}

}  // namespace crosstalk::env
