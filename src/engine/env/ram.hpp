#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace crosstalk::env {

/// Of an Atari 2600's memory.
inline constexpr std::int64_t console_bytes = 128;

/// Which of a console's 128 bytes say where a game stands, of "atari:ms_pacman" and "atari:seaquest" those
/// that Anand et al. 2019, "Unsupervised state representation learning in Atari", annotate; empty: none are
/// known, and all count.
std::vector<std::int64_t> annotated_bytes(std::string_view environment);

}  // namespace crosstalk::env
