#pragma once

#include "base/json.hpp"

namespace crosstalk::figures {

struct Results;

/// The bundle's "claims": {"rows": [...], "facts": {...}}; docs/figures.md lists the fields. The studies' own
/// claims come first, each judged by its own study's runs; then the paper's, by all.
Json claims_of(const Results& results);

}  // namespace crosstalk::figures
