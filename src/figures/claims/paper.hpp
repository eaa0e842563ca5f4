#pragma once

#include <string_view>
#include <vector>

namespace crosstalk::figures {

/// A sentence of the paper that a study can test: where it stands, what it says in other words, and its rule
/// in the language of docs/claims.md.
struct PaperClaim {
  std::string_view name, where, sentence, rule;
};

/// In the order of the paper. Adding one is one entry in paper.cpp, and a line in docs/claims.md that says
/// why its rule is what it is.
const std::vector<PaperClaim>& paper_claims();

}  // namespace crosstalk::figures
