#include "base/layer_shape.hpp"

#include "base/error.hpp"

namespace crosstalk {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

std::string height_by_width(const std::array<std::int64_t, 2>& pair) {
  const std::string height = std::to_string(pair[0]);
  return pair[0] == pair[1] ? height : height + "x" + std::to_string(pair[1]);
}

Extents after_convolution(const LayerLine& line, const Extents& input) {
  if (input.size() != 3) {
    refuse("a convolution takes images (channels, height, width) but its input is " + spelled(input) +
           ": put it before \"flatten\" and linear layers, or use \"linear\"");
  }
  Extents output{line.units};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t extent = input[i + 1] + 2 * line.padding[i];
    if (line.kernel[i] > extent) {
      refuse("its kernel is " + height_by_width(line.kernel) + " but its input, with padding, has only " +
             std::to_string(extent) + (i == 0 ? " rows" : " columns") +
             ": use a smaller kernel or stride, fewer layers, or \"pad\"");
    }
    output.push_back((extent - line.kernel[i]) / line.stride[i] + 1);
  }
  return output;
}

Extents after_linear(const LayerLine& line, const Extents& input, std::int64_t outputs) {
  if (input.size() != 1)
    refuse("a linear layer takes a flat input but gets " + spelled(input) +
           (input.size() == 2 ? ", two streams: go on with \"dueling\", or put \"flatten\" before it"
                              : ": put \"flatten\" before it"));
  return {line.units == 0 ? outputs : line.units};
}

/// Two streams, (2, units), which join at "out".
Extents after_dueling(const LayerLine& line, const Extents& input, std::int64_t outputs) {
  if (input.size() > 2)
    refuse("a dueling layer takes a flat input but gets " + spelled(input) + ": put \"flatten\" before it");
  return line.units == 0 ? Extents{outputs} : Extents{2, line.units};
}

}  // namespace

std::string spelled(const Extents& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

std::int64_t numbers_in(const Extents& shape) {
  std::int64_t numbers = 1;
  for (const std::int64_t extent : shape) numbers *= extent;
  return numbers;
}

Extents shape_after(const LayerLine& line, const Extents& input, std::int64_t outputs) {
  if (line.kind == "conv") return after_convolution(line, input);
  if (line.kind == "linear") return after_linear(line, input, outputs);
  if (line.kind == "dueling") return after_dueling(line, input, outputs);
  if (line.kind != "flatten") return input;
  return {numbers_in(input)};
}

std::string unfit_for_choices(std::span<const std::string> layers) {
  if (layers.empty() || !layers.back().starts_with("dueling")) return "";
  return "network.layers ends with \"" + layers.back() +
         "\", whose value is that of one choice, where the windowed task has two: end it with \"linear "
         "out\", "
         "with \"flatten\" before it where there are two streams";
}

std::vector<LayerLine> fitting_layers(const Extents& input, std::int64_t outputs,
                                      std::span<const std::string> layers) {
  if (layers.empty()) refuse("network.layers is empty: end it with \"linear out\"");
  std::vector<LayerLine> read;
  Extents shape = input;
  for (const std::string& text : layers) {
    try {
      read.push_back(read_layer_line(text));
      shape = shape_after(read.back(), shape, outputs);
    } catch (const Error& error) {
      refuse("network.layers, entry " + std::to_string(&text - layers.data() + 1) + " of " +
             std::to_string(layers.size()) + ", \"" + text + "\": " + error.what());
    }
  }
  if (shape != Extents{outputs}) {
    refuse("network.layers, entry " + std::to_string(layers.size()) + ", \"" + layers.back() +
           "\", is the last and gives " + spelled(shape) + " numbers where the task has " +
           std::to_string(outputs) + (outputs == 1 ? " output" : " outputs") +
           ": end the list with \"linear out\"");
  }
  return read;
}

}  // namespace crosstalk
