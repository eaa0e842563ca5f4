#pragma once

#include "nn/step.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// Derivatives of a network's outputs and gradients where theta moves along K directions: forward, without
/// autograd, layer by layer (nn/layer.hpp). N samples, p outputs.

/// A forward pass over samples, and the gradients at the outputs of all layers for one scalar each, c . f:
/// what derivatives are taken at. It owns its tensors.
struct Passage {
  Passage(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x);
  /// `cotangent` c (N, p).
  void back(const at::Tensor& cotangent) { gradients = gradients_of(cotangent); }
  const at::Tensor& output() const { return tape.output(); }
  Trace trace() const { return make_trace(network, parameters, tape, gradients); }
  /// That of another scalar.
  Trace trace_of(const at::Tensor& cotangent) const {
    return make_trace(network, parameters, tape, gradients_of(cotangent));
  }

  const nn::Network& network;
  const nn::Parameters& parameters;
  nn::Tape tape;
  nn::Gradients gradients;

  /// Of samples [first, first + count) alone, in the same memory.
  Passage of(std::int64_t first, std::int64_t count) const;

 private:
  Passage(const nn::Network& network, const nn::Parameters& parameters)
      : network(network), parameters(parameters) {}
  nn::Gradients gradients_of(const at::Tensor& cotangent) const;
};

/// The Taylor coefficients of f(theta + e v + e^2 w / 2) at e = 0, (N, K, p): its first and second derivative
/// by e. With a cotangent c, the second one's dot is c . f'' = v' H v + grad(c . f) . w, H the Hessian of
/// c . f: the third term of the interference's derivative (Bengio, Pineau and Precup 2020, eq. 14 to 17)
/// where v is the gradient at another sample and w = H_B v.
struct Jet {
  at::Tensor first, second;
};
Jet jet(const Passage& at, const nn::Step& v, const nn::Step* w = nullptr);

/// f' (N, K, p) and, along v alone, c . f'' (N, K). The second derivative is not carried on: what each layer
/// adds to it meets the gradient at that layer's output, so that this costs three quarters of a jet. It goes
/// over the samples in blocks: 1,024 pairs of a sample and a direction are held at once, a third of a
/// gigabyte of the Atari network's.
struct Curvature {
  at::Tensor first, second;
};
Curvature curvature(const Passage& at, const nn::Step& v);

/// What the trace of c . f moves by along one direction of each sample (K = 1): of a gradient d a' it is
/// d a'' + d' a', two traces whose dots with another trace, summed, are those of H v with its rows. So a
/// Hessian-vector product meets many gradients without a number of theta's size.
struct Tangent {
  at::Tensor first;         // (N, p) f'
  Trace inputs, gradients;  // (a', d), without biases, and (a, d')
};
/// `moves`: what c moves by, (N, p); undefined: c is held, and H is that of c . f. Where c is the gradient of
/// a loss and moves with f, it is the loss's own.
Tangent tangent(const Passage& at, const nn::Step& v, const at::Tensor& moves = {});
/// (N, M): (H_n v_n) . g_m, g_m the rows of a trace of the same network.
at::Tensor cross_gram(const Tangent& rows, const Trace& columns);
/// (N): (H_n v_n) . u, u (P).
at::Tensor directional(const Tangent& rows, const at::Tensor& u);
/// The Hessian-vector product (P) of the sum of the samples' scalars.
at::Tensor gradient(const Tangent& rows);

/// Of each use of parameters l its share of v' H v, v_l' (H v)_l, and of g . v, as (L, N, K): summed over l
/// they are curvature()'s second, and c . f'. Here H is that of c . f, or the loss's where c moves by `moves`
/// (N, K, p). Costs a pass forward and a pass back for each direction.
struct Shares {
  std::vector<std::string> layers;
  at::Tensor first, second;
};
Shares shares(const Passage& at, const nn::Step& v, const at::Tensor& moves = {});

}  // namespace crosstalk::trace
