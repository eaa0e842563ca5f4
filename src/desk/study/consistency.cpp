#include "study/consistency.hpp"

#include <algorithm>

#include "base/environments.hpp"
#include "base/layer_line.hpp"
#include "base/measures.hpp"
#include "base/observation_layers.hpp"
#include "study/counting.hpp"
#include "study/datasets.hpp"
#include "study/learners.hpp"
#include "study/memory.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

struct Check {
  const Values& values;
  const Experiment& experiment;
  Problems& problems;

  const Json& value(const std::string& key) const { return values.at(key).value; }
  std::string text(const std::string& key) const {
    return value(key).is_string() ? value(key).get<std::string>() : "";
  }
  std::int64_t count(const std::string& key) const { return value(key).get<std::int64_t>(); }
  std::string said_as(const std::string& key) const { return key + " = " + cut_value(value(key)); }
  bool counts(const std::string& key) const { return study::counts(*find_key(key), lookup()); }
  Lookup lookup() const {
    return [this](const std::string& key) -> const Json& { return value(key); };
  }

  void wrong(const std::vector<std::string>& blamed, const std::string& message) const {
    for (const std::string& key : blamed)
      if (values.at(key).place.said()) return problems.add(values.at(key).place, message);
    problems.add({experiment.file}, message);
  }
};

std::string quoted_alternatives(std::vector<std::string> words) {
  for (std::string& word : words) word = '"' + word + '"';
  return some_alternatives(words);
}

/// One word of a key against what it goes with (Key::only).
bool fits(const Check& check, const Key& key, const std::string& word) {
  const auto only = key.only.find(word);
  const Condition* missing = only == key.only.end() ? nullptr : unmet(only->second, check.lookup());
  if (missing == nullptr) return true;
  const Json& value = check.value(missing->key);
  Key fitting = key;
  fitting.allowed = fitting_words(key, check.lookup());
  const std::string others =
      key.type == Type::count_or_word ? expectation(fitting) : quoted_alternatives(fitting.allowed);
  check.wrong({key.name, missing->key},
              key.name +
                  (key.type == Type::texts ? " holds \"" + word + "\", which" : " = \"" + word + "\"") +
                  " goes only " + in_words(*missing) + "; " +
                  (value.is_null() ? "there is none" : missing->key + " is " + cut_value(value)) +
                  (others.empty() ? "" : ": " + others + " is expected"));
  return false;
}

/// Whether the words of a key go with the others' values.
bool is_fitting(const Check& check, const std::string& name) {
  const Key& key = *find_key(name);
  const Json& value = check.value(name);
  if (key.only.empty() || !check.counts(name)) return true;
  if (value.is_string()) return fits(check, key, value.get<std::string>());
  bool all = true;
  if (value.is_array())
    for (const Json& item : value) all = fits(check, key, item.get<std::string>()) && all;
  return all;
}

void check_words(const Check& check) {
  for (const Key& key : keys())
    if (key.name != "task.kind" && key.name != "learner.algorithm") is_fitting(check, key.name);
  if (check.text("learner.targets") == "broadcast" && check.text("task.dataset") == "sarcos")
    check.wrong({"learner.targets"},
                "learner.targets = \"broadcast\" needs one output, and sarcos has 7; \"separate\" does");
}

