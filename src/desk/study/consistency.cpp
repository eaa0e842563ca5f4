#include "study/consistency.hpp"

#include <algorithm>

#include "study/counting.hpp"
#include "study/datasets.hpp"
#include "study/measures.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

struct Check {
  const Values& values;
  const Experiment& experiment;
  Problems& problems;

  std::string text(const std::string& key) const { return values.at(key).value.get<std::string>(); }
  std::int64_t count(const std::string& key) const { return values.at(key).value.get<std::int64_t>(); }
  std::string said_as(const std::string& key) const { return key + " = " + cut_value(values.at(key).value); }
  bool said(const std::string& key) const { return values.at(key).place.said(); }

  void wrong(std::initializer_list<const char*> blamed, const std::string& message) const {
    for (const char* key : blamed)
      if (said(key)) return problems.add(values.at(key).place, message);
    problems.add({experiment.file}, message);
  }
};

/// Whether the data set, the kind and the algorithm go together; where they do not, no other check means
/// much.
bool check_task(const Check& check, const std::string& family) {
  const std::string kind = check.text("task.kind"), dataset = check.said_as("task.dataset");
  const std::string given = task_of(check.text("task.dataset")).kind;
  const bool windowed = kind == "windowed";
  if (windowed && !is_images(family)) {
    check.wrong(
        {"task.kind", "task.dataset"},
        "task.kind = \"windowed\" needs images, and " + dataset +
            " is no folder or known set of them; digits, cifar10, svhn or a folder of images of your own is");
    return false;
  }
  if (!windowed && family != "own-table" && kind != given) {
    check.wrong({"task.kind", "task.dataset"}, "task.kind = \"" + kind + "\" does not go with " + dataset +
                                                   ", which is there to " + given + "; leave task.kind out");
    return false;
  }
  if (windowed == (check.text("learner.algorithm") != "supervised")) return true;
  check.wrong({"learner.algorithm", "task.kind"}, check.said_as("learner.algorithm") + " does not go with " +
                                                      check.said_as("task.kind") + "; " +
                                                      (windowed ? "\"double-dqn\" or \"reinforce\" does"
                                                       : is_images(family) ? "task.kind = \"windowed\" does"
                                                                           : "\"supervised\" does"));
  return false;
}

void check_loss(const Check& check, const std::string& family) {
  const std::string kind = check.text("task.kind"), algorithm = check.text("learner.algorithm");
  const bool agent = kind == "windowed";
  const std::string fits = algorithm == "double-dqn"  ? "smooth-l1"
                           : algorithm == "reinforce" ? "policy-gradient"
                           : kind == "regress"        ? "squared-error"
                                                      : "cross-entropy";
  if (check.text("learner.loss") != fits)
    check.wrong({"learner.loss", agent ? "learner.algorithm" : "task.kind"},
                check.said_as("learner.loss") + " does not go with " +
                    check.said_as(agent ? "learner.algorithm" : "task.kind") + "; " + fits + " does");
  if (check.text("learner.targets") != "broadcast") return;
  if (kind != "regress")
    check.wrong({"learner.targets"}, "learner.targets = \"broadcast\" is about numbers as targets; with " +
                                         check.said_as("task.kind") + " there are none; \"separate\" does");
  else if (family == "sarcos")
    check.wrong({"learner.targets"},
                "learner.targets = \"broadcast\" needs one output, and sarcos has 7; \"separate\" does");
}

void check_replay(const Check& check) {
  if (check.text("learner.algorithm") != "double-dqn") return;
  const std::int64_t batch = check.count("learner.batch"), start = check.count("learner.start");
  if (check.count("learner.replay") < batch)
    check.wrong({"learner.replay", "learner.batch"},
                check.said_as("learner.replay") + " keeps fewer transitions than " +
                    check.said_as("learner.batch") + " draws; keep at least as many");
  if (start < batch)
    check.wrong({"learner.start", "learner.batch"},
                check.said_as("learner.start") + " is too early for " + check.said_as("learner.batch") +
                    ": the first update would have fewer transitions than it draws; start at " +
                    std::to_string(batch) + " or later");
  // The first step beyond the start that divides; steps count from 0.
  const std::int64_t every = check.count("learner.update-every"), first = (start / every + 1) * every;
  if (first >= check.count("learner.steps"))
    check.wrong({"learner.steps", "learner.start", "learner.update-every"},
                check.said_as("learner.steps") + " ends before the first update, at step " +
                    std::to_string(first) + " (" + check.said_as("learner.start") + ", " +
                    check.said_as("learner.update-every") + "); take more steps or start earlier");
}

