// The language of claims: a text is a rule, or its fault has a place in it and shows a rule that is right.
#include "study/rule.hpp"

#include "target.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto parsed = study::parse_rule(text);
  if (const auto* fault = std::get_if<study::RuleFault>(&parsed)) {
    fuzz::require(fault->column >= 1 && fault->column <= static_cast<int>(size) + 1,
                  "a fault is in the rule");
    fuzz::require_readable(fault->message);
    fuzz::require(
        fault->example.empty() || std::holds_alternative<study::Rule>(study::parse_rule(fault->example)),
        "what a fault shows as right is a rule");
  }
  return 0;
}
