#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "figures/claims/evaluate.hpp"
#include "figures/claims/paper.hpp"
#include "figures/claims/words.hpp"
#include "figures/results.hpp"
#include "figures/series.hpp"
#include "paper_parameters.hpp"
#include "stats/draws.hpp"
#include "study/rule.hpp"

/// Studies for the tests of claims: each run has just the values that its test is about.
namespace crosstalk::imagined {

inline constexpr int interval = 10;  // steps between two measurements

/// One measure of one split over a run: its values at the steps 0, 10, 20, ...
struct Track {
  std::string measure, split;
  std::vector<double> values;
};
using Tracks = std::vector<Track>;

/// log function interference and gap at the end of a run, with errors that fit the gap.
inline Tracks pair(double log_interference, double gap) {
  return {{"function_interference", "train-train", {std::exp(log_interference)}},
          {"gap", "train-test", {gap}}};
}

inline Json classify(int examples, int hidden, int depth = 0) {
  return {{"task.kind", "classify"},        {"learner.algorithm", "supervised"}, {"task.dataset", "svhn"},
          {"task.examples", examples},      {"network.hidden", hidden},          {"network.depth", depth},
          {"network.layers", Json::array()}};
}
inline Json with(Json configuration, const Json& more) {
  configuration.update(more);
  return configuration;
}
inline Json ddqn(int examples, int hidden, int depth = 0) {
  return with(classify(examples, hidden, depth),
              {{"task.kind", "windowed"}, {"learner.algorithm", "double-dqn"}, {"learner.gamma", 0.9}});
}
inline Json reinforce(int examples, int hidden, int depth = 0) {
  return with(classify(examples, hidden, depth),
              {{"task.kind", "windowed"}, {"learner.algorithm", "reinforce"}});
}
inline Json regress(const std::string& dataset, int examples, int hidden, int depth = 0) {
  return with(classify(examples, hidden, depth), {{"task.kind", "regress"}, {"task.dataset", dataset}});
}

/// How large the paper's network is for one of these configurations; svhn's images, tables of 21 columns.
inline std::int64_t parameters_of(const Json& configuration) {
  const std::int64_t hidden = configuration["network.hidden"], depth = configuration["network.depth"];
  if (configuration["task.kind"] == "regress") return table_parameters(21, 7, hidden, depth);
  const bool acts = configuration["task.kind"] == "windowed";
  return image_parameters(acts ? 4 : 3, 32, acts ? 14 : 10, hidden, depth, 4);
}

/// In memory: nothing is written.
class Study {
 public:
  void run(const std::string& experiment, const Json& configuration, int seed, const Tracks& tracks) {
    figures::MeasuredRun run;
    run.record.experiment = run.experiment = experiment;
    run.record.configuration = run.counting = configuration;
    run.record.machine = {{"network", {{"parameters", parameters_of(configuration)}}}};
    run.record.seed = static_cast<std::uint64_t>(seed);
    run.record.run = std::to_string(results_.runs.size());
    run.record.status = store::Status::done;
    const auto next = static_cast<int>(configurations_.size());
    run.configuration = configurations_.try_emplace(configuration.dump(), next).first->second;
    for (const Track& track : tracks) {
      const auto number = static_cast<int>(results_.names.size());
      const int name = results_.names.try_emplace({track.measure, track.split}, number).first->second;
      figures::Series series{{}, track.values};
      for (std::size_t i = 0; i < track.values.size(); ++i)
        series.steps.push_back(static_cast<std::int64_t>(i) * interval);
      run.series.emplace_back(name, std::move(series));
    }
    std::sort(run.series.begin(), run.series.end(),
              [](const auto& one, const auto& other) { return one.first < other.first; });
    results_.runs.push_back(std::move(run));
  }

  const figures::Results& results() {
    if (!results_.experiments.empty()) return results_;
    figures::divide_into_series(results_, {});
    figures::find_experiments(results_);
    return results_;
  }

  figures::Evaluation judged(std::string_view text) {
    const study::Rule rule = rule_of(text);
    std::vector<const figures::Point*> points;
    for (const auto& experiment : results().experiments) {
      for (const auto& point : experiment.points) points.push_back(&point);
    }
    return figures::evaluate(results_, points, rule);
  }
  std::string verdict(std::string_view text) { return std::string(to_string(judged(text).verdict)); }
  std::string shows(std::string_view text) { return figures::shown(rule_of(text), judged(text)); }

  static study::Rule rule_of(std::string_view text) { return std::get<study::Rule>(study::parse_rule(text)); }

 private:
  figures::Results results_;
  std::map<std::string, int> configurations_;
};

/// The rule of a sentence of the paper.
inline std::string_view paper(std::string_view name) {
  for (const figures::PaperClaim& claim : figures::paper_claims()) {
    if (claim.name == name) return claim.rule;
  }
  return "";
}

/// x and y whose correlation, over all pairs that are drawn, is r.
inline std::pair<double, double> correlated(stats::Draws& draws, double r) {
  const double x = draws.normal();
  return {x, r * x + std::sqrt(1 - r * r) * draws.normal()};
}

inline const std::vector<int> widths{8, 16, 32}, depths{0, 1, 2, 3};

/// Calls `each` for four seeds of twelve networks.
template <class Each>
void over_networks(Each each) {
  for (const int hidden : widths) {
    for (const int depth : depths) {
      for (int seed = 0; seed < 4; ++seed) each(hidden, depth, seed);
    }
  }
}

}  // namespace crosstalk::imagined
