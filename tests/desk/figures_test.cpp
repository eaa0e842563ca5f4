#include <gtest/gtest.h>

#include "desk/synthetic.hpp"
#include "figures/bundle.hpp"
#include "figures/compare.hpp"
#include "figures/point.hpp"
#include "figures/registry.hpp"
#include "figures/results.hpp"
#include "folder.hpp"
#include "stats/correlation.hpp"

namespace crosstalk::figures {
namespace {

using synthetic::make;
using synthetic::Recipe;

Json figure(const Json& bundle, const std::string& name) {
  for (const Json& one : bundle["figures"]) {
    if (one["name"] == name) return one;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

/// Rows of a table as objects.
std::vector<Json> rows(const Json& figure, const std::string& table) {
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

class FiguresTest : public testing::Test {
 protected:
  Folder folder;
  std::filesystem::path at(const std::string& name) { return folder.path() / name; }
};

TEST_F(FiguresTest, figure1_finds_the_r_that_was_put_in_and_figure2_the_one_over_all) {
  Recipe recipe;
  recipe.seeds = 40;
  synthetic::write(at("a"), {make(recipe)});
  const Json whole = bundle({at("a")});
  const Json one = figure(whole, "figure1");
  for (const char* size : {"20", "100", "500"}) {
    const std::string key = std::string("digits/nT=") + size;
    EXPECT_NEAR(one["facts"][key + "/r"].get<double>(), 0.8, 0.06) << one["facts"].dump(1);
    EXPECT_EQ(one["facts"][key + "/n"], 480);
    EXPECT_EQ(one["facts"][key + "/configurations"], 12);
    EXPECT_LT(one["facts"][key + "/low"], one["facts"][key + "/r"]);
    EXPECT_GT(one["facts"][key + "/high"], one["facts"][key + "/r"]);
  }
  const Json two = figure(whole, "figure2");
  // gap = 5 + y / 4 - log10 nT, so the number of examples adds variance to the gap that interference has no
  // part in.
  EXPECT_LT(two["facts"]["digits/all/r"], 0.6);
  EXPECT_NEAR(two["facts"]["digits/partial/r"].get<double>(), 0.8, 0.05);
  EXPECT_LT(two["facts"]["digits/examples/r"], -0.85);
  std::cout << whole.dump().size() << "\n"
            << one["alternative"] << "\n"
            << two["alternative"] << "\n"
            << figure(whole, "figure9")["alternative"] << "\n"
            << figure(whole, "figure10")["alternative"] << "\n"
            << figure(whole, "figureD2")["alternative"] << "\n"
            << one["tables"]["coverage"] << one["notes"] << "\n";
}

}  // namespace
}  // namespace crosstalk::figures
