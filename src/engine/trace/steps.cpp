#include "trace/steps.hpp"

#include <ATen/ATen.h>

#include <map>

#include "base/error.hpp"
#include "nn/tangents.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

using nn::ConvolutionUse, nn::LinearUse, nn::ScaleUse, nn::Use;

constexpr std::array<std::int64_t, 2> none = {0, 0};

std::size_t weight_of(const Use& use) {
  if (const auto* scale = std::get_if<ScaleUse>(&use)) return scale->gain;
  if (const auto* linear = std::get_if<LinearUse>(&use)) return linear->weight;
  return std::get<ConvolutionUse>(use).weight;
}

/// (N, P, H', W') of inputs (N, C, H, W); `groups` networks side by side.
at::Tensor convolved(const at::Tensor& inputs, const at::Tensor& weight,
                     const std::optional<at::Tensor>& bias, const ConvolutionUse& use, std::int64_t groups) {
  return at::convolution(inputs, weight, bias, use.stride, use.padding, use.dilation, false, none, groups);
}

/// (N, C, H, W): the gradient at `inputs`, of which the shape alone counts.
at::Tensor convolved_back(const at::Tensor& gradients, const at::Tensor& inputs, const at::Tensor& weight,
                          const ConvolutionUse& use, std::int64_t groups) {
  return std::get<0>(at::convolution_backward(gradients, inputs, weight, std::nullopt, use.stride,
                                              use.padding, use.dilation, false, none, groups,
                                              {true, false, false}));
}

class Along final : public nn::Step {
 public:
  Along(const tensor::Layout& layout, at::Tensor vector) : layout_(layout), vector_(std::move(vector)) {}
  std::int64_t directions() const override { return 1; }

  at::Tensor of_values(const Use& use, const at::Tensor& values) const override {
    return of(use, values, /*moves=*/true).unsqueeze(1);
  }
  at::Tensor of_tangents(const Use& use, const at::Tensor& tangents) const override {
    return nn::of_each(of(use, nn::flat(tangents), /*moves=*/false), tangents);
  }
  at::Tensor back(const Use& use, const at::Tensor& values, const at::Tensor& d) const override {
    const at::Tensor weight = view(weight_of(use));
    if (std::holds_alternative<LinearUse>(use)) return at::matmul(d, weight).unsqueeze(1);
    if (const auto* c = std::get_if<ConvolutionUse>(&use))
      return convolved_back(d, values, weight, *c, c->groups).unsqueeze(1);
    return d.mul(weight.flatten()).unsqueeze(1);
  }

 private:
  at::Tensor view(std::size_t segment) const { return layout_.view(vector_, segment); }

  /// `moves`: the biases count too.
  at::Tensor of(const Use& use, const at::Tensor& x, bool moves) const {
    const at::Tensor weight = view(weight_of(use));
    const auto bias = [&](const std::optional<std::size_t>& segment) {
      return moves && segment ? std::optional(view(*segment).flatten()) : std::nullopt;
    };
    if (const auto* linear = std::get_if<LinearUse>(&use)) {
      const auto b = bias(linear->bias);
      return b ? at::addmm(*b, x, weight.t()) : at::mm(x, weight.t());
    }
    if (const auto* c = std::get_if<ConvolutionUse>(&use))
      return convolved(x, weight, bias(c->bias), *c, c->groups);
    const auto shift = bias(std::get<ScaleUse>(use).shift);
    const at::Tensor scaled = x.mul(weight.flatten());
    return shift ? scaled.add(*shift) : scaled;
  }

  const tensor::Layout& layout_;
  at::Tensor vector_;
};

/// Rows of a trace: of each use of parameters its layers.
class Rows : public nn::Step {
 public:
  explicit Rows(const Trace& rows) : rows_(rows) {
    check(rows);
    for (const LayerTrace& layer : rows_.layers) {
      if (const auto* c = std::get_if<ConvolutionUse>(&layer.use); c != nullptr && c->groups != 1)
        throw Error(ErrorKind::config, "layer " + layer.name + " has " + std::to_string(c->groups) +
                                           " groups: gradients of convolutions in groups are no directions");
      if (layer.output_gradients.dim() == 3 && std::holds_alternative<LinearUse>(layer.use))
        throw Error(ErrorKind::config,
                    "layer " + layer.name + " is used along a sequence: its gradients are no directions");
      by_weight_[weight_of(layer.use)].push_back({&layer, {}, {}});
    }
  }

