#include "nn/dueling.hpp"

#include <ATen/ops/add.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "nn/tangents.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::nn {
namespace {

/// "dueling 256" of a stream that is "linear 256", whatever stands behind; of the last layer "dueling out".
std::string dueling(const Layer& stream, bool is_last) {
  const std::string linear = stream.description();
  const std::size_t units = linear.find(' ') + 1, rest = linear.find(' ', units);
  return "dueling " + (is_last ? "out" : linear.substr(units, rest - units)) +
         (rest == std::string::npos ? "" : linear.substr(rest));
}

}  // namespace

Streams::Streams(const Shape& input, std::unique_ptr<Layer> value, std::unique_ptr<Layer> advantage)
    : has_own_inputs_(input.size() == 2), value_(std::move(value)), advantage_(std::move(advantage)) {}

void Streams::place(const std::string& prefix, tensor::Layout& layout) {
  value_->place(prefix + ".value", layout);
  advantage_->place(prefix + ".advantage", layout);
}

std::vector<Use> Streams::uses() const {
  std::vector<Use> all = value_->uses();
  for (const Use& use : advantage_->uses()) all.push_back(use);
  return all;
}

std::vector<std::int64_t> Streams::noise() const {
  std::vector<std::int64_t> all = value_->noise();
  for (const std::int64_t size : advantage_->noise()) all.push_back(size);
  return all;
}

void Streams::begin(Beginning& beginning) const {
  value_->begin(beginning);
  advantage_->begin(beginning);
}

std::size_t Streams::parameter_count() const {
  return value_->parameter_count() + advantage_->parameter_count();
}

std::int64_t Streams::multiply_adds() const { return value_->multiply_adds() + advantage_->multiply_adds(); }

at::Tensor Streams::input_of(std::int64_t stream, const at::Tensor& input) const {
  return has_own_inputs_ ? input.select(1, stream).contiguous() : input;
}

std::pair<Views, Views> Streams::parted(const Views& all) const {
  const std::size_t own = value_->parameter_count(), noise = all.noise.size() / 2;  // both have the same kind
  return {{all.theta.first(own), all.noise.first(noise)}, {all.theta.subspan(own), all.noise.subspan(noise)}};
}

void Streams::forward(const Views& parameters, const at::Tensor& input, at::Tensor& output, Path path) const {
  const auto [of_value, of_advantage] = parted(parameters);
  at::Tensor value, advantage;
  value_->forward(of_value, input_of(0, input), value, path);
  advantage_->forward(of_advantage, input_of(1, input), advantage, path);
  join(value, advantage, output);
}

