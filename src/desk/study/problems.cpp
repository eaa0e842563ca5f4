#include "study/problems.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "study/nearest.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr std::size_t most_told = 20, most_kept = 200;  // of the problems of a study
constexpr std::size_t most_of_a_message = 380;

/// Words of other programs for what is a key here; an edit distance would not find them.
const std::map<std::string, std::string>& other_words() {
  static const std::map<std::string, std::string> words = {
      {"lr", "learner.rate"},
      {"learning-rate", "learner.rate"},
      {"learning_rate", "learner.rate"},
      {"width", "network.hidden"},
      {"units", "network.hidden"},
      {"nh", "network.hidden"},
      {"nl", "network.depth"},
      {"layers", "network.layers"},
      {"steps", "learner.updates"},
      {"iterations", "learner.updates"},
      {"epochs", "learner.updates"},
      {"batch-size", "learner.batch"},
      {"batch_size", "learner.batch"},
      {"optimiser", "learner.optimizer"},
      {"seed", "seeds"},
      {"normalize", "task.normalise"},
      {"data", "task.dataset"},
      {"rows", "task.examples"},
      {"nT", "task.examples"},
      {"dtype", "runtime.precision"},
      {"column", "task.target"},
      {"env", "task.environment"},
      {"discount", "learner.gamma"},
  };
  return words;
}

std::string leaf_of(const std::string& name) { return name.substr(name.rfind('.') + 1); }

std::string nearest_key(const std::string& name) {
  const std::size_t dot = name.find('.');
  const std::string leaf = leaf_of(name);
  std::vector<std::string> leaves, names = {"seeds"};
  for (const Key& key : keys()) {
    names.push_back(key.name);
    if (leaf_of(key.name) == leaf) return key.name;  // the right word in the wrong table, or in none
    if (dot != std::string::npos && key.name.starts_with(name.substr(0, dot + 1)))
      leaves.push_back(leaf_of(key.name));
  }
  const auto other = other_words().find(leaf);
  if (other != other_words().end()) return other->second;
  if (const std::string near = nearest(leaf, leaves); !near.empty()) return name.substr(0, dot + 1) + near;
  return nearest(name, names);
}

}  // namespace

std::string to_string(const Place& place) {
  return place.line > 0 ? place.file + ":" + std::to_string(place.line) : place.file;
}

void Problems::add(const Place& place, const std::string& whole) {
  if (found_.size() == most_kept) {
    ++left_out_;
    return;
  }
  const std::string message = cut(whole, most_of_a_message);
  const bool known = std::any_of(found_.begin(), found_.end(), [&](const Problem& other) {
    return other.message == message && other.place.file == place.file && other.place.line == place.line;
  });
  if (!known) found_.push_back({place, message});
}

void Problems::throw_if_any() const {
  if (found_.empty()) return;
  std::vector<std::string> files;
  for (const Problem& problem : found_)
    if (std::find(files.begin(), files.end(), problem.place.file) == files.end())
      files.push_back(problem.place.file);
  std::vector<Problem> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Problem& a, const Problem& b) {
    const auto rank = [&](const Problem& p) { return std::find(files.begin(), files.end(), p.place.file); };
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.place.line < b.place.line;
  });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), most_told); ++i)
    text += (i == 0 ? "" : "\n") + to_string(sorted[i].place) + ": " + sorted[i].message;
  if (sorted.size() > most_told)
    text += "\nand " + with_commas(sorted.size() - most_told + left_out_) + " more";
  throw Error(ErrorKind::config, text);
}

std::string unknown_key(const std::string& name) {
  const std::string near = nearest_key(name);
  return cut(name) + " is not a key" +
         (near.empty() ? "; `crosstalk study keys` lists them all" : "; did you mean " + near + "?");
}

}  // namespace crosstalk::study
