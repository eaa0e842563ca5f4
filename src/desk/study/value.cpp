// Values of keys: the check against the schema, their one form, and their look.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/environments.hpp"
#include "base/error.hpp"
#include "study/datasets.hpp"
#include "study/nearest.hpp"
#include "study/own_class.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr double largest_exact = 9007199254740992.0;  // 2^53: beyond it a float key's integer would change
constexpr double round_from = 1e5;                    // limits of numbers from here on are told as powers
constexpr std::size_t most_text = 1000, most_path = 4096, most_entry = 100, most_entries = 1000;

std::string plain(double number, bool is_whole) {
  char text[40];
  if (!is_whole && number >= round_from)
    return std::string(
        text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "1e%.0f", std::log10(number))));
  if (number != std::floor(number))
    return std::string(text, std::to_chars(text, text + sizeof text, number).ptr);
  const std::string whole = with_commas(static_cast<std::size_t>(std::abs(number)));
  return (number < 0 ? "-" : "") +
         (whole.size() == 5 ? std::to_string(static_cast<int>(std::abs(number))) : whole);
}

std::vector<std::string> quoted(std::vector<std::string> words) {
  for (std::string& word : words) word = '"' + word + (is_family(word) ? "NAME\"" : "\"");
  return words;
}

/// Both ends: what is refused by one must be able to read it.
std::string range(const Key& key) {
  if (!std::isfinite(key.least) || !std::isfinite(key.most)) return "";
  const bool is_whole = key.type != Type::number;
  const std::string least = plain(key.least, is_whole), most = plain(key.most, is_whole);
  return (key.least_excluded ? " above " : " from ") + least +
         (key.most_excluded    ? " and below "
          : key.least_excluded ? " and at most "
                               : " to ") +
         most;
}

bool in_range(const Key& key, double number) {
  if (key.least_excluded ? number <= key.least : number < key.least) return false;
  return key.most_excluded ? number < key.most : number <= key.most;
}

Checked wrong(const Key& key, const Json& value, const std::string& mend = "") {
  return {nullptr, key.name + " = " + cut_value(value) + ": " + expectation(key) + " is expected" + mend};
}

Checked check_integer(const Key& key, const Json& value) {
  if (!value.is_number()) return wrong(key, value);
  const double number = value.get<double>();
  if (!std::isfinite(number) || number != std::floor(number) || std::abs(number) > largest_exact)
    return wrong(key, value);
  const auto integer = static_cast<std::int64_t>(number);
  const auto& counts = key.allowed_counts;
  const bool is_one = counts.empty() ? in_range(key, number)
                                     : std::find(counts.begin(), counts.end(), integer) != counts.end();
  return is_one ? Checked{integer, ""} : wrong(key, value);
}

Checked check_number(const Key& key, const Json& value) {
  if (!value.is_number()) return wrong(key, value);
  const double number = value.get<double>();
  if (!std::isfinite(number) || !in_range(key, number)) return wrong(key, value);
  return {number == 0 ? 0.0 : number, ""};  // -0.0 is 0.0
}

/// What no text may be, whatever its key; empty where it is sound.
std::string fault_of_text(const Key& key, const std::string& text, std::size_t most) {
  if (text.size() > most)
    return key.name + " = \"" + cut(text) + "\": a text of at most " + with_commas(most) +
           " bytes is expected, not of " + with_commas(text.size());
  if (text.find('\0') != std::string::npos)
    return key.name + " = \"" + cut(text) + "\" holds a byte of zero, which no name does";
  return "";
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest(word, candidates);
  return near.empty() ? "" : "; did you mean \"" + near + "\"?";
}

Checked check_text(const Key& key, const Json& value) {
  if (!value.is_string()) return wrong(key, value);
  const auto& text = value.get_ref<const std::string&>();
  if (const std::string fault = fault_of_text(key, text, most_text); !fault.empty()) return {nullptr, fault};
  Json form = value;
  try {
    if (key.one_form != nullptr) form = key.one_form(text);
  } catch (const Error& error) {
    return {nullptr, key.name + " = " + cut_value(value) + ": " + error.what()};
  }
  if (!key.allowed.empty() && std::none_of(key.allowed.begin(), key.allowed.end(),
                                           [&](const std::string& word) { return is_of(text, word); }))
    return wrong(key, value, did_you_mean(text, key.allowed));
  return {form, ""};
}

