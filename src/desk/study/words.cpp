#include "study/words.hpp"

#include "study/schema.hpp"

namespace crosstalk::study {

std::string cut_value(const Json& value) { return cut(to_toml(value)); }

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

std::string some_alternatives(std::vector<std::string> words, const std::string& who) {
  constexpr std::size_t most = 10, named = 8;
  if (words.size() <= most) return alternatives(words);
  const std::string more = std::to_string(words.size() - named) + " others (" + who + " has them)";
  words.resize(named);
  words.push_back(more);
  return alternatives(words);
}

}  // namespace crosstalk::study
