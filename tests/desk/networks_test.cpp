#include "work/networks.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/layer_shape.hpp"
#include "base/paper_layers.hpp"

namespace crosstalk::work {
namespace {

study::Configuration configuration(Json values) {
  Json all{{"task.dataset", "./photos"}, {"task.kind", "classify"}, {"network.hidden", 4},
           {"network.depth", 1},         {"network.head", 4},       {"network.layers", Json::array()}};
  all.update(values);
  return {.run = all.dump(), .values = all.get<std::map<std::string, Json>>()};
}

/// What is said of runs over a data set of such images; empty where they are taken.
std::string refusal(const std::vector<study::Configuration>& runs, const Extents& shape, int classes = 2) {
  Datasets datasets;
  for (const study::Configuration& run : runs)
    datasets[data_key(run)] = {{"input_shape", shape}, {"outputs", classes}};
  try {
    check_networks(runs, datasets);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "";
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Networks, of_the_paper_name_the_least_image_that_they_take) {
  const std::vector<study::Configuration> papers{configuration(Json::object())};
  for (const Extents& small : {Extents{3, 8, 8}, Extents{1, 12, 12}, Extents{3, 12, 40}}) {
    const std::string said = refusal(papers, small);
    EXPECT_TRUE(says(
        said, "task.dataset = \"./photos\" holds images of " + spelled(small) +
                  ", and the paper's network needs 13 x 13 at least: scale the images up, or say layers"))
        << said;
    EXPECT_FALSE(says(said, "entry")) << said;  // of layers that nobody wrote
  }
  for (const Extents& enough : {Extents{3, 13, 13}, Extents{1, 28, 28}, Extents{4, 13, 200}, Extents{7}})
    EXPECT_EQ(refusal(papers, enough), "");
}

TEST(Networks, of_ones_own_layers_name_the_entry_the_images_and_the_least_size) {
  const Json layers{"conv 8 5 stride 2", "relu", "conv 8 5", "flatten", "linear out"};
  const std::vector<study::Configuration> runs{configuration({{"network.layers", layers}})};
  const std::string said = refusal(runs, {3, 8, 8});
  EXPECT_TRUE(says(said, "network.layers, entry 3 of 5, \"conv 8 5\": its kernel is 5 but its input"))
      << said;
  EXPECT_TRUE(says(said, "holds images of 3 x 8 x 8; these layers need 13 x 13 at least")) << said;
  EXPECT_TRUE(says(refusal(runs, {7}), "entry 1 of 5")) << "a table";
  EXPECT_EQ(refusal(runs, {3, 13, 13}), "");
}

TEST(Networks, that_do_not_fit_are_told_all_at_once_and_each_once) {
  std::vector<study::Configuration> runs;
  for (const char* kernel : {"3", "9", "11"})
    for (const int hidden : {2, 4})
      runs.push_back(
          configuration({{"network.hidden", hidden},
                         {"network.layers", {std::string("conv 4 ") + kernel, "flatten", "linear out"}}}));
  const std::string said = refusal(runs, {3, 8, 8});
  EXPECT_TRUE(says(said, "\"conv 4 9\"") && says(said, "\"conv 4 11\"") && !says(said, "\"conv 4 3\""))
      << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST(Networks, of_agents_want_images_of_the_windows_size_in_colour) {
  const std::vector<study::Configuration> agents{configuration({{"task.kind", "windowed"}})};
  EXPECT_EQ(refusal(agents, {3, 32, 32}, 256), "");
  EXPECT_TRUE(
      says(refusal(agents, {1, 28, 28}),
           "task.kind = \"windowed\": task.dataset = \"./photos\" holds 1 x 28 x 28 numbers a row where "
           "the windowed task moves over images of 3 x 32 x 32: scale them to that size and save them in "
           "colour, or give task.kind = \"classify\""));
  EXPECT_TRUE(says(refusal(agents, {3, 12, 12}), "3 x 32 x 32: scale them to that size, or"));
  EXPECT_TRUE(says(refusal(agents, {1, 32, 32}), "3 x 32 x 32: save them in colour, or"));
  EXPECT_TRUE(says(refusal(agents, {3, 32, 32}, 257), "has 257 classes where the windowed task knows 256"));
}

TEST(LayerShape, of_the_papers_networks_is_what_they_say_it_is) {
  Extents shape{3, 32, 32};
  std::vector<Extents> convolved;
  for (const LayerLine& line : fitting_layers(shape, 10, image_layers(8, 1, 4))) {
    shape = shape_after(line, shape, 10);
    if (line.kind == "conv") convolved.push_back(shape);
  }
  EXPECT_EQ(convolved, (std::vector<Extents>{{8, 14, 14}, {16, 12, 12}, {32, 10, 10}, {32, 10, 10}}));
  EXPECT_EQ(shape, Extents{10});
}

}  // namespace
}  // namespace crosstalk::work
