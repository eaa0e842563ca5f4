#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::study {

/// A default never changes within a schema: run identifiers leave out what equals its default.
inline constexpr int schema_version = 1;

enum class Type { integer, count_or_all, number, text, texts, dataset };

/// One key of a study file. This table is all there is to know about it: parser, identity, `study show`,
/// `study new` and the reference page read it.
struct Key {
  std::string name;  // "network.hidden"
  Type type;
  std::string help;                            // one sentence
  Json fallback;                               // the default where `by_family` has none
  std::map<std::string, Json> by_family = {};  // by dataset's family (see family_of), "classify" or "regress"
  std::vector<std::string> allowed = {};       // of a text, or of each in texts; empty: any
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

/// "digits", "svhn", "cifar10", "sarcos", "california"; of a path: "own-table" (.csv, .npz) or "own-images"
/// (a folder, which has a / in it); empty where `dataset` is none of these.
std::string family_of(const std::string& dataset);
bool is_own(const std::string& family);
bool is_images(const std::string& family);
/// The data sets that are known by name.
std::vector<std::string> known_dataset_names();

/// What the key has where nothing is said, for a dataset and a kind ("classify" or "regress"; of no influence
/// on task.kind itself). task.dataset has none: null.
Json default_of(const Key& key, const std::string& dataset, const std::string& kind);

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
