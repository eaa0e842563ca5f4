#include "base/vocabulary.hpp"
#include "study/datasets.hpp"
#include "study/keys.hpp"
#include "study/own_class.hpp"

namespace crosstalk::study {
namespace {

const Condition with_data{"task.kind", {"classify", "regress", "windowed"}, "with a data set"};
const Condition from_stored = for_kinds({"evaluate/stored"});
const Condition learns_values{"learner.algorithm", {"double-dqn", "mc", "td-lambda", "reg"}};
const Condition for_sarcos{"task.dataset", {"sarcos"}, "for sarcos"};

/// What a data set is there for, and what an environment is.
std::map<std::string, Json> kinds() {
  std::map<std::string, Json> by_condition = {{"own-table", "regress"}, {"stored", "evaluate"}};
  for (const std::string& name : known_dataset_names("regress")) by_condition.emplace(name, "regress");
  for (const std::string& name : environment_names())
    if (name != "windowed") by_condition.emplace(name, kinds_in(name).front());
  return by_condition;
}

std::map<std::string, std::vector<Condition>> where_kinds_go() {
  const Condition no_environment{"task.environment", {""}};
  std::vector<std::string> evaluated = environments_for("evaluate");
  evaluated.push_back("stored");
  return {
      {"classify", {no_environment, {"task.dataset", families_for("classify")}}},
      {"regress", {no_environment, {"task.dataset", families_for("regress")}}},
      {"windowed",
       {{"task.environment", {"windowed", ""}},
        {"task.dataset", image_families(), "for images (digits, cifar10, svhn or a folder of your own)"}}},
      {"control", {{"task.environment", environments_for("control")}}},
      {"evaluate", {{"task.environment", evaluated}}},
  };
}

}  // namespace

std::vector<Key> task_keys() {
  return {
      {.name = "task.dataset",
       .type = Type::dataset,
       .help = "The data: " + listed_datasets() +
               ", or a path of your own: FILE.csv, FILE.npz or "
               "./FOLDER with train/CLASS/*.png and test/CLASS/*.png.",
       .fallback = nullptr,
       .counts = {for_kinds({"classify", "regress", "windowed"})}},
      {.name = "task.environment",
       .type = Type::text,
       .help = "The environment of an agent: an exact environment, which needs no data and whose true "
               "values are known; an environment of Gymnasium (\"gym:CartPole-v1\"), MinAtar "
               "(\"minatar:breakout\") or Atari (\"atari:ms_pacman\"), or a class of your own beside the "
               "study (\"gym:./room.py:Room\"); or "
               "\"windowed\" with a data set of images, which is the same as task.kind = \"windowed\".",
       .fallback = nullptr,
       .by_condition = {{"windowed", "windowed"}},
       .allowed = environment_names(),
       .one_form = environment_in_one_form},
      {.name = "task.trajectories",
       .type = Type::text,
       .help = "A folder of stored trajectories (`crosstalk trajectories collect`), from which values are "
               "learned without acting. A path that is not absolute begins at the study's folder. "
               "task.environment may be left out; if it is given, it must be the one that was played.",
       .fallback = nullptr,
       .counts = {for_kinds({"evaluate"})},
       .one_form = trajectories_in_one_form},
      {.name = "task.transitions",
       .type = Type::count_or_word,
       .help = "How many transitions to learn from: the first whole training episodes that have together no "
               "more. "
               "There must be so many in all training episodes. \"all\": all of them.",
       .fallback = "all",
       .counts = {from_stored},
       .allowed = {"all"},
       .least = 1,
       .most = 1e12},
      {.name = "task.kind",
       .type = Type::text,
       .help = "With a data set: whether to predict a class or numbers (a choice only for a .csv or "
               ".npz), or \"windowed\": an agent finds the class of an image that it sees through a "
               "window. In an environment: to learn to act (\"control\") or, in an exact environment, to "
               "learn the values of a fixed policy (\"evaluate\"). From stored trajectories: to learn values "
               "without acting (\"evaluate\").",
       .fallback = "classify",
       .by_condition = kinds(),
       .allowed = words_of(task_kinds),
       .only = where_kinds_go()},
      {.name = "task.examples",
       .type = Type::count_or_word,
       .help = "How many training rows to learn from (nT), or \"all\".",
       .fallback = "all",
       .counts = {with_data},
       .allowed = {"all"},
       .least = 1,
       .most = 1e9},
      {.name = "task.subset",
       .type = Type::text,
       .help = "Which training rows: the first, as published, or a random draw for each seed.",
       .fallback = "first",
       .counts = {with_data},
       .allowed = words_of(subsets)},
      {.name = "task.source",
       .type = Type::text,
       .help = "\"test-file\" splits the official test file, for when the training file is missing.",
       .fallback = "files",
       .counts = {for_sarcos},
       .harmless = "files",
       .allowed = {"files", "test-file"}},
      {.name = "task.train-rows",
       .type = Type::integer,
       .help = "How many rows are for training; the others are for testing.",
       .fallback = 3560,
       .counts = {{"task.source", {"test-file"}}, for_sarcos},
       .least = 1,
       .most = 4448},
      {.name = "task.target",
       .type = Type::text,
       .help = "The column of a .csv to predict.",
       .fallback = "",
       .counts = {{"task.dataset", {".csv"}, "for a .csv of your own"}}},
      {.name = "task.test-share",
       .type = Type::number,
       .help = "The share of your own data that becomes the test set, if the data have none; of stored "
               "trajectories the share of their episodes. The split is the same for all seeds.",
       .fallback = 0.2,
       .counts = {{"task.dataset",
                   {"own-table", "own-images", "stored"},
                   "for data of your own, and from stored trajectories"}},
       .least = 0,
       .most = 1,
       .least_excluded = true,
       .most_excluded = true},
      {.name = "task.normalise",
       .type = Type::text,
       .help = "\"global\": inputs are scaled to [0, 1] by one minimum and maximum over all training "
               "inputs, and targets likewise; \"per-feature\": each column by the mean and deviation of "
               "the training rows. An agent's pixels are divided by 255.",
       .fallback = "none",
       .by_condition = {{"california", "global"}, {"own-table", "per-feature"}},
       .counts = {for_kinds({"classify", "regress"})},
       .allowed = words_of(normalisations)},
      {.name = "task.observation",
       .type = Type::text,
       .help = "\"aliased\" repeats a published mistake: both observations of a transition are the later "
               "one. \"shifted\" repeats that of stored trajectories: each observation is the one a step "
               "later, beside the same action and reward.",
       .fallback = "paper",
       .counts = {for_kinds({"windowed", "evaluate/stored"})},
       .allowed = words_of(observations),
       .only = {{"aliased", {for_kinds({"windowed"}), {"task.behaviour", {"own"}}}},
                {"shifted", {from_stored}}}},
      {.name = "task.timeout",
       .type = Type::text,
       .help = "Whether the 20th step ends the episode for the target too (\"terminal\"), or the target "
               "bootstraps from the next state (\"truncate\").",
       .fallback = "terminal",
       .counts = {for_kinds({"windowed"}), learns_values},
       .allowed = words_of(timeouts)},
      {.name = "task.behaviour",
       .type = Type::text,
       .help =
           "Whose steps an agent learns from: its own, as it acts; or those of another agent, which learns "
           "before by double-dqn with the same keys and seed and the same images: its whole life in "
           "order, through a replay of the same size (\"life\"), or drawn from all of it at once "
           "(\"shuffled\"), or steps of the policy that it ended with (\"final\"), at least as many as it "
           "made. "
           "The network and the minibatches are other ones than that agent's.",
       .fallback = "own",
       .by_condition = {{"windowed/mc", "final"}, {"windowed/td-lambda", "final"}, {"windowed/reg", "final"}},
       .counts = {for_kinds({"windowed"}), learns_values},
       .allowed = words_of(behaviours),
       .only = {{"own", {{"learner.algorithm", {"double-dqn"}}}}}},
  };
}

}  // namespace crosstalk::study
