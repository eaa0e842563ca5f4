#include "figures/point.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "figures/results.hpp"
#include "figures/words.hpp"

namespace crosstalk::figures {
namespace {

constexpr std::pair<std::string_view, std::string_view> measured[] = {
    {"function_interference", "train-train"},
    {"function_interference", "train-test"},
    {"stiffness", "train-train"}};

std::optional<double> at_step(const Series* series, std::int64_t step) {
  return series == nullptr ? std::nullopt : series->at(step);
}

std::int64_t last_step(const Results& results, const Run& run, const Kind& kind) {
  std::int64_t last = -1;
  for (const Series* series :
       {results.find(run, "gap", "train-test"), results.find(run, kind.measure, "test"),
        results.find(run, "function_interference", "train-train")}) {
    if (series != nullptr && !series->steps.empty()) last = std::max(last, series->steps.back());
  }
  return last;
}

std::int64_t best_step(const Results& results, const Run& run, const Kind& kind, std::int64_t otherwise) {
  const Series* series = results.find(run, kind.measure, "test");
  if (series == nullptr) return otherwise;
  const Series* begun = results.find(run, "function_interference", "train-train");
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < series->values.size(); ++i) {
    const double value = series->values[i];
    if (!std::isfinite(value) || (begun != nullptr && series->steps[i] < begun->steps.front())) continue;
    if (!best || (kind.larger_is_better ? value > series->values[*best] : value < series->values[*best]))
      best = i;
  }
  return best ? series->steps[*best] : otherwise;
}

std::optional<bool> earns_less_than_blind(const Results& results, const Run& run, const Kind& kind,
                                          std::int64_t step) {
  if (!kind.is_agent()) return {};
  const std::optional<double> reward = at_step(results.find(run, "reward", "train"), step);
  const std::optional<double> blind = at_step(results.find(run, "reward.blind", "train"), step);
  if (!reward || !blind) return {};
  return *reward < *blind;
}

double examples_of(const Results& results, const Run& run) {
  const double stated = run.number("task.examples", 0);
  if (stated > 0) return stated;
  if (const Json* data = results.data_of(run)) {
    const auto rows = data->find("train_rows");
    if (rows != data->end() && rows->is_number()) return rows->get<double>();
  }
  if (run.text("task.source") == "test-file") return run.number("task.train-rows", 0);
  return 0;
}

}  // namespace

Moment moment_at(const Results& results, const Run& run, const Kind& kind, std::int64_t step) {
  Moment moment;
  moment.step = step;
  moment.gap = at_step(results.find(run, "gap", "train-test"), step);
  const auto error = [&](std::string_view split) {
    std::optional<double> value = at_step(results.find(run, kind.measure, split), step);
    if (value && kind.larger_is_better) value = 1 - *value;
    return value;
  };
  moment.train_error = error("train");
  moment.test_error = error("test");
  if (!moment.gap && moment.train_error && moment.test_error)
    moment.gap = *moment.test_error - *moment.train_error;
  for (int which = 0; which < 3; ++which) {
    moment.interference[which] =
        at_step(results.find(run, measured[which].first, measured[which].second), step);
  }
  return moment;
}

double share_within(const std::vector<double>& values, const std::vector<int>& configuration) {
  std::map<int, std::pair<double, int>> sums;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[configuration[i]].first += values[i];
    ++sums[configuration[i]].second;
    sum += values[i];
  }
  const double mean = sum / static_cast<double>(values.size());
  double total = 0, within = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [of, count] = sums[configuration[i]];
    total += (values[i] - mean) * (values[i] - mean);
    within += (values[i] - of / count) * (values[i] - of / count);
  }
  const double n = static_cast<double>(values.size()), groups = static_cast<double>(sums.size());
  if (!(total > 0) || n <= groups || groups < 2) return 0;
  const double variance_within = within / (n - groups);
  return std::min(1.0, variance_within / (total / (n - 1)));
}

std::string_view Variant::when_name() const { return when == When::last ? "last" : "early"; }

std::string_view Variant::which_name() const {
  constexpr std::string_view names[] = {"train-train", "train-test", "stiffness"};
  return names[static_cast<int>(which)];
}

std::string Variant::name() const { return std::string(when_name()) + "/" + std::string(which_name()); }

std::string Variant::key(const std::string& experiment) const {
  std::string key = experiment;
  if (!is_main()) key.append("/").append(name());
  return key;
}

