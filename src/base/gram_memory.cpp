#include "base/gram_memory.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace crosstalk {

std::int64_t most_samples(std::int64_t matrices, std::int64_t number_bytes, std::int64_t budget_bytes) {
  const double numbers = double(budget_bytes) / double(std::max<std::int64_t>(1, matrices) *
                                                       std::max<std::int64_t>(1, number_bytes));
  return static_cast<std::int64_t>(std::sqrt(std::max(0.0, numbers)));
}

std::string spelled_memory(double bytes, bool up) {
  double number = bytes / double(mebibyte);
  const char* unit = "MiB";
  if (number >= 1024) number /= 1024, unit = "GiB";
  const int digits = number < 10 ? 2 : number < 100 ? 1 : 0;
  const double step = std::pow(10.0, -digits);
  number = (up ? std::ceil(number / step) : std::round(number / step)) * step;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  std::string spelled = text;
  if (digits > 0) spelled.erase(std::min(spelled.find_last_not_of('0'), spelled.size() - 1) + 1);
  if (spelled.back() == '.') spelled.pop_back();
  return spelled + " " + unit;
}

std::string beyond_memory(const GramSizes& sizes, std::int64_t budget_bytes) {
  if (sizes.bytes() <= double(budget_bytes)) return "";
  const std::string allowed = spelled_memory(double(budget_bytes));
  std::string needed = spelled_memory(sizes.bytes());
  if (needed == allowed) needed = spelled_memory(sizes.bytes(), true);
  return "needs " + needed + " for its Gram matrices alone where runtime.memory allows " + allowed;
}

}  // namespace crosstalk
