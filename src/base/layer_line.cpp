#include "base/layer_line.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace crosstalk {
namespace {

using Words = std::vector<std::string>;
using Pair = std::array<std::int64_t, 2>;

constexpr std::array<std::string_view, 7> kinds = {"conv", "linear",    "leaky",  "relu",
                                                   "tanh", "layernorm", "flatten"};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

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
  for (std::size_t i = 3; i < words.size(); i += 2) {
    const bool is_stride = words[i] == "stride";
    if (!is_stride && words[i] != "pad") refuse("\"" + words[i] + "\" is neither \"stride\" nor \"pad\"");
    if (i + 1 == words.size()) refuse("\"" + words[i] + "\" has no number after it");
    (is_stride ? line.stride : line.padding) = pair_of(words[i + 1], "the " + words[i], is_stride ? 1 : 0);
  }
}

void read_linear(const Words& words, LayerLine& line) {
  if (words.size() != 2) refuse("write \"linear UNITS\" or \"linear out\", for example \"linear 64\"");
  if (words[1] != "out") line.units = whole_number(words[1], "the number of units", 1);
}

}  // namespace

LayerLine read_layer_line(const std::string& text) {
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  if (words.empty() || std::find(kinds.begin(), kinds.end(), words[0]) == kinds.end()) {
    std::string known;
    for (const std::string_view kind : kinds) known += (known.empty() ? "" : ", ") + std::string(kind);
    refuse("it begins with no layer that there is; there are " + known);
  }
  LayerLine line{.kind = words[0]};
  if (line.kind == "conv") {
    read_convolution(words, line);
  } else if (line.kind == "linear") {
    read_linear(words, line);
  } else if (words.size() != 1) {
    refuse("\"" + line.kind + "\" takes nothing after it");
  }
  return line;
}

}  // namespace crosstalk
