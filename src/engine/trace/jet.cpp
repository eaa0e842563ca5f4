#include "trace/jet.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "nn/tangents.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"

namespace crosstalk::trace {
namespace {

using nn::Moving, nn::Step;

/// Calls visit(layer's number, layer, what moves there) on the way forward; visit gives what the output moves
/// by, which is what the next layer's input moves by.
template <class Visit>
at::Tensor forward(const Passage& at, const Step& v, Visit visit) {
  at::Tensor tangent;
  const auto layers = at.network.layers();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const nn::Views views = at.parameters.of(i);
    const bool has_parameters = layers[i]->parameter_count() > 0;
    tangent = visit(
        i, *layers[i],
        Moving{views, at.tape.values[i], at.tape.values[i + 1], tangent, has_parameters ? &v : nullptr});
  }
  return tangent;
}

/// What the outputs move by, (N, K, p); `tangents`, if given, is what each layer's input moves by.
at::Tensor outputs_move(const Passage& at, const Step& v, std::vector<at::Tensor>* tangents = nullptr) {
  return forward(at, v,
                 [&](std::size_t i, const nn::Layer& layer, const Moving& moving) {
                   if (tangents != nullptr) (*tangents)[i] = moving.tangent;
                   return layer.tangent(moving);
                 })
      .flatten(2);
}

/// Calls visit(layer, what moves there, what the gradient at its output moves by) on the way back.
template <class Visit>
void back(const Passage& at, const Step& v, const std::vector<at::Tensor>& tangents, at::Tensor change,
          Visit visit) {
  const auto layers = at.network.layers();
  for (std::size_t i = layers.size(); i-- > 0;) {
    if (!at.gradients[i].defined()) return;  // below the first layer with parameters
    const nn::Views views = at.parameters.of(i);
    const Moving moving{views, at.tape.values[i], at.tape.values[i + 1], tangents[i],
                        layers[i]->parameter_count() > 0 ? &v : nullptr};
    visit(i, *layers[i], moving, change);
    if (i > 0 && at.gradients[i - 1].defined())
      change = layers[i]->tangent_back(moving, at.gradients[i], change);
  }
}

/// (N, K, output_shape) of what the gradient at the outputs moves by (N, K, p).
at::Tensor shaped(const Passage& at, const at::Tensor& moves) {
  return moves.defined() ? moves.unflatten(2, at.output().sizes().slice(1)) : moves;
}

/// Without the bias, or the shift.
nn::Use bare(nn::Use use) {
  std::visit(
      [](auto& kind) {
        if constexpr (requires { kind.gain; })
          kind.shift.reset();
        else if constexpr (requires { kind.bias; })
          kind.bias.reset();
      },
      use);
  return use;
}

Trace bare(Trace trace) {
  for (LayerTrace& layer : trace.layers) layer.use = bare(layer.use);
  return trace;
}

/// (N, K): of each direction the dot with the sample's own d (N, ...).
at::Tensor dots(const at::Tensor& each, const at::Tensor& d) {
  const std::int64_t n = each.size(0), k = each.size(1);
  return at::bmm(each.reshape({n, k, -1}), d.reshape({n, -1, 1})).squeeze(2);
}

}  // namespace

Passage::Passage(const nn::Network& network, const nn::Parameters& parameters, const at::Tensor& x)
    : network(network), parameters(parameters) {
  network.refuse_without_jets();
  network.forward(parameters, x, tape);
}

nn::Gradients Passage::gradients_of(const at::Tensor& cotangent) const {
  nn::Gradients own;
  network.backward_apart(parameters, tape, cotangent.reshape(output().sizes()), own);
  return own;
}

Passage Passage::of(std::int64_t first, std::int64_t count) const {
  Passage part(network, parameters);
  for (const at::Tensor& value : tape.values) part.tape.values.push_back(value.narrow(0, first, count));
  for (const at::Tensor& gradient : gradients)
    part.gradients.push_back(gradient.defined() ? gradient.narrow(0, first, count) : gradient);
  return part;
}

Jet jet(const Passage& at, const Step& v, const Step* w) {
  at::Tensor second;
  const at::Tensor first = forward(at, v, [&](std::size_t, const nn::Layer& layer, const Moving& moving) {
    const Moving carried{moving.parameters, moving.input, moving.output, second,
                         moving.step != nullptr ? w : nullptr};
    second = nn::sum_of(layer.tangent(carried), layer.bend(moving));
    return layer.tangent(moving);
  });
  return {first.flatten(2), second.defined() ? second.flatten(2) : at::zeros_like(first).flatten(2)};
}

