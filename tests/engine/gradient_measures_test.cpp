// What reads gradients of all samples at once, by whole runs against PyTorch's forward pass and autograd, one
// sample after the other, and against closed forms of tables and linear networks. In double precision: 1e-10,
// since both sides differ in the order of their sums alone; eigenvalues to 1e-9 of the largest.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

#include "base/error.hpp"
#include "env/view.hpp"
#include "measure/kernels.hpp"
#include "oracle.hpp"
#include "replay/stored.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

constexpr double gamma_ = 0.9;
const Json of_samples = {"cosine.batch", "gradient_covariance", "ntk"},
           of_classes = {"stiffness.within", "stiffness.between", "cosine.batch", "gradient_covariance",
                         "ntk"},
           of_agents = {"cosine.batch", "gradient_covariance", "ntk", "expected_interference"};

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return (a.dot(b) / (a.norm() * b.norm())).item<double>();
}

/// What one measurement says, and, where an update follows, what that shows.
struct Said {
  std::map<std::pair<std::string, std::string>, double> rows;
  std::map<std::string, Array> arrays;  // by "NAME SPLIT"

  void take(const measure::Readings& readings) {
    for (const Row& row : readings.rows) rows[{row.measure, row.split}] = row.value;
    for (const Array& array : readings.arrays) arrays[array.name + " " + array.split] = array;
  }
  double at(const std::string& name, const std::string& split) const { return rows.at({name, split}); }
};

using Forward = std::function<at::Tensor(const at::Tensor& theta)>;
at::Tensor gradient_of(const Forward& scalar, const at::Tensor& theta) {
  const at::Tensor leaf = theta.clone().set_requires_grad(true);
  return torch::autograd::grad({scalar(leaf)}, {leaf})[0];
}

class Gradients : public SmallStored {
 protected:
  data::Dataset images, table;
  void SetUp() override {
    SmallStored::SetUp();
    write_images(folder.path() / "images.safetensors", 30, 12, 4);
    images = data::read_dataset(folder.path() / "images.safetensors");
    write_table(folder.path() / "table.safetensors", 30, 12, 5, 3);
    table = data::read_dataset(folder.path() / "table.safetensors");
  }
  static Json with(Json changes, const Json& measures) {
    changes["probe.measures"] = measures;
    if (!changes.contains("runtime.precision")) changes["runtime.precision"] = "double";
    return changes;
  }
  Kind classify(const Json& changes = Json::object()) const {
    return {image_keys(with(changes, of_classes)), &images};
  }
  Kind regress(const Json& changes = Json::object()) const {
    return {keys(with(changes, of_samples)), &table};
  }
  Kind windowed(const std::string& algorithm, const Json& changes = Json::object()) const {
    Json all = of_classes;
    if (algorithm != "reinforce") all.push_back("expected_interference");
    return {agent_keys(algorithm, with(changes, all)), &images};
  }
  Kind stored(const std::string& algorithm, const Json& changes = Json::object()) const {
    return {stored_keys(algorithm, with(changes, of_agents)), nullptr, stored_in(set)};
  }
  static Kind exact(const std::string& environment, const std::string& algorithm,
                    const Json& changes = Json::object(), const Json& measures = of_agents) {
    return {exact_keys(environment, algorithm, with(changes, measures))};
  }
};

const Json expected = {{"learner.source", "expected"}, {"learner.view", "backward"}, {"learner.lambda", 0.0}};

TEST_F(Gradients, measuring_them_leaves_theta_as_it_is_to_the_last_bit) {
  const Json single = {{"runtime.precision", "single"}};
  for (const Kind& kind :
       {classify(single), regress(), windowed("double-dqn"), windowed("reinforce", single), stored("dqn"),
        stored("residual"), stored("td-lambda", {{"learner.loss", "squared-error"}}), stored("reg", single),
        exact("gridworld", "dqn"), exact("gridworld", "rainbow", {}, of_samples),
        exact("random-walk", "td-lambda", expected, of_samples), exact("random-walk", "residual")})
    expect_the_same_theta_with_and_without_a_probe(kind);
}

/// Of a set's samples the gradients of their losses, and their classes.
struct Sampled {
  std::vector<at::Tensor> gradients;
  std::vector<std::int64_t> classes, ids;
};

