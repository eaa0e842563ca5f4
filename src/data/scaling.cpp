#include "data/scaling.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <string>

#include "base/error.hpp"

namespace crosstalk::data {
namespace {

std::vector<double> numbers(const at::Tensor& tensor) {
  const at::Tensor exact = tensor.to(at::kDouble).contiguous();
  return {exact.const_data_ptr<double>(), exact.const_data_ptr<double>() + exact.numel()};
}

Affine plain(std::int64_t width, double divide) {
  const auto count = static_cast<std::size_t>(width);
  return {std::vector<double>(count, 0), std::vector<double>(count, divide)};
}

void never_zero(std::vector<double>& scale) {
  for (double& value : scale) value = value > 0 ? value : 1;
}

Affine global(const at::Tensor& table) {
  const double low = table.min().item<double>(), high = table.max().item<double>();
  const auto count = static_cast<std::size_t>(table.size(1));
  Affine affine{std::vector<double>(count, low), std::vector<double>(count, high - low)};
  never_zero(affine.scale);
  return affine;
}

Affine per_feature(const at::Tensor& table) {
  const at::Tensor exact = table.to(at::kDouble);
  Affine affine{numbers(exact.mean(0)), numbers(exact.std(0, /*unbiased=*/false))};
  never_zero(affine.scale);
  return affine;
}

// Images may be a mapped file of gigabytes: in double they pass by a block at a time, once for the mean and
// once for the deviation from it.
Affine per_channel(const at::Tensor& images) {
  constexpr std::int64_t at_once = 256;
  const double each = static_cast<double>(images.numel() / images.size(1));
  const auto over_all = [&](auto&& of_block) {
    at::Tensor sum = at::zeros({images.size(1)}, at::kDouble);
    for (std::int64_t first = 0; first < images.size(0); first += at_once) {
      const std::int64_t count = std::min(at_once, images.size(0) - first);
      sum.add_(of_block(images.narrow(0, first, count).to(at::kDouble)).sum({0, 2, 3}));
    }
    return sum.div_(each);
  };
  const at::Tensor mean = over_all([](const at::Tensor& block) { return block; });
  const at::Tensor variance =
      over_all([&](const at::Tensor& block) { return (block - mean.view({1, -1, 1, 1})).square_(); });
  Affine affine{numbers(mean), numbers(variance.sqrt())};
  never_zero(affine.scale);
  return affine;
}

}  // namespace

Scaling scaling(const Dataset& dataset, std::string_view normalise) {
  if (normalise != "none" && normalise != "global" && normalise != "per-feature") {
    throw Error(ErrorKind::config,
                "task.normalise \"" + std::string(normalise) +
                    "\" is no way to normalise: it is \"none\", \"global\" or \"per-feature\"");
  }
  const bool classes = dataset.kind == Kind::classify;
  const auto targets = [&](Affine (*how)(const at::Tensor&)) {
    return classes ? Affine{} : how(dataset.train.y);
  };
  const bool images = dataset.is_images();
  if (images && normalise == "global") {
    throw Error(ErrorKind::config, "task.normalise is \"global\" where " + dataset.name +
                                       " holds images: give \"none\" (divided by " +
                                       std::to_string(std::lround(dataset.divide)) +
                                       ") or \"per-feature\" (each channel's mean and deviation)");
  }
  if (normalise == "global") return {global(dataset.train.x), targets(global)};
  if (normalise == "per-feature")
    return {(images ? per_channel : per_feature)(dataset.train.x), targets(per_feature)};
  return {plain(dataset.input_shape[0], dataset.divide), classes ? Affine{} : plain(dataset.outputs, 1)};
}

}  // namespace crosstalk::data
