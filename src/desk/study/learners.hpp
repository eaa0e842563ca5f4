#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::study {

/// The words of base/algorithms.def, in its order: all; those that go with a kind of task; those that have
/// something ("replays") or have it not; those that have a loss.
std::vector<std::string> algorithm_names();
std::vector<std::string> algorithms_for(std::string_view kind);
std::vector<std::string> algorithms_that(std::string_view has);
std::vector<std::string> algorithms_without(std::string_view has);
std::vector<std::string> algorithms_with_loss(std::string_view loss);

/// The kinds of task that an algorithm goes with; the losses that it has, the default first.
std::vector<std::string> kinds_of(std::string_view algorithm);
std::vector<std::string> losses_of(std::string_view algorithm);

/// The words of base/environments.def, in its order: all; those that go with a kind of task; those whose
/// transitions are known; those that have something ("levels"). The kinds that go with an environment, or
/// with a family of them, the default first.
std::vector<std::string> environment_names();
std::vector<std::string> environments_for(std::string_view kind);
std::vector<std::string> exact_environments();
std::vector<std::string> environments_that(std::string_view has);
std::vector<std::string> kinds_in(std::string_view environment);

}  // namespace crosstalk::study
