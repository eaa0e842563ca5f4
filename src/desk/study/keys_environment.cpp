#include "base/vocabulary.hpp"
#include "study/counting.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

/// Where a seed is a level, all of them are learned on; elsewhere there is nothing to say.
std::map<std::string, Json> all_levels() {
  std::map<std::string, Json> all;
  for (const std::string& environment : environments_that("levels")) all[environment] = "all";
  return all;
}

}  // namespace

std::vector<Key> environment_keys() {
  const Condition gridworld{"task.environment", {"gridworld"}}, atari{"task.environment", {"atari:"}},
      unstored = without_trajectories();
  Condition levels{"task.environment", environments_that("levels")};
  levels.words = "where an episode's seed is its level, " + in_words(levels);
  return {
      {.name = "task.states",
       .type = Type::integer,
       .help = "The number of states of the chain. A random walk needs an odd number, because an episode "
               "starts in the middle; Boyan's chain one more than a multiple of 4, because each fourth "
               "state has a feature.",
       .fallback = 19,
       .by_condition = {{"boyan", 13}},
       .counts = {{"task.environment", {"random-walk", "boyan"}}, unstored},
       .least = 3,
       .most = 1001},
      {.name = "task.width",
       .type = Type::integer,
       .help = "Cells of the grid in a row.",
       .fallback = 5,
       .counts = {gridworld, unstored},
       .least = 2,
       .most = 32},
      {.name = "task.height",
       .type = Type::integer,
       .help = "Cells of the grid in a column.",
       .fallback = 5,
       .counts = {gridworld, unstored},
       .least = 2,
       .most = 32},
      {.name = "task.episode-steps",
       .type = Type::integer,
       .help = "An episode is truncated after this many steps if its environment has not ended it; the "
               "next state is still bootstrapped from.",
       .fallback = nullptr,
       .by_condition = {{"gym:", 100000}, {"minatar:", 10000}, {"atari:", 27000}},
       .counts = {{"task.environment", {"gym:", "minatar:", "atari:"}}, unstored},
       .least = 1,
       .most = 1e9},
      {.name = "task.train-levels",
       .type = Type::count_or_word,
       .help =
           "How many levels an agent learns on, the seeds below this, or \"all\". With a count its return is "
           "measured on these levels and on all others, and so is the gap between the two.",
       .fallback = nullptr,
       .by_condition = all_levels(),
       .counts = {levels, unstored},
       .allowed = {"all"},
       .least = 1,
       .most = 1e9},
      {.name = "task.frame-skip",
       .type = Type::integer,
       .help = "Frames of the emulator that a step of an Atari game lasts.",
       .fallback = 4,
       .counts = {atari, unstored},
       .least = 1,
       .most = 1000},
      {.name = "task.sticky",
       .type = Type::number,
       .help = "The chance, at each frame of the emulator, that the action of the frame before is done again "
               "in place of the one that was chosen; 0: never.",
       .fallback = 0.25,
       .counts = {atari, unstored},
       .least = 0,
       .most = 1},
      {.name = "task.actions",
       .type = Type::text,
       .help = "The actions to choose from: those that the game heeds, or all 18 of the console.",
       .fallback = "minimal",
       .counts = {atari, unstored},
       .allowed = words_of(action_sets)},
      {.name = "task.maximum",
       .type = Type::text,
       .help = "Of a step's last two screens each pixel's larger value is seen. It is taken of the two once "
               "they are resized, as published, or before, and what it gives is resized, as others do.",
       .fallback = "after-resizing",
       .counts = {atari, unstored},
       .allowed = words_of(maxima)},
      {.name = "task.policy",
       .type = Type::text,
       .help = "The policy whose values are learned: uniform over all actions, or Baird's target policy, "
               "which always takes the solid action while the steps come from the behaviour policy.",
       .fallback = "uniform",
       .by_condition = {{"baird", "solid"}},
       .counts = {for_kinds({"evaluate"}), unstored},
       .allowed = words_of(policies),
       .only = {{"solid", {{"task.environment", {"baird"}}}}}},
  };
}

}  // namespace crosstalk::study
