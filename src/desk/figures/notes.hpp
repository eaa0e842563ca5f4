#pragma once

#include <string>
#include <vector>

#include "figures/experiment.hpp"

namespace crosstalk::figures {

/// What must be said before any number of a report: errors in several units within one series, or in one
/// figure.
std::vector<std::string> cautions_on(const std::vector<Experiment>& experiments);

/// "svhn-ddqn: 12 of 72 runs learned nothing to speak of: the training error is not a tenth below that of the
/// policy that never looks.", and of how many it is not known; of agents without examples, how many end no
/// better than they began or than a random policy; none where all learned.
std::vector<std::string> notes_on_learning(const Experiment& experiment);

/// Sentences on who is left out: "digits: left out are 3 runs diverged and 1 run failed.", and those on
/// learning. Diverged runs without examples are drawn, and whether they learned is no question.
std::vector<std::string> notes_on(const std::vector<Experiment>& experiments);

}  // namespace crosstalk::figures
