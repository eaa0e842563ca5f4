#include "study/datasets.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::map<std::string, Json> kinds() {
  std::map<std::string, Json> by_condition = {{"own-table", "regress"}};
  for (const std::string& name : known_dataset_names("regress")) by_condition.emplace(name, "regress");
  return by_condition;
}

}  // namespace

std::vector<Key> task_keys() {
  return {
      {.name = "task.dataset",
       .type = Type::dataset,
       .help = "The data: digits, california, sarcos, cifar10, svhn, or a path of your own: FILE.csv, "
               "FILE.npz or "
               "./FOLDER with train/CLASS/*.png and test/CLASS/*.png.",
       .fallback = nullptr},
      {.name = "task.kind",
       .type = Type::text,
       .help =
           "Whether to predict a class or numbers, which only a .csv or .npz leaves open; \"windowed\": an "
           "agent finds the class of an image that it sees through a window.",
       .fallback = "classify",
       .by_condition = kinds(),
       .allowed = {"classify", "regress", "windowed"}},
      {.name = "task.examples",
       .type = Type::count_or_all,
       .help = "How many training rows to learn from (nT), or \"all\".",
       .fallback = "all",
       .least = 1,
       .most = 1e9},
      {.name = "task.subset",
       .type = Type::text,
       .help = "Which training rows: the first, as published, or a draw at random for each seed.",
       .fallback = "first",
       .allowed = {"first", "random"}},
      {.name = "task.source",
       .type = Type::text,
       .help = "sarcos only: \"test-file\" splits the official test file where the training file is missing.",
       .fallback = "files",
       .allowed = {"files", "test-file"}},
      {.name = "task.train-rows",
       .type = Type::integer,
       .help = "With task.source = \"test-file\": the first so many rows train, the rest test.",
       .fallback = 3560,
       .least = 1,
       .most = 4448},
      {.name = "task.target",
       .type = Type::text,
       .help = "The column of a .csv that is to be predicted.",
       .fallback = ""},
      {.name = "task.test-share",
       .type = Type::number,
       .help = "The share of your own data that becomes the test set where it has none.",
       .fallback = 0.2,
       .least = 0,
       .most = 1,
       .least_excluded = true,
       .most_excluded = true},
      {.name = "task.normalise",
       .type = Type::text,
       .help =
           "\"global\": one minimum and maximum over all training inputs, one over the targets, to [0, 1]; "
           "\"per-feature\": mean and deviation of the training rows.",
       .fallback = "none",
       .by_condition = {{"california", "global"}, {"own-table", "per-feature"}},
       .allowed = {"none", "global", "per-feature"}},
      {.name = "task.observation",
       .type = Type::text,
       .help = "Agents: \"aliased\" repeats a published mistake: a transition's two observations are one "
               "picture, "
               "the later.",
       .fallback = "paper",
       .allowed = {"paper", "aliased"}},
      {.name = "task.timeout",
       .type = Type::text,
       .help = "double-dqn: whether an episode's 20th step ends it for the target too, or leaves the value "
               "of what would follow.",
       .fallback = "terminal",
       .allowed = {"terminal", "truncate"}},
  };
}

}  // namespace crosstalk::study
