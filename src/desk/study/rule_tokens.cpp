#include "study/rule_tokens.hpp"

#include <algorithm>
#include <charconv>

#include "study/words.hpp"

namespace crosstalk::study {
namespace {

using Kind = RuleToken::Kind;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool goes_on(char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '/'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  RuleToken next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    const std::size_t start = at_;
    RuleToken token = read();
    token.column = static_cast<int>(start) + 1;
    return token;
  }

 private:
  RuleToken read() {
    if (at_ == text_.size()) return {};
    const char c = text_[at_];
    const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (is_letter(c) || ((c == '.' || c == '/') && !is_digit(after))) return word();
    if (is_digit(c) || (c == '.' && is_digit(after)) || (c == '-' && (is_digit(after) || after == '.')))
      return number();
    if (c == '"' || c == '\'') return quoted(c);
    const bool is_double = (c == '<' || c == '>' || c == '!') && after == '=';
    const std::size_t length = is_double ? 2 : std::max<std::size_t>(character_at(text_, at_), 1);
    at_ += length;
    return {Kind::sign, std::string(text_.substr(at_ - length, length))};
  }

  RuleToken word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && goes_on(text_[at_])) ++at_;
    return {Kind::word, std::string(text_.substr(start, at_ - start))};
  }

  RuleToken number() {
    RuleToken token{Kind::number};
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), token.number);
    const std::size_t start = at_;
    at_ = error == std::errc() ? end - text_.data() : at_ + 1;
    if (error != std::errc() || (at_ < text_.size() && is_letter(text_[at_]))) {
      while (at_ < text_.size() && goes_on(text_[at_])) ++at_;
      token.kind = Kind::word;  // "3-layers" is a name
    }
    token.text = text_.substr(start, at_ - start);
    return token;
  }

  RuleToken quoted(char quote) {
    const std::size_t close = text_.find(quote, at_ + 1);
    if (close == std::string_view::npos) {
      at_ = text_.size();
      return {Kind::sign, std::string(1, quote)};
    }
    RuleToken token{Kind::quoted, std::string(text_.substr(at_ + 1, close - at_ - 1))};
    at_ = close + 1;
    return token;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<RuleToken> rule_tokens(std::string_view text) {
  Scanner scanner(text);
  std::vector<RuleToken> tokens;
  do tokens.push_back(scanner.next());
  while (tokens.back().kind != Kind::end);
  return tokens;
}

std::string in_words(const RuleToken& token) {
  return token.kind == Kind::end ? "the end of the rule" : "\"" + cut(token.text) + "\"";
}

}  // namespace crosstalk::study
