#include "trace/jet_reference.hpp"

#include <ATen/ATen.h>

#include "trace/gradient.hpp"

namespace crosstalk::trace::reference {

Jet jet(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x, const at::Tensor& v,
        const at::Tensor& w, double e) {
  const auto at = [&](double step) {
    nn::Tape tape;
    network.forward(nn::Parameters(network, theta + v * step + w * (step * step / 2)), x, tape);
    return tape.output().flatten(1).clone();
  };
  const at::Tensor ahead = at(e), here = at(0), behind = at(-e);
  return {(ahead - behind) / (2 * e), (ahead - here * 2 + behind) / (e * e)};
}

at::Tensor hessian_product(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x,
                           const at::Tensor& cotangent, const at::Tensor& v, double e) {
  const auto at = [&](double step) {
    const nn::Parameters parameters(network, theta + v * step);
    nn::Tape tape;
    nn::Gradients gradients;
    network.forward(parameters, x, tape);
    network.backward(parameters, tape, cotangent.reshape(tape.output().sizes()), gradients);
    return gradient(make_trace(network, parameters, tape, gradients));
  };
  return (at(e) - at(-e)) / (2 * e);
}

}  // namespace crosstalk::trace::reference
