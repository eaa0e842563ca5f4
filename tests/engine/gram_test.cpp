// Every contraction against its slow twin, on random traces of single layers with shapes that are not round.
// The oracle by autograd, on whole networks, is contraction_test.cpp.
#include "trace/gram.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "random_trace.hpp"
#include "tensor_memory.hpp"
#include "trace/cross_gram.hpp"
#include "trace/directional.hpp"
#include "trace/gradient.hpp"
#include "trace/norms.hpp"
#include "trace/per_sample.hpp"
#include "trace/plan.hpp"
#include "trace/reference.hpp"

namespace crosstalk::trace {
namespace {

std::vector<Shape> shapes() {
  return {
      linear(7, 5, 0, true),
      linear(1, 1, 0, false),
      linear(13, 1, 0, true),
      linear(6, 4, 3, true),
      linear(5, 9, 17, false),
      linear(70, 37, 9, true),
      embedding(6, 5, 9),
      embedding(40, 33, 4),
      given({7}),
      given({3, 5}),
      scale(11, 1),
      scale(4, 5),
      scale(5, 3, false),
      convolution("3 x 3, padded", {5, 7, 9, 6, 3, 3, {1, 1}, {1, 1}}),
      convolution("wide enough for rows of their own", {33, 6, 5, 10, 3, 3, {1, 1}, {1, 1}}),
      convolution("the same with stride 2", {32, 11, 9, 7, 3, 3, {2, 2}, {0, 1}}),
      convolution("stride 3 and 2, kernel 4 x 5", {17, 15, 12, 4, 4, 5, {3, 2}, {2, 1}}),
      convolution("stride beyond the kernel", {70, 9, 10, 3, 1, 1, {3, 4}}),
      convolution("1 x 1", {65, 4, 3, 8, 1, 1}),
      convolution("one position", {6, 3, 3, 40, 3, 3}),
      convolution("dilated", {24, 12, 13, 5, 3, 3, {2, 1}, {2, 3}, {3, 2}}),
      convolution("dilated, small", {3, 12, 13, 5, 2, 3, {1, 2}, {1, 0}, {2, 3}}),
      convolution("groups", {12, 8, 8, 9, 3, 3, {1, 1}, {1, 1}, {1, 1}, 3}),
      convolution("depthwise", {6, 9, 7, 6, 3, 3, {2, 2}, {1, 1}, {1, 1}, 6, false}),
      convolution("without a bias", {4, 10, 10, 3, 5, 5, {2, 2}, {0, 0}, {1, 1}, 1, false}),
  };
}

class Contraction : public ::testing::TestWithParam<std::tuple<std::size_t, std::int64_t>> {
 protected:
  // Thousands of tiny products: waking threads for each would be all of the time. Gram's tests below use
  // them.
  // A seed of its own for each: a directional derivative of one sample may come out near 0, where no rounding
  // is small beside it, and must not do so because of what another test drew before.
  void SetUp() override {
    at::set_num_threads(1);
    at::manual_seed(1);
  }
  void TearDown() override { at::set_num_threads(threads_); }

