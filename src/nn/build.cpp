#include "nn/build.hpp"

#include <array>

#include "base/error.hpp"
#include "base/layer_line.hpp"
#include "nn/activation.hpp"
#include "nn/convolution.hpp"
#include "nn/flatten.hpp"
#include "nn/layer_norm.hpp"
#include "nn/linear.hpp"

namespace crosstalk::nn {
namespace {

/// One entry of network.layers on its way to a layer. The place (entry and text) is put before what is wrong.
struct Line {
  LayerLine read;
  const Shape& input;
  std::int64_t outputs;
};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

std::string spelled(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

std::unique_ptr<Layer> make_convolution(const Line& line) {
  if (line.input.size() != 3) {
    refuse("a convolution takes images (channels, height, width) but its input is " + spelled(line.input) +
           ": put it before \"flatten\" and linear layers, or use \"linear\"");
  }
  const LayerLine& read = line.read;
  return std::make_unique<Convolution>(line.input, read.units, read.kernel, read.stride, read.padding);
}

std::unique_ptr<Layer> make_linear(const Line& line) {
  if (line.input.size() != 1) {
    refuse("a linear layer takes a flat input but gets " + spelled(line.input) +
           ": put \"flatten\" before it");
  }
  return std::make_unique<Linear>(line.input[0], line.read.units == 0 ? line.outputs : line.read.units);
}

template <typename Kind>
std::unique_ptr<Layer> make_plain(const Line& line) {
  return std::make_unique<Kind>(line.input);
}

template <const Function& function>
std::unique_ptr<Layer> make_activation(const Line& line) {
  return std::make_unique<Activation>(function, line.input);
}

struct Entry {
  std::string_view word;
  std::unique_ptr<Layer> (*make)(const Line&);
};

/// A new kind of layer is a pair of files and a line here, a new function of each number a Function and a
/// line; and a word in base/layer_line.cpp.
constexpr std::array<Entry, 7> kinds = {{{"conv", make_convolution},
                                         {"linear", make_linear},
                                         {"leaky", make_activation<leaky_relu>},
                                         {"relu", make_activation<relu>},
                                         {"tanh", make_activation<tanh>},
                                         {"layernorm", make_plain<LayerNorm>},
                                         {"flatten", make_plain<Flatten>}}};

std::unique_ptr<Layer> make_layer(const Line& line) {
  for (const Entry& entry : kinds) {
    if (line.read.kind == entry.word) return entry.make(line);
  }
  refuse("this engine does not make it");
}

}  // namespace

Network build(const Shape& input, std::int64_t outputs, std::span<const std::string> layers, Path path) {
  if (layers.empty()) refuse("network.layers is empty: end it with \"linear out\"");
  std::vector<std::unique_ptr<Layer>> made;
  Shape shape = input;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    try {
      made.push_back(make_layer({read_layer_line(layers[i]), shape, outputs}));
    } catch (const Error& error) {
      refuse("network.layers, entry " + std::to_string(i + 1) + " of " + std::to_string(layers.size()) +
             ", \"" + layers[i] + "\": " + error.what());
    }
    shape = made.back()->output_shape();
  }
  if (shape != Shape{outputs}) {
    refuse("network.layers, entry " + std::to_string(layers.size()) + ", \"" + layers.back() +
           "\", is the last and gives " + spelled(shape) + " numbers where the task has " +
           std::to_string(outputs) + " outputs: end the list with \"linear out\"");
  }
  return Network(input, std::move(made), path);
}

}  // namespace crosstalk::nn
