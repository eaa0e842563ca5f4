#include "base/layer_line.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/observation_layers.hpp"

namespace crosstalk {
namespace {

using Words = std::vector<std::string>;
using Pair = std::array<std::int64_t, 2>;

constexpr std::array<std::string_view, 8> kinds = {"conv", "linear", "dueling",   "leaky",
                                                   "relu", "tanh",   "layernorm", "flatten"};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

/// Layers of other programs, and what can be had in their place.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> elsewhere = {{
    {"batchnorm",
     "it ties the samples of a batch together, so that one sample has no gradient of its own; "
     "\"layernorm\" can be had"},
    {"groupnorm", "\"layernorm\" can be had"},
    {"maxpool", "\"conv 16 3 stride 2\" makes images smaller"},
    {"avgpool", "\"conv 16 3 stride 2\" makes images smaller"},
    {"dropout", "what is measured must not be drawn anew each time; leave it out"},
    {"softmax", "the loss has it; leave it out"},
    {"dense", "\"linear 64\" can be had"},
    {"gelu", "\"relu\", \"leaky\" and \"tanh\" can be had"},
    {"elu", "\"relu\", \"leaky\" and \"tanh\" can be had"},
    {"silu", "\"relu\", \"leaky\" and \"tanh\" can be had"},
    {"sigmoid", "\"relu\", \"leaky\" and \"tanh\" can be had"},
}};

[[noreturn]] void refuse_kind(const std::string& word) {
  if (word == by_observation)
    refuse("it stands alone, for all layers: network.layers = [\"by-observation\"]");
  for (const auto& [name, mend] : elsewhere)
    if (word.starts_with(name)) refuse("there is no " + std::string(name) + " here: " + std::string(mend));
  std::string known;
  for (const std::string_view kind : kinds) known += (known.empty() ? "" : ", ") + std::string(kind);
  refuse("it begins with no layer that there is; there are " + known);
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
Pair pair_of(const std::string& text, const std::string& name, std::int64_t least) {
  const std::size_t cross = text.find('x');
  if (cross == std::string::npos) {
    const std::int64_t both = whole_number(text, name, least);
    return {both, both};
  }
  return {whole_number(std::string_view(text).substr(0, cross), name, least),
          whole_number(std::string_view(text).substr(cross + 1), name, least)};
}

void read_convolution(const Words& words, LayerLine& line) {
  if (words.size() < 3)
    refuse("channels and kernel are missing: write, for example, \"conv 16 5 stride 2 pad 1\"");
  line.units = whole_number(words[1], "the number of channels", 1);
  line.kernel = pair_of(words[2], "the kernel", 1);
  std::string said;
  for (std::size_t i = 3; i < words.size(); i += 2) {
    const bool is_stride = words[i] == "stride";
    if (!is_stride && words[i] != "pad") refuse("\"" + words[i] + "\" is neither \"stride\" nor \"pad\"");
    if (i + 1 == words.size()) refuse("\"" + words[i] + "\" has no number after it");
    if (words[i] == said) refuse("\"" + words[i] + "\" stands there twice");
    said = words[i];
    (is_stride ? line.stride : line.padding) = pair_of(words[i + 1], "the " + words[i], is_stride ? 1 : 0);
  }
}

/// What stands behind "noisy": at most 100, so that no layer begins as noise alone.
double spread(const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 100))
    refuse("the spread of its noise is \"" + text +
           "\": give a number from 0 to 100, for example \"noisy 0.5\"");
  return value;
}

/// linear UNITS, dueling UNITS, or out; and "noisy SPREAD".
void read_linear(const Words& words, LayerLine& line) {
  if (words.size() != 2 && words.size() != 4)
    refuse("write \"" + line.kind + " UNITS\" or \"" + line.kind + " out\", for example \"" + line.kind +
           " 64\", and behind it \"noisy 0.5\" where it is to be noisy");
  if (words[1] != "out") line.units = whole_number(words[1], "the number of units", 1);
  if (words.size() == 2) return;
  if (words[2] != "noisy") refuse("\"" + words[2] + "\" is not \"noisy\"");
  line.noise = spread(words[3]);
}

std::string spelled(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

}  // namespace

LayerLine read_layer_line(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) {
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    words.push_back(word);
  }
  if (words.empty() || std::find(kinds.begin(), kinds.end(), words[0]) == kinds.end())
    refuse_kind(words.empty() ? "" : words[0]);
  LayerLine line{.kind = words[0]};
  if (line.kind == "conv") {
    read_convolution(words, line);
  } else if (line.kind == "linear" || line.kind == "dueling") {
    read_linear(words, line);
  } else if (words.size() != 1) {
    refuse("\"" + line.kind + "\" takes nothing after it");
  }
  return line;
}

std::string to_string(const LayerLine& line) {
  const auto pair = [](const Pair& sides) {
    return std::to_string(sides[0]) + (sides[0] == sides[1] ? "" : 'x' + std::to_string(sides[1]));
  };
  if (line.kind == "linear" || line.kind == "dueling")
    return line.kind + ' ' + (line.units == 0 ? "out" : std::to_string(line.units)) +
           (line.noise ? " noisy " + spelled(*line.noise) : "");
  if (line.kind != "conv") return line.kind;
  std::string text = "conv " + std::to_string(line.units) + ' ' + pair(line.kernel);
  if (line.stride != LayerLine().stride) text += " stride " + pair(line.stride);
  if (line.padding != LayerLine().padding) text += " pad " + pair(line.padding);
  return text;
}

}  // namespace crosstalk
