#include "base/observation_layers.hpp"

#include "base/error.hpp"
#include "base/paper_layers.hpp"

namespace crosstalk {

std::vector<std::string> observation_layers(const Extents& input) {
  if (input.size() == 1) return {"linear 128", "relu", "linear 128", "relu", "linear out"};
  const auto is_square = [&](std::int64_t side) { return input[1] == side && input[2] == side; };
  if (is_square(10)) return {"conv 16 3", "relu", "flatten", "linear 128", "relu", "linear out"};
  if (is_square(84)) return atari_layers();
  throw Error(ErrorKind::config,
              "there is no usual network for images of " + spelled(input) +
                  ": say its layers, such as network.layers = [\"conv 16 3 stride 2\", \"relu\", "
                  "\"flatten\", \"linear 128\", \"relu\", \"linear out\"]");
}

}  // namespace crosstalk
