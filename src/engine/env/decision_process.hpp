#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::env {

/// What may follow an action: with this probability, that state and reward.
struct Branch {
  static constexpr std::int32_t end = -1;  // no state: the episode is over
  double probability = 1;
  std::int32_t next = end;
  double reward = 0;
};

/// How likely each action is in each state: (states, actions).
struct Policy {
  std::string_view name;  // as task.policy has it
  std::vector<double> chances;
  std::vector<double> behaviour;  // of the one who takes the steps while this one is evaluated; empty: itself
  const std::vector<double>& steps() const { return behaviour.empty() ? chances : behaviour; }
};

/// A finite Markov decision process as plain data: all that there is to know of an exact environment.
struct DecisionProcess {
  std::string_view name;  // as task.environment has it
  std::int64_t states = 0, actions = 0;
  std::vector<std::vector<Branch>> branches;  // (states, actions): of action a in state s at s * actions + a
  std::vector<double> start;                  // (states): where an episode begins
  std::int64_t features = 0;                  // of a state
  std::vector<double> observations;           // (states, features)
  std::vector<Policy> policies;               // those that can be evaluated
  std::vector<double> weights;                // (features): where a linear function begins; empty: at 0
  std::int64_t most_steps = 0;                // an episode is truncated after so many; 0: never

  const std::vector<Branch>& after(std::int64_t state, std::int64_t action) const {
    return branches[static_cast<std::size_t>(state * actions + action)];
  }
  std::vector<Branch>& after(std::int64_t state, std::int64_t action) {
    return branches[static_cast<std::size_t>(state * actions + action)];
  }
  /// Of what stands in a (states, actions) beside the branches.
  double of(const std::vector<double>& chances, std::int64_t state, std::int64_t action) const {
    return chances[static_cast<std::size_t>(state * actions + action)];
  }
};

/// task.states, task.width and task.height, of which an environment takes what it needs.
struct Sizes {
  std::int64_t states = 0, width = 0, height = 0;
};

/// A process of so many states and actions with nothing in it yet but one observation a state of its own and
/// the policy "uniform", under which all actions are equally likely.
DecisionProcess empty_process(std::string_view name, std::int64_t states, std::int64_t actions);

/// The same process seen as a table: state s is observed as the s-th unit vector.
DecisionProcess as_table(DecisionProcess process);

/// The policy of that name. Error(config) where the process has none, with those that it has.
const Policy& policy_of(const DecisionProcess& process, std::string_view name);

/// Error(config) naming what is wrong where the data are no decision process: sizes that do not fit, chances
/// that are negative or do not add up to 1, states that are not there. For those who write a new environment.
void check(const DecisionProcess& process);

}  // namespace crosstalk::env