 private:
  int threads_ = at::get_num_threads();
};

TEST_P(Contraction, equals_its_slow_twin_in_every_path_method_type_and_order_of_memory) {
  const auto [index, n] = GetParam();
  const Shape shape = shapes()[index];
  const Trace rows = random_trace(n, {shape}), columns = random_trace(n + 2, {shape});
  const at::Tensor direction = at::randn({rows.layout.size()}, at::kDouble);
  const at::Tensor gram_twin = reference::gram(rows), cross_twin = reference::cross_gram(rows, columns);

  for (const auto type : {at::kDouble, at::kFloat})
    for (const auto format : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      const double tolerance = type == at::kDouble ? 1e-10 : 1e-4;
      const Trace left = converted(rows, type, format), right = converted(columns, type, format);
      expect_close(gradient(left), reference::gradient(rows), tolerance, "gradient");
      expect_close(per_sample_gradients(left), reference::per_sample_gradients(rows), tolerance, "rows");
      expect_close(directional(left, direction.to(type)), reference::directional(rows, direction), tolerance,
                   "direction");
      for (const Path path : {Path::fastest, Path::portable})
        for (const std::int64_t scratch : {std::int64_t{1} << 28, std::int64_t{1}})
          for (const Method method : {Method::outer, Method::weight_gradients, Method::pairs}) {
            const Options options{path, method, scratch};
            const std::string what =
                std::string(name(method)) + (path == Path::fastest ? ", fast" : ", portable");
            const at::Tensor gram = trace::gram(left, options);
            expect_close(gram, gram_twin, tolerance, "gram: " + what);
            EXPECT_TRUE(gram.equal(gram.t())) << what;
            expect_close(cross_gram(left, right, options), cross_twin, tolerance, "cross-gram: " + what);
            expect_close(squared_norms(left, options), reference::squared_norms(rows), tolerance,
                         "norms: " + what);
          }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Contraction,
                         ::testing::Combine(::testing::Range<std::size_t>(0, shapes().size()),
                                            ::testing::Values(1, 6)));

TEST(Gram, of_many_samples_in_blocks_of_rows_equals_the_plain_product) {
  for (const std::int64_t n : {95, 96, 130, 515}) {
    Trace trace = random_trace(n, {convolution("3 x 3", {8, 6, 6, 9, 3, 3})});
    const at::Tensor rows = per_sample_gradients(trace);
    expect_close(gram(trace), at::mm(rows, rows.t()), 1e-10, std::to_string(n) + " samples");
  }
}

TEST(Gram, of_two_threads_equals_that_of_one) {
  const int before = at::get_num_threads();
  for (const std::int64_t n : {20, 100}) {
    Trace trace = random_trace(n, {convolution("3 x 3", {32, 10, 10, 48, 3, 3})});
    for (const auto type : {at::kFloat, at::kDouble}) {
      const Trace typed = converted(trace, type, at::MemoryFormat::Contiguous);
      at::set_num_threads(1);
      const at::Tensor one = gram(typed);
      at::set_num_threads(2);
      expect_close(gram(typed), one.to(at::kDouble), type == at::kFloat ? 1e-5 : 1e-12,
                   std::to_string(n) + " samples");
    }
  }
  at::set_num_threads(before);
}

TEST(Gram, is_the_same_to_the_last_bit_when_made_again_wherever_memory_lies) {
  for (const Shape& shape : {convolution("3 x 3", {32, 10, 10, 48, 3, 3}),
                             convolution("odd", {33, 6, 5, 10, 3, 3, {1, 1}, {1, 1}}),
                             linear(37, 29, 0, true), linear(21, 19, 5, true)})
    for (const auto type : {at::kFloat, at::kDouble})
      for (const Method method : {Method::weight_gradients, Method::pairs}) {
        Trace trace = random_trace(45, {shape});
        trace = converted(trace, type, at::MemoryFormat::Contiguous);
        const at::Tensor first = gram(trace, {.method = method});
        std::vector<std::unique_ptr<char[]>> odd;  // what the next call takes lies behind it
        for (std::int64_t numbers = 1; numbers < 6; ++numbers) {
          odd.push_back(std::make_unique<char[]>(1992 + 16 * numbers));
          Trace shifted = trace;
          for (at::Tensor* x : {&shifted.layers[0].inputs, &shifted.layers[0].output_gradients}) {
            const at::Tensor room = at::empty({x->numel() + numbers}, x->options());
            *x = room.narrow(0, numbers, x->numel()).view(x->sizes()).copy_(*x);
          }
          EXPECT_TRUE(gram(shifted, {.method = method}).equal(first)) << shape.name;
        }
      }
}

TEST(Gram, of_a_convolution_unfolds_no_rows_that_a_long_stride_skips) {
  Trace trace = random_trace(2, {convolution("", {40, 2, 3, 3, 1, 1, {1'000'000, 1}})});
  at::Tensor norms;
  EXPECT_LE(most_bytes_in([&] { norms = squared_norms(trace); }), 1 << 20);
  expect_close(norms, reference::squared_norms(trace), 1e-10, "norms");
}

TEST(Gram, by_pairs_forms_no_more_than_its_scratch_memory_holds) {
  constexpr std::int64_t n = 64, scratch = 1 << 20, result = n * n * 4;
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  for (const Shape& shape : {convolution("36 positions", {32, 8, 8, 16, 3, 3}), linear(288, 16, 36, true)}) {
    Trace trace = random_trace(n, {shape});
    trace = converted(trace, at::kFloat, at::MemoryFormat::Contiguous);
    const at::Tensor whole = gram(trace, {.method = Method::pairs});  // in one block
    for (const Path path : {Path::fastest, Path::portable}) {
      at::Tensor parts;
      const std::int64_t most = most_bytes_in([&] { parts = gram(trace, {path, Method::pairs, scratch}); });
      expect_close(parts, whole.to(at::kDouble), 1e-5, shape.name);
      EXPECT_GT(most, result) << "nothing was counted";
      EXPECT_LE(most, scratch + result) << shape.name;
    }
  }
  at::set_num_threads(before);
}

TEST(Gram, of_a_layer_norm_forms_no_more_than_its_scratch_memory_holds) {
  constexpr std::int64_t n = 200, scratch = 1 << 20, result = n * n * 4;
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Trace trace = converted(random_trace(n, {scale(5000, 1)}), at::kFloat, at::MemoryFormat::Contiguous);
  const at::Tensor whole = gram(trace, {.scratch_bytes = 1 << 30});
  at::Tensor parts, norms;
  const std::int64_t most = most_bytes_in([&] { parts = gram(trace, {.scratch_bytes = scratch}); }),
                     most_for_norms =
                         most_bytes_in([&] { norms = squared_norms(trace, {.scratch_bytes = scratch}); });
  expect_close(parts, whole.to(at::kDouble), 1e-5, "gram");
  expect_close(norms, whole.diagonal().to(at::kDouble), 1e-5, "norms");
  EXPECT_GT(most, result) << "nothing was counted";
  EXPECT_LE(most, scratch + result);
  EXPECT_LE(most_for_norms, scratch + n * 4);
  at::set_num_threads(before);
}

TEST(Engine, splits_a_parallel_loop_over_threads) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  std::vector<std::int64_t> firsts(16, -1);
  at::parallel_for(
      0, 16, 1, [&](std::int64_t begin, std::int64_t) { firsts[static_cast<std::size_t>(begin)] = begin; });
  at::set_num_threads(before);
  EXPECT_EQ(std::count_if(firsts.begin(), firsts.end(), [](std::int64_t x) { return x >= 0; }), 2)
      << "at::parallel_for ran as one chunk: a file was compiled without -fopenmp";
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Trace, with_shapes_that_do_not_fit_is_refused_by_the_layer_s_name) {
  Trace trace = random_trace(4, {convolution("", {3, 8, 8, 5, 3, 3})});
  trace.layers[0].name = "0.conv 5 3";
  auto& use = std::get<nn::ConvolutionUse>(trace.layers[0].use);
  const nn::ConvolutionUse right = use;
  const std::size_t four = trace.layout.add("four", {4});
  const std::function<void()> wrongs[] = {[&] { use.stride = {2, 2}; },   [&] { use.stride = {1, 0}; },
                                          [&] { use.padding = {0, -1}; }, [&] { use.dilation = {0, 1}; },
                                          [&] { use.bias = four; },       [&] { use.groups = 0; }};
  for (const auto& wrong : wrongs) {
    wrong();
    EXPECT_NE(refusal([&] { gram(trace); }).find("0.conv 5 3"), std::string::npos);
    use = right;
  }
  trace.samples = 5;
  EXPECT_NE(refusal([&] { squared_norms(trace); }).find("5 samples"), std::string::npos);
  trace.samples = 4;
  trace.layers[0].inputs = trace.layers[0].inputs.to(at::kFloat);
  EXPECT_NE(refusal([&] { gradient(trace); }).find("type"), std::string::npos);
  EXPECT_NE(refusal([&] { directional(trace, at::zeros({2})); }), "");
  Trace plain = random_trace(4, {linear(6, 3, 0, true)});
  const std::size_t five = plain.layout.add("five", {5});
  plain.layers[0].name = "1.linear 3";
  EXPECT_EQ(refusal([&] { gradient(plain); }), "");
  std::get<nn::LinearUse>(plain.layers[0].use).bias = five;
  EXPECT_NE(refusal([&] { gradient(plain); }).find("1.linear 3"), std::string::npos);
}

TEST(Plan, says_each_layers_method_and_what_the_others_would_cost) {
  Trace trace = random_trace(16, {linear(64, 32, 0, true), convolution("", {16, 10, 10, 32, 3, 3})});
  trace.layers[0].name = "3.linear 32";
  trace.layers[1].name = "0.conv 32 3";
  const auto plan = trace::plan(trace);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].chosen.method, Method::outer);
  EXPECT_EQ(plan[1].chosen.method, Method::weight_gradients);
  EXPECT_GT(plan[1].others.at(0).seconds, plan[1].chosen.seconds);
  EXPECT_NE(describe(plan).find("0.conv 32 3  weight gradients"), std::string::npos);
}

