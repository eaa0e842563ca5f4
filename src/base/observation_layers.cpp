#include "base/observation_layers.hpp"

#include "base/error.hpp"
#include "base/paper_layers.hpp"

namespace crosstalk {

namespace {

/// The network of data-efficient Rainbow.
std::vector<std::string> rainbow_layers() {
  return {"conv 32 5 stride 5",    "relu", "conv 64 5 stride 5",   "relu", "flatten",
          "dueling 256 noisy 0.1", "relu", "dueling out noisy 0.1"};
}

std::vector<std::string> plain_layers(const Extents& input) {
  if (input.size() == 1) return {"linear 128", "relu", "linear 128", "relu", "linear out"};
  const auto is_square = [&](std::int64_t side) { return input[1] == side && input[2] == side; };
  if (is_square(10)) return {"conv 16 3", "relu", "flatten", "linear 128", "relu", "linear out"};
  if (is_square(84)) return atari_layers();
  throw Error(ErrorKind::config,
              "there is no usual network for images of " + spelled(input) +
                  ": say its layers, such as network.layers = [\"conv 16 3 stride 2\", \"relu\", "
                  "\"flatten\", \"linear 128\", \"relu\", \"linear out\"]");
}

/// "linear 128" becomes "dueling 128 noisy 0.5".
std::string noisy_stream(const std::string& linear) {
  LayerLine line = read_layer_line(linear);
  line.kind = "dueling", line.noise = 0.5;
  return to_string(line);
}

std::vector<std::string> with_norms(const std::vector<std::string>& plain) {
  std::vector<std::string> layers;
  for (const std::string& line : plain) {
    if (line == "relu" || line == "leaky") layers.emplace_back("layernorm");
    layers.push_back(line);
  }
  return layers;
}

}  // namespace

std::vector<std::string> observation_layers(const Extents& input, UsualForm form) {
  std::vector<std::string> layers = plain_layers(input);
  if (form == UsualForm::plain) return layers;
  if (form == UsualForm::normalised) return with_norms(layers);
  if (input.size() == 3 && input[1] == 84) return rainbow_layers();
  for (const std::size_t behind : {1, 3}) {  // the last two that have parameters
    std::string& line = layers[layers.size() - behind];
    line = noisy_stream(line);
  }
  return layers;
}

}  // namespace crosstalk
