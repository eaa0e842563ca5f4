#pragma once

#include <filesystem>
#include <vector>

#include "base/json.hpp"
#include "figures/results.hpp"

namespace crosstalk::figures {

/// Everything a report is made of, from the study.sqlite of each folder; docs/figures.md lists it field by
/// field:
/// {"crosstalk", "study", "studies", "swept", "runs", "data", "figures", "claims", "grams", "matrices",
/// "notes"}, and
/// "by", "pooled" and "where", which say by which keys experiments are divided into series, what is pooled in
/// them, and which runs were asked for; "cautions", sentences that must be read before any number;
/// "comparison" where exactly two folders are given (see compare.hpp). Figures that have no data are not in
/// it. Every number is finite or null. Error(store) where a folder has no store or it cannot be read.
Json bundle(const std::vector<std::filesystem::path>& folders, const Choice& choice = {});

}  // namespace crosstalk::figures
