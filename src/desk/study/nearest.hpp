#pragma once

#include <span>
#include <string>
#include <string_view>

namespace crosstalk::study {

/// The candidate with the smallest edit distance to `word` (Levenshtein 1966; two neighbours that changed
/// places are one edit, as Damerau 1964 has it), for "did you mean"; empty when none is within a third of the
/// word's length, rounded up, or the word is longer than any name. Capitals count as small letters.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace crosstalk::study