void Streams::backward(const Views& parameters, const at::Tensor& input, const at::Tensor& /*output*/,
                       const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const {
  const auto [of_value, of_advantage] = parted(parameters);
  const auto [at_value, at_advantage] = part(output_gradient);
  at::Tensor value, advantage;
  value_->backward(of_value, input_of(0, input), {}, at_value, value, path);
  advantage_->backward(of_advantage, input_of(1, input), {}, at_advantage, advantage, path);
  tensor::fit(input_gradient, input.sizes(), input);
  if (has_own_inputs_) {
    input_gradient.select(1, 0).copy_(value);
    input_gradient.select(1, 1).copy_(advantage);
  } else {
    at::add_out(input_gradient, value, advantage);
  }
}

void Streams::traces(const Views& parameters, const at::Tensor& input, const at::Tensor& output_gradient,
                     const Leave& leave) const {
  const auto [of_value, of_advantage] = parted(parameters);
  const auto [at_value, at_advantage] = part(output_gradient);
  value_->traces(of_value, input_of(0, input), at_value, leave);
  advantage_->traces(of_advantage, input_of(1, input), at_advantage, leave);
}

std::string DuelingHidden::description() const { return dueling(value(), /*is_last=*/false); }

void DuelingHidden::join(const at::Tensor& value, const at::Tensor& advantage, at::Tensor& output) const {
  tensor::fit(output, {value.size(0), 2, value.size(1)}, value);
  output.select(1, 0).copy_(value);
  output.select(1, 1).copy_(advantage);
}

std::pair<at::Tensor, at::Tensor> DuelingHidden::part(const at::Tensor& output_gradient) const {
  return {output_gradient.select(1, 0).contiguous(), output_gradient.select(1, 1).contiguous()};
}

std::string DuelingOut::description() const { return dueling(value(), /*is_last=*/true); }

void DuelingOut::join(const at::Tensor& value, const at::Tensor& advantage, at::Tensor& output) const {
  tensor::fit(output, advantage.sizes(), advantage);
  const at::Tensor each = advantage.view({advantage.size(0), -1, value.size(1)});
  at::Tensor joined = output.view(each.sizes());
  at::sub_out(joined, each, each.mean(1, /*keepdim=*/true));
  joined.add_(value.unsqueeze(1));
}

std::pair<at::Tensor, at::Tensor> DuelingOut::part(const at::Tensor& output_gradient) const {
  const std::int64_t numbers = value().output_shape().front();
  const at::Tensor each = output_gradient.view({output_gradient.size(0), -1, numbers});
  return {each.sum(1), each.sub(each.mean(1, /*keepdim=*/true)).view(output_gradient.sizes())};
}

namespace {

/// (N K, ...) zeros where a stream stays and the other moves.
at::Tensor or_zeros(const at::Tensor& of, const at::Tensor& moves, const Shape& shape) {
  if (of.defined()) return flat(of);
  std::vector<std::int64_t> sizes = {moves.size(0) * moves.size(1)};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return at::zeros(sizes, moves.options());
}

}  // namespace

/// Calls visit(layer, its part of what moves) for the value's stream, then the advantages'.
template <class Visit>
void Streams::each_stream(const Moving& at, Visit visit) const {
  const auto [of_value, of_advantage] = parted(at.parameters);
  for (const std::int64_t stream : {0, 1}) {
    const at::Tensor input = input_of(stream, at.input);
    const at::Tensor tangent =
        at.tangent.defined() && has_own_inputs_ ? at.tangent.select(2, stream) : at.tangent;
    const Moving part{stream == 0 ? of_value : of_advantage, input, at.output, tangent, at.step};
    visit(stream == 0 ? *value_ : *advantage_, part);
  }
}

/// Joining is linear, so that what the streams move by, and how they bend, is joined like their values.
at::Tensor Streams::joined(const std::array<at::Tensor, 2>& streams) const {
  const at::Tensor& moves = streams[0].defined() ? streams[0] : streams[1];
  if (!moves.defined()) return {};
  at::Tensor output;
  join(or_zeros(streams[0], moves, value_->output_shape()),
       or_zeros(streams[1], moves, advantage_->output_shape()), output);
  return of_each(output, moves);
}

at::Tensor Streams::tangent(const Moving& at) const {
  std::array<at::Tensor, 2> streams;
  each_stream(
      at, [&, i = 0](const Layer& layer, const Moving& own) mutable { streams[i++] = layer.tangent(own); });
  return joined(streams);
}

at::Tensor Streams::bend(const Moving& at) const {
  std::array<at::Tensor, 2> streams;
  each_stream(at,
              [&, i = 0](const Layer& layer, const Moving& own) mutable { streams[i++] = layer.bend(own); });
  return joined(streams);
}

/// What belongs to each stream of a gradient's tangent.
std::array<at::Tensor, 2> Streams::parts_of(const at::Tensor& gradient_tangent) const {
  if (!gradient_tangent.defined()) return {};
  const auto [value, advantage] = part(flat(gradient_tangent).contiguous());
  return {of_each(value, gradient_tangent), of_each(advantage, gradient_tangent)};
}

at::Tensor Streams::tangent_back(const Moving& at, const at::Tensor& output_gradient,
                                 const at::Tensor& gradient_tangent) const {
  const auto [at_value, at_advantage] = part(output_gradient);
  const std::array<at::Tensor, 2> tangents = parts_of(gradient_tangent);
  std::array<at::Tensor, 2> back;
  each_stream(at, [&, i = 0](const Layer& layer, const Moving& own) mutable {
    back[i] = layer.tangent_back(own, i == 0 ? at_value : at_advantage, tangents[i]);
    ++i;
  });
  if (!has_own_inputs_) return sum_of(back[0], back[1]);
  const at::Tensor& moves = back[0].defined() ? back[0] : back[1];
  if (!moves.defined()) return {};
  for (at::Tensor& stream : back)
    if (!stream.defined()) stream = at::zeros_like(moves);
  return at::stack(back, 2);
}

void Streams::tangent_traces(const Moving& at, const at::Tensor& gradient_tangent, const Leave& leave) const {
  const std::array<at::Tensor, 2> tangents = parts_of(gradient_tangent);
  each_stream(at, [&, i = 0](const Layer& layer, const Moving& own) mutable {
    layer.tangent_traces(own, tangents[i++], leave);
  });
}

}  // namespace crosstalk::nn
