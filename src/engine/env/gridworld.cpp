#include "env/gridworld.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace crosstalk::env {

DecisionProcess gridworld(const Sizes& sizes) {
  const std::int64_t width = sizes.width, height = sizes.height;
  if (width < 2 || height < 2) {
    throw Error(ErrorKind::config, "task.width = " + std::to_string(width) + " and task.height = " +
                                       std::to_string(height) + ": a grid has two cells a side at least");
  }
  const std::int64_t goal = width * height - 1;
  DecisionProcess process = empty_process("gridworld", goal, 4);
  process.start[0] = 1;
  constexpr std::int64_t moves[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};  // rows and columns
  for (std::int64_t cell = 0; cell < goal; ++cell) {
    for (std::int64_t action = 0; action < 4; ++action) {
      const std::int64_t row = std::clamp<std::int64_t>(cell / width + moves[action][0], 0, height - 1);
      const std::int64_t column = std::clamp<std::int64_t>(cell % width + moves[action][1], 0, width - 1);
      const std::int64_t next = row * width + column;
      process.after(cell, action) = {
          {.next = next == goal ? Branch::end : static_cast<std::int32_t>(next), .reward = -1}};
    }
  }
  process.most_steps = 20 * width * height;
  return process;
}

}  // namespace crosstalk::env
