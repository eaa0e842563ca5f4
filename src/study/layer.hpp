#pragma once

#include "study/file.hpp"

namespace crosstalk::study {

/// A single value: added to the layer, or a problem. Twice the same key is one too.
void add_value(Layer& layer, const Key& key, const Json& value, const Place& place, Problems& problems);

/// The values of an axis: each checked; an empty list, a repeated value and no list are problems.
void add_axis(Layer& layer, const Key& key, const Json& values, const Place& place, Problems& problems);

/// `seeds = N` or a list.
void add_seeds(Layer& layer, const Json& value, const Place& place, Problems& problems);

}  // namespace crosstalk::study
