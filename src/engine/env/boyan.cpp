#include "env/boyan.hpp"

#include "base/error.hpp"

namespace crosstalk::env {

DecisionProcess boyan(const Sizes& sizes) {
  const std::int64_t n = sizes.states;
  if (n < 5 || n % 4 != 1) {
    throw Error(ErrorKind::config,
                "task.states = " + std::to_string(n) +
                    ": each fourth state of Boyan's chain has a feature, the first and the last "
                    "too; give 13 or another number that is one more than a multiple of 4");
  }
  DecisionProcess process = empty_process("boyan", n, 1);
  process.start[0] = 1;
  for (std::int32_t state = 0; state < n - 2; ++state)
    process.after(state, 0) = {{0.5, state + 1, -3}, {0.5, state + 2, -3}};
  const auto last = static_cast<std::int32_t>(n - 1);
  process.after(last - 1, 0) = {{1, last, -2}};
  process.after(last, 0) = {{1, Branch::end, 0}};

  process.features = (n - 1) / 4 + 1;
  process.observations.assign(static_cast<std::size_t>(n * process.features), 0);
  for (std::int64_t state = 0; state < n; ++state) {
    double* const observation = process.observations.data() + state * process.features;
    const std::int64_t feature = state / 4;
    const double further = static_cast<double>(state % 4) / 4;
    observation[feature] = 1 - further;
    if (further > 0) observation[feature + 1] = further;
  }
  return process;
}

}  // namespace crosstalk::env
