#include "env/ram.hpp"

namespace crosstalk::env {

std::vector<std::int64_t> annotated_bytes(std::string_view environment) {
  if (environment == "atari:ms_pacman")
    return {6,  7,  8,   9,   12, 13, 14, 15,  // the four ghosts, x and y
            10, 16,                            // the player
            11, 17,                            // the fruit
            19, 56, 119, 120, 123};            // counts, direction, score, lives
  if (environment == "atari:seaquest")
    return {70, 97,                            // the player
            86, 87, 102, 103, 59, 62,          // direction, missiles, oxygen, lives, divers
            30, 31, 32,  33,  71, 72, 73, 74,  // enemies, divers or missiles of the four lanes
            57, 58};                           // score
  return {};
}

}  // namespace crosstalk::env
