#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <string>

#include "base/json.hpp"
#include "tensor/random.hpp"
#include "tensor/safetensors.hpp"

/// Small data sets, as the converter would write them, and the keys of a run.
namespace crosstalk {

inline at::Tensor drawn(at::IntArrayRef shape, tensor::Stream& stream) {
  at::Tensor result = at::empty(shape, at::kDouble);
  double* at = result.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < result.numel(); ++i) at[i] = stream.normal();
  return result.to(at::kFloat);
}

inline at::Tensor drawn_below(at::IntArrayRef shape, std::uint64_t limit, at::ScalarType type,
                              tensor::Stream& stream) {
  at::Tensor result = at::empty(shape, at::kLong);
  std::int64_t* at = result.mutable_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < result.numel(); ++i) at[i] = static_cast<std::int64_t>(stream.below(limit));
  return result.to(type);
}

/// A regression with d inputs: targets are a smooth function of them.
inline void write_table(const std::filesystem::path& file, std::int64_t train, std::int64_t test,
                        std::int64_t inputs, std::int64_t outputs) {
  tensor::Stream stream(7, "table");
  const at::Tensor mixing = drawn({inputs, outputs}, stream);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, rows] : {std::pair{"train", train}, std::pair{"test", test}}) {
    const at::Tensor x = drawn({rows, inputs}, stream);
    tensors[std::string(name) + ".x"] = x;
    tensors[std::string(name) + ".y"] = at::tanh(x.mm(mixing)).add_(drawn({rows, outputs}, stream), 0.1);
  }
  const Json about = {{"name", "table"},    {"kind", "regress"}, {"classes", nullptr},
                      {"outputs", outputs}, {"divide", 1},       {"target_variance", nullptr}};
  tensor::write_safetensors(file, tensors, {{"crosstalk", about.dump()}});
}

/// Images of noise with classes, 3 x 32 x 32 bytes.
inline void write_images(const std::filesystem::path& file, std::int64_t train, std::int64_t test,
                         std::int64_t classes) {
  tensor::Stream stream(7, "images");
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, rows] : {std::pair{"train", train}, std::pair{"test", test}}) {
    tensors[std::string(name) + ".x"] = drawn_below({rows, 3, 32, 32}, 256, at::kByte, stream);
    tensors[std::string(name) + ".y"] =
        drawn_below({rows}, static_cast<std::uint64_t>(classes), at::kLong, stream);
  }
  const Json about = {
      {"name", "images"},   {"kind", "classify"}, {"classes", std::vector<std::string>(classes, "class")},
      {"outputs", classes}, {"divide", 255},      {"target_variance", nullptr}};
  tensor::write_safetensors(file, tensors, {{"crosstalk", about.dump()}});
}

/// Every key of a small regression; `changes` replaces some. A Settings of them is a run's configuration.
inline Json keys(const Json& changes = Json::object()) {
  Json all = {{"task.kind", "regress"},
              {"task.dataset", "sarcos"},
              {"task.environment", nullptr},
              {"task.trajectories", nullptr},
              {"task.transitions", "all"},
              {"task.examples", "all"},
              {"task.subset", "first"},
              {"task.source", "files"},
              {"task.train-rows", 3560},
              {"task.target", ""},
              {"task.test-share", 0.2},
              {"task.normalise", "none"},
              {"task.observation", "paper"},
              {"task.timeout", "terminal"},
              {"task.states", 7},
              {"task.width", 3},
              {"task.height", 3},
              {"task.policy", "uniform"},
              {"network.hidden", 8},
              {"network.depth", 1},
              {"network.head", 1},
              {"network.layers", Json::array()},
              {"network.initialisation", "linear-glorot"},
              {"learner.algorithm", "supervised"},
              {"learner.loss", "squared-error"},
              {"learner.reduction", "sum"},
              {"learner.targets", "separate"},
              {"learner.updates", 12},
              {"learner.batch", 8},
              {"learner.optimizer", "adam"},
              {"learner.rate", 1e-3},
              {"learner.momentum", 0.99},
              {"learner.weight-decay", 0.0},
              {"learner.beta1", 0.9},
              {"learner.beta2", 0.999},
              {"learner.alpha", 0.99},
              {"learner.epsilon", 1e-8},
              {"learner.clip", 0.0},
              {"learner.steps", 100},
              {"learner.source", "sampled"},
              {"learner.episodes", "all"},
              {"learner.approximation", "network"},
              {"learner.start", 20},
              {"learner.update-every", 2},
              {"learner.replay", 30},
              {"learner.target", "double"},
              {"learner.gamma", 0.9},
              {"learner.target-every", "tau"},
              {"learner.tau", 0.1},
              {"learner.explore-from", 0.95},
              {"learner.explore-to", 0.05},
              {"learner.explore-steps", 60},
              {"learner.explore-after", 0},
              {"learner.n-step", 1},
              {"learner.sampling", "uniform"},
              {"learner.priority-exponent", 0.6},
              {"learner.priority-weight", 0.4},
              {"learner.rollout", 12},
              {"learner.epochs", 2},
              {"learner.chain", 0.0},
              {"learner.atoms", 11},
              {"learner.value-least", -10.0},
              {"learner.value-most", 2.0},
              {"learner.lambda", 0.8},
              {"learner.view", "forward"},
              {"learner.episode-end", "paper"},
              {"learner.terminals", "drawn"},
              {"learner.output", "taken"},
              {"learner.return", "to-go"},
              {"learner.entropy", 1e-2},
              {"learner.collect", 0},
              {"probe.every", 5},
              {"probe.unit", "updates"},
              {"probe.samples", 6},
              {"probe.keep", "none"},
              {"probe.episodes", 4},
              {"probe.explore", 0.1},
              {"probe.function", "mean"},
              {"probe.losses", {"own"}},
              {"probe.offsets", 3},
              {"probe.others", 4},
              {"probe.lambda", 0.5},
              {"probe.window", 2},
              {"probe.measures",
               {"squared_error", "loss", "gap", "function_interference", "function_stiffness",
                "loss_interference", "stiffness"}},
              {"runtime.threads", 1},
              {"runtime.memory", 1024},
              {"runtime.precision", "single"},
              {"runtime.device", "cpu"}};
  if (!changes.is_null()) all.update(changes);
  return all;
}

