#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.hpp"
#include "paper_parameters.hpp"
#include "stats/draws.hpp"
#include "store/store.hpp"

/// A study made up for the tests: runs whose interference and gap have a known relation.
namespace crosstalk::synthetic {

struct Recipe {
  std::string experiment = "digits";
  std::string kind = "classify";
  std::string algorithm = "supervised";
  std::string dataset = "digits";
  std::vector<int> hidden{4, 8, 16}, depth{0, 1, 2, 3}, examples{20, 100, 500};
  int seeds = 4, measurements = 4;
  double r = 0.8;        // between log interference and gap, for one number of examples
  double slope_nT = -1;  // of the gap on log10 nT, which drives both
  Json more = Json::object();
};

/// What a worker says of the paper's network, for digits and for tables of 8 columns and one target.
inline Json machine_of(const Recipe& recipe, int hidden, int depth) {
  const bool acts = recipe.kind == "windowed";
  const std::int64_t parameters = recipe.kind == "regress"
                                      ? table_parameters(8, 1, hidden, depth)
                                      : image_parameters(acts ? 4 : 3, 32, acts ? 14 : 10, hidden, depth, 4);
  return {{"host", "here"}, {"network", {{"parameters", parameters}, {"multiply_adds", 10 * parameters}}}};
}

struct Made {
  std::vector<store::RunRecord> runs;
  std::vector<std::vector<Row>> rows;
};

inline void measure(std::vector<Row>& rows, std::int64_t step, double log_interference, double gap,
                    double train, bool classify) {
  const double test = train + gap;
  const char* error = classify ? "accuracy" : "squared_error";
  rows.push_back({step, error, "train", classify ? 1 - train : train});
  rows.push_back({step, error, "test", classify ? 1 - test : test});
  rows.push_back({step, "gap", "train-test", gap});
  rows.push_back({step, "function_interference", "train-train", std::exp(log_interference)});
  rows.push_back({step, "function_interference", "train-test", std::exp(log_interference - 0.1)});
  rows.push_back({step, "function_interference.q10", "train-train", 0.5});
  rows.push_back({step, "stiffness", "train-train", std::tanh(log_interference / 10)});
  rows.push_back({step, "function_stiffness", "train-train", std::tanh(log_interference / 5)});
  for (const auto& [split, own] : {std::pair{"train", train}, std::pair{"test", test}}) {
    rows.push_back({step, "loss", split, 2 * own});
    rows.push_back(
        {step, classify ? "accuracy.constant" : "squared_error.constant", split, classify ? 0.125 : 0.5});
    if (classify) continue;
    rows.push_back({step, "squared_error_normalised", split, 2 * own});
    rows.push_back({step, "squared_error_normalised.constant", split, 1});
  }
}

/// What an agent measures beside that: no interference before its first update, at which step 0 is not yet.
inline void measure_agent(std::vector<Row>& rows, std::int64_t step, double log_interference, double gap,
                          double regret, bool has_values) {
  for (const std::string split : {"train", "test"}) {
    const double reward = 1 - regret - (split == "test" ? gap : 0);
    rows.push_back({step, "reward", split, reward});
    rows.push_back({step, "accuracy", split, 0.9 + reward / 20});
    rows.push_back({step, "first_guess", split, 0.1 + reward / 2});
    rows.push_back({step, "reward.random", split, 0.483});
    rows.push_back({step, "reward.blind", split, split == "train" ? 0.775 : 0.765});
    rows.push_back({step, "accuracy.random", split, 0.878});
    rows.push_back({step, "accuracy.blind", split, 1});
    rows.push_back({step, "first_guess.random", split, 0.1});
    rows.push_back({step, "first_guess.blind", split, 0.125});
  }
  rows.push_back({step, "gap", "train-test", gap});
  if (step == 0) return;
  rows.push_back({step, "function_interference", "train-train", std::exp(log_interference)});
  rows.push_back({step, "function_interference", "train-test", std::exp(log_interference - 0.1)});
  rows.push_back({step, "stiffness", "train-train", std::tanh(log_interference / 10)});
  rows.push_back({step, "function_stiffness", "train-train", std::tanh(log_interference / 5)});
  const double share = 0.5 + 0.4 * std::tanh(log_interference);
  rows.push_back({step, "function_interference.positive", "train-train", share});
  rows.push_back({step, "function_interference.zero", "train-train", 0.0625});
  rows.push_back({step, "function_interference.negative", "train-train", 0.9375 - share});
  for (const std::string split : {"train", "test"}) {
    rows.push_back({step, "policy_churn", split, 10.0 / static_cast<double>(step)});
    if (has_values) rows.push_back({step, "value_churn", split, 0.5 / static_cast<double>(step)});
  }
}

inline Made make(const Recipe& recipe) {
  Made made;
  stats::Draws draws("synthetic/" + recipe.experiment);
  int place = 0;
  for (const int examples : recipe.examples) {
    for (const int hidden : recipe.hidden) {
      for (const int depth : recipe.depth) {
        for (int seed = 0; seed < recipe.seeds; ++seed) {
          store::RunRecord record;
          record.run =
              crosstalk::sha256(recipe.experiment + recipe.more.dump() + std::to_string(place)).substr(0, 16);
          record.experiment = recipe.experiment;
          record.seed = static_cast<std::uint64_t>(seed);
          record.place = place++;
          Json configuration = {{"task.kind", recipe.kind},
                                {"task.dataset", recipe.dataset},
                                {"learner.algorithm", recipe.algorithm},
                                {"task.examples", examples},
                                {"network.hidden", hidden},
                                {"network.depth", depth},
                                {"network.head", 4},
                                {"network.layers", Json::array()},
                                {"runtime.threads", 1}};
          configuration.update(recipe.more);
          record.configuration = std::move(configuration);
          record.machine = machine_of(recipe, hidden, depth);
          const double x = draws.normal();
          const double y = recipe.r * x + std::sqrt(1 - recipe.r * recipe.r) * draws.normal();
          std::vector<Row> rows;
          for (int m = 0; m < recipe.measurements; ++m) {
            const double part = (m + 1.0) / recipe.measurements;
            const double gap = part * (5 + y / 4 + recipe.slope_nT * std::log10(examples));
            if (recipe.kind == "windowed")
              measure_agent(rows, 50 * m, x - 1 + part, gap, 1 - part, recipe.algorithm == "double-dqn");
            else
              measure(rows, 50 * m, x - 1 + part, gap, 1 - part, recipe.kind == "classify");
          }
          made.runs.push_back(record);
          made.rows.push_back(rows);
        }
      }
    }
  }
  return made;
}

/// Writes them to FOLDER/study.sqlite, done all of them; `backwards`: in the other order.
inline void write(const std::filesystem::path& folder, const std::vector<Made>& all, bool backwards = false,
                  const Json& study = {{"name", "synthetic"}, {"scale", "paper"}, {"text", ""}}) {
  std::filesystem::create_directories(folder);
  store::Store store = store::Store::create(folder / "study.sqlite", study);
  std::vector<store::RunRecord> records;
  for (const Made& made : all) records.insert(records.end(), made.runs.begin(), made.runs.end());
  if (backwards) std::reverse(records.begin(), records.end());
  store.name_runs(records);
  const auto put = [&](const Made& made, std::size_t i) {
    store.append(made.runs[i].run, made.rows[i], {});
    const store::Status status =
        made.runs[i].status == store::Status::pending ? store::Status::done : made.runs[i].status;
    store.set_status(made.runs[i].run, status, "", made.runs[i].machine, 1);
  };
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Made& made = all[backwards ? all.size() - 1 - k : k];
    for (std::size_t i = 0; i < made.runs.size(); ++i) put(made, backwards ? made.runs.size() - 1 - i : i);
  }
  store.commit();
}

}  // namespace crosstalk::synthetic
