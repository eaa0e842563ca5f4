#include "base/vocabulary.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

/// Updates from one copy of the target network to the next, by what learns and where.
std::map<std::string, Json> copied_every() {
  std::map<std::string, Json> every = {{"dqn", 100},
                                       {"sarsa", 100},
                                       {"expected-sarsa", 100},
                                       {"control/td-lambda", 100},
                                       {"windowed/td-lambda", 250},
                                       {"stored/dqn", 10000},
                                       {"stored/double-dqn", 10000},
                                       {"stored/td-lambda", 10000}};
  for (const std::string algorithm : {"dqn", "double-dqn", "sarsa", "expected-sarsa", "td-lambda"}) {
    every["gym:/" + algorithm] = 250;
    every["minatar:/" + algorithm] = 1000;
    every["atari:/" + algorithm] = 10000;
  }
  every.insert(
      {{"rainbow", 100}, {"gym:/rainbow", 250}, {"minatar:/rainbow", 250}, {"atari:/rainbow", 2000}});
  return every;
}

/// How long, from what, and what has the values.
std::vector<Key> shared_keys() {
  const Condition exact = for_kinds({"control", "evaluate"}), unstored = without_trajectories();
  return {
      {.name = "learner.steps",
       .type = Type::integer,
       .help = "How many environment steps a run makes.",
       .fallback = 200000,
       .by_condition = {{"control", 20000},
                        {"gym:/control", 100000},
                        {"minatar:/control", 1000000},
                        {"atari:/control", 10000000},
                        {"atari:/rainbow", 100000}},
       .counts = {for_kinds({"windowed", "control"})},
       .least = 1,
       .most = 1e9},
      {.name = "learner.source",
       .type = Type::text,
       .help = "Which transitions an update uses: those that the policy meets (\"sampled\"), or all "
               "transitions of the environment at once, weighted by their probabilities (\"expected\").",
       .fallback = "sampled",
       .counts = {for_kinds({"evaluate"}), for_algorithms_that("expects"), unstored},
       .allowed = words_of(sources)},
      {.name = "learner.episodes",
       .type = Type::count_or_word,
       .help = "A run also ends after this many episodes; \"all\": only after its steps or updates.",
       .fallback = "all",
       .counts = {exact, {"learner.source", {"sampled"}}, unstored},
       .allowed = {"all"},
       .least = 1,
       .most = 1e9},
      {.name = "learner.approximation",
       .type = Type::text,
       .help = "How the values are represented: by a network; by a weight for each feature of a state, "
               "without a bias; or by one number for each state. The last two start at 0, for baird at "
               "its published start.",
       .fallback = "network",
       .by_condition = {{"evaluate", "tabular"},
                        {"baird/evaluate", "linear"},
                        {"boyan/evaluate", "linear"},
                        {"stored/evaluate", "network"}},
       .counts = {exact, unstored},
       .allowed = words_of(approximations),
       .only = {{"linear",
                 {{"task.environment",
                   {"baird", "boyan"},
                   "with task.environment = \"baird\" or \"boyan\" (the features of others are their states: "
                   "it is learner.approximation = \"tabular\")"}}},
                {"tabular", {{"task.environment", exact_environments()}}}}},
  };
}

