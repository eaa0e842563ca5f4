#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "learn/optimizer.hpp"

namespace crosstalk::run {

/// What the engine knows of a run: every key, typed. It has no defaults; the study resolves them. Words
/// (kinds, names of optimisers and so on) are checked by the parts that take them.
struct Configuration {
  struct Task {
    std::string kind, dataset, subset, normalise;
    std::optional<std::int64_t> examples;  // nothing: all
  } task;
  struct Network {
    std::int64_t hidden, depth, head;
    std::vector<std::string> layers;  // empty: the paper's shape
    std::string initialisation;
  } network;
  struct Learner {
    std::string loss, reduction, targets;
    std::int64_t updates, batch;
    learn::OptimizerSettings optimizer;
  } learner;
  struct Probe {
    std::int64_t every, samples;
    std::string function;
    std::vector<std::string> measures;  // empty: all
  } probe;
  struct Runtime {
    int threads;
    std::string precision, device;
  } runtime;
};

/// From the flat object of a message, "network.hidden": 16. Error(config) names every key that is missing,
/// foreign or of the wrong type or size.
Configuration read_configuration(const Json& flat);

}  // namespace crosstalk::run