const std::vector<Variant>& variants() {
  static const std::vector<Variant> all{{When::last, Which::train_train}, {When::early, Which::train_train},
                                        {When::last, Which::train_test},  {When::early, Which::train_test},
                                        {When::last, Which::stiffness},   {When::early, Which::stiffness}};
  return all;
}

std::vector<double> Experiment::sizes() const {
  std::set<double> sizes;
  for (const Point& point : points) sizes.insert(point.examples);
  return {sizes.begin(), sizes.end()};
}

int Experiment::below_blind() const {
  return static_cast<int>(std::count_if(
      points.begin(), points.end(), [](const Point& point) { return point.below_blind.value_or(false); }));
}

std::vector<Experiment> experiments_of(const Results& results) {
  std::map<std::string, Experiment> byname;
  for (const Run& run : results.runs) {
    Experiment& experiment = byname[run.experiment];
    experiment.name = run.experiment;
    const Kind* kind = kind_of(run);
    if (experiment.kind == nullptr) experiment.kind = kind;
    switch (run.record.status) {
      case store::Status::done:
        break;
      case store::Status::diverged:
        ++experiment.diverged;
        continue;
      case store::Status::failed:
        ++experiment.failed;
        continue;
      default:
        ++experiment.unfinished;
        continue;
    }
    if (kind == nullptr) {
      ++experiment.unknown_kind;
      continue;
    }
    Point point{&run, kind, examples_of(results, run), capacity_of(results, run), {}, {}, {}};
    const std::int64_t last = last_step(results, run, *kind);
    if (last < 0) {
      ++experiment.without_rows;
      continue;
    }
    if (point.examples <= 0) {
      ++experiment.unknown_examples;
      continue;
    }
    point.last = moment_at(results, run, *kind, last);
    point.early = moment_at(results, run, *kind, best_step(results, run, *kind, last));
    point.below_blind = earns_less_than_blind(results, run, *kind, last);
    experiment.points.push_back(std::move(point));
  }
  std::vector<Experiment> experiments;
  for (auto& [_, experiment] : byname) experiments.push_back(std::move(experiment));
  return experiments;
}

Sample sample_of(const Experiment& experiment, Variant variant, std::optional<double> examples) {
  Sample sample;
  sample.columns.columns.resize(4);
  for (const Point& point : experiment.points) {
    if (examples && point.examples != *examples) continue;
    const Moment& moment = point.at(variant.when);
    const std::optional<double> mean = moment.of(variant.which);
    if (!mean || !moment.gap) {
      ++sample.missing;
      continue;
    }
    if (variant.in_logarithm() && *mean <= 0) {
      ++sample.not_positive;
      continue;
    }
    sample.points.push_back(&point);
    auto& columns = sample.columns.columns;
    columns[0].push_back(variant.in_logarithm() ? std::log(*mean) : *mean);
    columns[1].push_back(*moment.gap);
    columns[2].push_back(std::log(point.examples));
    columns[3].push_back(std::log(std::max(1.0, point.capacity.value)));
    sample.columns.configuration.push_back(point.run->configuration);
  }
  sample.within = share_within(sample.columns.columns[0], sample.columns.configuration);
  return sample;
}

std::vector<std::string> notes_on(const std::vector<Experiment>& experiments) {
  std::vector<std::string> notes;
  for (const Experiment& experiment : experiments) {
    std::vector<std::string> parts;
    const auto say = [&](int count, const std::string& what) {
      if (count > 0) parts.push_back(counted(count, "run") + " " + what);
    };
    say(experiment.diverged, "diverged");
    say(experiment.failed, "failed");
    say(experiment.unfinished, "not finished");
    say(experiment.unknown_kind, "of a kind that no figure knows");
    say(experiment.without_rows, "done but without measurements");
    say(experiment.unknown_examples, "with a number of examples that cannot be told");
    if (!parts.empty()) notes.push_back(experiment.name + ": left out are " + joined(parts) + ".");
    if (const int below = experiment.below_blind(); below > 0) {
      notes.push_back(
          experiment.name + ": " + std::to_string(below) + " of " +
          counted(static_cast<std::int64_t>(experiment.points.size()), "run") +
          (below == 1 ? " earns" : " earn") +
          " less, at the last measurement on the training images, than the policy that never looks.");
    }
  }
  return notes;
}

}  // namespace crosstalk::figures
