#pragma once

#include <memory>
#include <string_view>

#include "env/decision_process.hpp"

namespace crosstalk::env {

/// The exact environment of that name (base/environments.def), checked. Error(config) for another name, for
/// a size that it cannot have, and where its line does not say whether it is endless.
std::shared_ptr<const DecisionProcess> exact_process(std::string_view name, const Sizes& sizes);

}  // namespace crosstalk::env
