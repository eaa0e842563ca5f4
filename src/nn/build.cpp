#include "nn/build.hpp"

#include <array>
#include <charconv>
#include <sstream>

#include "base/error.hpp"
#include "nn/activation.hpp"
#include "nn/convolution.hpp"
#include "nn/flatten.hpp"
#include "nn/layer_norm.hpp"
#include "nn/linear.hpp"

namespace crosstalk::nn {
namespace {

/// One line of network.layers on its way to a layer. The place (entry and text) is put before what is wrong.
struct Line {
  std::vector<std::string> words;
  const Shape& input;
  std::int64_t outputs;
};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

std::string spelled(const Shape& shape) {
  std::string text;
  for (const std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

std::int64_t whole_number(std::string_view text, const std::string& name, std::int64_t least) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || value < least || value > 1'000'000) {
    refuse(name + " is \"" + std::string(text) + "\": give a whole number from " + std::to_string(least) +
           " to 1000000");
  }
  return value;
}

/// "3" or "5x3"
Convolution::Pair pair_of(const std::string& text, const std::string& name, std::int64_t least) {
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) {
    const std::int64_t both = whole_number(text, name, least);
    return {both, both};
  }
  return {whole_number(std::string_view(text).substr(0, cross), name, least),
          whole_number(std::string_view(text).substr(cross + 1), name, least)};
}

std::unique_ptr<Layer> make_convolution(const Line& line) {
  const std::vector<std::string>& words = line.words;
  if (words.size() < 3)
    refuse("channels and kernel are missing: write, for example, \"conv 16 5 stride 2 pad 1\"");
  if (line.input.size() != 3) {
    refuse("a convolution takes images (channels, height, width) but its input is " + spelled(line.input) +
           ": put it before \"flatten\" and linear layers, or use \"linear\"");
  }
  const std::int64_t channels = whole_number(words[1], "the number of channels", 1);
  const Convolution::Pair kernel = pair_of(words[2], "the kernel", 1);
  Convolution::Pair stride = {1, 1}, padding = {0, 0};
  for (std::size_t i = 3; i < words.size(); i += 2) {
    const bool is_stride = words[i] == "stride";
    if (!is_stride && words[i] != "pad") refuse("\"" + words[i] + "\" is neither \"stride\" nor \"pad\"");
    if (i + 1 == words.size()) refuse("\"" + words[i] + "\" has no number after it");
    (is_stride ? stride : padding) = pair_of(words[i + 1], "the " + words[i], is_stride ? 1 : 0);
  }
  return std::make_unique<Convolution>(line.input, channels, kernel, stride, padding);
}

std::unique_ptr<Layer> make_linear(const Line& line) {
  if (line.words.size() != 2) refuse("write \"linear UNITS\" or \"linear out\", for example \"linear 64\"");
  if (line.input.size() != 1) {
    refuse("a linear layer takes a flat input but gets " + spelled(line.input) +
           ": put \"flatten\" before it");
  }
  const std::int64_t units =
      line.words[1] == "out" ? line.outputs : whole_number(line.words[1], "the number of units", 1);
  return std::make_unique<Linear>(line.input[0], units);
}

void take_nothing_more(const Line& line) {
  if (line.words.size() != 1) refuse("\"" + line.words[0] + "\" takes nothing after it");
}

template <typename Kind>
std::unique_ptr<Layer> make_plain(const Line& line) {
  take_nothing_more(line);
  return std::make_unique<Kind>(line.input);
}

template <const Function& function>
std::unique_ptr<Layer> make_activation(const Line& line) {
  take_nothing_more(line);
  return std::make_unique<Activation>(function, line.input);
}

struct Entry {
  std::string_view word;
  std::unique_ptr<Layer> (*make)(const Line&);
};

/// A new kind of layer is a pair of files and a line here; a new function of each number a Function and a
/// line.
constexpr std::array<Entry, 7> kinds = {{{"conv", make_convolution},
                                         {"linear", make_linear},
                                         {"leaky", make_activation<leaky_relu>},
                                         {"relu", make_activation<relu>},
                                         {"tanh", make_activation<tanh>},
                                         {"layernorm", make_plain<LayerNorm>},
                                         {"flatten", make_plain<Flatten>}}};

std::unique_ptr<Layer> make_layer(const Line& line) {
  std::string known;
  for (const Entry& entry : kinds) {
    if (!line.words.empty() && line.words[0] == entry.word) return entry.make(line);
    known += (known.empty() ? "" : ", ") + std::string(entry.word);
  }
  refuse("it begins with no layer that there is; there are " + known);
}

}  // namespace

Network build(const Shape& input, std::int64_t outputs, std::span<const std::string> layers, Path path) {
  if (layers.empty()) refuse("network.layers is empty: end it with \"linear out\"");
  std::vector<std::unique_ptr<Layer>> made;
  Shape shape = input;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::istringstream text(layers[i]);
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    try {
      made.push_back(make_layer({words, shape, outputs}));
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
