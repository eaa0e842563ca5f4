// Measures of activations and parameters: closed forms, and whole runs against PyTorch's forward pass and
// autograd, in double precision.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "measure/hidden.hpp"
#include "measure/registry.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "replay/stored.hpp"
#include "small_stored.hpp"
#include "trace/grams.hpp"

namespace crosstalk::run {
namespace {

using measure::Activations;
using measure::Evidence;
using measure::Hidden;

const Json of_activations = {"singular_values", "rank",          "dormant",
                             "norm.weights",    "norm.gradient", "norm.step"};

struct Found {
  std::map<std::pair<std::string, std::string>, double> rows;  // by measure and split
  std::map<std::string, Array> arrays;                         // by "NAME SPLIT"
};

void put(const measure::Readings& readings, Found& found) {
  for (const Row& row : readings.rows)
    EXPECT_TRUE(found.rows.emplace(std::pair{row.measure, row.split}, row.value).second) << row.measure;
  for (const Array& array : readings.arrays) found.arrays[array.name + " " + array.split] = array;
}

/// What the measures say of a network with these inputs as one set, "train".
Found said(const nn::Network& network, const at::Tensor& theta, const at::Tensor& inputs) {
  nn::Tape tape;
  network.forward(nn::Parameters(network, theta), inputs, tape);
  Hidden hidden(network);
  hidden.begin(inputs.size(0));
  hidden.see(tape, 0);
  Evidence evidence;
  evidence.stack.push_back({.set = {"train", {nullptr, std::vector<data::Id>(inputs.size(0))}}});
  evidence.stack[0].activations = hidden.of({0, inputs.size(0)});
  measure::Readings readings(0);
  for (const auto& each : measure::measures({"singular_values", "rank", "dormant"}))
    each->measure(evidence, readings);
  Found found;
  put(readings, found);
  return found;
}

/// One hidden layer that hands on what is above 0 of its inputs, and one output.
Found of_features(const at::Tensor& features) {
  const std::int64_t units = features.size(1);
  const std::vector<std::string> layers = {"linear " + std::to_string(units), "relu", "linear out"};
  const nn::Network network = nn::build({units}, 1, layers);
  const at::Tensor theta = at::zeros({network.layout().size()}, at::kDouble);
  network.layout().view(theta, 0).fill_diagonal_(1);
  return said(network, theta, features.to(at::kDouble));
}

TEST(SingularValues, of_orthogonal_features_are_their_lengths) {
  const Found found = of_features(at::diag(at::tensor({1.0, 4.0, 2.0})));
  EXPECT_EQ(found.arrays.at("singular_values train").values, (std::vector<double>{4, 2, 1}));
  EXPECT_EQ(found.arrays.at("singular_values train").axes,
            Json::parse(R"({"0": {"name": "unit", "labels": [1, 2, 3]}})"));
  EXPECT_DOUBLE_EQ(found.rows.at({"singular_values.largest", "train"}), 4);
  EXPECT_DOUBLE_EQ(found.rows.at({"singular_values.share", "train"}), 4 / 7.0);
  EXPECT_EQ(found.rows.at({"rank", "train"}), 3);
  EXPECT_EQ(found.rows.at({"rank.srank", "train"}), 3);
  const double entropy =
      -(4 / 7.0 * std::log(4 / 7.0) + 2 / 7.0 * std::log(2 / 7.0) + 1 / 7.0 * std::log(1 / 7.0));
  EXPECT_NEAR(found.rows.at({"rank.effective", "train"}), std::exp(entropy), 1e-12);
}

TEST(Rank, is_one_where_all_features_lie_on_one_line) {
  const at::Tensor along = at::tensor({1.0, 2.0, 2.0}), sizes = at::tensor({1.0, 3.0, 0.5, 2.0, 4.0});
  const Found found = of_features(at::outer(sizes, along));
  EXPECT_NEAR(found.rows.at({"singular_values.largest", "train"}), 3 * sizes.norm().item<double>(), 1e-12);
  EXPECT_NEAR(found.rows.at({"singular_values.share", "train"}), 1, 1e-12);
  EXPECT_EQ(found.rows.at({"rank", "train"}), 1);
  EXPECT_EQ(found.rows.at({"rank.srank", "train"}), 1);
  EXPECT_NEAR(found.rows.at({"rank.effective", "train"}), 1, 1e-9);
}

TEST(Rank, counts_by_its_own_threshold_each_way) {
  // 100 samples: a singular value of 0.2 is 0.02 of one sample, one of 0.05 is 0.005.
  at::Tensor features = at::zeros({100, 4}, at::kDouble);
  const std::vector<double> lengths = {30, 0.2, 0.05, 0};
  for (int i = 0; i < 4; ++i) features[i][i] = lengths[static_cast<std::size_t>(i)];
  const Found found = of_features(features);
  EXPECT_EQ(found.rows.at({"rank", "train"}), 2);
  EXPECT_EQ(found.rows.at({"rank.srank", "train"}), 1);  // 30 of 30.25 is more than 0.99
  features[1][1] = 0.4;                                  // 30 of 30.45 is less
  EXPECT_EQ(of_features(features).rows.at({"rank.srank", "train"}), 2);
}

TEST(Rank, of_nothing_is_nothing) {
  const Found found = of_features(at::full({6, 3}, -1.0));
  for (const char* name : {"rank", "rank.srank", "rank.effective", "singular_values.largest"})
    EXPECT_EQ(found.rows.at({name, "train"}), 0) << name;
  EXPECT_FALSE(found.rows.contains({"singular_values.share", "train"}));
  EXPECT_EQ(found.rows.at({"dormant", "train"}), 1);
  EXPECT_EQ(found.rows.at({"dormant.zero", "train"}), 1);
}

TEST(Dormant, is_a_unit_that_is_far_below_the_mean_of_its_layer) {
  // Means of |h| over two samples: 0, 1, 0.04, 2, 3.96; of the layer 1.4; 0.04 / 1.4 is above 0.025.
  const at::Tensor features =
      at::tensor({-1.0, 2.0, 0.04, 1.0, 3.96, -5.0, 0.0, 0.04, 3.0, 3.96}).view({2, 5});
  const Found found = of_features(features);
  const Array& scores = found.arrays.at("dormant.score train");
  EXPECT_EQ(scores.shape, (std::vector<std::int64_t>{1, 5}));
  EXPECT_EQ(scores.axes,
            Json::parse(R"({"0": {"name": "layer", "labels": ["1 relu"]}, "1": {"name": "unit"}})"));
  const std::vector<double> expected = {0, 1 / 1.4, 0.04 / 1.4, 2 / 1.4, 3.96 / 1.4};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(scores.values[i], expected[i], 1e-12);
  EXPECT_DOUBLE_EQ(found.rows.at({"dormant", "train"}), 0.2);
  EXPECT_DOUBLE_EQ(found.rows.at({"dormant.zero", "train"}), 0.2);
  const Found less = of_features(at::cat({features, at::full({2, 1}, 0.02)}, 1));
  EXPECT_DOUBLE_EQ(less.rows.at({"dormant", "train"}), 2 / 6.0);  // 0.02 beside a mean of 1.17
  EXPECT_DOUBLE_EQ(less.rows.at({"dormant.zero", "train"}), 1 / 6.0);
}

TEST(Dormant, of_several_layers_is_over_all_units_and_each_layer_has_its_share) {
  const nn::Network network =
      nn::build({2}, 1, std::vector<std::string>{"linear 3", "relu", "linear 1", "relu", "linear out"});
  const at::Tensor theta = at::ones({network.layout().size()}, at::kDouble);
  network.layout().view(theta, 0)[2].fill_(-1);  // the third unit, which is 0 wherever the inputs are
  network.layout().view(theta, 1)[2].fill_(-1);  // above -1/2
  const Found found = said(network, theta, at::rand({4, 2}, at::kDouble));
  EXPECT_DOUBLE_EQ(found.rows.at({"dormant", "train"}), 1 / 4.0);
  const Array& shares = found.arrays.at("dormant train");
  EXPECT_EQ(shares.values, (std::vector<double>{1 / 3.0, 0}));
  EXPECT_EQ(shares.axes, Json::parse(R"({"0": {"name": "layer", "labels": ["1 relu", "3 relu"]}})"));
  const Array& scores = found.arrays.at("dormant.score train");
  EXPECT_EQ(scores.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(scores.values[3], 1);
  EXPECT_TRUE(std::isnan(scores.values[4]) && std::isnan(scores.values[5]));
}

TEST(HiddenLayers, that_are_not_there_have_no_rows_and_what_is_not_finite_is_said) {
  const nn::Network line = nn::build({3}, 2, std::vector<std::string>{"linear out"});
  EXPECT_TRUE(said(line, at::ones({8}, at::kDouble), at::rand({4, 3}, at::kDouble)).rows.empty());
  const nn::Network without = nn::build({3}, 1, std::vector<std::string>{"linear 2", "linear out"});
  const Found found = said(without, at::ones({11}, at::kDouble), at::rand({4, 3}, at::kDouble));
  EXPECT_TRUE(found.rows.contains({"rank", "train"}));
  EXPECT_FALSE(found.rows.contains({"dormant", "train"}));
  const at::Tensor broken = at::full({11}, std::numeric_limits<double>::infinity(), at::kDouble);
  EXPECT_TRUE(std::isnan(
      said(without, broken, at::rand({4, 3}, at::kDouble)).rows.at({"singular_values.largest", "train"})));
}

/// What hidden layers are, from the values of PyTorch's forward pass.
Activations twin(const nn::Network& network, const std::vector<at::Tensor>& values) {
  Activations all;
  const std::vector<std::string> layers = network.descriptions();
  std::size_t output = 0;
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (layers[i].find(' ') != std::string::npos) output = i;  // "linear 5": those with weights say how many
  for (std::size_t i = 0; i < output; ++i) {
    if (layers[i] != "leaky" && layers[i] != "relu" && layers[i] != "tanh") continue;
    const at::Tensor sizes = values[i + 1].abs().mean(0);
    const std::string name = std::to_string(i) + " " + layers[i];
    if (sizes.dim() == 2) {
      all.layers.push_back({name + " value", sizes[0]});
      all.layers.push_back({name + " advantage", sizes[1]});
    } else {
      all.layers.push_back({name, sizes.dim() == 3 ? sizes.mean({1, 2}) : sizes});
    }
  }
  all.singular_values = std::get<1>(at::linalg_svd(values[output].flatten(1), /*full_matrices=*/false));
  return all;
}

void expect_equal(const Activations& ours, const Activations& theirs) {
  EXPECT_LT(oracle::difference(ours.singular_values, theirs.singular_values), 1e-10);
  ASSERT_EQ(ours.layers.size(), theirs.layers.size());
  for (std::size_t i = 0; i < ours.layers.size(); ++i) {
    EXPECT_EQ(ours.layers[i].layer, theirs.layers[i].layer);
    EXPECT_LT(oracle::difference(ours.layers[i].magnitude, theirs.layers[i].magnitude), 1e-12);
  }
}

TEST(HiddenLayers, are_those_of_pytorchs_forward_pass_whatever_blocks_they_are_seen_in) {
  struct Case {
    nn::Shape input;
    std::vector<std::string> layers;
  };
  at::set_num_threads(1);
  tensor::Stream stream(3, "hidden");
  for (const Case& each :
       {Case{{3, 8, 8},
             {"conv 6 3", "layernorm", "leaky", "conv 8 3 stride 2", "relu", "flatten", "linear out"}},
        Case{{4}, {"linear 7", "tanh", "layernorm", "linear out"}},
        Case{{4}, {"linear 9", "leaky", "dueling 5 noisy 0.5", "relu", "dueling out noisy 0.5"}},
        Case{{3, 6, 6}, {"conv 4 3", "relu", "flatten", "linear 300", "relu", "linear out", "tanh"}}}) {
    const nn::Network network = nn::build(each.input, 3, each.layers);
    const at::Tensor theta = drawn({network.layout().size()}, stream).to(at::kDouble);
    std::vector<std::int64_t> sizes = {300};
    sizes.insert(sizes.end(), each.input.begin(), each.input.end());
    const at::Tensor x = drawn(sizes, stream).to(at::kDouble);
    const std::vector<at::Tensor> values = oracle::forward(network, theta, x);
    const nn::Parameters parameters(network, theta);
    for (const std::int64_t budget : {std::int64_t{1} << 30, std::int64_t{1} << 17}) {
      Hidden hidden(network);
      hidden.begin(x.size(0));
      trace::Grams grams(network, budget);
      std::vector<std::int64_t> seen;
      grams.outputs(parameters, x, 0, [&](const nn::Tape& tape, std::int64_t first) {
        hidden.see(tape, first), seen.push_back(first);
      });
      EXPECT_EQ(seen,
                budget > (1 << 20) ? std::vector<std::int64_t>{0} : (std::vector<std::int64_t>{0, 128, 256}));
      for (const measure::Range part : {measure::Range{0, 40}, measure::Range{40, 300}}) {
        std::vector<at::Tensor> of_part;
        for (const at::Tensor& value : values) of_part.push_back(value.narrow(0, part.first, part.size()));
        expect_equal(hidden.of(part), twin(network, of_part));
      }
    }
  }
}

class ActivationRuns : public SmallStored {
 protected:
  data::Dataset images = [this] {
    write_images(folder.path() / "images.safetensors", 30, 12, 10);
    return data::read_dataset(folder.path() / "images.safetensors");
  }();
  static Json with(Json all) {
    all["probe.measures"] = of_activations;
    all["runtime.precision"] = "double";
    return all;
  }
  std::vector<Kind> kinds() const {
    const Json units = {"linear 5", "relu", "linear 4", "leaky", "linear out"},
               streams = {"linear 6", "relu", "dueling 5 noisy 0.5", "relu", "dueling out noisy 0.5"};
    const auto exact = [](const char* environment, const char* algorithm, const Json& layers) {
      return Kind{with(exact_keys(environment, algorithm,
                                  {{"learner.approximation", "network"}, {"network.layers", layers}}))};
    };
    return {{with(image_keys()), &images},
            {with(agent_keys("double-dqn")), &images},
            {with(agent_keys("reinforce")), &images},
            {with(stored_keys("dqn", {{"learner.optimizer", "adam"}})), nullptr, stored_in(set)},
            {with(stored_keys("residual")), nullptr, stored_in(set)},
            exact("gridworld", "dqn", units),
            exact("gridworld", "rainbow", streams),
            exact("random-walk", "td-lambda", units)};
  }
};

TEST_F(ActivationRuns, are_left_as_they_are_to_the_last_bit) {
  for (const Kind& kind : kinds()) {
    expect_the_same_theta_with_and_without_a_probe(kind);
    Json single = kind.flat;
    single["runtime.precision"] = "single";
    expect_the_same_theta_with_and_without_a_probe({single, kind.dataset, kind.file});
  }
}

TEST_F(ActivationRuns, that_are_stopped_go_on_to_the_same_rows) {
  for (const Kind& kind : {kinds()[0], kinds()[3], kinds()[5]})
    EXPECT_GT(stopped_at_each_step(kind, folder.path() / "kept"), 0) << kind.flat.dump();
}

/// |mean gradient| and the mean of |gradient| of a set's own losses, each sample by itself.
std::pair<double, double> gradients_of(OneRun& run, const measure::Set& set) {
  const learn::Objective& own = *run.subject().objective("own");
  learn::Passes passes(run.subject().networks());
  at::Tensor sum = at::zeros_like(run.theta());
  double lengths = 0;
  for (const data::Id id : set.rows.ids) {
    const data::Rows row{set.rows.table, {id}};
    learn::Aims aims;
    learn::Pull pull;
    at::Tensor inputs;
    own.aims(row, passes, aims);
    own.inputs(row, inputs);
    const at::Tensor leaf = run.theta().clone().set_requires_grad(true);
    const at::Tensor output = oracle::forward(run.network(), leaf, inputs).back();
    own.pull(output.detach(), aims, learn::Over::samples, {}, pull);
    const at::Tensor gradient = torch::autograd::grad({output}, {leaf}, {pull.cotangent})[0];
    sum += gradient;
    lengths += gradient.norm().item<double>();
  }
  const double n = static_cast<double>(set.rows.size());
  return {sum.norm().item<double>() / n, lengths / n};
}

TEST_F(ActivationRuns, have_the_numbers_of_pytorch) {
  for (const Kind& kind : kinds()) {
    const auto run = begun(kind);
    std::optional<measure::Readings> change;
    Found found;
    // Some way into the run, at a measurement that has samples and that an update follows.
    for (int i = 0; !change; ++i) {
      ASSERT_FALSE(run->finished());
      if (i < 3) {
        run->advance();
        continue;
      }
      found = {};
      put(run->measure(), found);
      const at::Tensor before = run->theta().clone();
      const std::vector<measure::Set> sets = run->subject().samples();
      if (sets.empty()) {
        EXPECT_EQ(found.rows.size(), 1u);  // theta alone
        run->advance();
        continue;
      }
      for (const measure::Set& sample : sets) {
        at::Tensor inputs;
        sample.rows.table->draw(sample.rows.ids, data::At::before, inputs);
        const Activations all = twin(run->network(), oracle::forward(run->network(), before, inputs));
        const auto at_set = [&](const std::string& name) { return found.rows.at({name, sample.name}); };
        const at::Tensor &s = all.singular_values, p = s / s.sum(), logs = at::where(p > 0, p.log(), 0);
        const double n = static_cast<double>(sample.rows.size());
        EXPECT_LT(oracle::difference(at::tensor(found.arrays.at("singular_values " + sample.name).values), s),
                  1e-10);
        EXPECT_NEAR(at_set("singular_values.share"), (s.max() / s.sum()).item<double>(), 1e-10);
        EXPECT_EQ(at_set("rank"), (s > 0.01 * std::sqrt(n)).sum().item<double>());
        std::int64_t k = 0;
        while (s.narrow(0, 0, k).sum().item<double>() < 0.99 * s.sum().item<double>()) ++k;
        EXPECT_EQ(at_set("rank.srank"), k);
        EXPECT_NEAR(at_set("rank.effective"), std::exp(-(p * logs).sum().item<double>()), 1e-8);
        double dormant = 0, silent = 0, units = 0;
        for (const measure::Units& layer : all.layers) {
          const at::Tensor scores = layer.magnitude / layer.magnitude.mean();
          dormant += (scores <= 0.025).sum().item<double>(), silent += (scores == 0).sum().item<double>();
          units += static_cast<double>(scores.numel());
        }
        EXPECT_NEAR(at_set("dormant"), dormant / units, 1e-12);
        EXPECT_NEAR(at_set("dormant.zero"), silent / units, 1e-12);
        EXPECT_EQ(found.arrays.contains("dormant.rows " + sample.name), measure::is_of_steps(sample));
        if (measure::is_of_steps(sample)) {
          EXPECT_EQ(found.arrays.at("singular_values.rows " + sample.name).values,
                    std::vector<double>(sample.rows.ids.begin(), sample.rows.ids.end()));
        }
        const auto [of_mean, of_each] = gradients_of(*run, sample);
        EXPECT_NEAR(at_set("norm.gradient"), of_mean, 1e-10 * of_each);
        EXPECT_NEAR(at_set("norm.gradient.single"), of_each, 1e-10 * of_each);
      }
      EXPECT_NEAR(found.rows.at({"norm.weights", "parameters"}), before.norm().item<double>(), 1e-12);
      double squares = 0;
      for (const double norm : found.arrays.at("norm.weights parameters").values) squares += norm * norm;
      EXPECT_NEAR(std::sqrt(squares), before.norm().item<double>(), 1e-12);
      run->advance();
      if ((change = run->take_change())) {
        put(*change, found);
        const double step = (run->theta() - before).norm().item<double>();
        EXPECT_GT(step, 0);
        EXPECT_NEAR(found.rows.at({"norm.step", "parameters"}), step, 1e-13);
        EXPECT_NEAR(found.rows.at({"norm.step.relative", "parameters"}), step / before.norm().item<double>(),
                    1e-13);
      }
    }
  }
}

}  // namespace
}  // namespace crosstalk::run