void expect_stiffness(const Said& said, const std::string& split, const Sampled& a, const Sampled& b) {
  for (const bool same : {true, false}) {
    const std::string name = same ? "stiffness.within" : "stiffness.between";
    double sum = 0, signs = 0, count = 0;
    for (std::size_t u = 0; u < a.gradients.size(); ++u)
      for (std::size_t v = &a == &b ? u + 1 : 0; v < b.gradients.size(); ++v) {
        if ((a.classes[u] == b.classes[v]) != same) continue;
        const double value = cosine(a.gradients[u], b.gradients[v]);
        sum += value, signs += value > 0 ? 1 : -1, ++count;
      }
    ASSERT_GT(count, 0) << name << split;
    EXPECT_NEAR(said.at(name, split), sum / count, 1e-10) << name << split;
    EXPECT_NEAR(said.at(name + ".sign", split), signs / count, 1e-12) << name << split;
    EXPECT_EQ(said.at(name + ".left_out", split), 0);
  }
}

void expect_covariance(const Said& said, const std::string& split, const Sampled& samples, bool last) {
  std::vector<std::size_t> order(samples.ids.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return samples.ids[a] < samples.ids[b]; });
  double sum = 0, pairs = 0;
  const auto found = said.arrays.find("gradient_covariance " + split);
  ASSERT_EQ(found != said.arrays.end(), last);
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = 0; j < order.size(); ++j) {
      const double value = cosine(samples.gradients[order[i]], samples.gradients[order[j]]);
      if (last) {
        EXPECT_NEAR(found->second.values[i * order.size() + j], value, 1e-10);
      }
      if (i != j) sum += std::abs(value), ++pairs;
    }
  EXPECT_NEAR(said.at("gradient_covariance", split), sum / pairs, 1e-10);
  if (!last) return;
  for (const char* axis : {"0", "1"}) {
    EXPECT_EQ(found->second.axes.at(axis).at("name"), "sample");
    for (std::size_t i = 0; i < order.size(); ++i)
      EXPECT_EQ(found->second.axes.at(axis).at("labels")[i], samples.ids[order[i]]);
  }
}

void expect_to_batch(const Said& said, const std::string& split, const Sampled& samples,
                     const at::Tensor& whole) {
  const Array& array = said.arrays.at("cosine.batch " + split);
  ASSERT_EQ(array.shape, std::vector<std::int64_t>{std::ssize(samples.gradients)});
  double sum = 0, positive = 0;
  for (std::size_t i = 0; i < samples.gradients.size(); ++i) {
    const double value = cosine(samples.gradients[i], whole);
    EXPECT_NEAR(array.values[i], value, 1e-10) << i;
    EXPECT_EQ(array.axes.at("0").at("labels")[i], samples.ids[i]);
    sum += value, positive += value > 0;
  }
  const auto count = static_cast<double>(samples.gradients.size());
  EXPECT_NEAR(said.at("cosine.batch", split), sum / count, 1e-10);
  EXPECT_NEAR(said.at("cosine.batch.positive", split), positive / count, 1e-12);
}

TEST_F(Gradients, of_a_classifier_are_autograds) {
  const auto run = begun(classify({{"learner.updates", 7}, {"probe.samples", 9}}));
  while (!run->finished()) run->advance();
  Said said;
  said.take(run->measure());
  std::map<std::string, Sampled> sets;
  at::Tensor whole;
  for (const measure::Set& set : run->subject().whole()) {
    at::Tensor inputs, labels;
    set.rows.table->draw(set.rows.ids, data::At::before, inputs);
    ASSERT_TRUE(set.rows.table->beside("label", set.rows.ids, labels));
    for (std::int64_t i = 0; i < set.rows.size(); ++i) {
      const at::Tensor gradient = gradient_of(
          [&](const at::Tensor& theta) {
            const at::Tensor f =
                oracle::forward(run->network(), theta, inputs.narrow(0, i, 1).to(at::kDouble)).back();
            return at::cross_entropy_loss(f, labels.narrow(0, i, 1));
          },
          run->theta());
      if (set.name == "train") whole = whole.defined() ? whole + gradient : gradient;
      if (i >= 9) continue;
      sets[set.name].gradients.push_back(gradient);
      sets[set.name].classes.push_back(labels[i].item<std::int64_t>());
      sets[set.name].ids.push_back(i);
    }
  }
  expect_stiffness(said, "train-train", sets["train"], sets["train"]);
  expect_stiffness(said, "train-test", sets["train"], sets["test"]);
  expect_stiffness(said, "test-test", sets["test"], sets["test"]);
  for (const char* set : {"train", "test"}) {
    expect_covariance(said, std::string(set) + "-" + set, sets[set], /*last=*/true);
    expect_to_batch(said, set, sets[set], whole);
  }
  // Images sort the picture by class.
  EXPECT_EQ(said.arrays.at("gradient_covariance train-train").axes.at("labels"), Json(sets["train"].classes));
}

