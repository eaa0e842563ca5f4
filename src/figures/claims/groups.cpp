#include "figures/claims/groups.hpp"

#include <algorithm>
#include <map>

#include "figures/claims/quantity.hpp"
#include "figures/words.hpp"
#include "stats/correlation.hpp"
#include "stats/summary.hpp"

namespace crosstalk::figures {

std::vector<Selection> select(const std::vector<const Point*>& points, const std::vector<study::Test>& tests,
                              const std::vector<std::string>& by) {
  std::map<std::pair<std::string, std::vector<Json>>, Selection> groups;
  for (const Point* point : points) {
    if (!passes(*point, tests)) continue;
    std::vector<Json> values;
    for (const std::string& field : by) values.push_back(field_of(*point, field));
    Selection& group = groups[{point->run->experiment, values}];
    group.experiment = point->run->experiment;
    group.dataset = point->run->text("task.dataset");
    group.by = values;
    group.points.push_back(point);
  }
  std::vector<Selection> sorted;
  for (auto& [_, group] : groups) sorted.push_back(std::move(group));
  return sorted;
}

std::vector<const Selection*> partners(const Selection& one, const std::vector<Selection>& others) {
  std::vector<const Selection*> same, on_same_data;
  for (const Selection& other : others) {
    if (other.by != one.by) continue;
    if (other.experiment == one.experiment) same.push_back(&other);
    if (other.dataset == one.dataset) on_same_data.push_back(&other);
  }
  return same.empty() ? on_same_data : same;
}

std::string label_of(const Selection& one, const Selection* partner, const std::vector<std::string>& by) {
  std::string label = one.experiment;
  if (partner != nullptr && partner->experiment != one.experiment) label += " against " + partner->experiment;
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (by[i] == "experiment") continue;
    const Json& value = one.by[i];
    if (by[i] == "examples")
      label += ", " + counted(std::llround(value.get<double>()), "example");
    else
      label += ", " + by[i] + " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return label;
}

Computed compute(const Results& results, const std::vector<const Point*>& points,
                 const study::Statistic& statistic, const std::string& name) {
  Computed computed;
  stats::Points columns;
  columns.columns.resize(statistic.expressions.size());
  for (const Point* point : points) {
    std::vector<double> numbers;
    for (const study::Expression& expression : statistic.expressions) {
      if (const auto number = number_of(results, *point, expression)) numbers.push_back(*number);
    }
    if (numbers.size() < statistic.expressions.size()) {
      ++computed.left_out;
      continue;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) columns.columns[i].push_back(numbers[i]);
    columns.configuration.push_back(point->run->configuration);
  }
  computed.n = static_cast<int>(columns.configuration.size());
  computed.configurations = columns.configurations();
  computed.within = share_within(columns.columns[0], columns.configuration);
  if (statistic.correlation) {
    computed.value = stats::partial_correlation(columns.columns[0], columns.columns[1],
                                                std::span(columns.columns).subspan(2));
    if (computed.value.defined())
      computed.resamples = stats::resample_correlation(columns, stats::Resampling::configurations, name);
  } else {
    computed.value = stats::summarise(columns.columns[0]).mean;
    if (computed.value.defined())
      computed.resamples = stats::resample_mean(columns, stats::Resampling::configurations, name);
  }
  if (!computed.value.defined()) computed.resamples.undefined = computed.value.undefined;
  return computed;
}

}  // namespace crosstalk::figures
