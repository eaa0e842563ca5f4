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
    std::string kind, dataset, subset, normalise, observation, timeout;
    std::optional<std::int64_t> examples;  // nothing: all
  } task;
  struct Network {
    std::int64_t hidden, depth, head;
    std::vector<std::string> layers;  // empty: the paper's shape
    std::string initialisation;
  } network;
  struct Agent {
    std::int64_t start, update_every, replay, explore_steps, collect;
    double gamma, tau, explore_from, explore_to, entropy;
    std::string target, return_kind;
  };
  struct Learner {
    std::string algorithm, loss, reduction, targets;
    std::int64_t updates, steps, batch;
    learn::OptimizerSettings optimizer;
    Agent agent;
  } learner;
  struct Probe {
    std::int64_t every, samples, episodes;
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
