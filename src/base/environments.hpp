#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/vocabulary.hpp"

/// The environments (base/environments.def): what a study may say, and which line it means.
namespace crosstalk {

struct EnvironmentEntry {
  std::string_view word, kinds, has = {};
  constexpr bool is_endless() const { return has.find("endless") != has.npos; }
  constexpr bool has_levels() const { return has.find("levels") != has.npos; }
};
inline constexpr auto environment_table = std::to_array<EnvironmentEntry>({
#define ENVIRONMENT(identifier, ...) {__VA_ARGS__},
#include "base/environments.def"
#undef ENVIRONMENT
});

static_assert(std::none_of(environment_table.begin(), environment_table.end(),
                           [](const EnvironmentEntry& entry) {
                             return entry.is_endless() && entry.kinds != "evaluate";
                           }),
              "who acts is judged by whole episodes, which an endless environment has none of");

/// Whether a word stands for a family, behind which a name goes on: "gym:".
constexpr bool is_family(std::string_view word) { return word.ends_with(':'); }

/// Whether a text is this word, or a name behind that of a family.
constexpr bool is_of(std::string_view text, std::string_view word) {
  return is_family(word) ? text.starts_with(word) && text != word : text == word;
}

/// The line of a study's environment, its own or its family's; nullptr where it is none, or a family without
/// a name behind it.
constexpr const EnvironmentEntry* find_environment(std::string_view environment) {
  for (const EnvironmentEntry& entry : environment_table) {
    if (is_of(environment, entry.word)) return &entry;
  }
  return nullptr;
}

/// The word of that line; empty where there is none.
constexpr std::string_view world_of(std::string_view environment) {
  const EnvironmentEntry* entry = find_environment(environment);
  return entry == nullptr ? "" : entry->word;
}

/// Whether an environment's episodes never end; an unknown one's may.
constexpr bool is_endless(std::string_view environment) {
  const EnvironmentEntry* entry = find_environment(environment);
  return entry != nullptr && entry->is_endless();
}

/// Whether a task of this kind is learned in an environment.
inline bool is_learned_in(std::string_view environment, std::string_view kind) {
  const EnvironmentEntry* entry = find_environment(environment);
  return entry != nullptr && lists(entry->kinds, kind);
}

/// Whether an environment's seed is its level.
constexpr bool has_levels(std::string_view environment) {
  const EnvironmentEntry* entry = find_environment(environment);
  return entry != nullptr && entry->has_levels();
}

/// Whether others' steps than its own are learned from where this policy is evaluated (task.policy).
constexpr bool is_off_policy(std::string_view policy) { return policy == "solid"; }

}  // namespace crosstalk
