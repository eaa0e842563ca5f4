#pragma once

#include <string>
#include <string_view>

namespace crosstalk::figures {

struct Run;

/// What a kind of experiment (task.kind) means for the figures: the panel of Fig. 1 that it belongs to, the
/// measure whose gap is drawn, and how an error is made of it.
struct Kind {
  std::string_view name;
  std::string_view panel;    // "supervised"
  std::string_view measure;  // "accuracy", "squared_error": its splits train and test
  bool larger_is_better;     // then error = 1 - measure
  std::string_view gap;      // what the gap is, for an axis: "test error - train error (share of examples)"
};

/// nullptr for a kind without a line in the table.
const Kind* kind_of(const Run& run);

}  // namespace crosstalk::figures