void check_replay(const Check& check) {
  if (!check.counts("learner.replay")) return;
  const std::int64_t batch = check.count("learner.batch"), start = check.count("learner.start");
  if (check.count("learner.replay") < batch)
    check.wrong({"learner.replay", "learner.batch"},
                check.said_as("learner.replay") + " keeps fewer transitions than " +
                    check.said_as("learner.batch") + " draws; keep at least as many");
  if (check.counts("learner.n-step") && check.count("learner.replay") < check.count("learner.n-step"))
    check.wrong({"learner.n-step", "learner.replay"},
                check.said_as("learner.n-step") + " needs more transitions than " +
                    check.said_as("learner.replay") + " keeps; look at fewer steps or keep at least as many");
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

/// The state before a step is mixed into what follows that one step.
void check_smoothing(const Check& check) {
  if (!check.counts("learner.smoothing") || !check.counts("learner.n-step")) return;
  if (check.value("learner.smoothing").get<double>() == 0 || check.count("learner.n-step") == 1) return;
  check.wrong({"learner.smoothing", "learner.n-step"},
              check.said_as("learner.smoothing") + " is of one step and does not go with " +
                  check.said_as("learner.n-step") + "; learner.n-step = 1 does");
}

void check_exploration(const Check& check) {
  if (!check.counts("learner.explore-after") ||
      check.value("learner.explore-from") == check.value("learner.explore-to"))
    return;
  if (check.count("learner.explore-after") >= check.count("learner.steps"))
    check.wrong({"learner.explore-after", "learner.steps"},
                check.said_as("learner.steps") + " ends before epsilon begins to fall, at step " +
                    std::to_string(check.count("learner.explore-after")) + " (" +
                    check.said_as("learner.explore-after") + "); take more steps or let it fall earlier");
}

bool is_noisy(const Check& check) {
  if (!check.counts("network.layers")) return false;
  for (const Json& layer : check.value("network.layers"))
    if (layer == by_observation || read_layer_line(layer.get<std::string>()).noise) return true;
  return false;
}

/// Atoms in order; and a network without noise that nothing else makes explore.
void check_distributions(const Check& check) {
  if (!check.counts("learner.atoms")) return;
  if (check.value("learner.value-least").get<double>() >= check.value("learner.value-most").get<double>())
    check.wrong({"learner.value-least", "learner.value-most"},
                check.said_as("learner.value-least") + " is not below " +
                    check.said_as("learner.value-most") +
                    ", and the atoms of a distribution go from the one to the other");
  const bool explores = check.value("learner.explore-from").get<double>() > 0 ||
                        check.value("learner.explore-to").get<double>() > 0;
  if (!explores && !is_noisy(check))
    check.wrong({"network.layers", "learner.approximation", "learner.algorithm"},
                check.said_as("learner.algorithm") + " explores by noisy layers, and " +
                    (check.counts("network.layers")
                         ? "this network has none; give it some (\"linear 64 noisy 0.1\"), or "
                         : "there are none with " + check.said_as("learner.approximation") + "; give ") +
                    "learner.explore-from and learner.explore-to");
}

/// An update needs more steps than learner.collect; when their episode ends is the agent's doing.
void check_collected(const Check& check) {
  if (!check.counts("learner.collect")) return;
  if (check.count("learner.collect") >= check.count("learner.steps"))
    check.wrong({"learner.steps", "learner.collect"},
                check.said_as("learner.steps") + " ends before the first update, for which more than " +
                    check.said_as("learner.collect") +
                    " steps are collected; take more steps or collect fewer");
}

/// A minibatch is of one rollout, and an update comes when one is full.
void check_rollout(const Check& check) {
  if (!check.counts("learner.rollout")) return;
  const std::int64_t rollout = check.count("learner.rollout");
  if (rollout < check.count("learner.batch"))
    check.wrong({"learner.rollout", "learner.batch"},
                check.said_as("learner.rollout") + " collects fewer transitions than " +
                    check.said_as("learner.batch") + " draws; collect at least as many");
  if (rollout > check.count("learner.steps"))
    check.wrong({"learner.steps", "learner.rollout"},
                check.said_as("learner.steps") + " ends before the first update, for which " +
                    check.said_as("learner.rollout") +
                    " steps are collected; take more steps or collect fewer");
}

/// Chains that there are no states for.
void check_states(const Check& check) {
  if (!check.counts("task.states")) return;
  const std::int64_t states = check.count("task.states");
  const bool walk = check.text("task.environment") == "random-walk";
  const std::int64_t step = walk ? 2 : 4, below = (states - 1) / step * step + 1;
  if (below == states) return;
  const std::string near = (below < 3 ? "" : std::to_string(below) + " or ") + std::to_string(below + step);
  check.wrong({"task.states", "task.environment"},
              check.said_as("task.states") +
                  (walk ? " has no middle for an episode to begin in"
                        : ": each fourth state of Boyan's chain has a feature") +
                  "; " + near + " does");
}

/// What learns from steps as they come follows half the gradient of d^2, and has no other loss.
void check_loss(const Check& check) {
  const auto loss = check.text("learner.loss"), algorithm = check.text("learner.algorithm");
  const bool exact = check.text("task.kind") == "evaluate" && check.value("task.trajectories").is_null();
  const std::vector<std::string> fitting = losses_of(algorithm);
  if (!exact || loss == "squared-error" || std::find(fitting.begin(), fitting.end(), loss) == fitting.end())
    return;
  check.wrong({"learner.loss", "learner.algorithm", "task.kind"},
              check.said_as("learner.loss") +
                  " goes, with task.kind = \"evaluate\", only from stored trajectories (task.trajectories); "
                  "\"squared-error\" does");
}

/// All transitions at once have no order, hence no trace.
void check_expected(const Check& check) {
  if (check.counts("learner.lambda") && check.text("learner.source") == "expected" &&
      check.value("learner.lambda").get<double>() != 0)
    check.wrong({"learner.lambda", "learner.source"},
                check.said_as("learner.lambda") +
                    " does not go with learner.source = \"expected\": single transitions "
                    "have nothing to look back to; 0 does");
}

/// What waits for the end of an episode, where none ends.
void check_endless(const Check& check) {
  const std::string environment = check.said_as("task.environment");
  if (!is_endless(check.text("task.environment"))) return;
  const auto waits = [&](const std::string& key, const std::string& mend) {
    check.wrong({key, "task.environment"}, check.said_as(key) +
                                               " waits for the end of an episode, and those of " +
                                               environment + " never end; " + mend);
  };
  const bool sampled = check.text("learner.source") == "sampled";
  if (check.counts("learner.view") && sampled && check.text("learner.view") == "forward" &&
      !is_off_policy(check.text("task.policy")))  // of those check_policy tells
    waits(
        "learner.view",
        "learner.view = \"backward\" learns at each step, and with it learner.source = \"expected\" from all "
        "transitions at once");
  if (check.counts("learner.episodes") && check.value("learner.episodes") != "all")
    waits("learner.episodes", "\"all\" ends a run after its learner.updates");
  if (check.counts("probe.unit") && sampled && check.text("probe.unit") == "episodes")
    waits("probe.unit", "\"updates\" or \"steps\" do not");
}

/// Values that grow for ever, and returns over several steps of who takes the steps, not of who is evaluated.
void check_policy(const Check& check) {
  const std::string whose = check.said_as("task.policy") + " in " + check.said_as("task.environment");
  const std::vector<std::string> known = fitting_words(*find_key("task.policy"), check.lookup());
  if (!check.counts("task.policy") ||
      std::find(known.begin(), known.end(), check.text("task.policy")) == known.end())
    return;
  if (check.counts("learner.gamma") && is_endless(check.text("task.environment")) &&
      check.value("learner.gamma").get<double>() == 1)
    check.wrong({"learner.gamma", "task.environment"},
                check.said_as("learner.gamma") + ": the values of " + whose +
                    ", where no episode ends, are not finite; a number below 1 does");
  if (!is_off_policy(check.text("task.policy")) || check.text("learner.source") != "sampled") return;
  const auto refuse = [&](const std::string& key, const std::string& mend) {
    check.wrong({key, "task.policy", "task.environment"}, check.said_as(key) + " does not go with " + whose +
                                                              ", whose steps another policy takes; " + mend +
                                                              " does");
  };
  if (check.counts("learner.lambda") && check.value("learner.lambda").get<double>() > 0)
    refuse("learner.lambda", "0");
  if (check.counts("learner.view") && check.text("learner.view") == "forward")
    refuse("learner.view", "\"backward\"");
}

/// A run ends by what it measures.
void check_until(const Check& check) {
  const std::string until = check.text("probe.until"), name = until.substr(0, until.find(' '));
  if (until == "never") return;
  const Json& measures = check.value("probe.measures");
  if (std::ranges::find(measures, Json(std::string(measure_of(name)))) == measures.end())
    return check.wrong({"probe.until", "probe.measures"}, check.said_as("probe.until") + ": " + name +
                                                              " is not measured; add it to probe.measures");
  const std::string split = until.substr(name.size() + 1, until.find(' ', name.size() + 1) - name.size() - 1);
  const std::string kind = check.text("task.kind");
  const bool of_data = kind == "classify" || kind == "regress";
  if ((of_data && split.find("seen") != split.npos) ||
      (kind != "evaluate" && split.find("transitions") != split.npos))
    check.wrong({"probe.until", "task.kind"}, check.said_as("probe.until") + ": a task of the kind \"" +
                                                  kind + "\" has no " + name + " of " + split);
}

}  // namespace

bool check_setup(const Values& values, const Experiment& experiment, Problems& problems) {
  const Check check{values, experiment, problems};
  const bool lacks_data = check.counts("task.dataset") && check.value("task.dataset").is_null();
  const bool windowed = check.text("task.environment") == "windowed" && check.text("task.kind") == "windowed";
  if (!(windowed && lacks_data) && !is_fitting(check, "task.kind")) return false;
  if (lacks_data) {
    check.wrong({"task.environment", "task.kind"},
                check.said_as(windowed ? "task.environment" : "task.kind") + " needs a data set" +
                    (windowed ? " of images" : "") +
                    ", and task.dataset is missing: [task], then dataset = \"digits\" or another");
    return false;
  }
  return is_fitting(check, "learner.algorithm");
}

void check_consistency(const Values& values, const Experiment& experiment, Problems& problems) {
  const Check check{values, experiment, problems};
  check_words(check);
  check_replay(check);
  check_smoothing(check);
  check_exploration(check);
  check_collected(check);
  check_rollout(check);
  check_distributions(check);
  check_states(check);
  check_loss(check);
  check_expected(check);
  check_endless(check);
  check_policy(check);
  check_until(check);
  check_memory(values, experiment, problems);
}

}  // namespace crosstalk::study
