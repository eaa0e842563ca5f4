#include "nn/tangents.hpp"

#include "base/error.hpp"
#include "nn/layer.hpp"

namespace crosstalk::nn {
namespace {

[[noreturn]] void refuse(const Layer& layer) {
  throw Error(ErrorKind::config, "the layer \"" + layer.description() +
                                     "\" has no derivatives along directions, which the derivative of "
                                     "interference is made of: leave out rho_prime and what belongs to it");
}

}  // namespace

at::Tensor Layer::tangent(const Moving&) const { refuse(*this); }
at::Tensor Layer::bend(const Moving&) const { refuse(*this); }
at::Tensor Layer::tangent_back(const Moving&, const at::Tensor&, const at::Tensor&) const { refuse(*this); }
void Layer::tangent_traces(const Moving&, const at::Tensor&, const Leave&) const { refuse(*this); }

}  // namespace crosstalk::nn