TEST_F(Gradients, an_agents_samples_have_the_class_of_the_image_that_it_looks_at) {
  const Json several = {
      {"probe.samples", 20}, {"learner.replay", 200}, {"learner.steps", 160}, {"probe.every", 150}};
  const auto run = begun(windowed("double-dqn", several));
  for (int i = 0; i < 150; ++i) run->advance();
  Said said;
  said.take(run->measure());
  const measure::Set train = run->subject().samples().front();
  const replay::Trajectories& steps = replay::trajectories(*train.rows.table);
  at::Tensor labels;
  ASSERT_TRUE(steps.beside("label", train.rows.ids, labels));
  double within = 0, all = 0;
  for (std::size_t i = 0; i < train.rows.ids.size(); ++i) {
    env::View view;
    std::memcpy(&view, steps.before(train.rows.ids[i]), sizeof view);
    EXPECT_EQ(labels[static_cast<std::int64_t>(i)].item<std::int64_t>(),
              images.train.y[view.image].item<std::int64_t>());
    for (std::size_t j = i + 1; j < train.rows.ids.size(); ++j)
      within += labels[static_cast<std::int64_t>(i)].equal(labels[static_cast<std::int64_t>(j)]), ++all;
  }
  ASSERT_GT(within, 0);
  ASSERT_LT(within, all);
  // The mean over all pairs is that over the two kinds of them.
  Json flat = windowed("double-dqn", several).flat;
  flat["probe.measures"] = {"stiffness"};
  const auto other = begun({flat, &images});
  for (int i = 0; i < 150; ++i) other->advance();
  Said stiffness;
  stiffness.take(other->measure());
  EXPECT_NEAR(stiffness.at("stiffness", "train-train"),
              (within * said.at("stiffness.within", "train-train") +
               (all - within) * said.at("stiffness.between", "train-train")) /
                  all,
              1e-12);
  EXPECT_TRUE(said.rows.contains({"stiffness.within", "train-test"}));
}

/// The loss of a stored step as dqn and residual have it, and its TD error.
class StoredTwin {
 public:
  StoredTwin(const std::filesystem::path& set, const OneRun& run, const at::Tensor& target)
      : stored_(set, at::kDouble, at::kCPU), run_(run), target_(target) {}
  const replay::Trajectories& steps() const { return stored_.steps(); }

  at::Tensor error(data::Id row, const at::Tensor& theta) const {
    const at::Tensor next = seen(target_.defined() ? target_ : theta, row, data::At::after).max();
    return seen(theta, row, data::At::before)[steps().action(row)[0]] - steps()[row].reward -
           (steps()[row].terminated ? 0 : gamma_) * next;
  }
  at::Tensor slope(data::Id row, const at::Tensor& theta) const {
    return gradient_of(
        [&](const at::Tensor& leaf) {
          const at::Tensor d = error(row, leaf);
          return at::minimum(d * d, d.abs());
        },
        theta);
  }

 private:
  at::Tensor seen(const at::Tensor& theta, data::Id row, data::At at) const {
    at::Tensor slot;
    steps().draw({&row, 1}, at, slot);
    return oracle::forward(run_.network(), theta, slot).back()[0];
  }
  replay::Stored stored_;
  const OneRun& run_;
  at::Tensor target_;
};

