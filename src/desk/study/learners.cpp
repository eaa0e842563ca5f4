#include "study/learners.hpp"

#include <algorithm>
#include <array>

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

struct World {
  std::string_view word, kinds;
};
constexpr auto worlds = std::to_array<World>({
#define ENVIRONMENT(identifier, ...) {__VA_ARGS__},
#include "base/environments.def"
#undef ENVIRONMENT
});

constexpr auto with_states = std::to_array<World>({
#define ENVIRONMENT(identifier, ...)
#define EXACT_ENVIRONMENT(identifier, ...) {__VA_ARGS__},
#include "base/environments.def"
#undef ENVIRONMENT
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
std::vector<std::string> algorithms_with_loss(std::string_view loss) {
  return those(learners, &Learner::losses, loss);
}
std::vector<std::string> kinds_of(std::string_view algorithm) {
  return list_of(learners, &Learner::kinds, algorithm);
}
std::vector<std::string> losses_of(std::string_view algorithm) {
  return list_of(learners, &Learner::losses, algorithm);
}
std::vector<std::string> environment_names() { return words_of(worlds); }
std::vector<std::string> environments_for(std::string_view kind) {
  return those(worlds, &World::kinds, kind);
}
std::vector<std::string> environments_with_states() { return words_of(with_states); }
std::vector<std::string> kinds_in(std::string_view environment) {
  return list_of(worlds, &World::kinds, environment);
}

}  // namespace crosstalk::study
