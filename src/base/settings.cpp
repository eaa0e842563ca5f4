#include "base/settings.hpp"

#include <cmath>
#include <limits>

namespace crosstalk {

Settings::Settings(Json flat) : flat_(std::move(flat)) {
  if (!flat_.is_object())
    throw Error(ErrorKind::config, "the run's configuration is " + flat_.dump() + ", no object of keys");
}

std::int64_t Settings::count(const std::string& key) const {
  const Json& value = take(key);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool counts = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= most
                          : value.is_number_integer() && value.get<std::int64_t>() >= 0;
  if (!counts) refuse(key, value, "an integer of at least 0");
  return value.get<std::int64_t>();
}

std::optional<std::int64_t> Settings::count_or(const std::string& key, const std::string& word) const {
  if (take(key) == word) return std::nullopt;
  return count(key);
}

bool Settings::is_said(const std::string& key) const {
  const auto found = flat_.find(key);
  return found != flat_.end() && !found->is_null();
}

bool Settings::is(const std::string& key, const std::string& word) const { return take(key) == word; }

double Settings::number(const std::string& key) const {
  const Json& value = take(key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) refuse(key, value, "a number");
  return value.get<double>();
}

std::string Settings::text(const std::string& key) const {
  const Json& value = take(key);
  if (!value.is_string()) refuse(key, value, "a text");
  return value.get<std::string>();
}

std::vector<std::string> Settings::texts(const std::string& key) const {
  const Json& value = take(key);
  const auto is_text = [](const Json& item) { return item.is_string(); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), is_text))
    refuse(key, value, "a list of texts");
  return value.get<std::vector<std::string>>();
}

const Json& Settings::take(const std::string& key) const {
  const auto found = flat_.find(key);
  if (found == flat_.end()) throw Error(ErrorKind::config, "the run's configuration: " + key + " is missing");
  taken_->insert(key);
  return *found;
}

void Settings::refuse(const std::string& key, const Json& value, const std::string& expected) const {
  throw Error(ErrorKind::config, "the run's configuration: " + key + " is " + value.dump() + " where " +
                                     expected + " is expected");
}

void Settings::refuse_word(const std::string& key, const std::string& said,
                           const std::vector<std::string>& known) const {
  std::string all;
  for (const std::string& word : known) all += (all.empty() ? "\"" : ", \"") + word + "\"";
  throw Error(ErrorKind::config, key + " is \"" + said + "\" where one of " + all + " is expected");
}

}  // namespace crosstalk