/// An update needs more steps than learner.collect; when their episode ends is the agent's doing.
void check_collected(const Check& check) {
  if (check.text("learner.algorithm") != "reinforce") return;
  if (check.count("learner.collect") >= check.count("learner.steps"))
    check.wrong({"learner.steps", "learner.collect"},
                check.said_as("learner.steps") + " ends before the first update, for which more than " +
                    check.said_as("learner.collect") +
                    " steps are collected; take more steps or collect fewer");
}

void check_probe(const Check& check) {
  const std::string kind = check.text("task.kind"), function = check.text("probe.function");
  const std::vector<std::string> fitting = measure_names(kind);
  for (const Json& measure : check.values.at("probe.measures").value)
    if (std::find(fitting.begin(), fitting.end(), measure.get<std::string>()) == fitting.end())
      check.wrong(
          {"probe.measures", "task.kind"},
          "probe.measures holds " + cut_value(measure) + ", which " +
              (kind == "regress"    ? "a regression does not have; squared_error is its measure"
               : kind == "classify" ? "a classification does not have; accuracy is its measure"
                                    : "an agent does not have; reward and accuracy are its measures"));
  if (function == "confidence" && kind != "classify")
    check.wrong({"probe.function", "task.kind"},
                "probe.function = \"confidence\" is the probability of a class, and task.kind is \"" + kind +
                    "\"; " +
                    (kind == "regress" ? "\"max\" or \"mean\" does" : "\"max\", \"mean\" or \"taken\" does"));
  if (function == "taken" && kind != "windowed")
    check.wrong(
        {"probe.function", "task.kind"},
        "probe.function = \"taken\" is about an agent's actions, and task.kind is \"" + kind + "\"; " +
            (kind == "regress" ? "\"max\" or \"mean\" does" : "\"max\", \"mean\" or \"confidence\" does"));
}

/// Whether the key counts. Beside a sweep over the key that decides, one value may stand that counts
/// somewhere in it; where the key is swept itself, it must count everywhere.
bool is_heeded(const Counting& counting, const Check& check) {
  const auto settings = [&](const std::string& key) {
    const auto found = check.experiment.settings.find(key);
    return found == check.experiment.settings.end() ? nullptr : &found->second;
  };
  const Setting *own = settings(counting.key), *deciding = settings(counting.by);
  const Lookup here = [&](const std::string& key) -> const Json& { return check.values.at(key).value; };
  if (deciding == nullptr || deciding->values.size() == 1 || (own != nullptr && own->values.size() > 1))
    return counting.counts(here);
  return std::any_of(deciding->values.begin(), deciding->values.end(), [&](const Json& tried) {
    return counting.counts(
        [&](const std::string& key) -> const Json& { return key == counting.by ? tried : here(key); });
  });
}

/// A key that was said where it counts for nothing would make two names of one run.
void check_idle(const Check& check) {
  for (const Counting& counting : countings())
    if (check.said(counting.key) && check.values.at(counting.key).value != counting.harmless &&
        !is_heeded(counting, check))
      check.problems.add(check.values.at(counting.key).place,
                         counting.key + " counts only " + counting.where + "; leave it out");
}

}  // namespace

void check_consistency(const Values& values, const Experiment& experiment, Problems& problems) {
  const Check check{values, experiment, problems};
  const std::string family = family_of(check.text("task.dataset"));
  if (!check_task(check, family)) return;
  check_loss(check, family);
  check_replay(check);
  check_collected(check);
  check_probe(check);
  check_idle(check);
}

}  // namespace crosstalk::study