TEST_F(Gradients, of_stored_steps_are_autograds_also_where_the_loss_looks_ahead) {
  for (const char* algorithm : {"dqn", "residual"}) {
    const auto run = begun(stored(algorithm, {{"probe.samples", 8}, {"learner.updates", 6}}));
    const learn::Networks& networks = run->subject().networks();
    while (!run->finished()) run->advance();
    Said said;
    said.take(run->measure());
    const StoredTwin twin(set, *run,
                          networks.has_target() ? networks.of(learn::Net::target).theta() : at::Tensor());
    at::Tensor whole = at::zeros_like(run->theta());
    const measure::Set learned = run->subject().learned().value();
    EXPECT_GT(learned.rows.size(), 20);
    for (const data::Id row : learned.rows.ids) whole += twin.slope(row, run->theta());
    for (const measure::Set& set : run->subject().samples()) {
      Sampled samples;
      for (const data::Id row : set.rows.ids) {
        samples.gradients.push_back(twin.slope(row, run->theta()));
        samples.ids.push_back(row);
      }
      expect_to_batch(said, set.name, samples, whole);
      expect_covariance(said, set.name + "-" + set.name, samples, /*last=*/true);
    }
  }
}

TEST_F(Gradients, in_expectation_the_full_batch_weighs_transitions_by_their_probability) {
  const auto run = begun(exact("random-walk", "td-lambda", expected, of_samples));
  for (int i = 0; i < 9; ++i) run->advance();
  Said said;
  said.take(run->measure());
  const measure::Set learned = run->subject().learned().value();
  const replay::Trajectories& steps = replay::trajectories(*learned.rows.table);
  const at::Tensor table = run->theta();
  const auto gradient = [&](data::Id row) {  // of d^2, by hand: 2 d at the state that is left
    at::Tensor before, after;
    steps.draw({&row, 1}, data::At::before, before);
    steps.draw({&row, 1}, data::At::after, after);
    const double next = steps[row].terminated ? 0 : after[0].dot(table).item<double>(),
                 d = before[0].dot(table).item<double>() - steps[row].reward - gamma_ * next;
    return before[0] * (2 * d);
  };
  at::Tensor whole = at::zeros_like(table);
  for (const data::Id row : learned.rows.ids) whole += gradient(row) * learned.weights[row];
  EXPECT_NEAR(learned.weights.sum().item<double>(), 1, 1e-12);
  const measure::Set sampled = run->subject().samples().front();
  const Array& array = said.arrays.at("cosine.batch transitions");
  for (std::size_t i = 0; i < sampled.rows.ids.size(); ++i)
    EXPECT_NEAR(array.values[i], cosine(gradient(sampled.rows.ids[i]), whole), 1e-10);
}

TEST_F(Gradients, an_agents_full_batch_is_its_samples) {
  const auto run = begun(exact("gridworld", "dqn", {{"learner.loss", "squared-error"}}));
  for (int i = 0; i < 30; ++i) run->advance();
  Said said;
  said.take(run->measure());
  const measure::Set seen = run->subject().samples().front();
  EXPECT_FALSE(run->subject().learned());
  const Array& array = said.arrays.at("cosine.batch seen");
  EXPECT_EQ(array.axes.at("0").at("labels"), Json(seen.rows.ids));
  // From what the objective says of the samples of a table: 2 d at the state and action.
  const replay::Trajectories& steps = replay::trajectories(*seen.rows.table);
  const at::Tensor theta = run->theta(), target = run->subject().networks().of(learn::Net::target).theta();
  std::vector<at::Tensor> gradients;
  for (const data::Id row : seen.rows.ids) {
    at::Tensor before, after;
    steps.draw({&row, 1}, data::At::before, before);
    steps.draw({&row, 1}, data::At::after, after);
    const std::int64_t states = before.size(1), action = steps.action(row)[0];
    const double next =
        steps[row].terminated ? 0 : target.view({-1, states}).mv(after[0]).max().item<double>();
    const double d =
        theta.view({-1, states})[action].dot(before[0]).item<double>() - steps[row].reward - gamma_ * next;
    at::Tensor gradient = at::zeros_like(theta);
    gradient.view({-1, states})[action] += before[0] * (2 * d);
    gradients.push_back(gradient);
  }
  const at::Tensor whole = at::stack(gradients).sum(0);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (gradients[i].norm().item<double>() == 0) {
      EXPECT_TRUE(std::isnan(array.values[i]));
    } else {
      EXPECT_NEAR(array.values[i], cosine(gradients[i], whole), 1e-10);
    }
  }
}

