#include "nn/build.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/paper_layers.hpp"
#include "tensor/device.hpp"

namespace crosstalk::nn {
namespace {

using Lines = std::vector<std::string>;

std::string complaint(const Shape& input, std::int64_t outputs, const Lines& lines) {
  try {
    build(input, outputs, lines);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "";
}

TEST(Build, reads_the_lines_and_writes_them_back) {
  const Lines lines = {"conv 16 5 stride 2 pad 1",
                       "tanh",
                       "conv 4 3x2 stride 1x2",
                       "leaky",
                       "layernorm",
                       "flatten",
                       "linear 64",
                       "relu",
                       "linear 7"};
  EXPECT_EQ(build({3, 32, 32}, 7, lines).descriptions(), lines);
  EXPECT_EQ(build({5}, 7, Lines{"  linear   out "}).descriptions(), Lines{"linear 7"});
  EXPECT_EQ(build({3, 9, 9}, 7, Lines{"conv 2 3 stride 1 pad 0", "flatten", "linear out"}).descriptions()[0],
            "conv 2 3");
}

TEST(Build, has_as_many_parameters_as_the_papers_networks) {
  const auto size = [](const Shape& input, std::int64_t outputs, const Lines& lines) {
    return build(input, outputs, lines).layout().size();
  };
  EXPECT_EQ(size({21}, 7, plain_layers(64, 1)), 22 * 64 + 65 * 64 + 65 * 7);  // 6,023
  EXPECT_EQ(size({8}, 1, plain_layers(16, 2)), 9 * 16 + 2 * 17 * 16 + 17);
  EXPECT_EQ(
      size({3, 32, 32}, 10, image_layers(16, 1, 1)),
      (75 + 1) * 16 + (16 * 9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 9 + 1) * 64 + (6400 + 1) * 16 + 17 * 10);
  EXPECT_EQ(size({4, 84, 84}, 9, atari_layers()),
            (4 * 64 + 1) * 32 + (32 * 16 + 1) * 64 + (64 * 9 + 1) * 64 + (9216 + 1) * 512 + 513 * 9);
  EXPECT_EQ(paper_layers({8}, 16, 2, 4), plain_layers(16, 2));
  EXPECT_EQ(paper_layers({4, 32, 32}, 16, 1, 4), image_layers(16, 1, 4));
}

TEST(Build, names_the_entry_its_text_and_the_mend) {
  EXPECT_EQ(complaint({3, 32, 32}, 10, {"conv 16 5", "linear out"}),
            "network.layers, entry 2 of 2, \"linear out\": a linear layer takes a flat input but gets 16 x "
            "28 x 28: put "
            "\"flatten\" before it");
  EXPECT_EQ(complaint({21}, 7, {"linear 64", "liner", "linear out"}),
            "network.layers, entry 2 of 3, \"liner\": it begins with no layer that there is; there are conv, "
            "linear, dueling, leaky, "
            "relu, tanh, layernorm, flatten");
  EXPECT_EQ(complaint({21}, 7, {"linear 64"}),
            "network.layers, entry 1, \"linear 64\", is the last and gives 64 numbers where the task has 7 "
            "outputs: end "
            "the list with \"linear out\"");
}

TEST(Build, refuses_every_line_that_is_not_right) {
  const Shape image = {3, 8, 8};
  for (const Lines& lines : std::vector<Lines>{{},
                                               {""},
                                               {"conv 16"},
                                               {"conv x 5"},
                                               {"conv 16 0"},
                                               {"conv 16 9"},
                                               {"conv 16 5 stride"},
                                               {"conv 16 5 stride 0"},
                                               {"conv 16 5 step 2"},
                                               {"conv 16 5 pad -1"},
                                               {"conv 16 5x"},
                                               {"conv -16 5"},
                                               {"conv 99999999999999999999 5"},
                                               {"flatten", "linear"},
                                               {"flatten", "linear -3"},
                                               {"flatten", "linear 3.5"},
                                               {"flatten", "linear 3 4"},
                                               {"flatten", "conv 3 3"},
                                               {"leaky 0.1"},
                                               {"flatten"}}) {
    EXPECT_NE(complaint(image, 7, lines), "") << (lines.empty() ? "no line" : lines.back());
  }
  EXPECT_NE(complaint({7}, 7, {"tanh"}), "");  // the shape is right, but there is nothing to learn
}

TEST(Device, is_the_cpu_or_a_gpu_that_is_there) {
  EXPECT_TRUE(tensor::device("cpu").is_cpu());
  for (const char* name : {"gpu", "cuda:", "cuda:1", "cuda0", ""}) {
    try {
      tensor::device(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config) << name;
    }
  }
  try {
    EXPECT_TRUE(tensor::device("cuda").is_cuda());
  } catch (const Error& error) {  // there is none here
    EXPECT_EQ(error.kind(), ErrorKind::environment);
    EXPECT_NE(std::string(error.what()).find("--device cpu"), std::string::npos) << error.what();
  }
  EXPECT_EQ(tensor::precision("single"), at::kFloat);
  EXPECT_EQ(tensor::precision("double"), at::kDouble);
  EXPECT_THROW(tensor::precision("half"), Error);
}

}  // namespace
}  // namespace crosstalk::nn
