#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// A default never changes within a schema: run identifiers leave out what equals its default. (A condition
/// may be added: Key::since.) Nor does what is computed: where the same configuration gives other rows than
/// before, the schema is another one. 2: tables are scaled in double precision. 3: a run is measured after
/// its last update too, and the function measured is by default the largest output in every kind of task.
inline constexpr int schema_version = 3;

enum class Type { integer, count_or_word, number, text, texts, dataset };

inline constexpr const char* any_count = "a count";
inline constexpr const char* any_text = "a text";

/// Another key's value on which it depends whether something counts.
struct Condition {
  std::string key;
  std::vector<std::string> values;  // one of these; of task.dataset also a family (family_of) or an ending
                                    // such as ".csv"; "" for a key that has no value; any_count for a number
                                    // that stands beside words; any_text for any but ""; a list as TOML has
                                    // it, or one of what it holds. Where trajectories are stored
                                    // (task.trajectories): of task.dataset and task.environment also
                                    // "stored", of task.kind also "KIND/stored"
  std::string words = "";           // behind "only"; empty: with KEY = "a" or "b"
};

/// One key of a study file. This entry is all that is said of it in the desk: parser, identity, refusals,
/// `study show`, `study new` and the reference page follow from it.
struct Key {
  std::string name;  // "network.hidden"
  Type type;
  std::string help;                               // one sentence
  Json fallback;                                  // the default where `by_condition` has none; null: none
  std::map<std::string, Json> by_condition = {};  // see condition_of
  std::vector<std::string> since =
      {};  // those conditions that came after runs had names: names are made without
  std::vector<Condition> counts = {};     // where all of these hold; empty: everywhere
  Json harmless = {};                     // a value that may be said where the key does not count
  std::vector<std::string> allowed = {};  // of a text, of each in texts, beside a count; empty: any
  std::map<std::string, std::vector<Condition>> only =
      {};  // allowed words that go only where all of these hold
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

/// What a run is about, on which defaults depend. What is not known yet, or is not there, is empty: the kind
/// for task.kind itself, the algorithm for it and for learner.algorithm, the data set of an environment that
/// needs none.
struct Setup {
  std::string dataset, environment, kind, algorithm;
  bool few_levels = false;  // an agent learns on some of its environment's levels (task.train-levels)
  bool stored = false;      // it learns from stored trajectories (task.trajectories)

  /// Of the data (family_of); the environment's name where there is one without data; of stored trajectories
  /// "stored", whatever played them.
  std::string family() const;
};

/// The first of these that the key has a default of its own for: where an agent learns on some of its
/// environment's levels "KIND/ALGORITHM/levels" and "KIND/levels"; "FAMILY/ALGORITHM" ("svhn/reinforce"),
/// "KIND/ALGORITHM", "FAMILY/KIND", the algorithm, the kind, the family. Empty where there is none.
std::string condition_of(const Key& key, const Setup& setup);

/// What the key has where nothing is said; null where it has nothing then.
Json default_of(const Key& key, const Setup& setup);

/// What a run's name leaves out: the default as it was when the schema began (Key::since).
Json default_in_names(const Key& key, const Setup& setup);

/// The setup of a study that names its data set alone, or its environment, or both.
Setup setup_of(const std::string& dataset, const std::string& environment = "");

/// The setup of a configuration; those of its keys that are missing or null are empty.
Setup setup_of(const std::map<std::string, Json>& values);

/// Whether an agent with this value of task.train-levels learns on some of the environment's levels alone.
bool are_few_levels(const Json& train_levels, const std::string& environment);

/// A configuration with all keys that have a value. One that was stored before a key was there has the
/// default that its name leaves out; one that does not say its kind and its algorithm stays as it is.
Json completed(Json configuration);

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