  at::Tensor of_values(const Use& use, const at::Tensor& values) const final {
    return sum(use, [&](Layer& layer) { return of_values(layer, values); });
  }
  at::Tensor of_tangents(const Use& use, const at::Tensor& tangents) const final {
    return sum(use, [&](Layer& layer) { return of_tangents(layer, tangents); });
  }
  at::Tensor back(const Use& use, const at::Tensor& values, const at::Tensor& d) const final {
    return sum(use, [&](Layer& layer) { return back(layer, values, d); });
  }

 protected:
  struct Layer {
    const LayerTrace* trace;
    at::Tensor weights, biases;  // of each row, formed when they are asked for: (K, P, C, kh, kw) and (K, P)
    const at::Tensor& a() const { return trace->inputs; }
    const at::Tensor& d() const { return trace->output_gradients; }
    /// (K, d), of a scale: its gain's gradients, and its shift's.
    at::Tensor gains() const { return a() * shifted(); }
    at::Tensor shifted() const { return d().flatten(1); }
    bool is_linear() const { return std::holds_alternative<LinearUse>(trace->use); }
    bool is_scale() const { return std::holds_alternative<ScaleUse>(trace->use); }
    const ConvolutionUse& convolution() const { return std::get<ConvolutionUse>(trace->use); }
    /// Whether its bias, or shift, is among the parameters.
    bool shifts() const {
      return std::visit(
          [](const auto& use) {
            if constexpr (requires { use.gain; })
              return use.shift.has_value();
            else if constexpr (requires { use.bias; })
              return use.bias.has_value();
            else
              return false;
          },
          trace->use);
    }
  };

  virtual at::Tensor of_values(Layer& layer, const at::Tensor& values) const = 0;
  virtual at::Tensor of_tangents(Layer& layer, const at::Tensor& tangents) const = 0;
  virtual at::Tensor back(Layer& layer, const at::Tensor& values, const at::Tensor& d) const = 0;

  std::int64_t count() const { return rows_.samples; }

  /// (K, P, C, kh, kw), and into layer.biases (K, P).
  const at::Tensor& weights(Layer& layer) const {
    if (layer.weights.defined()) return layer.weights;
    const OwnLayout own(layer.trace->use, rows_.layout);
    LayerTrace moved = *layer.trace;
    moved.use = own.use;
    const at::Tensor all = at::zeros({count(), own.layout.size()}, layer.a().options());
    rule(moved.use).add_per_sample(moved, own.layout, all);
    std::vector<std::int64_t> shape = own.layout.segments()[0].shape;
    shape.insert(shape.begin(), count());
    layer.weights = segment_of(all, own.layout, 0).reshape(shape).contiguous();
    if (layer.shifts()) layer.biases = segment_of(all, own.layout, 1).contiguous();
    return layer.weights;
  }
  std::optional<at::Tensor> bias(Layer& layer) const {
    return layer.shifts() ? std::optional(layer.biases.flatten()) : std::nullopt;
  }

 private:
  template <class Of>
  at::Tensor sum(const Use& use, Of of) const {
    at::Tensor all;
    for (Layer& layer : by_weight_.at(weight_of(use))) all = nn::sum_of(all, of(layer));
    return all;
  }

  Trace rows_;
  mutable std::map<std::size_t, std::vector<Layer>> by_weight_;
};

class Each final : public Rows {
 public:
  using Rows::Rows;
  std::int64_t directions() const override { return count(); }

