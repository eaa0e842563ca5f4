#include "base/paper_layers.hpp"

namespace crosstalk {
namespace {

std::string line(std::string kind, std::int64_t units, const char* rest = "") {
  kind += ' ';
  kind += std::to_string(units);
  kind += rest;
  return kind;
}

}  // namespace

std::vector<std::string> image_layers(std::int64_t hidden, std::int64_t depth, std::int64_t head) {
  std::vector<std::string> lines = {line("conv", hidden, " 5 stride 2"), "leaky",
                                    line("conv", 2 * hidden, " 3"),      "leaky",
                                    line("conv", 4 * hidden, " 3"),      "leaky"};
  for (std::int64_t i = 0; i < depth; ++i) {
    lines.insert(lines.end(), {line("conv", 4 * hidden, " 3 pad 1"), "leaky"});
  }
  lines.insert(lines.end(), {"flatten", line("linear", head * hidden), "leaky", "linear out"});
  return lines;
}

std::vector<std::string> plain_layers(std::int64_t hidden, std::int64_t depth) {
  std::vector<std::string> lines;
  for (std::int64_t i = 0; i <= depth; ++i) lines.insert(lines.end(), {line("linear", hidden), "leaky"});
  lines.push_back("linear out");
  return lines;
}

std::vector<std::string> atari_layers(std::int64_t width) {
  return {line("conv", width, " 8 stride 4 pad 4"),
          "leaky",
          line("conv", 2 * width, " 4 stride 2 pad 2"),
          "leaky",
          line("conv", 2 * width, " 3 pad 1"),
          "leaky",
          "flatten",
          line("linear", 16 * width),
          "leaky",
          "linear out"};
}

std::vector<std::string> paper_layers(const Extents& input, std::int64_t hidden, std::int64_t depth,
                                      std::int64_t head) {
  return input.size() == 3 ? image_layers(hidden, depth, head) : plain_layers(hidden, depth);
}

}  // namespace crosstalk