TEST_F(Gradients, expected_interference_is_the_change_of_squared_errors_at_others) {
  for (const char* algorithm : {"dqn", "ql"}) {  // ql learns from itself; its target is held here too
    const auto run = begun(stored(algorithm, {{"probe.others", 5}}));
    for (int i = 0; i < 4; ++i) run->advance();
    run->measure();
    const learn::Networks& networks = run->subject().networks();
    const at::Tensor before = run->theta().clone(),
                     target =
                         networks.has_target() ? networks.of(learn::Net::target).theta().clone() : before;
    run->advance();
    const auto change = run->take_change();
    ASSERT_TRUE(change);
    Said said;
    said.take(*change);
    const StoredTwin twin(set, *run, target);
    for (const char* split : {"others", "batch"}) {
      const std::vector<double>& ids =
          said.arrays.at(std::string("expected_interference.rows ") + split).values;
      ASSERT_GE(ids.size(), 5u);
      double sum = 0, clipped = 0, positive = 0;
      for (const double id : ids) {
        const auto row = static_cast<data::Id>(id);
        const double value =
            (twin.error(row, run->theta()).square() - twin.error(row, before).square()).item<double>();
        sum += value, clipped += std::max(0.0, value), positive += value > 0;
      }
      const auto count = static_cast<double>(ids.size());
      EXPECT_NEAR(said.at("expected_interference", split), sum / count, 1e-11);
      EXPECT_NEAR(said.at("expected_interference.clipped", split), clipped / count, 1e-11);
      EXPECT_NEAR(said.at("expected_interference.positive", split), positive / count, 1e-12);
    }
    for (const auto& [key, value] : said.rows) EXPECT_TRUE(key.first.starts_with("expected_interference"));
  }
}

TEST_F(Gradients, expected_interference_says_the_same_beside_loss_differences) {
  Json flat = stored("dqn", {{"probe.losses", {"own", "td"}}}).flat;
  const auto changed = [&](const Json& measures) {
    flat["probe.measures"] = measures;
    const auto run = begun({flat, nullptr, stored_in(set)});
    for (int i = 0; i < 4; ++i) run->advance();
    run->measure();
    run->advance();
    Said said;
    said.take(*run->take_change());
    return said;
  };
  const Said alone = changed({"expected_interference"}),
             both = changed({"expected_interference", "loss_difference", "loss_difference.predicted"}),
             other = changed({"loss_difference", "loss_difference.predicted"});
  for (const auto& [key, value] : both.rows)
    EXPECT_EQ(key.first.starts_with("expected") ? alone.rows.at(key) : other.rows.at(key), value)
        << key.first;
  EXPECT_EQ(alone.rows.size() + other.rows.size(), both.rows.size());
}

/// K of all outputs at these inputs, by autograd. (n, p, n, p)
at::Tensor kernel_of(const at::Tensor& inputs, const Forward& values_of_one, const at::Tensor& theta,
                     std::int64_t outputs) {
  std::vector<at::Tensor> rows;
  for (std::int64_t i = 0; i < inputs.size(0); ++i)
    for (std::int64_t k = 0; k < outputs; ++k) {
      const at::Tensor leaf = theta.clone().set_requires_grad(true);
      const at::Tensor both = at::cat({leaf, inputs[i].flatten()});  // the input behind theta
      rows.push_back(torch::autograd::grad({values_of_one(both)[k]}, {leaf})[0]);
    }
  const at::Tensor all = at::stack(rows), n = all.mm(all.t());
  return n.view({inputs.size(0), outputs, inputs.size(0), outputs});
}

