#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/rows.hpp"

namespace crosstalk::run {

/// What ends a run before its length (probe.until): a measure that reaches a limit, "first_guess train >=
/// 0.5".
class Until {
 public:
  /// The text as the study has it in its one form; "never" ends nothing. Error(config) for any other.
  explicit Until(const std::string& text);

  /// Whether a row of this measurement has reached it.
  bool reached(const std::vector<Row>& rows) const;

 private:
  struct Limit {
    std::string measure, split;
    bool above;
    double value;
  };
  std::optional<Limit> limit_;
};

}  // namespace crosstalk::run
