#include "data/subset.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "base/error.hpp"

namespace crosstalk::data {

std::vector<std::int64_t> first_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

std::vector<std::int64_t> random_rows(std::int64_t rows, std::int64_t count, tensor::Stream& stream) {
  std::vector<std::int64_t> chosen = first_rows(rows);
  count = std::min(count, rows);
  for (std::int64_t i = 0; i < count; ++i) {
    std::swap(chosen[i],
              chosen[i + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(rows - i)))]);
  }
  chosen.resize(static_cast<std::size_t>(count));
  chosen.shrink_to_fit();
  return chosen;
}

std::vector<std::int64_t> apart_from(const std::set<std::int64_t>& left_out, std::vector<std::int64_t> rows,
                                     std::int64_t count) {
  std::erase_if(rows, [&](std::int64_t row) { return left_out.contains(row); });
  rows.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, std::ssize(rows))));
  return rows;
}

std::vector<std::int64_t> training_rows(std::int64_t rows, std::int64_t examples, std::string_view subset,
                                        tensor::Stream stream) {
  if (examples < 1 || examples > rows) {
    throw Error(ErrorKind::config, "task.examples is " + std::to_string(examples) + " where the data have " +
                                       std::to_string(rows) +
                                       " training rows: give at most so many, or \"all\"");
  }
  if (subset == "first") return first_rows(examples);
  if (subset == "random") return random_rows(rows, examples, stream);
  throw Error(ErrorKind::config,
              "task.subset \"" + std::string(subset) + "\" is no subset: it is \"first\" or \"random\"");
}

}  // namespace crosstalk::data
