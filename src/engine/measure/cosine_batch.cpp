#include <ATen/ATen.h>

#include <cmath>

#include "measure/registry.hpp"

/// How far each sample pulls where all of them pull together: the cosine of its loss gradient with the full
/// batch's,
///     c_u = g_u . G / (|g_u| |G|),   G = sum over all rows that are learned from of w_v g_v
/// g the gradient of the loss that is learned by, its target held (that of residual alive); w 1, or, where
/// transitions are learned in expectation, their probabilities. 1: a step of the whole lowers u's loss as
/// much as a step of its length can; below 0: it raises it; n gradients of one length, orthogonal to each
/// other, have 1 / sqrt(n) each. An agent's replay changes: there G is of the first set of samples (train, or
/// seen), and each of these samples is part of it. Over samples: the mean, quantiles and shares of each sign.
/// A gradient of 0 has no cosine (nor has a step without an aim): NaN in the array cosine.batch, and counted
/// in cosine.batch.left_out. Costs a forward and a backward pass over all training rows, 128 at a time, and
/// one over the samples.
namespace crosstalk::measure {
namespace {

class CosineBatch final : public Measure {
 public:
  std::string_view name() const override { return "cosine.batch"; }
  void declare(Needs& needs) const override { needs.to_batch(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      if (viewed.to_batch.numel() == 0) continue;
      const auto* first = viewed.to_batch.const_data_ptr<double>();
      std::vector<double> all(first, first + viewed.to_batch.numel());
      Summary cosines(std::ssize(all));
      for (const double cosine : all)
        if (!std::isnan(cosine)) cosines.add(cosine);
      readings.add(name(), viewed.set.name, cosines);
      readings.add("cosine.batch.left_out", viewed.set.name,
                   static_cast<double>(std::ssize(all) - cosines.count()));
      readings.add_array("cosine.batch", viewed.set.name, {viewed.to_batch.numel()}, std::move(all),
                         {{"0", {{"name", "sample"}, {"labels", viewed.set.rows.ids}}}});
    }
  }
};

}  // namespace

std::unique_ptr<Measure> cosine_batch() { return std::make_unique<CosineBatch>(); }

}  // namespace crosstalk::measure
