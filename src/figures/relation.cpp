#include "figures/relation.hpp"

#include "figures/words.hpp"
#include "stats/correlation.hpp"

namespace crosstalk::figures {

Relation relate(const Sample& sample, Column x, Column y, std::initializer_list<Column> given,
                const std::string& name) {
  stats::Points points;
  points.configuration = sample.columns.configuration;
  const auto& columns = sample.columns.columns;
  points.columns = {columns[x], columns[y]};
  for (const Column column : given) points.columns.push_back(columns[column]);
  Relation relation;
  relation.n = static_cast<int>(points.configuration.size());
  relation.of = points.configurations();
  relation.r =
      stats::partial_correlation(points.columns[0], points.columns[1], std::span(points.columns).subspan(2));
  if (!relation.r.defined()) {
    relation.configurations = relation.runs = stats::Interval::none(relation.r.undefined);
    return relation;
  }
  relation.configurations = stats::bootstrap_correlation(points, stats::Resampling::configurations, name);
  relation.runs = stats::bootstrap_correlation(points, stats::Resampling::runs, name);
  return relation;
}

void add_relation_columns(Table& table, const std::string& prefix) {
  for (const char* column :
       {"r", "low", "high", "runs_low", "runs_high", "n", "configurations", "undefined", "no_interval"}) {
    table.columns.push_back(prefix + column);
  }
}

void add_relation_cells(std::vector<Cell>& row, const Relation& relation) {
  row.insert(row.end(), {cell(relation.r), low(relation.configurations), high(relation.configurations),
                         low(relation.runs), high(relation.runs), static_cast<double>(relation.n),
                         static_cast<double>(relation.of), reason(relation.r.undefined),
                         reason(relation.configurations.undefined)});
}

void add_relation_facts(Json& facts, const std::string& key, const Relation& relation) {
  const auto edge = [](const stats::Interval& interval, double value) {
    return interval.defined() ? fact(value) : Json(nullptr);
  };
  facts[key + "/r"] = fact(relation.r);
  facts[key + "/low"] = edge(relation.configurations, relation.configurations.low);
  facts[key + "/high"] = edge(relation.configurations, relation.configurations.high);
  facts[key + "/runs-low"] = edge(relation.runs, relation.runs.low);
  facts[key + "/runs-high"] = edge(relation.runs, relation.runs.high);
  facts[key + "/n"] = relation.n;
  facts[key + "/configurations"] = relation.of;
}

std::string in_words(const Relation& relation) {
  if (!relation.r.defined()) return "undefined (" + relation.r.undefined + ")";
  const std::string interval = relation.configurations.defined()
                                   ? "90% interval " + in_words(relation.configurations)
                                   : "no interval: " + relation.configurations.undefined;
  return decimal(relation.r.value) + " (" + interval + ", n = " + with_commas(relation.n) + ")";
}

}  // namespace crosstalk::figures
