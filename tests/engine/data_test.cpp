// Data as a run sees them.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.hpp"
#include "data/examples.hpp"
#include "data/subset.hpp"
#include "env/images.hpp"
#include "folder.hpp"
#include "small_data.hpp"

namespace crosstalk::data {
namespace {

std::vector<std::int64_t> first_rows(std::int64_t count) {
  return training_rows(count, count, "first", tensor::Stream(0, "subset"));
}

TEST(Subset, of_the_first_rows_is_the_first_rows) {
  EXPECT_EQ(training_rows(10, 4, "first", tensor::Stream(0, "subset")),
            (std::vector<std::int64_t>{0, 1, 2, 3}));
}

TEST(Subset, at_random_has_distinct_rows_and_is_each_seeds_own) {
  const auto rows = training_rows(1000, 400, "random", tensor::Stream(1, "subset"));
  EXPECT_EQ(std::set<std::int64_t>(rows.begin(), rows.end()).size(), 400u);
  EXPECT_EQ(rows, training_rows(1000, 400, "random", tensor::Stream(1, "subset")));
  EXPECT_NE(rows, training_rows(1000, 400, "random", tensor::Stream(2, "subset")));
  for (const std::int64_t row : rows) EXPECT_TRUE(row >= 0 && row < 1000);
  const auto fewer = training_rows(1000, 100, "random", tensor::Stream(1, "subset"));
  EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), rows.begin()));  // a smaller subset is within the larger
}

class Data : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path file = folder.path() / "a.safetensors";
};

TEST_F(Data, are_scaled_by_all_training_rows) {
  write_table(file, 40, 10, 3, 2);
  const Dataset dataset = read_dataset(file);
  const at::Tensor x = dataset.train.x.to(at::kDouble), y = dataset.train.y.to(at::kDouble),
                   other = dataset.test.x.to(at::kDouble);
  at::Tensor block;
  const auto check = [&](const char* how, const at::Tensor& shift, const at::Tensor& scale,
                         const at::Tensor& y_shift, const at::Tensor& y_scale) {
    const Scaling scaled = scaling(dataset, how);
    const Examples train(dataset, dataset.train, {5, 2}, scaled, at::kDouble, at::kCPU);
    const Examples test(dataset, dataset.test, first_rows(10), scaled, at::kDouble, at::kCPU);
    EXPECT_LT((train.inputs(0, 2, block) - ((x - shift) / scale).index_select(0, at::tensor({5, 2})))
                  .abs()
                  .max()
                  .item<double>(),
              1e-12)
        << how;
    EXPECT_LT((test.inputs(0, 10, block) - (other - shift) / scale).abs().max().item<double>(), 1e-12) << how;
    EXPECT_LT((train.targets() - ((y - y_shift) / y_scale).index_select(0, at::tensor({5, 2})))
                  .abs()
                  .max()
                  .item<double>(),
              1e-12)
        << how;
  };
  const at::Tensor zero = at::zeros({1}, at::kDouble), one = at::ones({1}, at::kDouble);
  check("none", zero, one, zero, one);
  check("global", x.min(), x.max() - x.min(), y.min(), y.max() - y.min());
  check("per-feature", x.mean(0), x.std(0, false), y.mean(0), y.std(0, false));
}

TEST_F(Data, that_do_not_vary_are_shifted_alone) {
  Json about = {{"name", "flat"}, {"kind", "regress"}, {"outputs", 1}};
  tensor::write_safetensors(file,
                            {{"train.x", at::full({4, 2}, 3.f)},
                             {"train.y", at::full({4, 1}, 2.f)},
                             {"test.x", at::full({2, 2}, 3.f)},
                             {"test.y", at::full({2, 1}, 2.f)}},
                            {{"crosstalk", about.dump()}});
  const Dataset dataset = read_dataset(file);
  at::Tensor block;
  for (const char* how : {"global", "per-feature"}) {
    const Examples train(dataset, dataset.train, first_rows(4), scaling(dataset, how), at::kFloat, at::kCPU);
    EXPECT_EQ(train.inputs(0, 4, block).abs().max().item<float>(), 0);
    EXPECT_EQ(train.targets().abs().max().item<float>(), 0);
  }
}

