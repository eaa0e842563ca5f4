#include "data/scaling.hpp"

#include <ATen/ATen.h>

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
  if (dataset.is_images() && normalise != "none") {
    throw Error(ErrorKind::config, "task.normalise is \"" + std::string(normalise) + "\" where " +
                                       dataset.name + " holds images, which are divided by " +
                                       std::to_string(dataset.divide) + " alone: give \"none\"");
  }
  if (normalise == "global") return {global(dataset.train.x), targets(global)};
  if (normalise == "per-feature") return {per_feature(dataset.train.x), targets(per_feature)};
  return {dataset.is_images() ? Affine{} : plain(dataset.input_shape[0], dataset.divide),
          classes ? Affine{} : plain(dataset.outputs, 1)};
}

}  // namespace crosstalk::data