std::string entry_of(const Key& key, const Json& list, std::size_t place) {
  return key.name + ", entry " + std::to_string(place + 1) + " of " + std::to_string(list.size()) + ", " +
         cut_value(list[place]);
}

/// A list whose entries have a form of their own, as layers do.
Checked check_entries(const Key& key, const Json& value) {
  Json entries = Json::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto& text = value[i].get_ref<const std::string&>();
    if (text.size() > most_entry)
      return {nullptr,
              entry_of(key, value, i) + ": at most " + std::to_string(most_entry) + " bytes are expected"};
    try {
      entries.push_back(key.one_form(text));
    } catch (const Error& error) {
      return {nullptr, entry_of(key, value, i) + ": " + error.what()};
    }
  }
  return {entries, ""};
}

/// A list of words from a known few. In which order they are named changes nothing, so it must not change the
/// identifier.
Checked check_words(const Key& key, const Json& value) {
  if (value.empty()) return wrong(key, value);
  std::vector<std::string> words;
  for (const Json& item : value) {
    const auto& word = item.get_ref<const std::string&>();
    if (std::find(key.allowed.begin(), key.allowed.end(), word) == key.allowed.end()) {
      // All words of a long list would leave no room for the near one.
      const std::string meant = did_you_mean(word, key.allowed);
      return {nullptr, key.name + " holds " + cut_value(item) + ", which is none of " +
                           (meant.empty() ? some_alternatives(quoted(key.allowed)) : "its words" + meant)};
    }
    if (std::find(words.begin(), words.end(), word) != words.end())
      return {nullptr, key.name + " holds " + cut_value(item) + " twice"};
    words.push_back(word);
  }
  Json ordered = Json::array();
  for (const std::string& word : key.allowed)
    if (std::find(words.begin(), words.end(), word) != words.end()) ordered.push_back(word);
  return {ordered, ""};
}

Checked check_texts(const Key& key, const Json& value) {
  const bool is_list = value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& item) {
                         return item.is_string() && !item.get_ref<const std::string&>().empty();
                       });
  if (!is_list) return wrong(key, value);
  if (value.size() > most_entries)
    return {nullptr, key.name + " has " + with_commas(value.size()) + " entries, where at most " +
                         with_commas(most_entries) + " are expected"};
  return key.one_form != nullptr ? check_entries(key, value) : check_words(key, value);
}

/// A folder keeps a / by which it is known.
std::string path_in_one_form(const std::string& text) {
  std::string path = plain_path(text);
  if (path.find('/') == std::string::npos && family_of(path) != family_of(text)) path = "./" + path;
  return family_of(path) == family_of(text) ? path : text;  // a folder may be named x.csv, and end in /
}

Checked check_dataset(const Key& key, const Json& value) {
  if (!value.is_string()) return wrong(key, value);
  const auto& text = value.get_ref<const std::string&>();
  if (const std::string fault = fault_of_text(key, text, most_path); !fault.empty()) return {nullptr, fault};
  const std::string family = family_of(text);
  if (family.empty()) return wrong(key, value, did_you_mean(text, known_dataset_names()));
  return {is_own(family) ? path_in_one_form(text) : text, ""};
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
    case Type::count_or_word: {
      std::vector<std::string> words = quoted(key.allowed);
      words.insert(words.begin(), "an integer" + range(key));
      return alternatives(words);
    }
    case Type::number:
      return "a number" + range(key);
    case Type::text:
      return key.allowed.empty() ? "a text" : alternatives(quoted(key.allowed));
    case Type::texts:
      return key.allowed.empty() ? "a list of texts" : "a list of " + alternatives(quoted(key.allowed));
    case Type::dataset: {
      std::string words;
      for (const std::string& name : quoted(known_dataset_names())) words += name + ", ";
      return words + "a path that ends in .csv or .npz, or a folder's with a / in it";
    }
  }
  return "";
}

Checked check(const Key& key, const Json& value) {
  switch (key.type) {
    case Type::integer:
      return check_integer(key, value);
    case Type::count_or_word:
      return value.is_string() ? check_text(key, value) : check_integer(key, value);
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