TEST_F(Data, of_images_are_divided_and_gathered_as_asked) {
  write_images(file, 9, 3, 4);
  const Dataset dataset = read_dataset(file);
  const Examples train(dataset, dataset.train, {8, 0, 4}, scaling(dataset, "none"), at::kFloat, at::kCPU);
  const at::Tensor expected = dataset.train.x.to(at::kFloat).div(255);
  at::Tensor inputs, targets, block;
  const std::vector<std::int64_t> which = {2, 2, 0};
  train.draw(which, At::before, inputs);
  EXPECT_TRUE(train.beside("label", which, targets));
  EXPECT_FALSE(train.beside("value", which, block));
  EXPECT_TRUE(at::equal(inputs, expected.index_select(0, at::tensor({4, 4, 8}))));
  EXPECT_TRUE(at::equal(targets, dataset.train.y.index_select(0, at::tensor({4, 4, 8}))));
  EXPECT_TRUE(at::equal(train.inputs(1, 2, block), expected.index_select(0, at::tensor({0, 4}))));
}

TEST_F(Data, that_hold_a_number_that_is_not_finite_are_refused_with_its_row) {
  write_table(file, 20, 5, 3, 2);
  Dataset table = read_dataset(file);
  write_images(folder.path() / "images.safetensors", 20, 5, 4);
  Dataset images = read_dataset(folder.path() / "images.safetensors");
  images.train.x = images.train.x.to(at::kFloat);
  const auto refusal = [](const auto& make) {
    try {
      make();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return std::string(error.what());
    }
    return std::string();
  };
  const auto of = [&](const Dataset& dataset, const std::vector<std::int64_t>& rows) {
    return refusal(
        [&] { Examples(dataset, dataset.train, rows, scaling(dataset, "none"), at::kFloat, at::kCPU); });
  };
  const auto seen_by_an_agent = [&](const std::vector<std::int64_t>& rows) {
    return refusal([&] { env::Images(images, images.train, rows, at::kFloat, at::kCPU); });
  };
  for (Dataset* dataset : {&table, &images}) {
    EXPECT_EQ(of(*dataset, {3, 17}), "");
    for (const double value : {NAN, -INFINITY}) {
      dataset->train.x = dataset->train.x.clone();
      dataset->train.x[17].view(-1)[1].fill_(value);
      EXPECT_NE(of(*dataset, {3, 17}).find("of row 17: only finite"), std::string::npos)
          << of(*dataset, {3, 17});
      EXPECT_EQ(of(*dataset, {3, 16}), "");  // nobody looks
    }
  }
  EXPECT_NE(seen_by_an_agent({3, 17}).find("of row 17: only finite"), std::string::npos);
  EXPECT_EQ(seen_by_an_agent({3, 16}), "");
}

// The mean and deviation of channel c over all training images, by a plain loop.
std::pair<double, double> channel(const at::Tensor& images, std::int64_t c) {
  const at::Tensor exact = images.select(1, c).to(at::kDouble).contiguous();
  const std::vector<double> values(exact.const_data_ptr<double>(),
                                   exact.const_data_ptr<double>() + exact.numel());
  double mean = 0, variance = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values)
    variance += (value - mean) * (value - mean) / static_cast<double>(values.size());
  return {mean, std::sqrt(variance)};
}

TEST_F(Data, of_images_are_standardised_channel_by_channel) {
  write_images(file, 300, 5, 4);
  const Dataset bytes = read_dataset(file);
  Dataset numbers = bytes;  // the same images as fractions
  numbers.divide = 1;
  for (Half* half : {&numbers.train, &numbers.test}) half->x = half->x.to(at::kFloat).div(255);
  at::Tensor block, other_block;
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-12 : 1e-6;
    const Scaling scaled = scaling(bytes, "per-feature");
    const Examples train(bytes, bytes.train, {5, 2, 299}, scaled, type, at::kCPU);
    const Examples test(bytes, bytes.test, first_rows(5), scaled, type, at::kCPU);
    const at::Tensor seen = train.inputs(0, 3, block).to(at::kDouble),
                     seen_test = test.inputs(0, 5, other_block).to(at::kDouble);
    for (std::int64_t c = 0; c < 3; ++c) {
      const auto [mean, deviation] = channel(bytes.train.x, c);
      const auto expected = [&, mean = mean, deviation = deviation](const at::Tensor& x) {
        return (x.to(at::kDouble).select(1, c) - mean) / deviation;
      };
      EXPECT_TRUE(at::allclose(seen.select(1, c),
                               expected(bytes.train.x.index_select(0, at::tensor({5, 2, 299}))), tolerance,
                               tolerance));
      EXPECT_TRUE(at::allclose(seen_test.select(1, c), expected(bytes.test.x), tolerance, tolerance));
    }
    const Examples same(numbers, numbers.train, {5, 2, 299}, scaling(numbers, "per-feature"), type, at::kCPU);
    EXPECT_TRUE(at::allclose(same.inputs(0, 3, other_block).to(at::kDouble), seen, 1e-5, 1e-5));
  }
}

