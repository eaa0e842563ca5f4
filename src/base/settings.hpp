#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/vocabulary.hpp"

namespace crosstalk {

/// A run's configuration as it comes in a message, every key with its value ("network.hidden": 16), and each
/// part of the engine takes what it heeds out of it by name. There are no defaults here: the study resolves
/// them. Error(config) names a key that is missing or of another type.
class Settings {
 public:
  explicit Settings(Json flat);

  std::int64_t count(const std::string& key) const;  // an integer, 0 or more
  /// A count, or nothing where the value is `word` ("all", "never").
  std::optional<std::int64_t> count_or(const std::string& key, const std::string& word) const;
  bool is(const std::string& key, const std::string& word) const;  // whether the value is this word
  /// Whether the key has a value: one that does not count for a run is null or not there.
  bool is_said(const std::string& key) const;
  double number(const std::string& key) const;  // finite
  std::string text(const std::string& key) const;
  std::vector<std::string> texts(const std::string& key) const;
  /// What the key's word means in its table.
  template <class Meaning, std::size_t n>
  Meaning word(const std::string& key, const Vocabulary<Meaning, n>& table) const {
    const std::string said = text(key);
    const std::optional<Meaning> means = meaning(table, said);
    if (!means) refuse_word(key, said, words_of(table));
    return *means;
  }

  const Json& flat() const { return flat_; }
  /// The keys that somebody has taken so far, from this or from a copy of it: a key that nobody takes counts
  /// for nothing.
  const std::set<std::string>& taken() const { return *taken_; }

 private:
  const Json& take(const std::string& key) const;
  [[noreturn]] void refuse(const std::string& key, const Json& value, const std::string& expected) const;
  [[noreturn]] void refuse_word(const std::string& key, const std::string& said,
                                const std::vector<std::string>& known) const;

  Json flat_;
  std::shared_ptr<std::set<std::string>> taken_ = std::make_shared<std::set<std::string>>();
};

}  // namespace crosstalk
