#include "figures/capacity.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include "figures/results.hpp"

namespace crosstalk::figures {
namespace {

/// The first number of each line that has one: "conv 16 5 stride 2" is 16 wide; "linear out" as wide as there
/// are outputs. "dueling 64" are two streams of 64.
double widths(const Json& layers, double outputs) {
  double sum = 0;
  for (const Json& layer : layers) {
    if (!layer.is_string()) continue;
    std::istringstream words(layer.get<std::string>());
    std::string word, width;
    if (!(words >> word >> width)) continue;
    const double streams = word == "dueling" && width != "out" ? 2 : 1;
    sum += streams * (width == "out" ? outputs : std::strtod(width.c_str(), nullptr));
  }
  return std::max(1.0, sum);
}

/// As the study says of its data; 0 where it does not.
double outputs_of(const Results& results, const MeasuredRun& run) {
  const Json* data = results.data_of(run);
  const Json outputs = data == nullptr ? Json() : data->value("outputs", Json());
  return outputs.is_number() ? outputs.get<double>() : 0;
}

}  // namespace

bool has_own_layers(const MeasuredRun& run) {
  const auto layers = run.record.configuration->find("network.layers");
  return layers != run.record.configuration->end() && layers->is_array() && !layers->empty();
}

Capacity capacity_in_units(const Results& results, const MeasuredRun& run) {
  if (has_own_layers(run))
    return {widths(run.record.configuration->at("network.layers"), outputs_of(results, run)), "units"};
  return {run.number("network.hidden", 0) * (run.number("network.depth", 0) + 1), "units"};
}

Capacity capacity_of(const Results& results, const MeasuredRun& run) {
  const Json network =
      run.record.machine.is_object() ? run.record.machine.value("network", Json::object()) : Json::object();
  const Json parameters = network.is_object() ? network.value("parameters", Json()) : Json();
  return parameters.is_number() ? Capacity{parameters.get<double>()} : capacity_in_units(results, run);
}

}  // namespace crosstalk::figures
