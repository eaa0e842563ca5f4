#include "figures/capacity.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

struct Shape {
  std::vector<double> input;  // (C, H, W) or (d)
  double outputs = 0;
};

struct Known {
  std::string_view dataset;
  std::array<double, 3> input;  // images: C, H, W; tables: d, 0, 0
  double outputs;
};
constexpr std::array known{
    Known{"digits", {3, 32, 32}, 10}, Known{"svhn", {3, 32, 32}, 10},    Known{"cifar10", {3, 32, 32}, 10},
    Known{"sarcos", {21, 0, 0}, 7},   Known{"california", {8, 0, 0}, 1},
};

Shape shape_of_data(const Results& results, const MeasuredRun& run) {
  if (const Json* data = results.data_of(run)) {
    const auto input = data->find("input_shape"), outputs = data->find("outputs");
    if (input != data->end() && input->is_array() && outputs != data->end() && outputs->is_number()) {
      Shape shape;
      for (const Json& size : *input) shape.input.push_back(size.is_number() ? size.get<double>() : 0);
      shape.outputs = outputs->get<double>();
      return shape;
    }
  }
  for (const Known& entry : known) {
    if (entry.dataset != run.text("task.dataset")) continue;
    if (entry.input[1] == 0) return {{entry.input[0]}, entry.outputs};
    return {{entry.input.begin(), entry.input.end()}, entry.outputs};
  }
  return {};
}

Shape shape_of(const Results& results, const MeasuredRun& run) {
  Shape shape = shape_of_data(results, run);
  if (run.text("task.kind") == "windowed" && shape.input.size() == 3) {
    shape.input.front() = 4;  // the window's mask and three colours
    shape.outputs += 4;       // up, down, left, right
  }
  return shape;
}

/// The agents' and classifiers' network of the paper's appendix B: conv(nh, 5, stride 2), conv(2 nh, 3),
/// conv(4 nh, 3), nl times conv(4 nh, 3, pad 1), linear(h), linear.
double image_parameters(const Shape& shape, double hidden, double depth, double head) {
  const auto after = [](double size) {
    return static_cast<double>((static_cast<long>(size) - 5) / 2 + 1 - 4);
  };
  const double pixels = after(shape.input[1]) * after(shape.input[2]);
  const double top = 4 * hidden, wide = head * hidden;
  return hidden * (shape.input[0] * 25 + 1) + 2 * hidden * (hidden * 9 + 1) + top * (2 * hidden * 9 + 1) +
         depth * top * (top * 9 + 1) + wide * (top * pixels + 1) + shape.outputs * (wide + 1);
}

double table_parameters(const Shape& shape, double hidden, double depth) {
  return hidden * (shape.input[0] + 1) + depth * hidden * (hidden + 1) + shape.outputs * (hidden + 1);
}

/// The first number of each line that has one: "conv 16 5 stride 2" is 16 wide; "linear out" as wide as there
/// are outputs.
double widths(const Json& layers, double outputs) {
  double sum = 0;
  for (const Json& layer : layers) {
    if (!layer.is_string()) continue;
    std::istringstream words(layer.get<std::string>());
    std::string kind, width;
    if (!(words >> kind >> width)) continue;
    sum += width == "out" ? outputs : std::strtod(width.c_str(), nullptr);
  }
  return std::max(1.0, sum);
}

}  // namespace

bool has_own_layers(const MeasuredRun& run) {
  const auto layers = run.record.configuration.find("network.layers");
  return layers != run.record.configuration.end() && layers->is_array() && !layers->empty();
}

Capacity capacity_in_units(const Results& results, const MeasuredRun& run) {
  if (has_own_layers(run))
    return {widths(run.record.configuration["network.layers"], shape_of(results, run).outputs), "units"};
  return {run.number("network.hidden", 0) * (run.number("network.depth", 0) + 1), "units"};
}

Capacity capacity_of(const Results& results, const MeasuredRun& run) {
  const double hidden = run.number("network.hidden", 0), depth = run.number("network.depth", 0);
  if (has_own_layers(run)) return capacity_in_units(results, run);
  const Shape shape = shape_of(results, run);
  if (shape.input.size() == 3) {
    return {image_parameters(shape, hidden, depth, run.number("network.head", 4)), "parameters"};
  }
  if (shape.input.size() == 1) return {table_parameters(shape, hidden, depth), "parameters"};
  return capacity_in_units(results, run);
}

}  // namespace crosstalk::figures
