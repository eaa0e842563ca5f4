#include "study/counting.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/ending.hpp"
#include "study/datasets.hpp"

namespace crosstalk::study {
namespace {

std::string text(const Lookup& value, const char* key) { return value(key).get<std::string>(); }
std::string family(const Lookup& value) { return family_of(text(value, "task.dataset")); }
bool is_supervised(const Lookup& value) { return text(value, "learner.algorithm") == "supervised"; }

void add(std::vector<Counting>& all, std::initializer_list<const char*> keys, const std::string& where,
         const std::function<bool(const Lookup&)>& counts, const std::string& by = "") {
  for (const char* key : keys) all.push_back({key, where, counts, by});
}

void add_of_data(std::vector<Counting>& all) {
  add(all, {"task.target"}, "for a .csv of your own",
      [](const Lookup& value) { return has_ending(text(value, "task.dataset"), ".csv"); });
  add(all, {"task.test-share"}, "for data of your own",
      [](const Lookup& value) { return is_own(family(value)); });
  all.push_back({.key = "task.source",
                 .where = "for sarcos",
                 .counts = [](const Lookup& value) { return family(value) == "sarcos"; },
                 .harmless = "files"});
  add(all, {"task.train-rows"}, "with task.source = \"test-file\"", [](const Lookup& value) {
    return family(value) == "sarcos" && text(value, "task.source") == "test-file";
  });
  add(all, {"task.normalise"}, "for classification and regression (an agent's pixels are divided)",
      [](const Lookup& value) { return text(value, "task.kind") != "windowed"; });
}

void add_of_networks(std::vector<Counting>& all) {
  add(all, {"network.head"}, "for images",
      [](const Lookup& value) { return is_images(family(value)) || family(value) == "own-table"; });
  add(
      all, {"network.hidden", "network.depth", "network.head"},
      "without network.layers, which says every layer",
      [](const Lookup& value) { return value("network.layers").empty(); }, "network.layers");
}

/// Keys that only some algorithms heed.
void add_of_algorithms(std::vector<Counting>& all) {
  add(all, {"learner.updates"}, "for supervised learning (an agent's length is learner.steps)",
      is_supervised);
  add(all, {"learner.reduction"}, "for supervised learning", is_supervised);
  add(all, {"task.observation", "learner.steps", "probe.episodes"}, "with task.kind = \"windowed\"",
      [](const Lookup& value) { return !is_supervised(value); });
  add(all,
      {"task.timeout", "learner.start", "learner.update-every", "learner.replay", "learner.target",
       "learner.gamma", "learner.tau", "learner.explore-from", "learner.explore-to", "learner.explore-steps"},
      "with learner.algorithm = \"double-dqn\"",
      [](const Lookup& value) { return text(value, "learner.algorithm") == "double-dqn"; });
  add(all, {"learner.return", "learner.entropy", "learner.collect"}, "with learner.algorithm = \"reinforce\"",
      [](const Lookup& value) { return text(value, "learner.algorithm") == "reinforce"; });
  add(all, {"learner.batch"}, "where batches are drawn, not with learner.algorithm = \"reinforce\"",
      [](const Lookup& value) { return text(value, "learner.algorithm") != "reinforce"; });
}

/// Keys that only some optimisers read.
void add_of_optimizers(std::vector<Counting>& all) {
  const auto add_reader = [&](const char* key, const std::vector<std::string>& optimizers) {
    std::string names;
    for (const std::string& name : optimizers) names += (names.empty() ? "\"" : " or \"") + name + "\"";
    add(
        all, {key}, "with learner.optimizer = " + names,
        [optimizers](const Lookup& value) {
          return std::find(optimizers.begin(), optimizers.end(), value("learner.optimizer")) !=
                 optimizers.end();
        },
        "learner.optimizer");
  };
  add_reader("learner.momentum", {"momentum"});
  add_reader("learner.beta1", {"adam"});
  add_reader("learner.beta2", {"adam"});
  add_reader("learner.alpha", {"rmsprop"});
  add_reader("learner.epsilon", {"adam", "rmsprop"});
}

std::vector<Counting> all_countings() {
  std::vector<Counting> all;
  for (const auto part : {add_of_data, add_of_networks, add_of_algorithms, add_of_optimizers}) part(all);
  return all;
}

}  // namespace

const std::vector<Counting>& countings() {
  static const std::vector<Counting> table = all_countings();
  return table;
}

bool counts(const std::string& key, const Lookup& value) {
  return std::all_of(countings().begin(), countings().end(),
                     [&](const Counting& each) { return each.key != key || each.counts(value); });
}

const std::vector<std::string>& deciding_keys() {
  static const std::vector<std::string> keys = {"task.dataset",      "task.kind",         "task.source",
                                                "learner.algorithm", "learner.optimizer", "network.layers"};
  return keys;
}

}  // namespace crosstalk::study