/// The keys that make it a classification of images.
inline Json image_keys(const Json& changes = Json::object()) {
  Json all = keys({{"task.kind", "classify"},
                   {"task.dataset", "digits"},
                   {"network.hidden", 2},
                   {"network.depth", 0},
                   {"network.head", 4},
                   {"learner.loss", "cross-entropy"},
                   {"learner.reduction", "mean"},
                   {"probe.function", "max"},
                   {"probe.measures",
                    {"accuracy", "loss", "gap", "function_interference", "function_stiffness",
                     "loss_interference", "stiffness"}}});
  if (!changes.is_null()) all.update(changes);
  return all;
}

/// The keys that make it an agent of the windowed task.
inline Json agent_keys(const std::string& algorithm, const Json& changes = Json::object()) {
  Json all = image_keys({{"task.kind", "windowed"},
                         {"task.examples", 12},
                         {"network.initialisation", "glorot"},
                         {"learner.algorithm", algorithm},
                         {"learner.loss", algorithm == "reinforce" ? "policy-gradient" : "smooth-l1"},
                         {"learner.steps", 56},
                         {"probe.every", 13},
                         {"probe.unit", "steps"},
                         {"probe.measures",
                          {"reward", "accuracy", "first_guess", "loss", "gap", "gap_accuracy",
                           "gap_first_guess", "function_interference", "function_stiffness",
                           "loss_interference", "stiffness", "policy_churn", "value_churn"}}});
  if (!changes.is_null()) all.update(changes);
  return all;
}

/// The keys that make it a run in an exact environment: of td-lambda and residual the values of a policy, of
/// the others an agent that learns to act.
inline Json exact_keys(const std::string& environment, const std::string& algorithm,
                       const Json& changes = Json::object()) {
  const bool acts = algorithm != "td-lambda" && algorithm != "residual";
  Json all = keys(
      {{"task.dataset", nullptr},
       {"task.environment", environment},
       {"task.kind", acts ? "control" : "evaluate"},
       {"task.states", environment == "boyan" ? 13 : 7},
       {"task.policy", environment == "baird" ? "solid" : "uniform"},
       {"learner.algorithm", algorithm},
       {"learner.loss", algorithm == "rainbow" ? "cross-entropy"
                        : acts                 ? "smooth-l1"
                                               : "squared-error"},
       {"learner.approximation", environment == "boyan" || environment == "baird" ? "linear" : "tabular"},
       {"learner.optimizer", "sgd"},
       {"learner.rate", 0.1},
       {"learner.steps", 60},
       {"learner.updates", 60},
       {"learner.target-every",
        algorithm == "dqn" || algorithm == "rainbow" || algorithm.ends_with("sarsa") ? Json(5) : Json("tau")},
       {"probe.every", 7},
       {"probe.unit", acts ? "steps" : "updates"},
       {"probe.function", "max"},
       {"probe.measures",
        {"loss", "function_interference", "function_stiffness", "loss_interference", "stiffness",
         "value_churn", "td_error"}}});
  for (const char* measure : {"policy_churn", "return"})
    if (acts) all["probe.measures"].push_back(measure);
  if (!acts) all["probe.measures"].push_back("value_error");
  if (!changes.is_null()) all.update(changes);
  return all;
}

}  // namespace crosstalk
