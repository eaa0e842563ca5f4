#include "figures/claims/compute.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "figures/claims/quantity.hpp"

namespace crosstalk::figures {
namespace {

std::vector<Json> values_of(const Point& point, const std::vector<std::string>& fields) {
  std::vector<Json> values;
  for (const std::string& field : fields) values.push_back(field_of(point, field));
  return values;
}

std::size_t different(const std::vector<int>& numbers) {
  return std::set<int>(numbers.begin(), numbers.end()).size();
}

std::vector<int> seeds_of(const PointList& points) {
  std::vector<int> units;
  for (const Point* point : points) units.push_back(static_cast<int>(point->run->record.seed));
  return units;
}

/// What of a cell the two sides need to have in common.
std::vector<std::string> cell_fields(const study::Rule& rule) {
  std::vector<std::string> fields{"examples"};
  fields.insert(fields.end(), network_keys().begin(), network_keys().end());
  const auto drop = [&](const std::string& asked) {
    std::erase_if(fields, [&](const std::string& field) {
      return asked == field || (asked == "task.examples" && field == "examples") ||
             (asked == "capacity" && field != "examples");
    });
  };
  for (const auto* tests : {&rule.value.where, &rule.other->where}) {
    for (const study::Test& test : *tests) drop(test.field);
  }
  return fields;
}

/// What one level alone shows says nothing of what levels have in common.
stats::Inference pooled(const Drawn& drawn, double level) {
  stats::Inference pooled = stats::pooled_correlation(drawn.columns, level);
  if (pooled.levels == 1) {
    pooled.interval = stats::Interval::none("one level alone has an r and " +
                                            std::to_string(stats::least_configurations) + " configurations");
  }
  return pooled;
}

/// The mean of the first column in each unit.
std::map<int, double> means_by_unit(const Drawn& drawn) {
  std::map<int, std::pair<double, int>> sums;
  for (int i = 0; i < drawn.n(); ++i) {
    auto& [sum, count] = sums[drawn.columns.configuration[i]];
    sum += drawn.columns.columns[0][i];
    ++count;
  }
  std::map<int, double> means;
  for (const auto& [unit, of] : sums) means[unit] = of.first / of.second;
  return means;
}

/// The difference of the two sides in each unit; nothing where they have not the same units.
std::optional<Drawn> by_pairs(const Drawn& one, const Drawn& other) {
  const auto means = means_by_unit(one), others = means_by_unit(other);
  Drawn pairs;
  pairs.columns.columns.resize(1);
  for (const auto& [unit, mean] : means) {
    const auto twin = others.find(unit);
    if (twin == others.end()) return {};
    pairs.columns.columns[0].push_back(mean - twin->second);
    pairs.columns.configuration.push_back(unit);
  }
  return means.size() == others.size() ? std::optional(pairs) : std::nullopt;
}

}  // namespace

Drawn draw(const Results& results, const PointList& points, const study::Statistic& statistic,
           const std::vector<int>& unit) {
  Drawn drawn;
  drawn.columns.columns.resize(statistic.expressions.size());
  std::map<std::vector<Json>, int> levels;
  for (std::size_t place = 0; place < points.size(); ++place) {
    std::vector<double> numbers;
    for (const study::Expression& expression : statistic.expressions) {
      if (const auto number = number_of(results, *points[place], expression)) numbers.push_back(*number);
    }
    if (numbers.size() < statistic.expressions.size()) {
      ++drawn.left_out;
      drawn.unreached += std::ranges::any_of(statistic.expressions, [&](const study::Expression& expression) {
        return never_reached(results, *points[place], expression);
      });
      continue;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) drawn.columns.columns[i].push_back(numbers[i]);
    drawn.columns.configuration.push_back(unit[place]);
    if (statistic.levels.empty()) continue;
    const auto next = static_cast<int>(levels.size());
    drawn.columns.level.push_back(
        levels.try_emplace(values_of(*points[place], statistic.levels), next).first->second);
  }
  if (drawn.n() > 0) drawn.within = share_within(drawn.columns.columns[0], drawn.columns.configuration);
  return drawn;
}

stats::Inference infer(const Drawn& drawn, const study::Statistic& statistic, double level) {
  using Kind = study::Statistic::Kind;
  switch (statistic.kind) {
    case Kind::correlation:
      return statistic.pooled ? pooled(drawn, level) : stats::correlation(drawn.columns, level);
    case Kind::slope:
      return stats::slope(drawn.columns, level);
    case Kind::median:
      return stats::median(drawn.columns, level);
    case Kind::mean:
      break;
  }
  return stats::mean(drawn.columns, level);
}

stats::Inference infer_difference(const Drawn& one, const Drawn& other, const study::Rule& rule,
                                  double level) {
  using Kind = study::Statistic::Kind;
  if (rule.value.kind == Kind::median && rule.other->kind == Kind::median) {
    if (const auto pairs = by_pairs(one, other)) return stats::median(pairs->columns, level);
  }
  return stats::difference(infer(one, rule.value, level), infer(other, *rule.other, level), level);
}

std::optional<double> training_score(const Results& results, const PointList& points,
                                     const study::Statistic& statistic) {
  constexpr std::string_view gap_of = "gap_";
  if (statistic.kind != study::Statistic::Kind::mean) return {};
  study::Quantity score = statistic.expressions[0].quantity;
  if (score.name.starts_with(gap_of))
    score.name.erase(0, gap_of.size());
  else if (!statistic.expressions[0].minus || statistic.expressions[0].minus->name != score.name)
    return {};
  score.split = "train";
  double sum = 0;
  int count = 0;
  for (const Point* point : points) {
    const auto number = number_of(results, *point, study::Expression{score, {}});
    sum += number.value_or(0);
    count += number.has_value();
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

std::vector<int> configurations_of(const PointList& points) {
  std::vector<int> units;
  for (const Point* point : points) units.push_back(point->run->configuration);
  return units;
}

bool are_over_seeds(const study::Rule& rule, const PointList& one, const PointList& other) {
  const bool one_configuration =
      different(configurations_of(one)) <= 1 && different(configurations_of(other)) <= 1;
  return rule.is_by("configuration") || (one_configuration && !rule.value.of_two());
}

Units units_by_seed(const PointList& one, const PointList& other, bool paired) {
  Units units{seeds_of(one), seeds_of(other)};
  if (!paired) {
    for (int& unit : units.other) unit = -1 - unit;
  }
  return units;
}

Units joint_units(const PointList& one, const PointList& other) {
  const auto a = values_of(one), b = values_of(other);
  std::vector<std::string> shared;
  for (const auto& [key, values] : a) {
    const auto twin = b.find(key);
    if (twin != b.end() && twin->second == values) shared.push_back(key);
  }
  std::map<std::vector<Json>, int> numbers;
  const auto number = [&](const PointList& points) {
    std::vector<int> units;
    for (const Point* point : points) {
      const auto next = static_cast<int>(numbers.size());
      units.push_back(numbers.try_emplace(values_of(*point, shared), next).first->second);
    }
    return units;
  };
  const std::vector<int> own_one = configurations_of(one), own_other = configurations_of(other);
  Units joint{number(one), number(other)};
  if (different(joint.one) < different(own_one) || different(joint.other) < different(own_other))
    return {own_one, own_other};
  return joint;
}

int keep_common_cells(const study::Rule& rule, PointList& one, PointList& other) {
  const std::vector<std::string> fields = cell_fields(rule);
  const auto cells = [&](const PointList& points) {
    std::set<std::vector<Json>> cells;
    for (const Point* point : points) cells.insert(values_of(*point, fields));
    return cells;
  };
  const auto keep = [&](PointList& points, const std::set<std::vector<Json>>& there) {
    return static_cast<int>(std::erase_if(
        points, [&](const Point* point) { return !there.contains(values_of(*point, fields)); }));
  };
  const auto of_one = cells(one);
  return keep(one, cells(other)) + keep(other, of_one);
}

}  // namespace crosstalk::figures