void expect_kernel(const Said& said, const std::string& split, const at::Tensor& kernel,
                   const std::vector<std::int64_t>& largest) {
  const std::int64_t n = kernel.size(0), p = kernel.size(1);
  const at::Tensor square = kernel.reshape({n * p, n * p}),
                   values = std::get<0>(at::linalg_eigh(square)).flip(0);
  const double first = values[0].item<double>();
  const Array& spectrum = said.arrays.at("ntk.spectrum " + split);
  ASSERT_EQ(spectrum.shape, std::vector<std::int64_t>{n * p});
  for (std::int64_t i = 0; i < n * p; ++i)
    EXPECT_NEAR(spectrum.values[static_cast<std::size_t>(i)], values[i].item<double>(), 1e-9 * first);
  EXPECT_NEAR(said.at("ntk", split), square.trace().item<double>() / static_cast<double>(n), 1e-9 * first);
  const double least = 2.220446049250313e-16 * static_cast<double>(n * p) * first;
  const std::int64_t below = values.le(least).sum().item<std::int64_t>();
  EXPECT_EQ(said.at("ntk.below", split), static_cast<double>(below));
  const double smallest = values[n * p - 1 - below].item<double>();
  EXPECT_NEAR(said.at("ntk.condition", split) / (first / smallest), 1, 1e-14 * first / smallest);
  const at::Tensor q = values.clamp_min(0) / values.clamp_min(0).sum();
  EXPECT_NEAR(said.at("ntk.rank", split), std::exp(-at::xlogy(q, q).sum().item<double>()), 1e-8);
  if (p == 1) {
    EXPECT_FALSE(said.rows.contains({"ntk.maximum", split}));
    return;
  }
  std::vector<double> of_largest, of_mean;
  for (std::int64_t u = 0; u < n; ++u)
    for (std::int64_t v = u + 1; v < n; ++v) {
      of_largest.push_back(
          kernel[u][largest[static_cast<std::size_t>(u)]][v][largest[static_cast<std::size_t>(v)]]
              .item<double>());
      of_mean.push_back(kernel[u].select(1, v).diagonal().mean().item<double>());
    }
  const double r =
      at::corrcoef(at::stack({at::tensor(of_largest, at::kDouble), at::tensor(of_mean, at::kDouble)}))[0][1]
          .item<double>();
  ASSERT_TRUE(said.rows.contains({"ntk.maximum", split}));
  EXPECT_NEAR(said.at("ntk.maximum", split), r, 1e-9);
}

/// Of each set of a run's samples against autograd; `values` reads the outputs of one sample.
void expect_kernels(OneRun& run, const std::function<at::Tensor(const at::Tensor&)>& values) {
  Said said;
  said.take(run.measure());
  for (const measure::Set& set : run.subject().samples()) {
    at::Tensor inputs;
    set.rows.table->draw(set.rows.ids, data::At::before, inputs);
    const std::int64_t parameters = run.theta().numel();
    const auto one = [&](const at::Tensor& both) {
      const at::Tensor theta = both.narrow(0, 0, parameters),
                       x = both.slice(0, parameters).view(inputs.narrow(0, 0, 1).sizes());
      return values(oracle::forward(run.network(), theta, x).back()[0]);
    };
    std::vector<std::int64_t> largest;
    std::int64_t outputs = 0;
    for (std::int64_t i = 0; i < inputs.size(0); ++i) {
      const at::Tensor of_one = one(at::cat({run.theta(), inputs[i].flatten()}));
      outputs = of_one.numel();
      largest.push_back(of_one.argmax().item<std::int64_t>());
    }
    expect_kernel(said, set.name + "-" + set.name, kernel_of(inputs, one, run.theta(), outputs), largest);
  }
}

TEST_F(Gradients, the_kernel_of_all_outputs_is_that_of_autograds_jacobian) {
  const auto as_they_are = [](const at::Tensor& outputs) { return outputs; };
  const auto after = [](const Kind& kind, int ticks) {
    auto run = begun(kind);
    for (int i = 0; i < ticks; ++i) run->advance();
    return run;
  };
  expect_kernels(*after(classify({{"probe.samples", 5}}), 4), as_they_are);
  expect_kernels(*after(regress({{"probe.samples", 8}}), 4), as_they_are);
  expect_kernels(*after(stored("dqn"), 4), as_they_are);
  expect_kernels(*after(stored("td-lambda", {{"learner.loss", "squared-error"}}), 4), as_they_are);
  // Of distributions over atoms the outputs are their means.
  const at::Tensor atoms = at::linspace(-10, 2, 11, at::kDouble);
  expect_kernels(*after(exact("gridworld", "rainbow",
                              {{"probe.samples", 6},
                               {"learner.approximation", "network"},
                               {"network.layers", {"linear 6", "tanh", "linear out"}}},
                              of_samples),
                        40),
                 [&](const at::Tensor& outputs) { return at::softmax(outputs.view({-1, 11}), 1).mv(atoms); });
}