/// Of replay, targets and exploration.
std::vector<Key> acting_keys() {
  const Condition acts = for_kinds({"windowed", "control"});
  return {
      {.name = "learner.start",
       .type = Type::integer,
       .help = "Environment steps before the first update.",
       .fallback = 5000,
       .by_condition = {{"control", 100},
                        {"gym:/control", 1000},
                        {"minatar:/control", 5000},
                        {"atari:/control", 200000},
                        {"minatar:/rainbow", 1000},
                        {"atari:/rainbow", 1600}},
       .counts = {for_algorithms_that("replays"), acts},
       .least = 1,
       .most = 1e9},
      {.name = "learner.update-every",
       .type = Type::integer,
       .help = "Environment steps from one update to the next.",
       .fallback = 2,
       .by_condition = {{"control", 1}, {"gym:/control", 2}, {"minatar:/control", 4}, {"atari:/control", 1}},
       .counts = {for_algorithms_that("replays"), acts},
       .least = 1,
       .most = 1e9},
      {.name = "learner.replay",
       .type = Type::integer,
       .help = "How many of the latest transitions the replay keeps.",
       .fallback = 100000,
       .by_condition = {{"control", 10000},
                        {"gym:/control", 50000},
                        {"minatar:/control", 100000},
                        {"atari:/control", 250000},
                        {"atari:/rainbow", 100000}},
       .counts = {for_algorithms_that("replays"), acts},
       .least = 1,
       .most = 1e9},
      {.name = "learner.target",
       .type = Type::text,
       .help = "\"double\": the target network gives the value of the online network's best action; \"max\", "
               "as published: the maximum of the target network.",
       .fallback = "double",
       .counts = {{"learner.algorithm", {"double-dqn"}}},
       .allowed = words_of(target_choices),
       .only = {{"max",
                 {{"task.kind",
                   {"windowed"},
                   "with task.kind = \"windowed\" (elsewhere it is learner.algorithm = \"dqn\" or "
                   "\"polyak\")"}}}}},
      {.name = "learner.gamma",
       .type = Type::number,
       .help = "The discount factor; reinforce's return is not discounted.",
       .fallback = 0.9,
       .by_condition =
           {{"control", 0.99}, {"evaluate", 0.99}, {"random-walk/evaluate", 1.0}, {"boyan/evaluate", 1.0}},
       .counts = {for_algorithms_that("discounts")},
       .least = 0,
       .most = 1},
      {.name = "learner.target-every",
       .type = Type::count_or_word,
       .help = "The target network is copied after every so many updates, or \"never\"; \"tau\": it is "
               "averaged by learner.tau instead.",
       .fallback = "tau",
       .by_condition = copied_every(),
       .since = {"gym:/td-lambda", "minatar:/td-lambda", "atari:/td-lambda"},
       .counts = {for_algorithms_that("copies"), for_kinds({"windowed", "control", "evaluate/stored"})},
       .allowed = {"never", "tau"},
       .only = {{"tau",
                 {{"learner.algorithm",
                   {"double-dqn"},
                   "with learner.algorithm = \"double-dqn\" (a dqn whose target follows is \"polyak\")"}}}},
       .least = 1,
       .most = 1e9},
      {.name = "learner.target-copies",
       .type = Type::integer,
       .help = "What is bootstrapped from is the mean of so many copies of the network, those that "
               "learner.target-every made last (Averaged-DQN, Anschel et al. 2017); fewer while there are "
               "fewer. 1: the last copy alone.",
       .fallback = 1,
       .counts = {{"learner.algorithm", {"dqn", "double-dqn"}},
                  for_kinds({"control", "evaluate/stored"}),
                  {"learner.target-every", {any_count}, "with a number as learner.target-every"}},
       .least = 1,
       .most = 100},
      {.name = "learner.tau",
       .type = Type::number,
       .help = "Polyak averaging: the step of the target network towards the network after each update; "
               "1 copies.",
       .fallback = 0.1,
       .by_condition = {{"gym:", 0.005}, {"minatar:", 0.005}, {"atari:", 0.01}, {"stored", 0.01}},
       .counts = {for_algorithms_that("follows"), {"learner.target-every", {"tau"}}},
       .least = 0,
       .most = 1,
       .least_excluded = true},
      {.name = "learner.smoothing",
       .type = Type::number,
       .help = "The beta of temporal regularisation (Thodoroff et al. 2018): the value that is bootstrapped "
               "from is (1 - beta) that of the next state + beta that of the state before. Only with "
               "learner.n-step = 1.",
       .fallback = 0.0,
       .counts = {{"learner.algorithm", {"dqn", "polyak", "ql", "double-dqn"}},
                  for_kinds({"control", "evaluate/stored"})},
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.explore-from",
       .type = Type::number,
       .help = "The share of random actions (epsilon) at the first step; of rainbow, whose noisy layers "
               "explore, none.",
       .fallback = 0.95,
       .by_condition = {{"gym:", 1.0}, {"minatar:", 1.0}, {"atari:", 1.0}, {"rainbow", 0.0}},
       .counts = {for_algorithms_that("explores"), acts},
       .least = 0,
       .most = 1},
      {.name = "learner.explore-to",
       .type = Type::number,
       .help = "The share of random actions when it has fallen over learner.explore-steps.",
       .fallback = 0.05,
       .by_condition = {{"minatar:", 0.1}, {"rainbow", 0.0}},
       .counts = {for_algorithms_that("explores"), acts},
       .least = 0,
       .most = 1},
      {.name = "learner.explore-steps",
       .type = Type::integer,
       .help = "Environment steps over which epsilon falls linearly from learner.explore-from to "
               "learner.explore-to.",
       .fallback = 100000,
       .by_condition = {{"control", 5000},
                        {"gym:/control", 10000},
                        {"minatar:/control", 100000},
                        {"atari:/control", 500000}},
       .counts = {for_algorithms_that("explores"), acts},
       .least = 1,
       .most = 1e9},
      {.name = "learner.explore-after",
       .type = Type::integer,
       .help = "Environment steps with the share learner.explore-from before it begins to fall.",
       .fallback = 0,
       .by_condition = {{"atari:/control", 200000}, {"atari:/rainbow", 0}, {"atari:/pqn", 0}},
       .since = {"atari:/control"},
       .counts = {for_algorithms_that("explores"), acts},
       .least = 0,
       .most = 1e9},
  };
}

