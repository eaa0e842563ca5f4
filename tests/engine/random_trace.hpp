#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "trace/trace.hpp"

/// Traces of random numbers, layer by layer, of shapes that are not round.
namespace crosstalk::trace {

/// Appends a layer with parameters of its own, random inputs and output gradients, in double precision.
struct Shape {
  std::string name;
  std::function<void(Trace&)> append;
};

inline Trace random_trace(std::int64_t samples, const std::vector<Shape>& shapes) {
  Trace trace{samples, {}, {}};
  for (const Shape& shape : shapes) shape.append(trace);
  return trace;
}

inline Shape linear(std::int64_t d, std::int64_t p, std::int64_t positions, bool bias) {
  const std::string name = "linear " + std::to_string(d) + " to " + std::to_string(p) + ", " +
                           std::to_string(positions) + " positions";
  return {name, [=](Trace& trace) {
            nn::LinearUse use{trace.layout.add("weight", {p, d}), std::nullopt};
            if (bias) use.bias = trace.layout.add("bias", {p});
            const auto sized = [&](std::int64_t width) {
              return positions ? at::randn({trace.samples, positions, width}, at::kDouble)
                               : at::randn({trace.samples, width}, at::kDouble);
            };
            const at::Tensor inputs = sized(d);
            trace.layers.push_back({name, use, inputs, sized(p)});
          }};
}

inline Shape scale(std::int64_t d, std::int64_t stretches, bool shift = true) {
  const std::string name = "scale " + std::to_string(d);
  return {name, [=](Trace& trace) {
            nn::ScaleUse use{trace.layout.add("gain", {d}), std::nullopt};
            if (shift) use.shift = trace.layout.add("shift", {d});
            const at::Tensor inputs = at::randn({trace.samples, d * stretches}, at::kDouble);
            trace.layers.push_back({name, use, inputs, at::randn_like(inputs)});
          }};
}

/// Rows of a weight (rows, width) at as many positions, some of the same number.
inline Shape embedding(std::int64_t rows, std::int64_t width, std::int64_t positions) {
  return {
      "embedding", [=](Trace& trace) {
        trace.layout.add("before", {2});
        const nn::EmbeddingUse use{trace.layout.add("weight", {rows, width})};
        trace.layers.push_back({"embedding", use, at::randint(rows, {trace.samples, positions}, at::kLong),
                                at::randn({trace.samples, positions, width}, at::kDouble)});
      }};
}

/// Known gradients of a parameter.
inline Shape given(std::vector<std::int64_t> shape) {
  return {"rows", [=](Trace& trace) {
            trace.layout.add("before", {2});
            const nn::RowsUse use{trace.layout.add("parameter", shape)};
            std::vector<std::int64_t> sizes = shape;
            sizes.insert(sizes.begin(), trace.samples);
            const at::Tensor rows = at::randn(sizes, at::kDouble);
            trace.layers.push_back({"rows", use, rows, rows});
          }};
}

struct Conv {
  std::int64_t channels, height, width, outputs, kernel_h, kernel_w;
  std::array<std::int64_t, 2> stride{1, 1}, padding{0, 0}, dilation{1, 1};
  std::int64_t groups = 1;
  bool bias = true;
};

inline Shape convolution(const std::string& name, Conv c) {
  return {name, [=](Trace& trace) {
            trace.layout.add("before", {3});  // so that offsets are not 0
            nn::ConvolutionUse use{
                trace.layout.add("weight", {c.outputs, c.channels / c.groups, c.kernel_h, c.kernel_w}),
                std::nullopt,
                c.stride,
                c.padding,
                c.dilation,
                c.groups};
            if (c.bias) use.bias = trace.layout.add("bias", {c.outputs});
            const auto out = [&](int axis, std::int64_t in, std::int64_t kernel) {
              return (in + 2 * c.padding[axis] - c.dilation[axis] * (kernel - 1) - 1) / c.stride[axis] + 1;
            };
            const at::Tensor inputs = at::randn({trace.samples, c.channels, c.height, c.width}, at::kDouble);
            trace.layers.push_back({name, use, inputs,
                                    at::randn({trace.samples, c.outputs, out(0, c.height, c.kernel_h),
                                               out(1, c.width, c.kernel_w)},
                                              at::kDouble)});
          }};
}

inline Trace converted(const Trace& trace, at::ScalarType type, at::MemoryFormat format) {
  Trace result = trace;
  for (LayerTrace& layer : result.layers) {
    const auto as = [&](const at::Tensor& x) {
      return x.to(type).contiguous(x.dim() == 4 ? format : at::MemoryFormat::Contiguous);
    };
    if (layer.inputs.is_floating_point()) layer.inputs = as(layer.inputs);
    layer.output_gradients = as(layer.output_gradients);
  }
  return result;
}

inline void expect_close(const at::Tensor& value, const at::Tensor& expected, double tolerance,
                         const std::string& what) {
  ASSERT_EQ(value.sizes(), expected.sizes()) << what;
  if (expected.numel() == 0) return;
  const double largest = expected.abs().max().item<double>();
  EXPECT_LE((value.to(at::kDouble) - expected).abs().max().item<double>(), tolerance * largest) << what;
}

}  // namespace crosstalk::trace
