#pragma once

#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "study/problems.hpp"
#include "study/toml.hpp"

namespace crosstalk::study {

/// Reads the entries `[[claim]]` of a file: sentence and rule, or problems, each with its line.
void read_claims(const TomlEntry& entry, const std::string& file, std::vector<Claim>& claims,
                 Problems& problems);

/// The claims as the store keeps them. Each says when it was first recorded and how much of the study was
/// done by then: {"name", "sentence", "rule", "source", "file", "line", "experiments", "recorded", "begun",
/// "done", "runs"}. A claim of `former` with the same sentence and rule keeps what it says of that.
Json record_of(const std::vector<Claim>& claims, const Json& former, const std::string& now, int begun,
               int done, int runs);

}  // namespace crosstalk::study
