#include "figures/claims/paper.hpp"

namespace crosstalk::figures {

const std::vector<PaperClaim>& paper_claims() {
  static const std::vector<PaperClaim> claims = [] {
    std::vector<PaperClaim> all;
    for (const auto& part : {claims_on_generalisation(), claims_on_dynamics()}) {
      for (const std::span<const PaperClaim> section : part) {
        all.insert(all.end(), section.begin(), section.end());
      }
    }
    return all;
  }();
  return claims;
}

}  // namespace crosstalk::figures
