#include "work/networks.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "base/windowed.hpp"

namespace crosstalk::work {
namespace {

constexpr std::size_t most_told = 5;
constexpr std::int64_t largest_side = 1024;

/// A run's network, as far as shapes go.
struct Shape {
  Extents input;
  std::int64_t outputs = 0, hidden = 0, depth = 0, head = 0;
  std::vector<std::string> layers;  // empty: the paper's
};

/// What does not fit; empty where all does.
std::string misfit(const Shape& shape, const Extents& input) {
  try {
    fitting_layers(
        input, shape.outputs,
        shape.layers.empty() ? paper_layers(input, shape.hidden, shape.depth, shape.head) : shape.layers);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

/// The side of the least square image that the network takes; 0 where no image is taken.
std::int64_t least_side(const Shape& shape) {
  for (std::int64_t side = 1; side <= largest_side; ++side)
    if (misfit(shape, {shape.input[0], side, side}).empty()) return side;
  return 0;
}

std::string fault(const Shape& shape, const std::string& dataset) {
  const std::string wrong = misfit(shape, shape.input);
  if (wrong.empty()) return "";
  const std::string held = dataset + " holds " + (shape.input.size() == 3 ? "images of " : "rows of ") +
                           spelled(shape.input) + (shape.input.size() == 3 ? "" : " numbers");
  const std::int64_t least = shape.input.size() == 3 ? least_side(shape) : 0;
  const std::string needed =
      least == 0 ? "" : std::to_string(least) + " x " + std::to_string(least) + " at least";
  if (!shape.layers.empty())
    return wrong + " (" + held + (needed.empty() ? "" : "; these layers need " + needed) + ")";
  return held + ", and the paper's network needs " + needed +
         ": scale the images up, or say layers that fit, such as network.layers = [\"conv 16 3\", \"leaky\", "
         "\"flatten\", \"linear out\"]";
}

std::string fault(const study::Configuration& run, const Json& dataset) {
  const std::string name = "task.dataset = " + run.values.at("task.dataset").dump();
  const auto value = [&](const char* key) { return run.values.at(key); };
  Shape shape{.input = dataset.at("input_shape").get<Extents>(),
              .outputs = dataset.at("outputs"),
              .hidden = value("network.hidden"),
              .depth = value("network.depth"),
              .head = value("network.head"),
              .layers = value("network.layers").get<std::vector<std::string>>()};
  if (value("task.kind") == "windowed") {
    const std::string unfit = unfit_for_window(name, shape.input, shape.outputs);
    if (!unfit.empty()) return "task.kind = \"windowed\": " + unfit;
    shape.input = {windowed_channels, windowed_side, windowed_side};
    shape.outputs += windowed_moves;
  }
  return fault(shape, name);
}

}  // namespace

void check_networks(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  std::set<Json> looked_at;
  std::vector<std::string> faults;
  for (const study::Configuration& run : runs) {
    const std::string key = data_key(run);
    Json deciding{key, run.values.at("task.kind")};
    for (const char* part : {"hidden", "depth", "head", "layers"})
      deciding.push_back(run.values.at(std::string("network.") + part));
    if (!looked_at.insert(std::move(deciding)).second) continue;
    const std::string found = fault(run, datasets.at(key));
    if (!found.empty() && std::find(faults.begin(), faults.end(), found) == faults.end())
      faults.push_back(found);
  }
  if (faults.empty()) return;
  std::string message;
  for (std::size_t i = 0; i < std::min(faults.size(), most_told); ++i)
    message += (i == 0 ? "" : "\n") + faults[i] + ".";
  if (faults.size() > most_told)
    message += "\nAnd " + std::to_string(faults.size() - most_told) + " more of the kind.";
  throw Error(ErrorKind::config, message);
}

}  // namespace crosstalk::work
