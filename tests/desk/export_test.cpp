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

TEST(Export, has_no_cell_that_a_spreadsheet_would_compute) {
  // Text and its cell: tests/python/test_report_names.py has the same list.
  const std::vector<std::pair<std::string, std::string>> cells{
      {"=1+1", "'=1+1"},       {"+1+1", "'+1+1"},
      {"-A1", "'-A1"},         {"@SUM(A1)", "'@SUM(A1)"},
      {"\tx", "'\tx"},         {"\rx", "\"'\rx\""},
      {"\uFF1D1", "'\uFF1D1"}, {"'=1", "''=1"},
      {"=a,b", "\"'=a,b\""},   {"-", "'-"},
      {"-1+2", "'-1+2"},       {"+-5", "'+-5"},
      {"-0.5", "-0.5"},        {"+1e-3", "+1e-3"},
      {"-.5", "-.5"},          {"'tis", "'tis"},
      {"a=b", "a=b"},          {"say \"a\"", "\"say \"\"a\"\"\""},
      {"a\rb", "\"a\rb\""},    {"", ""}};
  for (const auto& [text, cell] : cells) EXPECT_EQ(csv_field(text), cell);
}

TEST(Export, leaves_numbers_as_they_are_and_guards_the_names_and_texts_beside_them) {
  Folder folder;
  Store store = Store::create(folder.path() / "study.sqlite", {});
  store.name_runs({{.run = "a",
                    .experiment = "=HYPERLINK(\"x\")",
                    .configuration = {{"task.target", "@y"}, {"learner.rate", -0.5}}}});
  store.append(
      "a", {{0, "loss", "train", -0.25}, {1, "loss", "train", -std::numeric_limits<double>::infinity()}}, {});
  store.commit();
  std::string table;
  export_csv(store, {"learner.rate", "task.target"}, [&](std::string_view text) { table += text; });
  EXPECT_EQ(table,
            "run,experiment,seed,step,measure,split,value,learner.rate,task.target\n"
            "a,\"'=HYPERLINK(\"\"x\"\")\",0,0,loss,train,-0.25,-0.5,'@y\n"
            "a,\"'=HYPERLINK(\"\"x\"\")\",0,1,loss,train,-inf,-0.5,'@y\n");
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

TEST(Export, of_arrays_has_a_line_a_value_with_its_labels_or_places) {
  Folder folder;
  Store store = Store::create(folder.path() / "study.sqlite", {});
  store.name_runs({{.run = "a", .experiment = "walk", .seed = 1, .configuration = {{"learner.rate", 0.5}}},
                   {.run = "b", .experiment = "none", .configuration = Json::object()}});
  const Json by_offset = {{"0", {{"name", "offset"}, {"labels", {-1, 0}}}}};
  const Json of_samples = {{"rows", {7, 3}}, {"labels", {0, 1}}};
  const Json too_few = {{"0", {{"name", "offset"}, {"labels", {-1}}}}};
  store.append("a", {},
               {{5, "offsets", "states", {2}, {0.1, -std::nan("")}, by_offset},
                {5, "loss_gram", "train-train", {2, 2}, {1, 2, 3, 4}, of_samples},
                {0, "offsets", "states", {2}, {1, 1e22}, too_few}});
  store.commit();
  std::string table;
  export_arrays_csv(store, {"learner.rate"}, [&](std::string_view text) { table += text; });
  EXPECT_EQ(table,
            "run,experiment,seed,step,array,split,axis_0,axis_1,value,learner.rate\n"
            "a,walk,1,5,loss_gram,train-train,7,7,1,0.5\n"
            "a,walk,1,5,loss_gram,train-train,7,3,2,0.5\n"
            "a,walk,1,5,loss_gram,train-train,3,7,3,0.5\n"
            "a,walk,1,5,loss_gram,train-train,3,3,4,0.5\n"
            "a,walk,1,0,offsets,states,0,,1,0.5\n"
            "a,walk,1,0,offsets,states,1,,1e+22,0.5\n"
            "a,walk,1,5,offsets,states,-1,,0.1,0.5\n"
            "a,walk,1,5,offsets,states,0,,nan,0.5\n");
  const std::vector<ArrayForm> forms = store.array_forms();
  ASSERT_EQ(forms.size(), 2u);
  EXPECT_EQ(forms[1].name, "offsets");
  EXPECT_EQ(forms[1].shape, std::vector<std::int64_t>{2});
}

}  // namespace
}  // namespace crosstalk::store
