#include <algorithm>

#include "base/measures.hpp"
#include "base/vocabulary.hpp"
#include "study/keys.hpp"
#include "study/measures.hpp"
#include "study/rule.hpp"

namespace crosstalk::study {
namespace {

std::map<std::string, Json> measures_by_kind() {
  std::map<std::string, Json> by_kind;
  for (const std::string& kind : words_of(task_kinds))
    if (kind != "classify") by_kind[kind] = measure_names(kind);  // the fallback
  by_kind["control/levels"] = measure_names("control", "levels");
  by_kind["stored/evaluate"] = measure_names("evaluate", "stored");
  for (const std::string& algorithm : algorithms_that("distributes")) {
    by_kind["control/" + algorithm] = measure_names("control", "", /*has_errors=*/false);
    by_kind["control/" + algorithm + "/levels"] = measure_names("control", "levels", /*has_errors=*/false);
  }
  return by_kind;
}

/// The kinds that a measure fits; where one is "KIND/levels", it says of an agent that it learns on some of
/// its environment's levels alone.
std::vector<Condition> where_it_goes(const MeasureEntry& measure) {
  constexpr std::string_view ending = "/levels";
  std::vector<std::string> kinds = words_in(measure.kinds);
  const auto of_levels = std::find_if(kinds.begin(), kinds.end(),
                                      [&](const std::string& kind) { return kind.ends_with(ending); });
  if (of_levels == kinds.end()) return {for_kinds(kinds)};
  of_levels->resize(of_levels->size() - ending.size());
  std::vector<std::string> worlds = environments_that("levels");
  worlds.insert(worlds.end(), {"", "windowed", "stored"});
  return {for_kinds(kinds),
          {"task.environment", worlds, "where an environment's seed is its level"},
          {"task.train-levels",
           {any_count, ""},
           "where an agent in an environment learns on some of its levels alone"}};
}

std::map<std::string, std::vector<Condition>> where_measures_go() {
  std::map<std::string, std::vector<Condition>> only;
  for (const MeasureEntry& measure : measure_table) {
    std::vector<Condition> where;
    if (!measure.kinds.empty()) where = where_it_goes(measure);
    if (lists(measure.needs, "errors"))
      where.push_back({"learner.algorithm", algorithms_without("distributes"),
                       "where a learner has scalar errors, not distributions"});
    if (lists(measure.needs, "evolving"))
      where.push_back({"learner.algorithm", algorithms_that("evolves"),
                       "where one error a sample is made small, or a loss of labels"});
    if (lists(measure.needs, "momentum"))
      where.push_back(
          {"learner.optimizer",
           {"momentum"},
           "where the optimiser keeps a moving average of gradients: learner.optimizer = \"momentum\""});
    if (!where.empty()) only[std::string(measure.name)] = std::move(where);
  }
  return only;
}

std::vector<std::string> and_also(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::vector<std::string> measures_that(const char* need) {
  std::vector<std::string> names;
  for (const MeasureEntry& measure : measure_table)
    if (lists(measure.needs, need)) names.emplace_back(measure.name);
  return names;
}

Condition where_measured(const std::vector<std::string>& measures) {
  std::string words = "where probe.measures holds ";
  for (const std::string& name : measures) words += (name == measures.front() ? "" : " or ") + name;
  return {"probe.measures", measures, words};
}

/// Of what is measured along trajectories.
std::vector<Key> along_keys() {
  const std::vector<std::string> at_updates = {"loss_difference", "loss_difference.predicted",
                                               "loss_difference.second"};
  const std::vector<std::string> along =
      and_also(at_updates, {"cosine", "cosine.loss", "cosine.ram", "expected_interference"});
  const Condition around = where_measured(at_updates), beside = where_measured(along),
                  paired = where_measured(and_also(along, measures_that("evolving")));
  const std::vector<Condition> of_values = {
      {"learner.algorithm", algorithms_without("distributes"), "where a learner has scalar errors"},
      {"learner.algorithm", algorithms_without("returns"), "where the outputs are values"}};
  const std::vector<Condition> of_experts = {for_kinds({"evaluate/stored"})};
  return {
      {.name = "probe.losses",
       .type = Type::texts,
       .help =
           "The losses whose change by an update is measured: the one that is learned by, the TD error, the "
           "TD error against the values of the expert who played the trajectories, the error against "
           "returns or lambda-returns, and the regression to the expert's values. More of them cost more "
           "passes; lambda those over whole episodes.",
       .fallback = Json::array({"own"}),
       .counts = {around},
       .allowed = words_of(losses_measured),
       .only = {{"td", of_values},
                {"mc", of_values},
                {"lambda", of_values},
                {"td-star", of_experts},
                {"reg", of_experts}}},
      {.name = "probe.offsets",
       .type = Type::integer,
       .help = "How many steps behind and ahead of a transition its neighbours lie, in its own episode.",
       .fallback = 30,
       .by_condition = {{"windowed", 15}},
       .counts = {beside},
       .least = 0,
       .most = 10000},
      {.name = "probe.others",
       .type = Type::integer,
       .help =
           "How many other transitions are drawn at random, to compare the neighbours with. The derivative "
           "of interference is of pairs of so many of them with so many rows of the minibatch.",
       .fallback = 32,
       .counts = {paired},
       .least = 0,
       .most = 10000},
      {.name = "probe.lambda",
       .type = Type::number,
       .help = "The lambda of the lambda-returns in probe.losses, where learner.lambda does not say it.",
       .fallback = 0.9,
       .counts = {around,
                  {"probe.losses", {"lambda"}, "where probe.losses holds lambda"},
                  {"learner.algorithm", algorithms_without("mixes"), "where learner.lambda does not say it"}},
       .least = 0,
       .most = 1},
      {.name = "probe.window",
       .type = Type::integer,
       .help = "How many transitions one after the other a window of these measures has.",
       .fallback = 5,
       .counts = {where_measured({"sign_variance", "target_roughness", "sign_flips"})},
       .least = 2,
       .most = 10000},
  };
}

/// Of every probe.
std::vector<Key> common_keys() {
  const Condition sampled{"learner.source", {"sampled"}};
  return {
      {.name = "probe.every",
       .type = Type::integer,
       .help = "Measure at 0, every, 2 x every, ... and at the end, before the update with that number "
               "(for agents: before the environment step, or as probe.unit says).",
       .fallback = 50,
       .by_condition = {{"cifar10", 20},
                        {"sarcos", 250},
                        {"california", 5},
                        {"double-dqn", 10000},
                        {"reinforce", 5000},
                        {"svhn/reinforce", 1000},
                        {"windowed/mc", 10000},
                        {"windowed/td-lambda", 10000},
                        {"windowed/reg", 10000},
                        {"control", 1000},
                        {"control/double-dqn", 1000},
                        {"control/reinforce", 1000},
                        {"gym:/control", 5000},
                        {"gym:/double-dqn", 5000},
                        {"minatar:/control", 25000},
                        {"minatar:/double-dqn", 25000},
                        {"atari:/control", 50000},
                        {"atari:/double-dqn", 50000},
                        {"atari:/rainbow", 5000},
                        {"gym:/reinforce", 5000},
                        {"minatar:/reinforce", 25000},
                        {"atari:/reinforce", 50000},
                        {"stored/evaluate", 1000}},
       .since = {"gym:/reinforce", "minatar:/reinforce", "atari:/reinforce"},
       .least = 1,
       .most = 1e9},
      {.name = "probe.unit",
       .type = Type::text,
       .help = "The unit of probe.every and of the step of every row.",
       .fallback = "updates",
       .by_condition = {{"windowed", "steps"}, {"control", "steps"}},
       .counts = {for_kinds({"control", "evaluate"})},
       .allowed = words_of(units),
       .only = {{"steps", {sampled, without_trajectories()}},
                {"episodes", {sampled, without_trajectories()}}}},
      {.name = "probe.until",
       .type = Type::text,
       .help = "End a run at its first measurement at which a measure reaches a limit, such as "
               "\"accuracy train >= 0.9\": then runs are compared at equal fit, and cost no more than it "
               "takes. Without: after all its updates or steps.",
       .fallback = "never",
       .one_form = milestone_in_one_form},
      {.name = "probe.samples",
       .type = Type::integer,
       .help = "How many training rows, and how many test rows, form the pairs: the first ones. For "
               "agents: how many transitions of each.",
       .fallback = 96,
       .by_condition =
           {{"sarcos", 128}, {"california", 200}, {"own-table", 128}, {"own-images", 128}, {"windowed", 128}},
       .least = 2,
       .most = 100000},
      {.name = "probe.episodes",
       .type = Type::integer,
       .help = "How many episodes an agent plays at each measurement; windowed: one on each of the first "
               "so many training and test images. Learners of values act greedily, reinforce samples its "
               "actions.",
       .fallback = 128,
       .by_condition = {{"control", 20}},
       .counts = {for_kinds({"windowed", "control"})},
       .least = 1,
       .most = 100000},
      {.name = "probe.explore",
       .type = Type::number,
       .help = "The share of random actions (epsilon) in these episodes.",
       .fallback = 0.0,
       .counts = {for_kinds({"control"}), for_algorithms_that("explores")},
       .least = 0,
       .most = 1},
      {.name = "probe.function",
       .type = Type::text,
       .help = "The function of the outputs whose gradients are compared: the largest output, the mean "
               "of the outputs, the largest class probability, or (agents) the outputs of the actions "
               "taken, summed over the choices.",
       .fallback = "max",
       .allowed = words_of(functions),
       .only = {{"confidence", {for_kinds({"classify"})}},
                {"taken", {for_kinds({"windowed", "control", "evaluate/stored"})}}}},
      {.name = "probe.measures",
       .type = Type::texts,
       .help = "What to measure; by default everything that fits the task's kind, but what costs more and is "
               "to be named.",
       .fallback = measure_names("classify"),
       .by_condition = measures_by_kind(),
       .allowed = measure_names(),
       .only = where_measures_go()},
      {.name = "probe.keep",
       .type = Type::text,
       .help = "For which measurements theta and the samples are written to files, so that the numbers "
               "can be computed again elsewhere. It changes no row.",
       .fallback = "none",
       .allowed = words_of(keeps)},
  };
}

}  // namespace

std::vector<Key> probe_keys() {
  std::vector<Key> all = common_keys();
  for (Key& key : along_keys()) all.push_back(std::move(key));
  return all;
}

}  // namespace crosstalk::study
