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

}  // namespace crosstalk::study
