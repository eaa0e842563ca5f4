#include "env/decision_process.hpp"

#include <cmath>
#include <numeric>
#include <span>

#include "base/error.hpp"

namespace crosstalk::env {
namespace {

constexpr double rounding = 1e-12;  // of probabilities that were added up

[[noreturn]] void refuse(const DecisionProcess& process, const std::string& what) {
  throw Error(ErrorKind::config, "the environment " + std::string(process.name) + ": " + what);
}

void check_distribution(const DecisionProcess& process, std::span<const double> chances,
                        const std::string& what) {
  double sum = 0;
  for (const double chance : chances) {
    if (!(chance >= 0)) refuse(process, what + " has a probability of " + std::to_string(chance));
    sum += chance;
  }
  if (!(std::abs(sum - 1) <= rounding))
    refuse(process, what + " has probabilities that add up to " + std::to_string(sum) + ", not to 1");
}

void check_size(const DecisionProcess& process, std::size_t size, std::int64_t wanted,
                const std::string& what) {
  if (static_cast<std::int64_t>(size) != wanted)
    refuse(process, std::to_string(size) + " " + what + " where " + std::to_string(wanted) + " are expected");
}

void check_branches(const DecisionProcess& process, std::int64_t state, std::int64_t action) {
  const std::string what = "action " + std::to_string(action) + " in state " + std::to_string(state);
  std::vector<double> chances;
  for (const Branch& branch : process.after(state, action)) {
    chances.push_back(branch.probability);
    if (branch.next != Branch::end && (branch.next < 0 || branch.next >= process.states))
      refuse(process, what + " leads to state " + std::to_string(branch.next) + " of " +
                          std::to_string(process.states));
    if (!std::isfinite(branch.reward)) refuse(process, what + " has a reward that is no finite number");
  }
  check_distribution(process, chances, what);
}

void check_policy(const DecisionProcess& process, const std::vector<double>& chances, std::string what) {
  check_size(process, chances.size(), process.states * process.actions, "chances of " + what);
  for (std::int64_t state = 0; state < process.states; ++state) {
    const double* of_state = chances.data() + state * process.actions;
    check_distribution(process, {of_state, static_cast<std::size_t>(process.actions)},
                       what + " in state " + std::to_string(state));
  }
}

}  // namespace

DecisionProcess empty_process(std::string_view name, std::int64_t states, std::int64_t actions) {
  const auto pairs = static_cast<std::size_t>(states * actions);
  DecisionProcess process{.name = name, .states = states, .actions = actions};
  process.branches.resize(pairs);
  process.start.assign(static_cast<std::size_t>(states), 0);
  process.policies.push_back(
      {.name = "uniform", .chances = std::vector<double>(pairs, 1 / static_cast<double>(actions))});
  return as_table(std::move(process));
}

DecisionProcess as_table(DecisionProcess process) {
  process.features = process.states;
  process.observations.assign(static_cast<std::size_t>(process.states * process.states), 0);
  for (std::int64_t state = 0; state < process.states; ++state)
    process.observations[static_cast<std::size_t>(state * process.states + state)] = 1;
  process.weights.clear();  // they were of other features
  return process;
}

const Policy& policy_of(const DecisionProcess& process, std::string_view name) {
  std::string known;
  for (const Policy& policy : process.policies) {
    if (policy.name == name) return policy;
    known += (known.empty() ? "" : ", ") + std::string(policy.name);
  }
  throw Error(ErrorKind::config, "task.policy = \"" + std::string(name) + "\" is no policy of " +
                                     std::string(process.name) + "; there are " + known);
}

void check(const DecisionProcess& process) {
  check_size(process, process.branches.size(), process.states * process.actions, "pairs of state and action");
  check_size(process, process.start.size(), process.states, "states to begin in");
  check_size(process, process.observations.size(), process.states * process.features,
             "features of all states");
  check_distribution(process, process.start, "the start of an episode");
  for (std::int64_t state = 0; state < process.states; ++state)
    for (std::int64_t action = 0; action < process.actions; ++action) check_branches(process, state, action);
  for (const Policy& policy : process.policies) {
    const std::string what = "the policy \"" + std::string(policy.name) + "\"";
    check_policy(process, policy.chances, what);
    check_policy(process, policy.steps(), "who takes the steps of " + what);
  }
  if (!process.weights.empty())
    check_size(process, process.weights.size(), process.features, "weights to begin with");
}

}  // namespace crosstalk::env
