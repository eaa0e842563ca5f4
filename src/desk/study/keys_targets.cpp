#include "base/vocabulary.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

/// Of what learns distributions.
std::vector<Key> atom_keys() {
  const Condition distributes = for_algorithms_that("distributes");
  return {
      {.name = "learner.atoms",
       .type = Type::integer,
       .help = "How many numbers a distribution of returns is over (Bellemare et al. 2017: 51), equally far "
               "apart from learner.value-least to learner.value-most.",
       .fallback = 51,
       .counts = {distributes},
       .least = 2,
       .most = 1000},
      {.name = "learner.value-least",
       .type = Type::number,
       .help = "The least of them. A smaller return counts as this one.",
       .fallback = -10.0,
       .by_condition = {{"gym:", -100.0}, {"minatar:", 0.0}},
       .counts = {distributes},
       .least = -1e9,
       .most = 1e9},
      {.name = "learner.value-most",
       .type = Type::number,
       .help =
           "The largest of them. A larger return counts as this one. Atari's is as published, for rewards "
           "of a step from -1 to 1; here they go from -4 to 4.",
       .fallback = 10.0,
       .by_condition = {{"gym:", 100.0}, {"minatar:", 50.0}},
       .counts = {distributes},
       .least = -1e9,
       .most = 1e9},
  };
}

std::vector<Key> trace_keys() {
  const Condition traces = for_algorithms_that("traces"), mixes = for_algorithms_that("mixes"),
                  evaluates = for_kinds({"evaluate"});
  return {
      {.name = "learner.lambda",
       .type = Type::number,
       .help = "The lambda of TD(lambda): 0 is TD(0), in control Q-learning; 1 is Monte Carlo, of pqn up to "
               "the end of a rollout.",
       .fallback = 0.9,
       .by_condition = {{"baird/td-lambda", 0.0}, {"pqn", 0.65}},
       .since = {"baird/td-lambda"},
       .counts = {mixes},
       .least = 0,
       .most = 1},
      {.name = "learner.view",
       .type = Type::text,
       .help = "\"forward\": after each episode its lambda-returns are computed from the current values, "
               "then its updates are made in order; \"backward\": an update at each step with an "
               "eligibility trace.",
       .fallback = "forward",
       .by_condition = {{"baird/td-lambda", "backward"}},
       .since = {"baird/td-lambda"},
       .counts = {traces, evaluates, without_trajectories()},
       .allowed = words_of(views),
       .only = {{"forward", {{"learner.source", {"sampled"}}}}}},
  };
}

/// What the published scripts of stored trajectories do otherwise than the paper describes.
std::vector<Key> mistake_keys() {
  const Condition stored = for_kinds({"evaluate/stored"}), of_mc{"learner.algorithm", {"mc"}};
  return {
      {.name = "learner.episode-end",
       .type = Type::text,
       .help = "How a return ends with its episode. \"leaking\" repeats a published mistake of mc: the sum "
               "begins anew one step late, so that the return of an episode's last step goes on into the "
               "episode stored behind it, which may be one for testing, and the last reward is in no other "
               "step's return; what follows a cut is not counted. "
               "\"underweighted\" repeats one of td-lambda: the longest return weighs lambda^(T-t+1) instead "
               "of lambda^(T-t-1), so that the weights do not add up to 1.",
       .fallback = "paper",
       .counts = {{"learner.algorithm", {"mc", "td-lambda"}}, stored},
       .allowed = words_of(episode_ends),
       .only = {{"leaking", {of_mc}}, {"underweighted", {for_algorithms_that("traces")}}}},
      {.name = "learner.terminals",
       .type = Type::text,
       .help = "\"left-out\" repeats a published mistake: a transition that ends an episode by the "
               "environment's rules is never learned from.",
       .fallback = "drawn",
       .counts = {stored},
       .allowed = words_of(terminal_forms)},
      {.name = "learner.output",
       .type = Type::text,
       .help = "Which output mc leads to the return: that of the action taken, or the largest (\"max\"), as "
               "the published scripts of policy evaluation do.",
       .fallback = "taken",
       .counts = {of_mc, stored},
       .allowed = words_of(outputs_learned)},
  };
}

}  // namespace

std::vector<Key> target_keys() {
  std::vector<Key> all;
  for (const auto& part : {atom_keys(), trace_keys(), mistake_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace crosstalk::study