TEST_F(Gradients, the_kernel_of_a_linear_network_is_that_of_its_inputs) {
  const auto run = begun(regress({{"network.layers", {"linear out"}}, {"probe.samples", 9}}));
  for (int i = 0; i < 3; ++i) run->advance();
  Said said;
  said.take(run->measure());
  for (const measure::Set& set : run->subject().samples()) {
    at::Tensor inputs;
    set.rows.table->draw(set.rows.ids, data::At::before, inputs);
    // Weights and biases of output k alone: K(uk, vl) = (x_u . x_v + 1) [k = l], so each eigenvalue of the
    // inputs' Gram comes three times, and 3 (9 - 6) of them are 0.
    const at::Tensor gram = inputs.mm(inputs.t()) + 1;
    const at::Tensor values = at::linalg_eigvalsh(gram).flip(0);
    const std::string split = set.name + "-" + set.name;
    const Array& spectrum = said.arrays.at("ntk.spectrum " + split);
    const double first = values[0].item<double>();
    for (std::int64_t i = 0; i < 27; ++i)
      EXPECT_NEAR(spectrum.values[static_cast<std::size_t>(i)], values[i / 3].item<double>(), 1e-12 * first);
    EXPECT_EQ(said.at("ntk.below", split), 9);
    EXPECT_NEAR(said.at("ntk.condition", split), first / values[5].item<double>(), 1e-9);
    EXPECT_NEAR(said.at("ntk", split), 3 * gram.diagonal().mean().item<double>(), 1e-12 * first);
  }
}

TEST_F(Gradients, the_kernel_of_a_table_is_the_identity_of_its_states) {
  const auto run = begun(exact("random-walk", "td-lambda", expected, of_samples));
  Said said;
  said.take(run->measure());
  const measure::Set set = run->subject().samples().front();
  std::map<std::int64_t, double> visits;  // an eigenvalue is how many samples are at one state
  for (const data::Id row : set.rows.ids) {
    at::Tensor before;
    set.rows.table->draw({&row, 1}, data::At::before, before);
    ++visits[before[0].argmax().item<std::int64_t>()];
  }
  std::vector<double> sizes;
  for (const auto& [state, count] : visits) sizes.push_back(count);
  std::sort(sizes.rbegin(), sizes.rend());
  sizes.resize(set.rows.ids.size(), 0.0);
  const Array& spectrum = said.arrays.at("ntk.spectrum transitions-transitions");
  for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_NEAR(spectrum.values[i], sizes[i], 1e-12);
  EXPECT_EQ(said.at("ntk", "transitions-transitions"), 1);
  EXPECT_EQ(said.at("ntk.below", "transitions-transitions"),
            static_cast<double>(sizes.size() - visits.size()));
  EXPECT_FALSE(said.rows.contains({"ntk.maximum", "transitions-transitions"}));
}

TEST_F(Gradients, a_kernel_too_large_is_refused_and_says_how_many_samples_fit) {
  write_table(folder.path() / "wide.safetensors", 800, 12, 5, 3);
  const data::Dataset wide = data::read_dataset(folder.path() / "wide.safetensors");
  const auto said_of = [&](std::int64_t samples) -> std::string {
    try {
      begun({keys(with({{"probe.samples", samples}, {"runtime.precision", "single"}}, {"ntk"})), &wide})
          ->measure();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said_of(683),
            "probe.measures holds \"ntk\", whose kernel of 683 samples times 3 outputs has 2,049 rows where "
            "at most 2,048 are allowed, since the time for its eigenvalues grows as the cube: take at most "
            "682 probe.samples, or leave it out");
}

TEST_F(Gradients, covariances_are_rows_at_each_measurement_and_a_matrix_at_the_last) {
  Heard heard;
  EXPECT_EQ(carried_out(*begun(classify({{"learner.updates", 10}})), heard).ending, Ending::done);
  std::set<std::int64_t> rows, matrices;
  for (const Row& row : heard.rows)
    if (row.measure == "gradient_covariance") rows.insert(row.step);
  for (const Array& array : heard.arrays)
    if (array.name == "gradient_covariance") matrices.insert(array.step);
  EXPECT_EQ(rows, (std::set<std::int64_t>{0, 5, 10}));
  EXPECT_EQ(matrices, std::set<std::int64_t>{10});
}

}  // namespace
}  // namespace crosstalk::run
