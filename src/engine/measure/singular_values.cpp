#include <ATen/ATen.h>

#include <numeric>

#include "measure/along.hpp"
#include "measure/registry.hpp"
#include "measure/spectrum.hpp"

/// The singular values s_1 >= s_2 >= ... of the matrix Phi (n, d) of the last hidden layer over a set's n
/// samples: what the output layer reads of each (Bengio, Pineau and Precup 2020, section 5, Fig. D.1).
///     Phi = U diag(s) V'
/// Few large ones: the layer tells few things of its inputs. singular_values.largest is s_1, which grows with
/// the root of n and with the activations; singular_values.share = s_1 / sum_k s_k is neither's: 1 where one
/// direction is all, 1 / min(n, d) where all are alike. The array singular_values has all of them at every
/// measurement; its axis "unit" counts k from 1: the k-th largest, and no unit of the network. Where samples
/// are transitions, singular_values.rows says which. Phi stands after the activation function, and after all
/// else in front of the output layer: layer norm, the noise off; of a convolution each position is a number,
/// and of dueling streams the value's units stand beside the advantages'. A network without a hidden layer
/// has no rows. Costs about 4 n d min(n, d) operations beside the forward pass that measures share.
namespace crosstalk::measure {
namespace {

class SingularValues final : public Measure {
 public:
  std::string_view name() const override { return "singular_values"; }
  void declare(Needs& needs) const override { needs.activations(); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    each_spectrum(evidence, [&](const Set& set, const at::Tensor& values) {
      const double largest = values[0].item<double>(), sum = values.sum().item<double>();
      readings.add("singular_values.largest", set.name, largest);
      if (sum != 0) readings.add("singular_values.share", set.name, largest / sum);
      std::vector<std::int64_t> places(static_cast<std::size_t>(values.numel()));
      std::iota(places.begin(), places.end(), 1);
      const auto* first = values.const_data_ptr<double>();
      readings.add_array("singular_values", set.name, {values.numel()}, {first, first + values.numel()},
                         {{"0", {{"name", "unit"}, {"labels", places}}}});
      if (is_of_steps(set)) add_rows_of(set, "singular_values", readings);
    });
  }
};

}  // namespace

std::unique_ptr<Measure> singular_values() { return std::make_unique<SingularValues>(); }

}  // namespace crosstalk::measure