TEST_F(Data, of_images_in_one_colour_are_shifted_alone) {
  const Json about = {{"name", "grey"}, {"kind", "classify"}, {"outputs", 2}, {"divide", 255}};
  const at::Tensor grey = at::full({4, 1, 3, 3}, 77, at::kByte), labels = at::zeros({4}, at::kLong);
  tensor::write_safetensors(file,
                            {{"train.x", grey}, {"train.y", labels}, {"test.x", grey}, {"test.y", labels}},
                            {{"crosstalk", about.dump()}});
  const Dataset dataset = read_dataset(file);
  const Examples train(dataset, dataset.train, first_rows(4), scaling(dataset, "per-feature"), at::kFloat,
                       at::kCPU);
  at::Tensor block;
  EXPECT_EQ(train.inputs(0, 4, block).abs().max().item<float>(), 0);
  try {
    scaling(dataset, "global");
    FAIL() << "images have no one range";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("\"per-feature\""), std::string::npos) << error.what();
  }
}

/// Rows 0, 1, ... of one column each, as doubles, and targets 2e9 + row.
Dataset column_of(const std::filesystem::path& file, const std::vector<double>& train,
                  const std::vector<double>& test) {
  const auto column = [](const std::vector<double>& values) {
    return at::tensor(values, at::kDouble).view({-1, 1});
  };
  const auto targets = [](const std::vector<double>& values) {
    return at::arange(static_cast<std::int64_t>(values.size()), at::kDouble).add_(2e9).view({-1, 1});
  };
  const Json about = {{"name", "column"}, {"kind", "regress"}, {"outputs", 1}};
  tensor::write_safetensors(file,
                            {{"train.x", column(train)},
                             {"train.y", targets(train)},
                             {"test.x", column(test)},
                             {"test.y", targets(test)}},
                            {{"crosstalk", about.dump()}});
  return read_dataset(file);
}

std::vector<double> counting(std::int64_t count, double from, double step) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) values.push_back(from + step * static_cast<double>(i));
  return values;
}

/// (i - mean of 0..count-1) / their deviation, by the formula of the uniform distribution.
double standard(std::int64_t i, std::int64_t count) {
  const auto n = static_cast<double>(count);
  return (static_cast<double>(i) - (n - 1) / 2) / std::sqrt((n * n - 1) / 12);
}

TEST_F(Data, far_from_zero_are_standardised_as_those_near_it) {
  const Dataset dataset = column_of(file, counting(400, 1.7e9, 1), counting(4, 1.7e9, 100));
  EXPECT_NEAR(dataset.target_variance[0], (400. * 400 - 1) / 12, 1e-6);
  const Scaling scaled = scaling(dataset, "per-feature");
  const Examples train(dataset, dataset.train, first_rows(400), scaled, at::kFloat, at::kCPU);
  const Examples test(dataset, dataset.test, first_rows(4), scaled, at::kFloat, at::kCPU);
  at::Tensor block, other;
  for (std::int64_t i = 0; i < 400; ++i) {
    const float expected = static_cast<float>(standard(i, 400));
    EXPECT_FLOAT_EQ(train.inputs(0, 400, block)[i].item<float>(), expected);
    EXPECT_FLOAT_EQ(train.targets()[i].item<float>(), expected);
  }
  for (std::int64_t i = 0; i < 4; ++i)
    EXPECT_FLOAT_EQ(test.inputs(0, 4, other)[i].item<float>(), static_cast<float>(standard(100 * i, 400)));
  const Examples global(dataset, dataset.train, first_rows(400), scaling(dataset, "global"), at::kFloat,
                        at::kCPU);
  EXPECT_FLOAT_EQ(global.inputs(0, 400, block)[57].item<float>(), 57.f / 399);
}

TEST_F(Data, too_small_to_be_squared_are_standardised_all_the_same) {
  const Dataset dataset = column_of(file, counting(50, 0, 1e-310), {0, 1e-310});
  const Examples train(dataset, dataset.train, first_rows(50), scaling(dataset, "per-feature"), at::kFloat,
                       at::kCPU);
  at::Tensor block;
  for (std::int64_t i = 0; i < 50; ++i)
    EXPECT_NEAR(train.inputs(0, 50, block)[i].item<double>(), standard(i, 50), 1e-6);
}

// The mean of equal numbers may differ from them in the last bit; divided by that, they would be ones.
TEST_F(Data, that_do_not_vary_in_the_training_rows_are_shifted_alone_in_double_too) {
  const Dataset dataset = column_of(file, std::vector<double>(10, 0.1), {0.1, 0.2});
  const Scaling scaled = scaling(dataset, "per-feature");
  const Examples train(dataset, dataset.train, first_rows(10), scaled, at::kDouble, at::kCPU);
  const Examples test(dataset, dataset.test, first_rows(2), scaled, at::kDouble, at::kCPU);
  at::Tensor block, other;
  EXPECT_EQ(train.inputs(0, 10, block).abs().max().item<double>(), 0);
  EXPECT_DOUBLE_EQ(test.inputs(0, 2, other)[1].item<double>(), 0.2 - 0.1);
}

