#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.hpp"
#include "desk/synthetic.hpp"
#include "figures/bundle.hpp"
#include "figures/compare.hpp"
#include "figures/experiment.hpp"
#include "figures/notes.hpp"
#include "figures/registry.hpp"
#include "figures/results.hpp"
#include "folder.hpp"

/// What the tests of figures share: a folder for stores, and a bundle's figures and tables.
namespace crosstalk::figures {

using synthetic::make;
using synthetic::Recipe;

inline Json figure(const Json& bundle, const std::string& name) {
  for (const Json& one : bundle["figures"]) {
    if (one["name"] == name) return one;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

/// Rows of a table as objects.
inline std::vector<Json> rows(const Json& figure, const std::string& table) {
  std::vector<Json> rows;
  const Json& one = figure["tables"][table];
  for (const Json& cells : one["rows"]) {
    EXPECT_EQ(cells.size(), one["columns"].size());
    Json row;
    for (std::size_t i = 0; i < cells.size(); ++i) row[one["columns"][i].get<std::string>()] = cells[i];
    rows.push_back(row);
  }
  return rows;
}

inline Recipe agent(const std::string& name, const std::string& algorithm, int measurements = 4) {
  Recipe recipe;
  recipe.experiment = name;
  recipe.kind = "windowed";
  recipe.algorithm = algorithm;
  recipe.measurements = measurements;
  return recipe;
}

class FiguresTest : public testing::Test {
 protected:
  Folder folder;
  std::filesystem::path at(const std::string& name) { return folder.path() / name; }
};

}  // namespace crosstalk::figures
