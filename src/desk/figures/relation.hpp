#pragma once

#include <string>
#include <vector>

#include "figures/experiment.hpp"
#include "figures/figure.hpp"
#include "stats/estimate.hpp"

namespace crosstalk::figures {

/// A correlation as the figures give it: r with its 90% interval, the paper's beside it, and of how many.
struct Relation {
  stats::Estimate r;
  stats::Interval interval;  // the jackknife's, over configurations with their seeds
  stats::Interval runs;      // the paper's, over runs; of a plain r alone
  int n = 0, of = 0;         // runs, configurations
};

/// Columns of a Sample.
enum Column { interference = 0, gap = 1, examples = 2, capacity = 3 };

/// r of two columns. `name` seeds the paper's resampling.
Relation relate(const Sample& sample, Column x, Column y, const std::string& name);

/// r of two columns within levels: each has a mean of its own.
Relation relate_within(const Sample& sample, Column x, Column y, std::vector<int> levels);

/// Appends r, low, high, runs_low, runs_high, n, configurations, undefined, and the columns' names.
void add_relation_columns(Table& table, const std::string& prefix = "");
void add_relation_cells(std::vector<Cell>& row, const Relation& relation);

/// facts[key + "/r"], "/low", "/high", "/runs-low", "/runs-high", "/n", "/configurations".
void add_relation_facts(Json& facts, const std::string& key, const Relation& relation);

/// "0.83 (0.61 to 0.92, n = 48)".
std::string in_words(const Relation& relation);

}  // namespace crosstalk::figures
