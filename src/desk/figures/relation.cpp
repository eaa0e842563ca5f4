#include "figures/relation.hpp"

#include "figures/words.hpp"
#include "stats/bootstrap.hpp"
#include "stats/jackknife.hpp"

namespace crosstalk::figures {

namespace {

Relation relation_of(const stats::Points& points) {
  const stats::Inference inference = stats::correlation(points);
  Relation relation{inference.value, inference.interval, {}, 0, points.configurations()};
  relation.n = static_cast<int>(points.configuration.size());
  return relation;
}

stats::Points columns_of(const Sample& sample, Column x, Column y) {
  const auto& columns = sample.columns.columns;
  return {{columns[x], columns[y]}, sample.columns.configuration, {}};
}

}  // namespace

Relation relate(const Sample& sample, Column x, Column y, const std::string& name) {
  const stats::Points points = columns_of(sample, x, y);
  Relation relation = relation_of(points);
  relation.runs = relation.r.defined() ? stats::bootstrap_correlation(points, name)
                                       : stats::Interval::none(relation.r.undefined);
  return relation;
}

Relation relate_within(const Sample& sample, Column x, Column y, std::vector<int> levels) {
  stats::Points points = columns_of(sample, x, y);
  points.level = std::move(levels);
  Relation relation = relation_of(points);
  relation.runs = stats::Interval::none("the paper has none for an r within levels");
  return relation;
}

void add_relation_columns(Table& table, const std::string& prefix) {
  for (const char* column :
       {"r", "low", "high", "runs_low", "runs_high", "n", "configurations", "undefined", "no_interval"}) {
    table.columns.push_back(prefix + column);
  }
}

void add_relation_cells(std::vector<Cell>& row, const Relation& relation) {
  row.insert(row.end(),
             {cell(relation.r), low(relation.interval), high(relation.interval), low(relation.runs),
              high(relation.runs), static_cast<double>(relation.n), static_cast<double>(relation.of),
              reason(relation.r.undefined), reason(relation.interval.undefined)});
}

void add_relation_facts(Json& facts, const std::string& key, const Relation& relation) {
  const auto edge = [](const stats::Interval& interval, double value) {
    return interval.defined() ? fact(value) : Json(nullptr);
  };
  facts[key + "/r"] = fact(relation.r);
  facts[key + "/low"] = edge(relation.interval, relation.interval.low);
  facts[key + "/high"] = edge(relation.interval, relation.interval.high);
  facts[key + "/runs-low"] = edge(relation.runs, relation.runs.low);
  facts[key + "/runs-high"] = edge(relation.runs, relation.runs.high);
  facts[key + "/n"] = relation.n;
  facts[key + "/configurations"] = relation.of;
}

std::string in_words(const Relation& relation) {
  if (!relation.r.defined()) return "undefined (" + relation.r.undefined + ")";
  const std::string interval = relation.interval.defined() ? "90% interval " + in_words(relation.interval)
                                                           : "no interval: " + relation.interval.undefined;
  return decimal(relation.r.value) + " (" + interval + ", n = " + with_commas(relation.n) + ")";
}

}  // namespace crosstalk::figures
