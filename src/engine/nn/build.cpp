#include "nn/build.hpp"

#include <array>

#include "base/error.hpp"
#include "base/layer_shape.hpp"
#include "nn/activation.hpp"
#include "nn/convolution.hpp"
#include "nn/dueling.hpp"
#include "nn/flatten.hpp"
#include "nn/layer_norm.hpp"
#include "nn/linear.hpp"
#include "nn/noisy.hpp"

namespace crosstalk::nn {
namespace {

/// One entry of network.layers, which fits, on its way to a layer.
struct Line {
  LayerLine read;
  const Shape& input;
  const Outputs& outputs;

  std::int64_t units() const { return read.units == 0 ? outputs.numbers : read.units; }
};

std::unique_ptr<Layer> make_convolution(const Line& line) {
  const LayerLine& read = line.read;
  return std::make_unique<Convolution>(line.input, read.units, read.kernel, read.stride, read.padding);
}

std::unique_ptr<Layer> linear(const Line& line, std::int64_t units) {
  const std::int64_t inputs = line.input.back();
  if (line.read.noise) return std::make_unique<Noisy>(inputs, units, *line.read.noise);
  return std::make_unique<Linear>(inputs, units);
}

std::unique_ptr<Layer> make_linear(const Line& line) { return linear(line, line.units()); }

std::unique_ptr<Layer> make_dueling(const Line& line) {
  if (line.read.units == 0)
    return std::make_unique<DuelingOut>(line.input, linear(line, line.outputs.of_each),
                                        linear(line, line.outputs.numbers));
  return std::make_unique<DuelingHidden>(line.input, linear(line, line.read.units),
                                         linear(line, line.read.units));
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
constexpr std::array<Entry, 8> kinds = {{{"conv", make_convolution},
                                         {"linear", make_linear},
                                         {"dueling", make_dueling},
                                         {"leaky", make_activation<leaky_relu>},
                                         {"relu", make_activation<relu>},
                                         {"tanh", make_activation<tanh>},
                                         {"layernorm", make_plain<LayerNorm>},
                                         {"flatten", make_plain<Flatten>}}};

std::unique_ptr<Layer> make_layer(const Line& line) {
  for (const Entry& entry : kinds) {
    if (line.read.kind == entry.word) return entry.make(line);
  }
  throw Error(ErrorKind::config, "\"" + line.read.kind + "\": this engine does not make it");
}

}  // namespace

Network build(const Shape& input, const Outputs& outputs, std::span<const std::string> layers, Path path) {
  std::vector<std::unique_ptr<Layer>> made;
  Shape shape = input;
  for (const LayerLine& line : fitting_layers(input, outputs.numbers, layers)) {
    made.push_back(make_layer({line, shape, outputs}));
    shape = made.back()->output_shape();
  }
  return Network(input, std::move(made), path);
}

}  // namespace crosstalk::nn
