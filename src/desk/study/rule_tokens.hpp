#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::study {

/// A word ("value-based", "learner.rate"), a number, a sign ("<=", "("), or the end of the rule.
struct RuleToken {
  enum class Kind { word, quoted, number, sign, end };
  Kind kind = Kind::end;
  std::string text;  // of a quoted word: without its quotes
  double number = 0;
  int column = 1;
};

/// The tokens with one of kind `end` behind them. What is none (a lone "@", quotes that do not close) is a
/// sign that no rule expects, so that the parser says where it stands.
std::vector<RuleToken> rule_tokens(std::string_view text);

/// The token as a message has it: `"gap"`, `the end of the rule`.
std::string in_words(const RuleToken& token);

}  // namespace crosstalk::study
