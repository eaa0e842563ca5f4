#pragma once

#include "nn/network.hpp"

namespace crosstalk::trace::reference {

/// The slow twins of trace/jet.hpp, by central differences of passes in double precision, one direction at a
/// time: tests compare, and no product calls them. `theta`, `v`, `w` (P) double; `e` is the step.

/// f' and f'' (N, p) of f(theta + e v + e^2 w / 2).
struct Jet {
  at::Tensor first, second;
};
Jet jet(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x, const at::Tensor& v,
        const at::Tensor& w, double e);

/// (P): H v, H that of the sum over samples of c . f, for cotangents c (N, p).
at::Tensor hessian_product(const nn::Network& network, const at::Tensor& theta, const at::Tensor& x,
                           const at::Tensor& cotangent, const at::Tensor& v, double e);

}  // namespace crosstalk::trace::reference