TEST_F(Data, that_are_beyond_single_precision_once_scaled_are_refused_with_their_row) {
  const Dataset dataset = column_of(file, counting(10, 0, 1e-30), {0, 0, 1e20});
  try {
    Examples(dataset, dataset.test, first_rows(3), scaling(dataset, "per-feature"), at::kFloat, at::kCPU);
    FAIL() << "an infinity was learned from";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("holds 1e+20 (scaled: inf) as input 0 of row 2"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Data, of_images_in_double_are_scaled_in_double_and_seen_by_agents) {
  write_images(file, 300, 5, 4);
  const Dataset bytes = read_dataset(file);
  Dataset far = bytes;
  far.divide = 1;
  for (Half* half : {&far.train, &far.test}) half->x = half->x.to(at::kDouble).add_(1e9);
  at::Tensor block, other;
  const Examples near_zero(bytes, bytes.train, {5, 299}, scaling(bytes, "per-feature"), at::kDouble,
                           at::kCPU);
  const Examples same(far, far.train, {5, 299}, scaling(far, "per-feature"), at::kFloat, at::kCPU);
  EXPECT_TRUE(
      at::allclose(same.inputs(0, 2, block).to(at::kDouble), near_zero.inputs(0, 2, other), 1e-6, 1e-6));
  Dataset wide = bytes;
  wide.train.x = bytes.train.x.to(at::kDouble);
  const std::vector<env::View> views = {{.seen = 3, .image = 1, .place = {2, 2}}};
  const auto drawn_from = [&](const Dataset& dataset) {
    at::Tensor slot;
    env::Images(dataset, dataset.train, {5, 299}, at::kFloat, at::kCPU).draw(views, slot);
    return slot;
  };
  EXPECT_TRUE(at::equal(drawn_from(wide), drawn_from(bytes)));
}

TEST_F(Data, that_are_not_what_they_say_are_refused_by_file) {
  const auto refused = [&](const std::map<std::string, at::Tensor>& change, const Json& about_change) {
    std::map<std::string, at::Tensor> tensors = {{"train.x", at::zeros({4, 2})},
                                                 {"train.y", at::zeros({4}, at::kLong)},
                                                 {"test.x", at::zeros({2, 2})},
                                                 {"test.y", at::zeros({2}, at::kLong)}};
    for (const auto& [name, tensor] : change) tensors[name] = tensor;
    Json about = {{"name", "odd"}, {"kind", "classify"}, {"outputs", 3}};
    about.update(about_change);
    tensor::write_safetensors(file, tensors, {{"crosstalk", about.dump()}});
    try {
      const Dataset dataset = read_dataset(file);
      const Examples train(dataset, dataset.train, first_rows(4), scaling(dataset, "none"), at::kFloat,
                           at::kCPU);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
      EXPECT_NE(std::string(error.what()).find(file.string()), std::string::npos) << error.what();
      return true;
    }
    return false;
  };
  const Json same = Json::object();
  EXPECT_FALSE(refused({}, same));
  EXPECT_TRUE(refused({{"train.y", at::full({4}, 3, at::kLong)}}, same));
  EXPECT_TRUE(refused({{"train.y", at::full({4}, -1, at::kLong)}}, same));
  EXPECT_TRUE(refused({{"train.y", at::zeros({5}, at::kLong)}}, same));
  EXPECT_TRUE(refused({{"train.y", at::zeros({4, 1})}}, same));
  EXPECT_TRUE(refused({{"train.x", at::full({4, 2}, NAN)}}, same));
  EXPECT_TRUE(refused({{"train.x", at::zeros({4, 2, 2})}}, same));
  EXPECT_TRUE(refused({{"test.x", at::zeros({2, 3})}}, same));
  EXPECT_TRUE(refused({{"test.x", at::zeros({0, 2})}, {"test.y", at::zeros({0}, at::kLong)}}, same));
  EXPECT_TRUE(refused({}, {{"kind", "guess"}}));
  EXPECT_TRUE(refused({}, {{"outputs", 0}}));
  EXPECT_TRUE(refused({}, {{"outputs", "three"}}));
  EXPECT_TRUE(refused({}, {{"kind", "regress"}}));
  tensor::write_safetensors(file, {{"train.x", at::zeros({4, 2})}}, {});
  EXPECT_THROW(read_dataset(file), Error);
}

}  // namespace
}  // namespace crosstalk::data