namespace {

constexpr std::int64_t pairs_at_once = 1024;

Curvature curvature_of_block(const Passage& at, const Step& v) {
  at::Tensor second;
  const at::Tensor first = forward(at, v, [&](std::size_t i, const nn::Layer& layer, const Moving& moving) {
    if (const at::Tensor bend = layer.bend(moving); bend.defined())
      second = nn::sum_of(second, dots(bend, at.gradients[i]));
    return layer.tangent(moving);
  });
  return {first.flatten(2),
          second.defined() ? second : at::zeros({first.size(0), first.size(1)}, first.options())};
}

}  // namespace

Curvature curvature(const Passage& at, const Step& v) {
  const std::int64_t all = at.output().size(0);
  const std::int64_t at_once = std::max<std::int64_t>(1, pairs_at_once / v.directions());
  std::vector<at::Tensor> first, second;
  for (std::int64_t sample = 0; sample < all; sample += at_once) {
    Curvature block = curvature_of_block(at.of(sample, std::min(at_once, all - sample)), v);
    first.push_back(std::move(block.first)), second.push_back(std::move(block.second));
  }
  return {at::cat(first), at::cat(second)};
}

Tangent tangent(const Passage& at, const Step& v, const at::Tensor& moves) {
  const Trace plain = at.trace();
  std::vector<at::Tensor> tangents(at.network.layers().size());
  Tangent result{outputs_move(at, v, &tangents).squeeze(1), bare(plain), plain};
  // Layers come backwards, and their uses forwards.
  auto inputs = result.inputs.layers.end(), gradients = result.gradients.layers.end();
  back(at, v, tangents, shaped(at, moves.defined() ? moves.unsqueeze(1) : moves),
       [&](std::size_t, const nn::Layer& layer, const Moving& moving, const at::Tensor& change) {
         const auto uses = static_cast<std::ptrdiff_t>(layer.uses().size());
         inputs -= uses, gradients -= uses;
         layer.tangent_traces(moving, change,
                              [&, i = std::ptrdiff_t{0}](const nn::Use&, const at::Tensor& of_inputs,
                                                         const at::Tensor& of_gradients) mutable {
                                LayerTrace &by_inputs = inputs[i], &by_gradients = gradients[i];
                                by_inputs.inputs = of_inputs.defined() ? of_inputs.squeeze(1)
                                                                       : at::zeros_like(by_inputs.inputs);
                                by_gradients.output_gradients =
                                    of_gradients.defined() ? of_gradients.squeeze(1)
                                                           : at::zeros_like(by_gradients.output_gradients);
                                ++i;
                              });
       });
  return result;
}

at::Tensor cross_gram(const Tangent& rows, const Trace& columns) {
  return cross_gram(rows.inputs, bare(columns)) + cross_gram(rows.gradients, columns);
}

at::Tensor directional(const Tangent& rows, const at::Tensor& u) {
  return directional(rows.inputs, u) + directional(rows.gradients, u);
}

at::Tensor gradient(const Tangent& rows) { return gradient(rows.inputs) + gradient(rows.gradients); }

Shares shares(const Passage& at, const Step& v, const at::Tensor& moves) {
  std::vector<at::Tensor> tangents(at.network.layers().size());
  outputs_move(at, v, &tangents);
  const Trace plain = at.trace();
  std::vector<at::Tensor> first(plain.layers.size()), second(plain.layers.size());
  std::size_t end = plain.layers.size();
  back(at, v, tangents, shaped(at, moves),
       [&](std::size_t, const nn::Layer& layer, const Moving& moving, const at::Tensor& change) {
         std::size_t place = end - layer.uses().size();
         end = place;
         layer.tangent_traces(
             moving, change,
             [&](const nn::Use& use, const at::Tensor& of_inputs, const at::Tensor& of_gradients) {
               const LayerTrace& own = plain.layers[place];
               const at::Tensor values = v.of_values(use, own.inputs);  // (N, K, out), V x + b
               const at::Tensor d = own.output_gradients.reshape({own.output_gradients.size(0), -1});
               first[place] = dots(values, d);
               at::Tensor sum = at::zeros_like(first[place]);
               if (of_inputs.defined()) sum.add_(dots(v.of_tangents(use, of_inputs), d));
               if (of_gradients.defined()) sum.add_((of_gradients.flatten(2) * values.flatten(2)).sum(-1));
               second[place] = sum;
               ++place;
             });
       });
  std::vector<std::string> layers;
  for (const LayerTrace& layer : plain.layers) layers.push_back(layer.name);
  return {std::move(layers), at::stack(first), at::stack(second)};
}

}  // namespace crosstalk::trace
