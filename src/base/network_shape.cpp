#include "base/network_shape.hpp"

#include "base/error.hpp"
#include "base/observation_layers.hpp"
#include "base/paper_layers.hpp"

namespace crosstalk {
namespace {

/// The usual network of what learns.
UsualForm usual_form(const std::string& algorithm) {
  return algorithm == "rainbow" ? UsualForm::dueling
         : algorithm == "pqn"   ? UsualForm::normalised
                                : UsualForm::plain;
}

constexpr std::int64_t largest_side = 1024;

/// What does not fit; empty where all does.
std::string misfit(const NetworkShape& shape) {
  try {
    fitting_layers(shape.input, shape.outputs, shape.lines());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

/// The side of the least square image that the network takes; 0 where none is taken.
std::int64_t least_side(NetworkShape shape) {
  for (std::int64_t side = 1; side <= largest_side; ++side) {
    shape.input = {shape.input[0], side, side};
    if (misfit(shape).empty()) return side;
  }
  return 0;
}

}  // namespace

std::vector<std::string> NetworkShape::lines() const {
  if (is_by_observation(layers)) return observation_layers(input, usual_form(algorithm));
  return layers.empty() ? paper_layers(input, hidden, depth, head) : layers;
}

std::string unfit_for_network(const std::string& dataset, const NetworkShape& shape) {
  const std::string wrong = misfit(shape);
  if (wrong.empty() || is_by_observation(shape.layers)) return wrong;
  const bool images = shape.input.size() == 3;
  const std::string held = dataset.empty() ? std::string("the environment's ") +
                                                 (images ? "observations are images of " : "states have ") +
                                                 spelled(shape.input) + (images ? "" : " features")
                                           : dataset + " holds " + (images ? "images of " : "rows of ") +
                                                 spelled(shape.input) + (images ? "" : " numbers");
  const std::int64_t least = images ? least_side(shape) : 0;
  const std::string needed = std::to_string(least) + " x " + std::to_string(least) + " at least";
  if (!shape.layers.empty())
    return wrong + " (" + held + (least == 0 ? "" : "; these layers need " + needed) + ")";
  return held + ", and the paper's network needs " + needed +
         ": scale the images up, or say layers that fit, such as network.layers = [\"conv 16 3\", \"leaky\", "
         "\"flatten\", \"linear out\"]";
}

}  // namespace crosstalk
