#include "run/until.hpp"

#include <algorithm>
#include <sstream>

#include "base/error.hpp"

namespace crosstalk::run {

Until::Until(const std::string& text) {
  if (text == "never") return;
  std::istringstream words(text);
  Limit limit;
  std::string sign, more;
  if (!(words >> limit.measure >> limit.split >> sign >> limit.value) || words >> more ||
      (sign != ">=" && sign != "<="))
    throw Error(ErrorKind::config,
                "probe.until is \"" + text +
                    "\": \"never\" or a measure, a split, a sign and a limit are expected, "
                    "as \"first_guess train >= 0.5\"");
  limit.above = sign == ">=";
  limit_ = std::move(limit);
}

bool Until::reached(const std::vector<Row>& rows) const {
  if (!limit_) return false;
  return std::ranges::any_of(rows, [this](const Row& row) {
    return row.measure == limit_->measure && row.split == limit_->split &&
           (limit_->above ? row.value >= limit_->value : row.value <= limit_->value);
  });
}

}  // namespace crosstalk::run
