#pragma once

#include "runs.hpp"
#include "small_set.hpp"

/// Runs that learn from a small set of trajectories (small_set.hpp).
namespace crosstalk::run {

/// What the desk says of a folder to a worker.
inline OwnFile stored_in(const std::filesystem::path& folder) {
  return {folder.string(), TrajectorySet::read(folder).digest()};
}

/// The keys that make it a run over stored trajectories.
inline Json stored_keys(const std::string& algorithm, const Json& changes = Json::object()) {
  Json all = keys({{"task.kind", "evaluate"},
                   {"task.dataset", nullptr},
                   {"task.trajectories", "set"},
                   {"task.test-share", 0.4},
                   {"network.layers", {"linear 5", "tanh", "linear out"}},
                   {"learner.algorithm", algorithm},
                   {"learner.loss", "smooth-l1"},
                   {"learner.updates", 20},
                   {"learner.batch", 6},
                   {"learner.optimizer", "momentum"},
                   {"learner.momentum", 0.9},
                   {"learner.rate", 0.01},
                   {"learner.weight-decay", 1e-3},
                   {"learner.target-every", algorithm == "polyak" ? Json("tau") : Json(6)},
                   {"probe.every", 3},
                   {"probe.samples", 7},
                   {"probe.function", "max"},
                   {"probe.measures",
                    {"loss", "gap", "function_interference", "function_stiffness", "loss_interference",
                     "stiffness", "policy_churn", "value_churn", "value_error", "td_error"}}});
  if (!changes.is_null()) all.update(changes);
  return all;
}

/// A folder with the set in it, "set".
class SmallStored : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path set = folder.path() / "set";
  void SetUp() override {
    at::set_num_threads(1);
    replay::store_small_set(set);
  }
};

}  // namespace crosstalk::run