 private:
  at::Tensor of_values(Layer& layer, const at::Tensor& x) const override {
    if (layer.is_linear()) {
      const at::Tensor dots = at::mm(x, layer.a().t());  // (N, K)
      return (layer.shifts() ? dots.add(1) : dots).unsqueeze(2) * layer.d();
    }
    if (layer.is_scale()) {
      const at::Tensor scaled = x.unsqueeze(1) * layer.gains();
      return layer.shifts() ? scaled.add_(layer.shifted()) : scaled;
    }
    const at::Tensor weight = weights(layer).flatten(0, 1);  // (K P, C, kh, kw)
    return convolved(x, weight, bias(layer), layer.convolution(), 1).unflatten(1, {count(), -1});
  }
  at::Tensor of_tangents(Layer& layer, const at::Tensor& t) const override {
    if (layer.is_linear()) return (t * layer.a()).sum(-1, /*keepdim=*/true) * layer.d();
    if (layer.is_scale()) return t * layer.gains();
    const at::Tensor weight = weights(layer).flatten(0, 1);
    return convolved(t.flatten(1, 2), weight, std::nullopt, layer.convolution(), count())
        .unflatten(1, {count(), -1});
  }
  at::Tensor back(Layer& layer, const at::Tensor& values, const at::Tensor& d) const override {
    if (layer.is_linear()) return at::mm(d, layer.d().t()).unsqueeze(2) * layer.a();
    if (layer.is_scale()) return d.unsqueeze(1) * layer.gains();
    // The K rows' input channels side by side: one convolution that all of them take their gradients from.
    const at::Tensor weight = weights(layer).transpose(0, 1).flatten(1, 2).contiguous();  // (P, K C, kh, kw)
    const at::Tensor like = values.narrow(1, 0, 1).expand({-1, count() * values.size(1), -1, -1});
    return convolved_back(d, like, weight, layer.convolution(), 1).unflatten(1, {count(), -1});
  }
};

class Own final : public Rows {
 public:
  using Rows::Rows;
  std::int64_t directions() const override { return 1; }

 private:
  at::Tensor of_values(Layer& layer, const at::Tensor& x) const override {
    return of(layer, x, /*moves=*/true).unsqueeze(1);
  }
  at::Tensor of_tangents(Layer& layer, const at::Tensor& t) const override {
    return of(layer, t.squeeze(1), /*moves=*/false).unsqueeze(1);
  }
  at::Tensor of(Layer& layer, const at::Tensor& x, bool moves) const {
    const bool shifts = moves && layer.shifts();
    if (layer.is_linear()) {
      const at::Tensor dots = (x * layer.a()).sum(-1, /*keepdim=*/true);
      return (shifts ? dots.add_(1) : dots) * layer.d();
    }
    if (layer.is_scale()) {
      const at::Tensor scaled = x * layer.gains();
      return shifts ? scaled.add_(layer.shifted()) : scaled;
    }
    const at::Tensor weight = weights(layer).flatten(0, 1);
    return convolved(x.flatten(0, 1).unsqueeze(0), weight, shifts ? bias(layer) : std::nullopt,
                     layer.convolution(), count())
        .squeeze(0)
        .unflatten(0, {count(), -1});
  }
  at::Tensor back(Layer& layer, const at::Tensor& values, const at::Tensor& d) const override {
    if (layer.is_linear()) return ((d * layer.d()).sum(-1, /*keepdim=*/true) * layer.a()).unsqueeze(1);
    if (layer.is_scale()) return (d * layer.gains()).unsqueeze(1);
    const at::Tensor weight = weights(layer).flatten(0, 1);  // (N P, C, kh, kw)
    return convolved_back(d.flatten(0, 1).unsqueeze(0), values.flatten(0, 1).unsqueeze(0), weight,
                          layer.convolution(), count())
        .squeeze(0)
        .unflatten(0, {count(), 1, -1});
  }
};

}  // namespace

std::unique_ptr<nn::Step> along(const tensor::Layout& layout, const at::Tensor& vector) {
  if (vector.dim() != 1 || vector.size(0) != layout.size())
    throw Error(ErrorKind::config, "the direction has shape " + c10::str(vector.sizes()) +
                                       " where theta has " + std::to_string(layout.size()) + " numbers");
  return std::make_unique<Along>(layout, vector);
}

std::unique_ptr<nn::Step> along_each(const Trace& rows) { return std::make_unique<Each>(rows); }
std::unique_ptr<nn::Step> along_own(const Trace& rows) { return std::make_unique<Own>(rows); }

}  // namespace crosstalk::trace
