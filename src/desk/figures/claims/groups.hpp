#pragma once

#include <string>
#include <vector>

#include "figures/results.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {

/// Runs of one series of an experiment that agree in the fields by which a rule tells groups apart.
struct Selection {
  std::string experiment, whole;
  std::string data;                  // the dataset or the environment
  std::vector<Json> by;              // the fields' values
  std::string configuration;         // in words, where it is one
  std::vector<const Point*> points;  // those that learned, or of which that is not known
  std::vector<const Point*> unlearned;
  int unknown = 0;  // among `points`: did not measure what needs no input
};

/// The runs that pass, in groups, sorted by experiment and values; `all_series`: those of all series of an
/// experiment together. Where a test asks for `learned`, it is
/// that test alone which decides.
std::vector<Selection> select(const Results& results, const std::vector<const Point*>& points,
                              const std::vector<study::Test>& tests, const std::vector<std::string>& by,
                              bool all_series);

/// Whether one of these tests is of the field.
bool asks_for(const std::vector<study::Test>& tests, const std::string& field);

/// Whether two groups differ only in what the sides of the rule ask for.
bool are_twins(const Selection& one, const Selection& other, const study::Rule& rule);

/// The groups of `others` that a group is held against. They agree with it in the fields' values. Those of
/// the same series come first; then those of the same experiment whose series differ in nothing but what the
/// rule's two sides ask for; then those of other experiments on the same data, or in environments that both
/// sides name.
std::vector<const Selection*> partners(const Selection& one, const std::vector<Selection>& others,
                                       const study::Rule& rule);

/// "digits, 500 examples", "svhn-ddqn against svhn, 500 examples".
std::string label_of(const Selection& one, const Selection* partner, const std::vector<std::string>& by);

}  // namespace crosstalk::figures
