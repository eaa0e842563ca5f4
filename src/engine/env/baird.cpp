#include "env/baird.hpp"

namespace crosstalk::env {
namespace {

constexpr std::int32_t upper = 6, states = upper + 1;
enum Action { dashed, solid };

}  // namespace

DecisionProcess baird(const Sizes& /*there is one size*/) {
  DecisionProcess process = empty_process("baird", states, 2);
  process.start.assign(states, 1.0 / states);
  for (std::int32_t state = 0; state < states; ++state) {
    for (std::int32_t next = 0; next < upper; ++next)
      process.after(state, dashed).push_back({1.0 / upper, next, 0});
    process.after(state, solid) = {{.next = upper}};
  }
  process.features = states + 1;
  process.observations.assign(static_cast<std::size_t>(states * process.features), 0);
  const auto observation = [&](std::int32_t state, std::int32_t feature) -> double& {
    return process.observations[static_cast<std::size_t>(state * process.features + feature)];
  };
  for (std::int32_t state = 0; state < upper; ++state)
    observation(state, state) = 2, observation(state, states) = 1;
  observation(upper, upper) = 1, observation(upper, states) = 2;
  process.weights = {1, 1, 1, 1, 1, 1, 10, 1};

  Policy policy{.name = "solid"};
  for (std::int32_t state = 0; state < states; ++state) {
    policy.chances.insert(policy.chances.end(), {0, 1});
    policy.behaviour.insert(policy.behaviour.end(), {6.0 / 7, 1.0 / 7});
  }
  process.policies.push_back(std::move(policy));
  return process;
}

}  // namespace crosstalk::env
