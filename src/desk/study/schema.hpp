#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// A default never changes within a schema: run identifiers leave out what equals its default. Nor does what
/// is computed: where the same configuration gives other rows than before, the schema is another one. 2:
/// tables are scaled in double precision. 3: a run is measured after its last update too, and the function
/// measured is by default the largest output in every kind of task.
inline constexpr int schema_version = 3;

enum class Type { integer, count_or_all, number, text, texts, dataset };

/// One key of a study file. This table is all there is to know about it: parser, identity, `study show`,
/// `study new` and the reference page read it.
struct Key {
  std::string name;  // "network.hidden"
  Type type;
  std::string help;                               // one sentence
  Json fallback;                                  // the default where `by_condition` has none
  std::map<std::string, Json> by_condition = {};  // see condition_of
  std::vector<std::string> allowed = {};          // of a text, or of each in texts; empty: any
  std::string (*one_form)(const std::string&) =
      nullptr;                                    // of each in texts; Error says what is wrong with it
  std::vector<std::int64_t> allowed_counts = {};  // of an integer; empty: the range
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool least_excluded = false, most_excluded = false;
};

/// In the order of the documentation: task, network, learner, probe, runtime.
const std::vector<Key>& keys();
const Key* find_key(const std::string& name);  // nullptr where there is none

/// The tables that hold keys: "task", "network", ...
const std::vector<std::string>& tables();

/// What defaults depend on. What is not known yet is empty: the kind for task.kind itself, the algorithm for
/// it and for learner.algorithm.
struct Task {
  std::string dataset, kind, algorithm;
};

/// The first of these that the key has a default of its own for: "FAMILY/ALGORITHM" ("svhn/reinforce"), the
/// algorithm, the kind, the data set's family (see family_of). Empty where there is none.
std::string condition_of(const Key& key, const Task& task);

/// What the key has where nothing is said. task.dataset has none: null.
Json default_of(const Key& key, const Task& task);

/// The kind and the algorithm of a study that names its dataset alone.
Task task_of(const std::string& dataset);

/// `value` in its one form (1 is 1.0 for a number, measures stand in the schema's order), or what is wrong
/// with it: a sentence that begins with the key's name.
struct Checked {
  Json value;
  std::string problem;
};
Checked check(const Key& key, const Json& value);

/// "an integer of at least 1", "\"adam\", \"sgd\" or \"rmsprop\"": what the key takes, in words.
std::string expectation(const Key& key);

/// A value as TOML has it: "adam" in quotes, lists in brackets.
std::string to_toml(const Json& value);

}  // namespace crosstalk::study
