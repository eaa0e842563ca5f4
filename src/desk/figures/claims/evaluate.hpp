#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figures/results.hpp"
#include "stats/estimate.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {

/// On which side of the rule's limits a group's interval lies: wholly on the claimed one, wholly on the
/// other, on both; or there is no interval.
enum class Side { holds, against, open, none };
enum class Verdict { supported, contradicted, undecided, not_tested };
std::string_view to_string(Side side);
std::string_view to_string(Verdict verdict);

/// What one group of runs says of a rule.
struct Group {
  std::string label;              // "digits, 500 examples"
  std::string experiment;         // with that of the partner: "svhn-ddqn against svhn"
  stats::Estimate value;          // of the difference, where the rule has two sides
  stats::Interval interval;       // the one that judges
  double level = 0.9;             // its level
  int n = 0, configurations = 0;  // where the rule has two sides, of the smaller
  bool seeds = false;             // the group is of one configuration, and its seeds count as configurations
  int levels = 0;                 // over which r is pooled
  int left_out = 0;               // runs that the rule selects and that lack what it asks of them
  int unreached = 0;              // of them, those that never came to the moment that it asks for
  double within = 0;              // share of the variance of the first quantity that lies between seeds
  // The mean scores on training data of the two sides of a difference of gaps, where both are scores.
  std::optional<double> training, training_of_other;
  std::string cell_varies;  // what differs between the runs of one cell, where cells are held fixed
  Side side = Side::none;
};

struct LeftOut {
  std::string label, reason;
};

/// A correlation over all numbers of examples or all networks beside those within each.
struct Within {
  std::string label;
  stats::Estimate r;
  stats::Interval interval;
  int n = 0;
};

struct Evaluation {
  Verdict verdict = Verdict::not_tested;
  std::vector<Group> groups;
  std::vector<LeftOut>
      left_out;  // groups that do not count: without an interval, or none of what the rule asks
  std::string by_examples, by_capacity;          // what drives r besides, in words; empty where nothing can
  std::vector<Within> within;                    // there
  int selected = 0, unlearned = 0, unknown = 0;  // runs: all that the rule selects, those of them that
                                                 // learned nothing, those of which it is not known
  bool is_void = false;                          // a third or more of the runs of a side learned nothing
  int uncommon = 0;                              // runs of a cell that one side alone has
  int unmeasured = 0;                            // groups in which no run has what the rule asks
};

/// `points`: the runs that the claim is about, by experiment.
Evaluation evaluate(const Results& results, const std::vector<const Point*>& points, const study::Rule& rule);

/// Where an interval lies beside the rule's limits.
Side side_of(const study::Rule& rule, const stats::Interval& interval);

/// The verdict's rule (docs/claims.md), for groups that are not empty.
Verdict verdict_of(const std::vector<Group>& groups, bool some);

}  // namespace crosstalk::figures
