#include "work/networks.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/network_shape.hpp"
#include "base/windowed.hpp"
#include "study/own_class.hpp"

namespace crosstalk::work {
namespace {

constexpr std::size_t most_told = 5;

std::string fault(const study::Configuration& run, const Json& dataset) {
  const std::string name = "task.dataset = " + run.values.at("task.dataset").dump();
  const auto value = [&](const char* key) { return run.values.at(key); };
  NetworkShape shape{.input = dataset.at("input_shape").get<Extents>(),
                     .outputs = dataset.at("outputs"),
                     .hidden = value("network.hidden"),
                     .depth = value("network.depth"),
                     .head = value("network.head"),
                     .layers = value("network.layers").get<std::vector<std::string>>()};
  if (value("task.kind") == "windowed") {
    const std::string unfit = unfit_for_window(name, shape.input, shape.outputs);
    if (!unfit.empty()) return "task.kind = \"windowed\": " + unfit;
    if (const std::string streams = unfit_for_choices(shape.layers); !streams.empty()) return streams;
    shape.input = {windowed_channels, windowed_side, windowed_side};
    shape.outputs += windowed_moves;
  }
  return unfit_for_network(name, shape);
}

}  // namespace

void check_networks(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  std::set<Json> looked_at;
  std::vector<std::string> faults;
  for (const study::Configuration& run : runs) {
    const std::string key = data_key(run);
    if (key.empty() || study::own_class_of(run) || study::trajectories_of(run))
      continue;  // the engine knows the environment's shapes
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
