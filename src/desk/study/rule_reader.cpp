#include "study/rule_reader.hpp"

#include <algorithm>

#include "study/nearest.hpp"

namespace crosstalk::study {

bool contains(const RuleReader::Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool RuleReader::is(std::string_view text) const {
  using Kind = RuleToken::Kind;
  return (at().kind == Kind::word || at().kind == Kind::sign) && at().text == text;
}

bool RuleReader::takes(std::string_view text) {
  if (!is(text)) return false;
  ++at_;
  return true;
}

void RuleReader::take(std::string_view text, const std::string& what) {
  if (!takes(text)) expected(what);
}

double RuleReader::number() {
  if (at().kind != RuleToken::Kind::number) expected("a number");
  return next().number;
}

void RuleReader::expected(const std::string& what, const Words& candidates) const {
  std::string message = "expected " + what + ", not " + in_words(at());
  if (const std::string near = nearest(at().text, candidates); !near.empty() && near != at().text)
    message += "; did you mean " + near + "?";
  fault(message);
}

void RuleReader::fault(const std::string& message) const {
  throw RuleFault{at().column, message, std::string(example_)};
}

}  // namespace crosstalk::study
