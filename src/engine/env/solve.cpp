#include "env/solve.hpp"

#include <ATen/ATen.h>

#include <string>

#include "base/error.hpp"
#include "base/json.hpp"

namespace crosstalk::env {
namespace {

at::Tensor zeros(at::IntArrayRef sizes) { return at::zeros(sizes, at::kDouble); }

std::string in_words(const DecisionProcess& process, const Policy& policy) {
  return std::string(process.name) + " under the policy \"" + std::string(policy.name) + "\"";
}

/// A state from which no end can be reached; -1 where there is none.
std::int64_t endless_state(const DecisionProcess& process, const std::vector<double>& chances) {
  std::vector<bool> ends(static_cast<std::size_t>(process.states), false);
  const auto sees_an_end = [&](std::int64_t state) {
    for (std::int64_t action = 0; action < process.actions; ++action) {
      if (process.of(chances, state, action) == 0) continue;
      for (const Branch& branch : process.after(state, action)) {
        if (branch.probability == 0) continue;
        if (branch.next == Branch::end || ends[static_cast<std::size_t>(branch.next)]) return true;
      }
    }
    return false;
  };
  for (bool changed = true; changed;) {  // a pass over the states for each step that the farthest one is away
    changed = false;
    for (std::int64_t state = process.states; state-- > 0;) {
      const auto index = static_cast<std::size_t>(state);
      if (!ends[index] && sees_an_end(state)) ends[index] = changed = true;
    }
  }
  for (std::size_t state = 0; state < ends.size(); ++state)
    if (!ends[state]) return static_cast<std::int64_t>(state);
  return -1;
}

/// x of matrix x = right; undefined where the matrix is singular.
at::Tensor solved(const at::Tensor& matrix, const at::Tensor& right) {
  const auto [solution, failed] = at::linalg_solve_ex(matrix, right, /*left=*/true, /*check_errors=*/false);
  return failed.item<int>() == 0 && at::isfinite(solution).all().item<bool>() ? solution : at::Tensor();
}

at::Tensor stationary_distribution(const at::Tensor& transitions) {
  const std::int64_t n = transitions.size(0);
  at::Tensor balance =
      transitions.t() - at::eye(n, at::kDouble);  // balance d = 0, of which one row says nothing new
  balance[n - 1].fill_(1);                        // ... and says that d adds up to 1
  at::Tensor right = zeros({n});
  right[n - 1] = 1;
  const at::Tensor d = solved(balance, right);
  constexpr double rounding = 1e-9;
  const bool found = d.defined() && d.min().item<double>() > -rounding &&
                     at::allclose(at::mv(transitions.t(), d), d, 0, rounding);
  return found ? d.clamp_min(0) : at::Tensor();
}

/// visit(state, action, branch, chance of the action) over all that can happen.
template <class Visit>
void each_branch(const DecisionProcess& process, const std::vector<double>& chances, Visit visit) {
  for (std::int64_t state = 0; state < process.states; ++state)
    for (std::int64_t action = 0; action < process.actions; ++action)
      for (const Branch& branch : process.after(state, action))
        visit(state, action, branch, process.of(chances, state, action));
}

}  // namespace

bool is_endless(const DecisionProcess& process, const std::vector<double>& chances) {
  return process.most_steps == 0 && endless_state(process, chances) >= 0;
}

at::Tensor transition_matrix(const DecisionProcess& process, const std::vector<double>& chances) {
  at::Tensor transitions = zeros({process.states, process.states});
  auto p = transitions.accessor<double, 2>();
  each_branch(process, chances, [&](std::int64_t state, std::int64_t, const Branch& branch, double chance) {
    if (branch.next != Branch::end) p[state][branch.next] += chance * branch.probability;
  });
  return transitions;
}

at::Tensor expected_rewards(const DecisionProcess& process, const std::vector<double>& chances) {
  at::Tensor rewards = zeros({process.states});
  auto r = rewards.accessor<double, 1>();
  each_branch(process, chances, [&](std::int64_t state, std::int64_t, const Branch& branch, double chance) {
    r[state] += chance * branch.probability * branch.reward;
  });
  return rewards;
}

at::Tensor true_values(const DecisionProcess& process, const Policy& policy, double gamma) {
  const std::int64_t endless = gamma < 1 ? -1 : endless_state(process, policy.chances);
  if (endless >= 0) {
    throw Error(ErrorKind::config, "learner.gamma = 1: the values of " + in_words(process, policy) +
                                       " are not finite numbers, since an episode that is in state " +
                                       std::to_string(endless) + " never ends; give a learner.gamma below 1");
  }
  const at::Tensor transitions = transition_matrix(process, policy.chances);
  const at::Tensor values = solved(at::eye(process.states, at::kDouble) - gamma * transitions,
                                   expected_rewards(process, policy.chances));
  if (!values.defined()) {
    throw Error(ErrorKind::config, "learner.gamma = " + Json(gamma).dump() +
                                       " is so close to 1 that the values of " + in_words(process, policy) +
                                       " cannot be computed; give a smaller one");
  }
  return values;
}

at::Tensor visits(const DecisionProcess& process, const Policy& policy) {
  const at::Tensor transitions = transition_matrix(process, policy.steps());
  at::Tensor d;
  if (endless_state(process, policy.steps()) < 0) {
    const at::Tensor start = at::tensor(process.start, at::kDouble);
    d = solved(at::eye(process.states, at::kDouble) - transitions.t(), start);
    if (d.defined()) d = d / d.sum();
  } else {
    d = stationary_distribution(transitions);
  }
  if (!d.defined()) {
    throw Error(ErrorKind::config,
                "how often " + in_words(process, policy) +
                    " is in each state is not defined: some of its episodes never end, and where "
                    "they stay depends on where they begin; learner.source = \"sampled\" needs no "
                    "such number");
  }
  return d;
}

at::Tensor observations(const DecisionProcess& process) {
  return at::tensor(process.observations, at::kDouble).reshape({process.states, process.features});
}

at::Tensor fixed_point(const DecisionProcess& process, const Policy& policy, double gamma) {
  const at::Tensor seen = observations(process);
  const at::Tensor weighted = seen.t() * visits(process, policy);  // Phi' D
  const at::Tensor following = at::mm(transition_matrix(process, policy.chances), seen);
  const at::Tensor matrix = at::mm(weighted, seen - gamma * following);
  const std::int64_t rank = at::linalg_matrix_rank(matrix, /*tol=*/1e-12).item<std::int64_t>();
  if (rank < process.features) {
    throw Error(ErrorKind::config,
                "expected updates of " + in_words(process, policy) +
                    " stand still at more than one point: " + std::to_string(process.features) +
                    " features say no more than " + std::to_string(rank) + " would");
  }
  return solved(matrix, at::mv(weighted, expected_rewards(process, policy.chances)));
}

std::vector<Transition> all_transitions(const DecisionProcess& process, const Policy& policy) {
  const at::Tensor d = visits(process, policy).contiguous();
  std::vector<Transition> all;
  each_branch(process, policy.chances,
              [&](std::int64_t state, std::int64_t action, const Branch& branch, double chance) {
                const double weight = d.const_data_ptr<double>()[state] * chance * branch.probability;
                if (weight > 0) all.push_back({static_cast<std::int32_t>(state), action, branch, weight});
              });
  return all;
}

}  // namespace crosstalk::env