/// Which of the transitions that are kept, and how far behind them is looked.
std::vector<Key> sampling_keys() {
  const Condition looks_on = for_algorithms_that("looks-on"), acts = for_kinds({"control"}),
                  prioritised{"learner.sampling", {"prioritised"}};
  return {
      {.name = "learner.n-step",
       .type = Type::integer,
       .help = "How many rewards are summed before the bootstrapped value; fewer if the episode ends "
               "earlier. rainbow: Hessel et al. (2018); on Atari van Hasselt et al. (2019).",
       .fallback = 1,
       .by_condition = {{"rainbow", 3}, {"atari:/rainbow", 20}},
       .counts = {looks_on, acts},
       .least = 1,
       .most = 1e6},
      {.name = "learner.sampling",
       .type = Type::text,
       .help = "How transitions are drawn: uniformly, or by proportional prioritised replay, where a "
               "transition with a larger TD error (rainbow: loss) is drawn more often and has a smaller "
               "weight in the batch.",
       .fallback = "uniform",
       .by_condition = {{"rainbow", "prioritised"}},
       .counts = {looks_on, acts},
       .allowed = words_of(samplings)},
      {.name = "learner.priority-exponent",
       .type = Type::number,
       .help = "A transition's probability is proportional to the size of its TD error (rainbow: to its "
               "loss) to this power; 0: uniform.",
       .fallback = 0.6,
       .by_condition = {{"rainbow", 0.5}},
       .counts = {looks_on, acts, prioritised},
       .least = 0,
       .most = 1},
      {.name = "learner.priority-weight",
       .type = Type::number,
       .help = "How far the weights correct for the sampling at the first step: 0 not at all, 1 fully; "
               "it rises linearly to 1 at the last step.",
       .fallback = 0.4,
       .counts = {looks_on, acts, prioritised},
       .least = 0,
       .most = 1},
  };
}

std::vector<Key> rollout_keys() {
  const Condition rolls = for_algorithms_that("rolls");
  return {
      {.name = "learner.rollout",
       .type = Type::integer,
       .help = "Environment steps that are collected before they are learned from, and then given up.",
       .fallback = 128,
       .counts = {rolls},
       .least = 1,
       .most = 1e6},
      {.name = "learner.epochs",
       .type = Type::integer,
       .help = "Passes over a rollout, each in a new order.",
       .fallback = 2,
       .counts = {rolls},
       .least = 1,
       .most = 1000},
  };
}

/// What an update may not do to values beside its minibatch.
std::vector<Key> churn_keys() {
  return {
      {.name = "learner.chain",
       .type = Type::number,
       .help = "The weight of CHAIN's regulariser (Tang and Berseth 2024): to the loss of an update comes "
               "this number times the mean square of what the previous update did to the values of another "
               "minibatch; 0: without it.",
       .fallback = 0.0,
       .counts = {for_algorithms_that("chains"), for_kinds({"control", "evaluate/stored"})},
       .least = 0,
       .most = 1e6},
  };
}

std::vector<Key> policy_keys() {
  const Condition returns = for_algorithms_that("returns");
  return {
      {.name = "learner.return",
       .type = Type::text,
       .help = "The weight of an action: the rewards that follow it (\"to-go\"), or all rewards of its "
               "episode (\"episode\").",
       .fallback = "to-go",
       .by_condition = {{"svhn/reinforce", "episode"}},
       .counts = {returns},
       .allowed = words_of(return_kinds)},
      {.name = "learner.entropy",
       .type = Type::number,
       .help = "The weight of the entropy bonus.",
       .fallback = 1e-5,
       .by_condition = {{"svhn/reinforce", 1e-4}},
       .counts = {returns},
       .least = 0,
       .most = 1e6},
      {.name = "learner.collect",
       .type = Type::integer,
       .help = "Update at the end of the first episode after more than this many steps were collected; "
               "0: after every episode.",
       .fallback = 0,
       .by_condition = {{"svhn/reinforce", 250}},
       .counts = {returns},
       .least = 0,
       .most = 1e9},
  };
}

}  // namespace

std::vector<Key> agent_keys() {
  std::vector<Key> all;
  for (const auto& part : {shared_keys(), acting_keys(), sampling_keys(), rollout_keys(), churn_keys(),
                           target_keys(), policy_keys()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace crosstalk::study
