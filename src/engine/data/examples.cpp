#include "data/examples.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "base/error.hpp"

namespace crosstalk::data {
namespace {

void fit(at::Tensor& slot, std::int64_t count, at::IntArrayRef shape, const at::TensorOptions& options) {
  if (slot.defined() && slot.size(0) == count && slot.sizes().slice(1) == shape &&
      slot.scalar_type() == options.dtype() && slot.device() == options.device()) {
    return;
  }
  std::vector<std::int64_t> sizes = {count};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  slot = at::empty(sizes, options);
}

template <typename Function>
void with_type(at::ScalarType type, Function function) {
  if (type == at::kFloat) {
    function(float{});
  } else {
    function(double{});
  }
}

[[noreturn]] void refuse_number(const Dataset& dataset, const std::string& what, std::int64_t row) {
  throw Error(ErrorKind::data,
              dataset.file.string() + " (" + dataset.name + ") holds " + what + " of row " +
                  std::to_string(row) +
                  ": only finite numbers can be learned from. Mend the source and run again.");
}

/// "1e+300 (scaled: inf)", or "nan" where nothing is there to be scaled.
std::string spelled(double value, double scaled) {
  char text[80];
  if (std::isfinite(value))
    std::snprintf(text, sizeof text, "%g (scaled: %g)", value, scaled);
  else
    std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// Rows `rows` of table (N, width), each number scaled, in double and then rounded.
at::Tensor converted(const at::Tensor& table, const std::vector<std::int64_t>& rows, const Affine& affine,
                     at::ScalarType type, const Dataset& dataset, const char* what) {
  const at::Tensor source = table.contiguous();
  const std::int64_t width = source.size(1);
  at::Tensor result = at::empty({static_cast<std::int64_t>(rows.size()), width}, type);
  const auto convert = [&]<typename From, typename To>(const From* from, To* to) {
    for (const std::int64_t row : rows) {
      for (std::int64_t j = 0; j < width; ++j) {
        const double value = from[row * width + j];
        const To scaled = static_cast<To>((value - affine.shift[j]) / affine.scale[j]);
        if (!std::isfinite(scaled))
          refuse_number(dataset, spelled(value, scaled) + " as " + what + " " + std::to_string(j), row);
        *to++ = scaled;
      }
    }
  };
  with_type(type, [&]<typename To>(To) {
    with_type(source.scalar_type(), [&]<typename From>(From) {
      convert(source.const_data_ptr<From>(), result.mutable_data_ptr<To>());
    });
  });
  return result;
}

/// Images of real numbers, scaled channel by channel as tables are, a block of them at a time.
at::Tensor scaled_images(const at::Tensor& images, const std::vector<std::int64_t>& rows,
                         const Affine& affine, at::ScalarType type, const Dataset& dataset) {
  constexpr std::int64_t at_once = 256;
  const auto by_channel = [](const std::vector<double>& each) {
    return at::tensor(each, at::kDouble).view({1, -1, 1, 1});
  };
  const at::Tensor shift = by_channel(affine.shift), scale = by_channel(affine.scale),
                   index = at::tensor(rows, at::kLong);
  std::vector<std::int64_t> sizes = images.sizes().vec();
  sizes[0] = index.size(0);
  at::Tensor result = at::empty(sizes, type);
  for (std::int64_t first = 0; first < sizes[0]; first += at_once) {
    const std::int64_t count = std::min(at_once, sizes[0] - first);
    at::Tensor block = result.narrow(0, first, count);
    block.copy_(
        images.index_select(0, index.narrow(0, first, count)).to(at::kDouble).sub_(shift).div_(scale));
    if (at::isfinite(block).all().item<bool>()) continue;
    std::int64_t wrong = 0;
    while (at::isfinite(block[wrong]).all().item<bool>()) ++wrong;
    refuse_number(dataset, "a number that is not finite once scaled in the image",
                  rows[static_cast<std::size_t>(first + wrong)]);
  }
  return result;
}

/// Rows `which` of `from` (N, ...) into a slot that is reused.
void gather(const at::Tensor& from, std::span<const Id> which, at::Tensor& slot) {
  if (!from.is_cpu()) {
    const at::Tensor index = at::tensor(at::ArrayRef<std::int64_t>(which.data(), which.size()), at::kLong);
    slot = from.index_select(0, index.to(from.device()));
    return;
  }
  fit(slot, static_cast<std::int64_t>(which.size()), from.sizes().slice(1), from.options());
  const std::size_t bytes = from.nbytes() / static_cast<std::size_t>(from.size(0));
  const char* source = static_cast<const char*>(from.const_data_ptr());
  char* sink = static_cast<char*>(slot.mutable_data_ptr());
  for (const Id row : which) {
    std::memcpy(sink, source + static_cast<std::size_t>(row) * bytes, bytes);
    sink += bytes;
  }
}

}  // namespace

std::vector<std::int64_t> class_labels(const Dataset& dataset, const Half& half,
                                       const std::vector<std::int64_t>& rows) {
  std::vector<std::int64_t> labels;
  const std::int64_t* from = half.y.const_data_ptr<std::int64_t>();
  for (const std::int64_t row : rows) {
    if (from[row] < 0 || from[row] >= dataset.outputs) {
      throw Error(ErrorKind::data, dataset.file.string() + " (" + dataset.name + ") gives row " +
                                       std::to_string(row) + " the class " + std::to_string(from[row]) +
                                       " where there are " + std::to_string(dataset.outputs) +
                                       ". Remove the file; the next run converts the data again.");
    }
    labels.push_back(from[row]);
  }
  return labels;
}

void check_images(const Dataset& dataset, const Half& half, const std::vector<std::int64_t>& rows) {
  if (!half.x.is_floating_point()) return;  // bytes
  for (const std::int64_t row : rows) {
    if (!at::isfinite(half.x.select(0, row)).all().item<bool>())
      refuse_number(dataset, "a number that is not finite in the image", row);
  }
}

Examples::Examples(const Dataset& dataset, const Half& half, std::vector<std::int64_t> rows,
                   const Scaling& scaling, at::ScalarType type, at::Device device)
    : rows_(std::move(rows)),
      shape_(dataset.input_shape),
      image_scaling_(scaling.inputs),
      type_(type),
      device_(device) {
  const bool images = dataset.is_images();
  if (images && half.x.scalar_type() == at::kByte && device.is_cpu()) {
    pixels_ = half.x;
  } else if (images && half.x.is_floating_point()) {
    check_images(dataset, half, rows_);
    inputs_ = scaled_images(half.x, rows_, scaling.inputs, type, dataset).to(device);
  } else if (images) {
    const at::Tensor index = at::tensor(rows_, at::kLong);
    const auto by_channel = [&](const std::vector<double>& each) {
      return at::tensor(each, at::kDouble).to(type).to(device).view({1, -1, 1, 1});
    };
    inputs_ = half.x.index_select(0, index)
                  .to(device)
                  .to(type)
                  .sub_(by_channel(scaling.inputs.shift))
                  .div_(by_channel(scaling.inputs.scale));
  } else {
    inputs_ = converted(half.x, rows_, scaling.inputs, type, dataset, "input").to(device);
  }
  targets_ = (dataset.has_classes ? at::tensor(class_labels(dataset, half, rows_), at::kLong)
                                  : converted(half.y, rows_, scaling.targets, type, dataset, "target"))
                 .to(device);
}

void Examples::convert_images(std::span<const std::int64_t> which, at::Tensor& inputs) const {
  const std::int64_t channels = pixels_.size(1), size = pixels_.size(2) * pixels_.size(3);
  const std::uint8_t* from = pixels_.const_data_ptr<std::uint8_t>();
  with_type(type_, [&]<typename T>(T) {
    T* to = inputs.mutable_data_ptr<T>();
    for (const std::int64_t example : which) {
      const std::uint8_t* image = from + rows_[example] * channels * size;
      for (std::int64_t c = 0; c < channels; ++c, image += size, to += size) {
        const T shift = static_cast<T>(image_scaling_.shift[c]),
                scale = static_cast<T>(image_scaling_.scale[c]);
        for (std::int64_t i = 0; i < size; ++i) to[i] = (static_cast<T>(image[i]) - shift) / scale;
      }
    }
  });
}

at::Tensor Examples::inputs(std::int64_t first, std::int64_t count, at::Tensor& block) const {
  if (inputs_.defined()) return inputs_.narrow(0, first, count);
  std::vector<std::int64_t> which(static_cast<std::size_t>(count));
  std::iota(which.begin(), which.end(), first);
  fit(block, count, shape_, at::TensorOptions(type_).device(device_));
  convert_images(which, block);
  return block;
}

void Examples::draw(std::span<const Id> rows, At, at::Tensor& slot) const {
  if (inputs_.defined()) return gather(inputs_, rows, slot);
  fit(slot, static_cast<std::int64_t>(rows.size()), shape_, at::TensorOptions(type_));
  convert_images(rows, slot);
}

bool Examples::beside(std::string_view name, std::span<const Id> rows, at::Tensor& slot) const {
  if (name != "label") return false;
  gather(targets_, rows, slot);
  return true;
}

Columns Examples::columns(std::span<const Id> rows) const {
  Columns all = Table::columns(rows);
  at::Tensor& places = all["rows"] = at::empty({static_cast<std::int64_t>(rows.size())}, at::kLong);
  auto* to = places.mutable_data_ptr<std::int64_t>();
  for (const Id row : rows) *to++ = rows_[static_cast<std::size_t>(row)];
  return all;
}

}  // namespace crosstalk::data
