#include <ATen/ATen.h>

#include "measure/registry.hpp"
#include "measure/spectrum.hpp"

/// How many things the last hidden layer tells of a set's n samples, from the singular values s of its
/// matrix Phi (n, d) (singular_values.cpp), in three ways:
///     rank            #{ k : s_k / sqrt(n) > 0.01 }                       Lyle et al. 2022
///
///     rank.srank      min { k : sum_{i <= k} s_i >= 0.99 sum_i s_i }      Kumar et al. 2021
///
///     rank.effective  exp( - sum_k p_k ln p_k ),  p_k = s_k / sum_i s_i   Roy and Vetterli 2007
/// None is above min(n, d): compare sets of one size. The first falls also when all activations shrink; the
/// other two know directions alone. rank.effective is no whole number: 3 where three directions are alike and
/// the others not there. If all activations are 0, all three are 0. There is no row of a numerical rank,
/// which counts every s_k above rounding: the array singular_values tells it. Costs nothing beside the
/// singular values.
namespace crosstalk::measure {
namespace {

constexpr double least = 0.01, share = 0.99;

class Rank final : public Measure {
 public:
  std::string_view name() const override { return "rank"; }
  void declare(Needs& needs) const override { needs.activations(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    each_spectrum(evidence, [&](const Set& set, const at::Tensor& values) {
      const double root = std::sqrt(static_cast<double>(set.rows.size()));
      readings.add("rank", set.name, (values / root > least).sum().item<double>());
      readings.add("rank.srank", set.name, srank(values));
      readings.add("rank.effective", set.name, effective_rank(values));
    });
  }

 private:
  static double srank(const at::Tensor& values) {
    const at::Tensor sums = values.cumsum(0);
    const at::Tensor& all = sums[-1];
    return all.item<double>() == 0 ? 0 : 1 + (sums < share * all).sum().item<double>();
  }
};

}  // namespace

std::unique_ptr<Measure> rank() { return std::make_unique<Rank>(); }

}  // namespace crosstalk::measure
