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

/// Below this a deviation's square is no normal number any more.
constexpr double least_deviation = 1e-150;

/// Column j is shifted alone where it does not vary: the mean of equal numbers may be rounded, and to divide
/// by what is left then would make ones of it.
void shift_alone_where_equal(Affine& affine, const at::Tensor& low, const at::Tensor& high) {
  const std::vector<double> lowest = numbers(low), highest = numbers(high);
  for (std::size_t j = 0; j < lowest.size(); ++j) {
    if (lowest[j] == highest[j]) affine.shift[j] = lowest[j], affine.scale[j] = 1;
  }
  never_zero(affine.scale);
}

/// The deviation of numbers too small to be squared: that of their multiples, divided again.
double deviation_of_small(const at::Tensor& from_mean) {
  const at::Tensor largest = from_mean.abs().max();
  return (from_mean / largest).square().mean().sqrt().mul(largest).item<double>();
}

Affine per_feature(const at::Tensor& table) {
  const at::Tensor exact = table.to(at::kDouble);
  Affine affine{numbers(exact.mean(0)), numbers(exact.std(0, /*unbiased=*/false))};
  for (std::size_t j = 0; j < affine.scale.size(); ++j) {
    if (affine.scale[j] < least_deviation)
      affine.scale[j] = deviation_of_small(exact.select(1, static_cast<std::int64_t>(j)) - affine.shift[j]);
  }
  shift_alone_where_equal(affine, exact.amin(0), exact.amax(0));
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
  if (!images.is_floating_point()) {  // bytes: their sums are exact
    never_zero(affine.scale);
    return affine;
  }
  for (std::size_t c = 0; c < affine.scale.size(); ++c) {
    if (affine.scale[c] < least_deviation)
      affine.scale[c] = deviation_of_small(images.select(1, static_cast<std::int64_t>(c)).to(at::kDouble) -
                                           affine.shift[c]);
  }
  shift_alone_where_equal(affine, images.amin({0, 2, 3}), images.amax({0, 2, 3}));
  return affine;
}

}  // namespace

Scaling scaling(const Dataset& dataset, std::string_view normalise) {
  if (normalise != "none" && normalise != "global" && normalise != "per-feature") {
    throw Error(ErrorKind::config,
                "task.normalise \"" + std::string(normalise) +
                    "\" is no way to normalise: it is \"none\", \"global\" or \"per-feature\"");
  }
  const bool classes = dataset.has_classes;
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
