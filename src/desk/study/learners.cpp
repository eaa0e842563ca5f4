#include "study/learners.hpp"

#include <algorithm>
#include <array>

#include "base/environments.hpp"
#include "base/vocabulary.hpp"

namespace crosstalk::study {
namespace {

struct Learner {
  std::string_view word, kinds, losses, has;
};
constexpr auto learners = std::to_array<Learner>({
#define ALGORITHM(identifier, ...) {__VA_ARGS__},
#include "base/algorithms.def"
#undef ALGORITHM
});

/// The words of a table's lines whose list holds this one.
template <class Table, class List>
std::vector<std::string> those(const Table& table, List list, std::string_view held) {
  std::vector<std::string> words;
  for (const auto& line : table)
    if (lists(line.*list, held)) words.emplace_back(line.word);
  return words;
}

/// The list that stands in the line of a word.
template <class Table, class List>
std::vector<std::string> list_of(const Table& table, List list, std::string_view word) {
  const auto line =
      std::find_if(table.begin(), table.end(), [&](const auto& each) { return each.word == word; });
  return line == table.end() ? std::vector<std::string>{} : words_in((*line).*list);
}

}  // namespace

std::vector<std::string> algorithm_names() { return words_of(learners); }
std::vector<std::string> algorithms_for(std::string_view kind) {
  return those(learners, &Learner::kinds, kind);
}
std::vector<std::string> algorithms_that(std::string_view has) { return those(learners, &Learner::has, has); }
std::vector<std::string> algorithms_without(std::string_view has) {
  std::vector<std::string> words;
  for (const Learner& learner : learners)
    if (!lists(learner.has, has)) words.emplace_back(learner.word);
  return words;
}
std::vector<std::string> algorithms_with_loss(std::string_view loss) {
  return those(learners, &Learner::losses, loss);
}
std::vector<std::string> kinds_of(std::string_view algorithm) {
  return list_of(learners, &Learner::kinds, algorithm);
}
std::vector<std::string> losses_of(std::string_view algorithm) {
  return list_of(learners, &Learner::losses, algorithm);
}
std::vector<std::string> environment_names() { return words_of(environment_table); }
std::vector<std::string> environments_for(std::string_view kind) {
  return those(environment_table, &EnvironmentEntry::kinds, kind);
}
std::vector<std::string> exact_environments() {
  return {
#define ENVIRONMENT(...)
#define EXACT_ENVIRONMENT(identifier, word, ...) word,
#include "base/environments.def"
#undef ENVIRONMENT
  };
}
std::vector<std::string> environments_that(std::string_view has) {
  return those(environment_table, &EnvironmentEntry::has, has);
}
std::vector<std::string> kinds_in(std::string_view environment) {
  return list_of(environment_table, &EnvironmentEntry::kinds,
                 is_family(environment) ? environment : world_of(environment));
}

}  // namespace crosstalk::study
