#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "figures/results.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {

/// The number of a run that an expression of a rule means; nothing where the run did not measure it, where it
/// is not finite, or where a logarithm is asked of what is not positive.
std::optional<double> number_of(const Results& results, const Point& point,
                                const study::Expression& expression);

/// Whether a run never came to the moment that an expression asks for: its measure never reached the limit.
bool never_reached(const Results& results, const Point& point, const study::Expression& expression);

/// What a field of `for`, `given` and `pooled over` is for a run; null where that says nothing of the run.
Json field_of(const Point& point, const std::string& field);

bool passes(const Results& results, const Point& point, const std::vector<study::Test>& tests);

/// The values, in words, of each key that counts for one of the runs; without those of which
/// says_nothing_of_the_result.
using KeyValues = std::map<std::string, std::set<std::string>>;
KeyValues values_of(const std::vector<const Point*>& points);

}  // namespace crosstalk::figures
