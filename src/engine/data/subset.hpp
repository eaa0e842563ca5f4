#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "tensor/random.hpp"

namespace crosstalk::data {

/// 0, 1, ..., count - 1.
std::vector<std::int64_t> first_rows(std::int64_t count);

/// `count` of `rows`, without replacement in the order drawn (Fisher and Yates); all where there are fewer.
std::vector<std::int64_t> random_rows(std::int64_t rows, std::int64_t count, tensor::Stream& stream);

/// The first `count` of these rows that are none of `left_out`, or as many as there are.
std::vector<std::int64_t> apart_from(const std::set<std::int64_t>& left_out, std::vector<std::int64_t> rows,
                                     std::int64_t count);

/// The training rows of a run: `examples` of `rows`, the first ones ("first") or, for "random", random_rows
/// from the stream named "subset" of the run's seed. Error(config) when there are not so many, or for another
/// word.
std::vector<std::int64_t> training_rows(std::int64_t rows, std::int64_t examples, std::string_view subset,
                                        tensor::Stream stream);

}  // namespace crosstalk::data