TEST(Plan, takes_pairs_where_positions_are_few_and_weights_many) {
  const auto chosen = [](const Shape& shape, std::int64_t n) {
    Trace trace = random_trace(n, {shape});
    return trace::plan(converted(trace, at::kFloat, at::MemoryFormat::Contiguous)).at(0).chosen.method;
  };
  EXPECT_EQ(chosen(convolution("2 x 2 positions", {64, 6, 6, 128, 3, 3, {2, 2}}), 32), Method::pairs);
  EXPECT_EQ(chosen(convolution("1 position", {128, 2, 2, 256, 2, 2}), 32), Method::pairs);
  EXPECT_EQ(chosen(convolution("6 x 6 positions, few channels", {4, 8, 8, 16, 3, 3}), 64),
            Method::weight_gradients);
  EXPECT_EQ(chosen(linear(512, 512, 3, true), 32), Method::pairs);
}

TEST(Plan, counts_no_more_scratch_memory_than_there_is) {
  Trace trace = random_trace(16, {convolution("", {16, 10, 10, 32, 3, 3})});
  for (const Cost& cost : gram_costs(trace.layers[0], trace.layout, {.scratch_bytes = 1000}))
    EXPECT_LE(cost.scratch, 1000) << name(cost.method);
}

}  // namespace
}  // namespace crosstalk::trace
