// Values of keys: the check against the schema, their one form, and their look.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "study/datasets.hpp"
#include "study/nearest.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

constexpr double unbounded = 1e5;  // limits from here on are there to stop slips; nobody need read them
constexpr double largest_exact = 9007199254740992.0;  // 2^53: beyond it a float key's integer would change

std::string plain(double number) {
  if (std::abs(number) < 1e15 && number == std::floor(number)) {
    const std::string whole = std::to_string(static_cast<std::int64_t>(std::abs(number)));
    std::string digits = number < 0 ? "-" : "";
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (i > 0 && (whole.size() - i) % 3 == 0 && whole.size() > 4) digits += ',';
      digits += whole[i];
    }
    return digits;
  }
  char text[40];
  return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

std::vector<std::string> quoted(std::vector<std::string> words) {
  for (std::string& word : words) word = '"' + word + '"';
  return words;
}

std::string range(const Key& key) {
  const bool below = std::isfinite(key.least), above = std::isfinite(key.most);
  if (!below && !above) return "";
  if (below && above && key.most >= unbounded && key.type != Type::number)
    return " of at least " + plain(key.least);
  if (below && above && key.most >= unbounded)
    return (key.least_excluded ? " above " : " of at least ") + plain(key.least);
  std::string text = key.least_excluded ? " above " + plain(key.least) : " from " + plain(key.least);
  text += key.most_excluded ? " and below " : key.least_excluded ? " and at most " : " to ";
  return text + plain(key.most);
}

bool in_range(const Key& key, double number) {
  if (key.least_excluded ? number <= key.least : number < key.least) return false;
  return key.most_excluded ? number < key.most : number <= key.most;
}

Checked wrong(const Key& key, const Json& value, const std::string& mend = "") {
  return {nullptr, key.name + " = " + to_toml(value) + ": " + expectation(key) + " is expected" + mend};
}

Checked check_integer(const Key& key, const Json& value) {
  if (!value.is_number()) return wrong(key, value);
  const double number = value.get<double>();
  if (!std::isfinite(number) || number != std::floor(number) || std::abs(number) > largest_exact)
    return wrong(key, value);
  const auto integer = static_cast<std::int64_t>(number);
  if (!key.allowed_counts.empty()) {
    if (std::find(key.allowed_counts.begin(), key.allowed_counts.end(), integer) == key.allowed_counts.end())
      return wrong(key, value);
  } else if (!in_range(key, number)) {
    return wrong(key, value,
                 number > key.most && key.most >= unbounded ? ", at most " + plain(key.most) : "");
  }
  return {integer, ""};
}

Checked check_number(const Key& key, const Json& value) {
  if (!value.is_number()) return wrong(key, value);
  const double number = value.get<double>();
  if (!std::isfinite(number) || !in_range(key, number)) return wrong(key, value);
  return {number == 0 ? 0.0 : number, ""};  // -0.0 is 0.0
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : "; did you mean \"" + near + "\"?";
}

Checked check_text(const Key& key, const Json& value) {
  if (!value.is_string()) return wrong(key, value);
  const auto& text = value.get_ref<const std::string&>();
  if (!key.allowed.empty() && std::find(key.allowed.begin(), key.allowed.end(), text) == key.allowed.end())
    return wrong(key, value, did_you_mean(text, key.allowed));
  return {value, ""};
}

Checked check_texts(const Key& key, const Json& value) {
  if (!value.is_array()) return wrong(key, value);
  std::vector<std::string> words;
  for (const Json& item : value) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty()) return wrong(key, value);
    const auto& word = item.get_ref<const std::string&>();
    if (!key.allowed.empty()) {
      if (std::find(key.allowed.begin(), key.allowed.end(), word) == key.allowed.end())
        return {nullptr, key.name + " holds " + to_toml(item) + ", which is none of " +
                             alternatives(quoted(key.allowed)) + did_you_mean(word, key.allowed)};
      if (std::find(words.begin(), words.end(), word) != words.end())
        return {nullptr, key.name + " holds " + to_toml(item) + " twice"};
    }
    words.push_back(word);
    if (const std::string fault = key.fault == nullptr ? "" : key.fault(word); !fault.empty())
      return {nullptr, key.name + ", entry " + std::to_string(words.size()) + " of " +
                           std::to_string(value.size()) + ", " + to_toml(item) + ": " + fault};
  }
  if (key.allowed.empty()) return {words, ""};
  if (words.empty()) return wrong(key, value);
  Json ordered =
      Json::array();  // in which order measures are named changes nothing, so it must not change the id
  for (const std::string& word : key.allowed)
    if (std::find(words.begin(), words.end(), word) != words.end()) ordered.push_back(word);
  return {ordered, ""};
}

Checked check_dataset(const Key& key, const Json& value) {
  if (!value.is_string()) return wrong(key, value);
  const auto& text = value.get_ref<const std::string&>();
  if (family_of(text).empty()) return wrong(key, value, did_you_mean(text, known_dataset_names()));
  return {value, ""};
}

}  // namespace

std::string expectation(const Key& key) {
  switch (key.type) {
    case Type::integer: {
      if (key.allowed_counts.empty()) return "an integer" + range(key);
      std::vector<std::string> words;
      for (const std::int64_t count : key.allowed_counts) words.push_back(std::to_string(count));
      return alternatives(words);
    }
    case Type::count_or_all:
      return "an integer" + range(key) + " or \"all\"";
    case Type::number:
      return "a number" + range(key);
    case Type::text:
      return key.allowed.empty() ? "a text" : alternatives(quoted(key.allowed));
    case Type::texts:
      return key.allowed.empty() ? "a list of texts" : "a list of " + alternatives(quoted(key.allowed));
    case Type::dataset:
      return "\"digits\", \"california\", \"sarcos\", \"cifar10\", \"svhn\", a path that ends in .csv or "
             ".npz, or a "
             "folder's with a / in it";
  }
  return "";
}

Checked check(const Key& key, const Json& value) {
  switch (key.type) {
    case Type::integer:
      return check_integer(key, value);
    case Type::count_or_all:
      return value == "all" ? Checked{value, ""} : check_integer(key, value);
    case Type::number:
      return check_number(key, value);
    case Type::text:
      return check_text(key, value);
    case Type::texts:
      return check_texts(key, value);
    case Type::dataset:
      return check_dataset(key, value);
  }
  return {};
}

std::string to_toml(const Json& value) {
  if (value.is_array()) {
    std::string text = "[";
    for (std::size_t i = 0; i < value.size(); ++i) text += (i == 0 ? "" : ", ") + to_toml(value[i]);
    return text + "]";
  }
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (!std::isfinite(number)) return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
    char text[40];
    std::string digits(text, std::to_chars(text, text + sizeof text, number).ptr);
    return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
  }
  if (value.is_object()) return "a table";
  if (value.is_null()) return "a date or time";  // what the parser makes null
  return value.dump();
}

}  // namespace crosstalk::study
