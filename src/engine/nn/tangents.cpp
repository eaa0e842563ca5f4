#include "nn/tangents.hpp"

#include "base/error.hpp"
#include "nn/layer.hpp"

namespace crosstalk::nn {

void refuse_jets(const Layer& layer) {
  throw Error(ErrorKind::config, "the layer \"" + layer.description() +
                                     "\" has no derivatives along directions, of which rho_prime and "
                                     "what belongs to it are made: leave these out of probe.measures, or "
                                     "give a network without such a layer");
}

at::Tensor Layer::tangent(const Moving&) const { refuse_jets(*this); }
at::Tensor Layer::bend(const Moving&) const { refuse_jets(*this); }
at::Tensor Layer::tangent_back(const Moving&, const at::Tensor&, const at::Tensor&) const {
  refuse_jets(*this);
}
void Layer::tangent_traces(const Moving&, const at::Tensor&, const Leave&) const { refuse_jets(*this); }

}  // namespace crosstalk::nn
