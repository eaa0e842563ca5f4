#include "base/vocabulary.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::map<std::string, std::vector<Condition>> where_algorithms_go() {
  std::map<std::string, std::vector<Condition>> only;
  for (const std::string& word : algorithm_names()) only[word] = {for_kinds(kinds_of(word))};
  return only;
}

/// Where TD(lambda) has the loss of the published scripts instead of the books'.
constexpr const char* published_lambda[] = {"stored/td-lambda", "atari:/td-lambda", "windowed/td-lambda"};

std::map<std::string, Json> losses_by_algorithm() {
  std::map<std::string, Json> by_condition = {{"regress", "squared-error"}};
  for (const std::string& word : algorithm_names())
    if (word != "supervised") by_condition[word] = losses_of(word).front();
  for (const std::string& word : algorithms_with_loss("huber"))
    for (const char* world : {"gym:/", "minatar:/"})
      if (losses_of(word).front() == "smooth-l1") by_condition[world + word] = "huber";
  for (const char* published : published_lambda) by_condition[published] = "smooth-l1";
  return by_condition;
}

std::map<std::string, std::vector<Condition>> where_losses_go() {
  std::map<std::string, std::vector<Condition>> only;
  for (const std::string& word : words_of(losses))
    only[word] = {{"learner.algorithm", algorithms_with_loss(word)}};
  only["cross-entropy"].push_back(for_kinds({"classify", "control"}));
  only["squared-error"].push_back(for_kinds({"regress", "windowed", "control", "evaluate"}));
  return only;
}

}  // namespace

std::vector<Key> learner_keys() {
  return {
      {.name = "learner.algorithm",
       .type = Type::text,
       .help =
           "The learning algorithm. Agents: double-dqn; dqn, polyak and ql, which differ in their "
           "target network (copied, averaged, or none); sarsa, expected-sarsa and mc; reinforce; rainbow; "
           "pqn, "
           "which learns from rollouts, without a replay and a target network. "
           "Agents, and policy evaluation: td-lambda; residual, whose gradient also goes through the "
           "target. From stored trajectories: those of values but for sarsa, expected-sarsa, rainbow and "
           "pqn; "
           "reg and td-star, which learn from the values of the expert that played them. From the steps of "
           "another agent at images (task.behaviour): double-dqn, td-lambda, mc, and reg.",
       .fallback = "supervised",
       .by_condition = {{"windowed", "double-dqn"},
                        {"control", "double-dqn"},
                        {"evaluate", "td-lambda"},
                        {"gym:/control", "dqn"},
                        {"minatar:/control", "dqn"},
                        {"atari:/control", "dqn"},
                        {"stored/evaluate", "dqn"}},
       .allowed = algorithm_names(),
       .only = where_algorithms_go()},
      {.name = "learner.loss",
       .type = Type::text,
       .help = "Cross-entropy for classes, squared error (mean over the outputs) for numbers. For a TD "
               "error d: d^2 (squared-error), the smaller of d^2 and the absolute value of d (smooth-l1, as "
               "published), or "
               "the Huber loss. reinforce: the log-probabilities weighted by the return. rainbow: the "
               "cross-entropy of the distribution that is aimed at.",
       .fallback = "cross-entropy",
       .by_condition = losses_by_algorithm(),
       .since = {std::begin(published_lambda), std::end(published_lambda)},
       .allowed = words_of(losses),
       .only = where_losses_go()},
      {.name = "learner.reduction",
       .type = Type::text,
       .help = "Whether the loss of a batch is the mean or the sum over its rows.",
       .fallback = "mean",
       .by_condition = {{"sarcos", "sum"}},
       .counts = {for_kinds({"classify", "regress"})},
       .allowed = words_of(reductions)},
      {.name = "learner.targets",
       .type = Type::text,
       .help = "\"broadcast\" repeats a published mistake: predictions (n, 1) minus targets (n) give n x n "
               "errors.",
       .fallback = "separate",
       .counts = {for_kinds({"regress"})},
       .harmless = "separate",
       .allowed = words_of(target_forms)},
      {.name = "learner.updates",
       .type = Type::integer,
       .help = "How many updates a run makes.",
       .fallback = 1000,
       .by_condition = {{"sarcos", 5000}, {"stored", 500000}},
       .counts = {for_kinds({"classify", "regress", "evaluate"})},
       .least = 1,
       .most = 1e9},
      {.name = "learner.batch",
       .type = Type::integer,
       .help = "Rows of a minibatch, drawn with replacement; for agents, transitions. pqn draws without "
               "replacement: a pass over a rollout has each of its transitions once.",
       .fallback = 32,
       .by_condition = {{"double-dqn", 128},
                        {"control/double-dqn", 32},
                        {"windowed/mc", 128},
                        {"windowed/td-lambda", 128},
                        {"windowed/reg", 128},
                        {"gym:/control", 128},
                        {"gym:/double-dqn", 128},
                        {"gym:/rainbow", 32},
                        {"gym:/pqn", 32},
                        {"stored/evaluate", 32}},
       .counts = {for_algorithms_that("batches"),
                  for_kinds({"classify", "regress", "windowed", "control", "evaluate/stored"})},
       .least = 1,
       .most = 1e6},
  };
}

}  // namespace crosstalk::study
