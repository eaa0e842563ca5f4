#pragma once

#include <string>
#include <vector>

namespace crosstalk::study {

/// The name of a data set that is known by one ("digits"); of a path: "own-table" (.csv, .npz) or
/// "own-images" (a folder, which has a / in it, be it at its end); empty where `dataset` is none of these.
/// The name alone decides, as it does in python/crosstalk/data/own; tests/dataset_names.txt holds both to one
/// table.
std::string family_of(const std::string& dataset);
bool is_own(const std::string& family);

/// The data sets that are known by name: all, those to be classified or those to predict numbers of.
std::vector<std::string> known_dataset_names();
std::vector<std::string> known_dataset_names(const std::string& kind);
std::string listed_datasets();  // all, with commas between

/// The families whose data are images, and those that can be classified or regressed.
std::vector<std::string> image_families();
std::vector<std::string> families_for(const std::string& kind);

}  // namespace crosstalk::study
