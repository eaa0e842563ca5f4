#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace crosstalk::figures {

/// A sentence of the paper that a study can test: where it stands, what it says in other words, and its rule
/// in the language of docs/claims.md.
struct PaperClaim {
  std::string_view name, where, sentence, rule;
};

/// In the order of the paper. Adding one is one entry in paper_generalisation.cpp (abstract to section 4) or
/// paper_dynamics.cpp (sections 5 to 7), and a line in docs/claims.md that says why its rule is what it is.
const std::vector<PaperClaim>& paper_claims();

/// The two files' parts, an array a section.
std::vector<std::span<const PaperClaim>> claims_on_generalisation();
std::vector<std::span<const PaperClaim>> claims_on_dynamics();

}  // namespace crosstalk::figures
