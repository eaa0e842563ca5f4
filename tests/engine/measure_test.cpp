// What the measures say against plain loops over per-sample gradients.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "base/error.hpp"
#include "base/measures.hpp"
#include "base/paper_layers.hpp"
#include "base/vocabulary.hpp"
#include "data/subset.hpp"
#include "learn/labels.hpp"
#include "measure/probe.hpp"
#include "measure/registry.hpp"
#include "measure/scalar.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "quantile.hpp"
#include "small_data.hpp"
#include "trace/per_sample.hpp"

namespace crosstalk::measure {
namespace {

constexpr std::int64_t train = 7, test = 5;

/// Rows that are held as they are, with their labels.
struct Held final : data::Table {
  at::Tensor inputs, labels;
  data::Id first() const override { return 0; }
  data::Id end() const override { return inputs.size(0); }
  void draw(std::span<const data::Id> rows, data::At, at::Tensor& slot) const override {
    slot = inputs.index_select(0, at::tensor(at::IntArrayRef(rows.data(), rows.size()), at::kLong));
  }
  bool beside(std::string_view name, std::span<const data::Id> rows, at::Tensor& slot) const override {
    if (name != "label") return false;
    slot = labels.index_select(0, at::tensor(at::IntArrayRef(rows.data(), rows.size()), at::kLong));
    return true;
  }
};

/// A network in double precision with samples, targets and a loss.
struct Scene final : Subject {
  nn::Network net;
  tensor::Stream stream{5, "scene"};
  nn::Parameters theta;
  learn::Networks both;
  Held held;
  std::unique_ptr<learn::Loss> loss;
  std::unique_ptr<learn::Labels> labels;
  std::vector<std::int64_t> heads;

  Scene(const nn::Shape& input, std::int64_t outputs, bool classes)
      : net(nn::build(input, outputs, paper_layers(input, 3, 1, 1))),
        theta(net, nn::initial_theta(net, Initialisation::pytorch, stream, at::kDouble)),
        both(net, theta),
        heads{outputs} {
    std::vector<std::int64_t> sizes = {train + test};
    sizes.insert(sizes.end(), input.begin(), input.end());
    held.inputs = drawn(sizes, stream).to(at::kDouble);
    held.labels = classes
                      ? drawn_below({train + test}, static_cast<std::uint64_t>(outputs), at::kLong, stream)
                      : drawn({train + test, outputs}, stream).to(at::kDouble);
    loss = classes ? learn::cross_entropy(Reduction::mean)
                   : learn::squared_error(Reduction::mean, Targets::separate,
                                          std::vector<double>(static_cast<std::size_t>(outputs), 1.0));
    labels = std::make_unique<learn::Labels>(*loss);
  }

  const learn::Networks& networks() const override { return both; }
  Readout readout() const override { return {heads, /*values=*/true}; }
  void prepare(std::int64_t) override {}
  std::vector<Set> samples() override {
    std::vector<data::Id> rows(train + test);
    std::iota(rows.begin(), rows.end(), 0);
    return {{"train", {&held, {rows.begin(), rows.begin() + train}}},
            {"test", {&held, {rows.begin() + train, rows.end()}}}};
  }
  const learn::Objective* objective(const std::string& name) const override {
    return name == "own" ? labels.get() : nullptr;
  }
  Numbers numbers(const Needs&) override {
    return {{"loss", {{"train", 1.0}, {"test", 2.0}}}, {"accuracy", {{"train", 0.75}, {"test", 0.5}}}};
  }

  Probe probe(const std::vector<std::string>& names, Function function) {
    return Probe(measures(names), *this, function, std::int64_t{1} << 30);
  }

