#include <ATen/ATen.h>

#include "measure/pair_rows.hpp"
#include "measure/registry.hpp"

/// Whose parameters make interference evolve: the share of each layer l in the means of rho_prime and its
/// terms over the pairs, the aims moving as the run's own do,
///     - (grad_l J_B . (H_A grad J_B)_l + grad_l J_A . (H_B grad J_B)_l)
/// Their sum over layers is the whole, rho_prime.own. The array rho_prime.layers (4, L) has rho', r1, r2 and
/// r3, as rho_prime.own has them, its axis "layer" the layers (and, of a layer with several uses of
/// parameters, each). Pairs as rho_prime has them. Costs two passes forward and back for each pair beside
/// rho_prime, where that needs less than one.
namespace crosstalk::measure {
namespace {

class RhoPrimeLayers final : public Measure {
 public:
  std::string_view name() const override { return "rho_prime.layers"; }
  void declare(Needs& needs) const override { needs.evolution_by_layers(); }
  void change(const Evidence& evidence, Readings& readings) const override {
    if (!evidence.evolution) return;
    const LayerTerms& layers = *evidence.evolution->layers;
    const at::Tensor all =
        at::stack({-(layers.r1 + layers.r2 + layers.r3), layers.r1, layers.r2, layers.r3}).contiguous();
    const auto* value = all.const_data_ptr<double>();
    readings.add_array(std::string(name()), of_pairs, all.sizes().vec(), {value, value + all.numel()},
                       {{"0", {{"name", "term"}, {"labels", {"rho_prime.own", "r1.own", "r2.own", "r3"}}}},
                        {"1", {{"name", "layer"}, {"labels", layers.layers}}}});
  }
};

}  // namespace

std::unique_ptr<Measure> rho_prime_layers() { return std::make_unique<RhoPrimeLayers>(); }

}  // namespace crosstalk::measure
