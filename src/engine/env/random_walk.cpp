#include "env/random_walk.hpp"

#include "base/error.hpp"

namespace crosstalk::env {

DecisionProcess random_walk(const Sizes& sizes) {
  const std::int64_t n = sizes.states;
  if (n < 3 || n % 2 == 0) {
    throw Error(ErrorKind::config,
                "task.states = " + std::to_string(n) +
                    ": a random walk begins in the middle state; give an odd number from 3 on");
  }
  DecisionProcess process = empty_process("random-walk", n, 2);
  process.start[static_cast<std::size_t>(n / 2)] = 1;
  for (std::int32_t state = 0; state < n; ++state) {
    process.after(state, 0) = {{.next = state - 1}};
    process.after(state, 1) = {{.next = state + 1}};
  }
  process.after(0, 0) = {{.next = Branch::end, .reward = -1}};
  process.after(n - 1, 1) = {{.next = Branch::end, .reward = 1}};
  process.most_steps = 10 * n * n;
  return process;
}

}  // namespace crosstalk::env
