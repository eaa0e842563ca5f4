#pragma once

#include "study/file.hpp"

namespace crosstalk::study {

/// How many runs a study may have, and so how many seeds and values of an axis. Each run is a line of the
/// store and of the report.
inline constexpr std::size_t most_runs = 100'000;

/// 2^53 - 1: what JSON keeps exactly everywhere.
inline constexpr std::uint64_t largest_seed = 9007199254740991;

/// A single value: added to the layer, or a problem. Twice the same key is one too.
void add_value(Layer& layer, const Key& key, const Json& value, const Place& place, Problems& problems);

/// The values of an axis: each checked; an empty list, one that is too long, a repeated value (however it is
/// written) and no list are problems.
void add_axis(Layer& layer, const Key& key, const Json& values, const Place& place, Problems& problems);

/// `seeds = N` or a list.
void add_seeds(Layer& layer, const Json& value, const Place& place, Problems& problems);

}  // namespace crosstalk::study
