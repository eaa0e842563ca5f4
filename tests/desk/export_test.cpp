#include "store/export.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "folder.hpp"

namespace crosstalk::store {
namespace {

TEST(Export, is_the_long_table_sorted_with_the_shortest_numbers) {
  Folder folder;
  Store store = Store::create(folder.path() / "study.sqlite", {});
  store.name_runs({{.run = "b1",
                    .experiment = "two, three",
                    .seed = 3,
                    .configuration = {{"network.hidden", 16}, {"learner.rate", 0.001}}},
                   {.run = "a9",
                    .experiment = "one",
                    .seed = 18446744073709551615u,
                    .configuration = {{"network.hidden", 8}, {"network.layers", {"tanh", "linear out"}}}}});
  store.append("b1", {{50, "loss", "train", 0.1}, {0, "loss", "train", 1e22}, {0, "gap", "train-test", -0.0}},
               {});
  store.append("a9",
               {{0, "stiffness.q10", "train-train", -std::nan("")},
                {0, "loss", "test", std::numeric_limits<double>::infinity()},
                {0, "loss", "train", 1.0 / 3}},
               {});
  store.commit();
  std::string table;
  export_csv(store, {"learner.rate", "network.hidden", "network.layers"},
             [&](std::string_view text) { table += text; });
  EXPECT_EQ(
      table,
      "run,experiment,seed,step,measure,split,value,learner.rate,network.hidden,network.layers\n"
      "a9,one,18446744073709551615,0,loss,test,inf,,8,\"[\"\"tanh\"\",\"\"linear out\"\"]\"\n"
      "a9,one,18446744073709551615,0,loss,train,0.3333333333333333,,8,\"[\"\"tanh\"\",\"\"linear out\"\"]\"\n"
      "a9,one,18446744073709551615,0,stiffness.q10,train-train,nan,,8,\"[\"\"tanh\"\",\"\"linear out\"\"]\"\n"
      "b1,\"two, three\",3,0,gap,train-test,-0,0.001,16,\n"
      "b1,\"two, three\",3,0,loss,train,1e+22,0.001,16,\n"
      "b1,\"two, three\",3,50,loss,train,0.1,0.001,16,\n");
}

TEST(Export, is_the_same_in_whatever_order_the_rows_came) {
  const auto table_of = [](bool backwards) {
    Folder folder;
    Store store = Store::create(folder.path() / "study.sqlite", {});
    store.name_runs(
        {{.run = "a", .configuration = Json::object()}, {.run = "b", .configuration = Json::object()}});
    for (int i = 0; i < 100; ++i) {
      const int step = backwards ? 99 - i : i;
      store.append(step % 2 ? "a" : "b", {{step / 2, step % 3 ? "loss" : "gap", "train", 1.0 / (1 + step)}},
                   {});
    }
    std::string table;
    export_csv(store, {}, [&](std::string_view text) { table += text; });
    return table;
  };
  EXPECT_EQ(table_of(false), table_of(true));
}

}  // namespace
}  // namespace crosstalk::store
