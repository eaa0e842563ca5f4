#include "study/datasets.hpp"

#include <string_view>

#include "base/ending.hpp"

namespace crosstalk::study {
namespace {

struct KnownDataset {
  std::string_view name, kind;
  bool images;
};
/// One line a data set that is known by name; python/crosstalk/data/sets reads it.
constexpr KnownDataset known_datasets[] = {
    {"digits", "classify", true},  {"california", "regress", false}, {"sarcos", "regress", false},
    {"cifar10", "classify", true}, {"svhn", "classify", true},       {"normal", "regress", false},
};

}  // namespace

std::string family_of(const std::string& dataset) {
  for (const KnownDataset& known : known_datasets)
    if (dataset == known.name) return dataset;
  if (has_ending(dataset, ".csv") || has_ending(dataset, ".npz")) return "own-table";
  if (dataset.find('/') != std::string::npos) return "own-images";
  return "";
}

bool is_own(const std::string& family) { return family.starts_with("own-"); }

std::vector<std::string> known_dataset_names() {
  std::vector<std::string> names;
  for (const KnownDataset& known : known_datasets) names.emplace_back(known.name);
  return names;
}

std::vector<std::string> known_dataset_names(const std::string& kind) {
  std::vector<std::string> names;
  for (const KnownDataset& known : known_datasets)
    if (known.kind == kind) names.emplace_back(known.name);
  return names;
}

std::string listed_datasets() {
  std::string list;
  for (const KnownDataset& known : known_datasets)
    list += (list.empty() ? "" : ", ") + std::string(known.name);
  return list;
}

std::vector<std::string> image_families() {
  std::vector<std::string> families;
  for (const KnownDataset& known : known_datasets)
    if (known.images) families.emplace_back(known.name);
  families.push_back("own-images");
  return families;
}

std::vector<std::string> families_for(const std::string& kind) {
  std::vector<std::string> families = known_dataset_names(kind);
  families.push_back("own-table");
  if (kind == "classify") families.push_back("own-images");
  return families;
}

}  // namespace crosstalk::study
