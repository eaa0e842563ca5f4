#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "stats/draws.hpp"
#include "store/store.hpp"

/// A study without examples, made up for the tests: TD(lambda) on a random walk, simulated by plain loops.
namespace crosstalk::exact {

constexpr int states = 19;
constexpr double too_large = 10;  // a value: such a run has diverged

struct Walk {
  double lambda = 0, rate = 0.1;
  int seed = 0, episodes = 10;
  Json more = Json::object();
};

struct Made {
  store::RunRecord record;
  std::vector<Row> rows;
  std::vector<Array> arrays;
};

using Values = std::vector<double>;  // of the states 0 to 20, whose ends have none

inline double root_mean_square(const Values& values) {
  double sum = 0;
  for (int s = 1; s <= states; ++s) {
    const double error = values[s] - (2.0 * s - states - 1) / (states + 1);
    sum += error * error;
  }
  return std::sqrt(sum / states);
}

/// An episode from the middle, then its updates in order, each towards its lambda-return from the values
/// before. Steps of more than 1 are overdone on purpose: some runs diverge.
inline void learn_from_an_episode(Values& values, const Walk& walk, stats::Draws& draws) {
  std::vector<int> seen{(states + 1) / 2};
  while (seen.back() > 0 && seen.back() <= states)
    seen.push_back(seen.back() + (draws.normal() < 0 ? -1 : 1));
  const double reward = seen.back() == 0 ? -1 : 1;
  seen.pop_back();
  Values returns(seen.size());
  for (std::size_t t = seen.size(); t-- > 0;) {
    const bool is_last = t + 1 == seen.size();
    returns[t] = is_last ? reward : (1 - walk.lambda) * values[seen[t + 1]] + walk.lambda * returns[t + 1];
  }
  for (std::size_t t = 0; t < seen.size(); ++t) values[seen[t]] += walk.rate * (returns[t] - values[seen[t]]);
}

inline Array values_of(const Values& values, std::int64_t step) {
  Array array{step, "state_value", "states", {states}, Values(values.begin() + 1, values.end() - 1), {}};
  Json labels = Json::array();
  for (int s = 1; s <= states; ++s) labels.push_back(s);
  array.axes = {{"0", {{"name", "state"}, {"labels", labels}}}};
  return array;
}

/// Of two dimensions, without names for its places.
inline Array products_of(const Values& values, std::int64_t step) {
  Array array{step, "value_product", "states", {states, states}, {}, nullptr};
  for (int s = 1; s <= states; ++s) {
    for (int u = 1; u <= states; ++u) array.values.push_back(values[s] * values[u]);
  }
  return array;
}

inline Made make(const Walk& walk) {
  Made made;
  Json configuration = {{"task.kind", "evaluate"},
                        {"task.environment", "random-walk"},
                        {"learner.algorithm", "td-lambda"},
                        {"learner.lambda", walk.lambda},
                        {"learner.rate", walk.rate},
                        {"probe.unit", "episodes"},
                        {"network.hidden", 16},
                        {"runtime.threads", 1}};
  if (!walk.more.is_null()) configuration.update(walk.more);
  made.record.configuration = std::move(configuration);
  made.record.experiment = "walk";
  made.record.seed = static_cast<std::uint64_t>(walk.seed);
  made.record.status = store::Status::done;
  const std::string name = made.record.configuration->dump() + std::to_string(walk.seed);
  made.record.run = sha256(name).substr(0, 16);
  stats::Draws draws("walk/" + name);
  Values values(states + 2, 0);
  for (int episode = 0;; ++episode) {
    const double error = root_mean_square(values);
    made.rows.push_back({episode, "value_error", "states", error});
    made.rows.push_back({episode, "td_error.square", "train", error / 2});
    made.rows.push_back({episode, "td_error.q05", "train", -1});
    made.rows.push_back({episode, "function_interference", "train-train", 1 + walk.lambda + error / 10});
    made.rows.push_back({episode, "function_interference.positive", "train-train", 0.5});
    if (!(error < too_large)) {
      made.record.status = store::Status::diverged;
      made.record.message = "the loss is inf at step " + std::to_string(episode);
      break;
    }
    if (episode == walk.episodes) break;
    learn_from_an_episode(values, walk, draws);
  }
  const auto last = static_cast<std::int64_t>(made.rows.back().step);
  made.arrays = {values_of(Values(states + 2, 0), 0), values_of(values, last), products_of(values, last)};
  return made;
}

/// One of each lambda, rate and seed.
inline std::vector<Made> sweep(const std::vector<double>& lambdas, const std::vector<double>& rates,
                               int seeds, int episodes = 10) {
  std::vector<Made> all;
  for (const double lambda : lambdas) {
    for (const double rate : rates) {
      for (int seed = 0; seed < seeds; ++seed) all.push_back(make({lambda, rate, seed, episodes, {}}));
    }
  }
  return all;
}

/// Writes them to FOLDER/study.sqlite.
inline void write(const std::filesystem::path& folder, const std::vector<Made>& all,
                  const Json& study = {{"name", "walk"}, {"scale", ""}, {"text", ""}}) {
  std::filesystem::create_directories(folder);
  store::Store store = store::Store::create(folder / "study.sqlite", study);
  std::vector<store::RunRecord> records;
  for (const Made& made : all) records.push_back(made.record);
  store.name_runs(records);
  for (const Made& made : all) {
    store.append(made.record.run, made.rows, made.arrays);
    store.set_status(made.record.run, made.record.status, made.record.message, {{"host", "here"}}, 1);
  }
  store.commit();
}

}  // namespace crosstalk::exact
