#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "study/rule.hpp"
#include "study/rule_tokens.hpp"

namespace crosstalk::study {

/// Walks over a rule's tokens; the parts of the grammar read from it, and throw the first RuleFault.
class RuleReader {
 public:
  using Words = std::vector<std::string>;
  explicit RuleReader(std::string_view text) : text_(text), tokens_(rule_tokens(text)) {}

  const RuleToken& at() const { return tokens_[at_]; }
  const RuleToken& after() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  std::string_view rest() const { return text_.substr(at().column - 1); }
  bool is(std::string_view text) const;
  bool takes(std::string_view text);
  void take(std::string_view text, const std::string& what);
  RuleToken next() { return tokens_[at_++]; }
  void back() { --at_; }
  double number();

  /// From here on a fault shows this rule as one that is right.
  void show(std::string_view example) { example_ = example; }
  [[noreturn]] void expected(const std::string& what, const Words& candidates = {}) const;
  [[noreturn]] void fault(const std::string& message) const;

 private:
  std::string_view text_;
  std::vector<RuleToken> tokens_;
  std::size_t at_ = 0;
  std::string_view example_;
};

bool contains(const RuleReader::Words& words, std::string_view word);

/// The parts that have files of their own.
Expression read_expression(RuleReader& reader);     // rule_quantity.cpp
std::vector<Test> read_tests(RuleReader& reader);   // rule_tests.cpp
std::string read_group_field(RuleReader& reader);   // rule_tests.cpp
bool begins_group_field(const RuleReader& reader);  // rule_tests.cpp

}  // namespace crosstalk::study