  /// (N, P) gradients of one scalar a sample, each from a pass of its own.
  at::Tensor gradients(const std::function<at::Tensor(const at::Tensor&, std::int64_t)>& cotangent) {
    std::vector<at::Tensor> rows;
    for (std::int64_t i = 0; i < train + test; ++i) {
      nn::Tape tape;
      nn::Gradients back;
      net.forward(theta, held.inputs.narrow(0, i, 1).contiguous(), tape);
      net.backward(theta, tape, cotangent(tape.output(), i).contiguous(), back);
      rows.push_back(trace::per_sample_gradients(trace::make_trace(net, theta, tape, back))[0]);
    }
    return at::stack(rows);
  }
};

using Table = std::map<std::pair<std::string, std::string>, double>;

Table table(const std::vector<Row>& rows) {
  Table result;
  for (const Row& row : rows) {
    EXPECT_TRUE(result.emplace(std::pair{row.measure, row.split}, row.value).second)
        << row.measure << " " << row.split;
    EXPECT_EQ(row.step, 40);
  }
  return result;
}

void expect_rows(const Table& rows, const std::string& name, const at::Tensor& gradients, bool cosine) {
  struct Set {
    const char* split;
    std::int64_t first, last, from, to;
  };
  for (const Set& set :
       {Set{"train-train", 0, train, 0, train}, Set{"train-test", 0, train, train, train + test},
        Set{"test-test", train, train + test, train, train + test}}) {
    std::vector<double> values;
    for (std::int64_t u = set.first; u < set.last; ++u) {
      for (std::int64_t v = set.from; v < set.to; ++v) {
        if (set.first == set.from && v <= u) continue;
        double dot = gradients[u].dot(gradients[v]).item<double>();
        if (cosine) dot /= gradients[u].norm().item<double>() * gradients[v].norm().item<double>();
        values.push_back(dot);
      }
    }
    double sum = 0, positive = 0, sign = 0, largest = 0;
    for (const double value : values) {
      sum += value;
      positive += value > 0;
      sign += value > 0 ? 1 : -1;
      largest = std::max(largest, std::abs(value));
    }
    const double tolerance = 1e-10 * largest, count = static_cast<double>(values.size());
    EXPECT_NEAR(rows.at({name, set.split}), sum / count, tolerance) << name << set.split;
    EXPECT_NEAR(rows.at({name + ".positive", set.split}), positive / count, 1e-12);
    EXPECT_NEAR(rows.at({name + ".negative", set.split}), 1 - positive / count, 1e-12);  // none is 0 here
    EXPECT_EQ(rows.at({name + ".zero", set.split}), 0);
    const std::pair<const char*, double> shares[] = {{".q05", .05}, {".q10", .1}, {".q25", .25}, {".q50", .5},
                                                     {".q75", .75}, {".q90", .9}, {".q95", .95}};
    for (const auto& [suffix, share] : shares) {
      EXPECT_NEAR(rows.at({name + suffix, set.split}), quantile(values, share), tolerance)
          << name << suffix << set.split;
    }
    if (cosine) {
      EXPECT_NEAR(rows.at({name + ".sign", set.split}), sign / count, 1e-12);
      EXPECT_EQ(rows.at({name + ".left_out", set.split}), 0);
    }
  }
}

struct Case {
  nn::Shape input;
  std::int64_t outputs;
  bool classes;
  Function function;
};

class Interference : public ::testing::TestWithParam<Case> {};

TEST_P(Interference, is_what_plain_loops_over_per_sample_gradients_give) {
  const Case& how = GetParam();
  Scene scene(how.input, how.outputs, how.classes);
  Probe probe = scene.probe({"function_interference", "function_stiffness", "loss_interference", "stiffness"},
                            how.function);
  const Table rows = table(probe.measure(40, false).rows);
  const at::Tensor of_function =
      scene.gradients([&](const at::Tensor& f, std::int64_t) { return cotangent(how.function, f, {}); });
  const at::Tensor of_loss = scene.gradients([&](const at::Tensor& f, std::int64_t i) {
    return scene.loss->sample_cotangents(f, scene.held.labels.narrow(0, i, 1));
  });
  expect_rows(rows, "function_interference", of_function, false);
  expect_rows(rows, "loss_interference", of_loss, false);
  expect_rows(rows, "stiffness", of_loss, true);
  expect_rows(rows, "function_stiffness", of_function, true);
}

INSTANTIATE_TEST_SUITE_P(Networks, Interference,
                         ::testing::Values(Case{{3, 32, 32}, 10, true, Function::max},
                                           Case{{3, 32, 32}, 4, true, Function::confidence},
                                           Case{{21}, 7, false, Function::mean},
                                           Case{{8}, 1, false, Function::mean},
                                           Case{{8}, 1, false, Function::max},
                                           Case{{5}, 3, true, Function::mean}));

/// So many samples of each set, with this Gram of the function and of the loss.
Evidence evidence_of(std::int64_t training, std::int64_t testing, const Gram& gram) {
  Evidence evidence;
  for (const auto& [name, count] : {std::pair{"train", training}, {"test", testing}})
    evidence.stack.push_back({.set = {name, {nullptr, data::first_rows(count)}}});
  evidence.grams = {{Gradient::function, gram}, {Gradient::loss, gram}};
  return evidence;
}

Table measured(const std::vector<std::string>& names, const Evidence& evidence) {
  Readings readings(40);
  for (const auto& measure : measures(names)) measure->measure(evidence, readings);
  return table(readings.rows);
}

TEST(Stiffness, leaves_out_and_counts_pairs_without_direction) {
  at::Tensor dots = at::full({5, 5}, 0.5, at::kDouble);
  dots.fill_diagonal_(1);
  dots.select(0, 1).fill_(0);
  dots.select(1, 1).fill_(0);
  const Evidence evidence = evidence_of(3, 2, Gram(dots));
  for (const std::string name : {"stiffness", "function_stiffness"}) {
    const Table found = measured({name}, evidence);
    EXPECT_EQ(found.at({name + ".left_out", "train-train"}), 2);
    EXPECT_EQ(found.at({name + ".left_out", "train-test"}), 2);
    EXPECT_EQ(found.at({name + ".left_out", "test-test"}), 0);
    EXPECT_EQ(found.at({name, "train-train"}), 0.5);
    EXPECT_EQ(found.at({name + ".sign", "train-train"}), 1);
  }
}

TEST(FunctionStiffness, does_not_change_with_the_unit_of_the_function) {
  Scene scene({4}, 3, true);
  const at::Tensor g =
      scene.gradients([&](const at::Tensor& f, std::int64_t) { return cotangent(Function::max, f, {}); });
  const at::Tensor dots = g.mm(g.t());
  const std::vector<std::string> names = {"function_interference", "function_stiffness"};
  const Table before = measured(names, evidence_of(train, test, Gram(dots))),
              after = measured(names, evidence_of(train, test, Gram(dots * 64)));  // the function in eighths
  EXPECT_EQ(before.size(), after.size());
  for (const auto& [key, value] : before) {
    if (key.first.starts_with("function_stiffness"))
      EXPECT_EQ(after.at(key), value) << key.first << key.second;
    else if (key.first == "function_interference")
      EXPECT_EQ(after.at(key), 64 * value) << key.second;
  }
}

TEST(Gap, is_the_error_on_test_minus_the_error_on_train) {
  Scene scene({4}, 3, true);
  Probe probe = scene.probe({"accuracy", "gap", "loss"}, Function::max);
  const Table rows = table(probe.measure(40, false).rows);
  EXPECT_EQ(probe.methods(), "");  // nobody asked for a Gram
  EXPECT_DOUBLE_EQ(rows.at({"gap", "train-test"}), 0.25);
  EXPECT_DOUBLE_EQ(rows.at({"accuracy", "test"}), 0.5);
  EXPECT_DOUBLE_EQ(rows.at({"loss", "train"}), 1);

  Evidence evidence;
  evidence.numbers = {{"squared_error", {{"train", 0.25}, {"test", 0.75}}},
                      {"loss", {{"train", 9.0}, {"test", 1.0}}}};
  const Table regression = measured({"gap", "squared_error"}, evidence);
  EXPECT_DOUBLE_EQ(regression.at({"gap", "train-test"}), 0.5);
  EXPECT_DOUBLE_EQ(regression.at({"squared_error", "train"}), 0.25);

  evidence.numbers = {{"reward", {{"train", 0.5}, {"test", -0.25}}},
                      {"accuracy", {{"train", 0.75}, {"test", 1.0}}},
                      {"first_guess", {{"train", 0.125}, {"test", 0.5}}}};
  const Table agent = measured({"gap", "gap_accuracy", "gap_first_guess", "first_guess"}, evidence);
  EXPECT_EQ(agent, (Table{{{"gap", "train-test"}, 0.75},
                          {{"gap_accuracy", "train-test"}, -0.25},
                          {{"gap_first_guess", "train-test"}, -0.375},
                          {{"first_guess", "train"}, 0.125},
                          {{"first_guess", "test"}, 0.5}}));
}

TEST(Churn, is_what_an_update_did_to_the_outputs_and_to_their_largest_of_each_head) {
  Scene scene({4}, 5, true);
  scene.heads = {3, 2};
  Probe probe = scene.probe({"policy_churn", "value_churn"}, Function::max);
  EXPECT_FALSE(probe.awaits_change());
  probe.measure(40, false);
  EXPECT_FALSE(probe.take_change());
  ASSERT_TRUE(probe.awaits_change());
  const auto outputs = [&] {
    nn::Tape tape;
    scene.net.forward(scene.theta, scene.held.inputs, tape);
    return tape.output().clone();
  };
  const at::Tensor before = outputs();
  at::Tensor theta = scene.theta.theta();
  theta.add_(drawn({theta.numel()}, scene.stream).to(at::kDouble), 0.5);
  const at::Tensor after = outputs();
  probe.after({});
  probe.ended();
  const Table rows = table(probe.take_change().value().rows);
  EXPECT_FALSE(probe.awaits_change());
  const auto best = [](const at::Tensor& f) {
    return at::stack({f.slice(1, 0, 3).argmax(1), f.slice(1, 3, 5).argmax(1)}, 1);
  };
  const at::Tensor moved = best(before).ne(best(after)).any(1).to(at::kDouble);
  const at::Tensor far = (after - before).abs().mean(1);
  EXPECT_GT(moved.sum().item<double>(), 0);
  for (const auto& [split, first, count] :
       {std::tuple{"train", std::int64_t{0}, train}, {"test", train, test}}) {
    EXPECT_NEAR(rows.at({"policy_churn", split}), moved.narrow(0, first, count).mean().item<double>(), 1e-12);
    EXPECT_NEAR(rows.at({"value_churn", split}), far.narrow(0, first, count).mean().item<double>(), 1e-12);
  }
}

TEST(Registry, refuses_a_name_that_is_no_measure_and_names_those_there_are) {
  EXPECT_EQ(std::ssize(measures({})),  // without those that are to be asked for
            std::count_if(measure_table.begin(), measure_table.end(),
                          [](const MeasureEntry& entry) { return !lists(entry.needs, "asked"); }));
  EXPECT_EQ(measures({"loss_difference"}).size(), 1u);
  try {
    measures({"loss", "stifness"});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("stifness"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("function_interference"), std::string::npos);
  }
}

}  // namespace
}  // namespace crosstalk::measure
