#pragma once

#include <initializer_list>
#include <string>

#include "figures/figure.hpp"
#include "figures/point.hpp"
#include "stats/estimate.hpp"

namespace crosstalk::figures {

/// A correlation as the figures give it: r, both 90% intervals, and of how many.
struct Relation {
  stats::Estimate r;
  stats::Interval configurations;  // resampling configurations with their seeds: the one that is drawn
  stats::Interval runs;            // resampling runs: the paper's
  int n = 0, of = 0;               // runs, configurations
};

/// Columns of a Sample.
enum Column { interference = 0, gap = 1, examples = 2, capacity = 3 };

/// r of two columns, given the others that are named. `name` seeds the resampling.
Relation relate(const Sample& sample, Column x, Column y, std::initializer_list<Column> given,
                const std::string& name);

/// Appends r, low, high, runs_low, runs_high, n, configurations, undefined, and the columns' names.
void add_relation_columns(Table& table, const std::string& prefix = "");
void add_relation_cells(std::vector<Cell>& row, const Relation& relation);

/// facts[key + "/r"], "/low", "/high", "/runs-low", "/runs-high", "/n", "/configurations".
void add_relation_facts(Json& facts, const std::string& key, const Relation& relation);

/// "0.83 (0.61 to 0.92, n = 48)".
std::string in_words(const Relation& relation);

}  // namespace crosstalk::figures
