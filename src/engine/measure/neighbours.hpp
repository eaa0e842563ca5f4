#pragma once

#include <span>
#include <vector>

#include "data/table.hpp"

namespace crosstalk::measure {

/// Rows of trajectories and those beside them in their own episodes.
struct Neighbours {
  static constexpr std::int64_t masked = -1;

  data::Rows rows;                   // all of them, ascending, each once
  std::int64_t first = 0, last = 0;  // offsets in steps
  std::vector<std::int64_t> places;  // (samples, offsets): where each stands in `rows`, or masked: beyond an
                                     // end of the sample's episode, or no longer held

  std::int64_t offsets() const { return last - first + 1; }
  std::int64_t samples() const { return std::ssize(places) / offsets(); }
  std::int64_t place(std::int64_t sample, std::int64_t offset) const {
    return places[static_cast<std::size_t>(sample * offsets() + offset - first)];
  }
};

/// Of these samples, which may repeat, at each offset of [first, last]; `beside` are put into `rows` too.
Neighbours neighbours(const data::Rows& samples, std::int64_t first, std::int64_t last,
                      std::span<const data::Id> beside = {});

/// Where a row stands in ascending ones that hold it.
std::int64_t place_in(const data::Rows& rows, data::Id row);

}  // namespace crosstalk::measure
