// What is measured along trajectories, by whole runs against a slow twin: episodes walked by their ends,
// PyTorch's forward pass and autograd, in double precision.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "base/error.hpp"
#include "learn/learner.hpp"
#include "oracle.hpp"
#include "replay/stored.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

constexpr double gamma_ = 0.9, lambda = 0.5;
const Json along = {"loss_difference", "loss_difference.predicted", "sign_variance", "cosine", "cosine.loss",
                    "value_drift",     "target_roughness",          "sign_flips"};
const Json to_second_order = {"loss_difference", "loss_difference.predicted", "loss_difference.second"};

std::string refusal(const Kind& kind) {
  try {
    begun(kind);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// One update that was measured from both sides.
struct Measured {
  std::unique_ptr<OneRun> run;
  at::Tensor before, after, target, target_after;  // theta
  std::optional<double> batch_loss;
  std::map<Key, double> rows;
  std::map<std::string, Array> arrays;  // by "NAME SPLIT"

  const Array& array(const std::string& name, const std::string& split = "neighbours") const {
    return arrays.at(name + " " + split);
  }
  std::vector<data::Id> ids(const std::string& split) const {
    std::vector<data::Id> all;
    const auto found = arrays.find("loss_difference.rows " + split);
    if (found == arrays.end()) return all;
    for (const double row : found->second.values) all.push_back(static_cast<data::Id>(row));
    return all;
  }
  const replay::Trajectories& steps() const {
    return replay::trajectories(*run->subject().samples().front().rows.table);
  }
  double at(const std::string& measure, const std::string& split) const {
    return rows.at({run->count() - 1, measure, split});
  }
};

/// After `earlier` updates of a run that counts them.
Measured measured(const Kind& kind, int earlier) {
  Measured all{.run = begun(kind)};
  for (int i = 0; i < earlier; ++i) all.run->advance();
  std::vector<Row> rows = all.run->measure().rows;
  const learn::Networks& networks = all.run->subject().networks();
  all.before = all.run->theta().to(at::kDouble).clone();
  if (networks.has_target()) all.target = networks.of(learn::Net::target).theta().to(at::kDouble).clone();
  all.batch_loss = all.run->advance();
  all.after = all.run->theta().to(at::kDouble).clone();
  if (networks.has_target())
    all.target_after = networks.of(learn::Net::target).theta().to(at::kDouble).clone();
  std::optional<measure::Readings> change = all.run->take_change();
  EXPECT_TRUE(change.has_value());
  if (!change) return all;
  rows.insert(rows.end(), change->rows.begin(), change->rows.end());
  all.rows = by_key(rows);
  for (const Array& array : change->arrays) all.arrays[array.name + " " + array.split] = array;
  return all;
}

class Along : public SmallStored {
 protected:
  Kind stored(const std::string& algorithm, const Json& changes = Json::object()) const {
    Json all = stored_keys(algorithm, changes);
    if (!changes.contains("probe.measures")) all["probe.measures"] = along;
    return {all, nullptr, stored_in(set)};
  }
  static Kind exact(const std::string& environment, const std::string& algorithm,
                    const Json& changes = Json::object()) {
    Json all = exact_keys(environment, algorithm, changes);
    if (!changes.contains("probe.measures")) all["probe.measures"] = along;
    return {all};
  }
  /// One of each kind of objective, source and descent.
  std::vector<Kind> kinds() const {
    const Json all_losses = {"own", "td", "td-star", "mc", "lambda", "reg"},
               values = {"own", "td", "mc", "lambda"};
    return {stored("dqn", {{"probe.losses", all_losses}}),
            stored("ql", {{"probe.losses", values}, {"learner.optimizer", "rmsprop"}}),
            stored("reg", {{"probe.losses", all_losses}, {"runtime.precision", "double"}}),
            stored("td-lambda", {{"probe.losses", all_losses}, {"learner.loss", "squared-error"}}),
            stored("residual"),
            stored("ql", {{"probe.losses", values}, {"learner.smoothing", 0.4}}),
            stored("dqn", {{"probe.losses", values}, {"learner.target-copies", 3}}),
            exact("gridworld", "dqn", {{"probe.losses", values}}),
            exact("gridworld", "ql", {{"learner.n-step", 3}, {"learner.replay", 40}}),
            exact("gridworld", "reinforce", {{"learner.loss", "policy-gradient"}, {"learner.steps", 200}}),
            exact("gridworld", "rainbow"),
            exact("gridworld", "pqn", {{"probe.losses", values}}),
            exact("gridworld", "ql", {{"learner.chain", 0.5}, {"probe.losses", values}}),
            exact("gridworld", "td-lambda",
                  {{"task.kind", "control"},
                   {"learner.loss", "huber"},
                   {"learner.target-every", 5},
                   {"probe.unit", "steps"}}),
            exact("random-walk", "td-lambda", {{"learner.view", "backward"}, {"probe.losses", values}}),
            exact("random-walk", "td-lambda", {{"learner.view", "forward"}, {"probe.losses", values}})};
  }
};

TEST_F(Along, measuring_leaves_theta_as_it_is_to_the_last_bit) {
  for (const Kind& kind : kinds()) expect_the_same_theta_with_and_without_a_probe(kind);
}

// Two choices an action, an episode of at most 20 steps, and test samples of another table than the replay.
TEST_F(Along, measuring_an_agent_at_images_leaves_theta_as_it_is_and_has_all_splits) {
  write_images(folder.path() / "images.safetensors", 30, 12, 10);
  const data::Dataset dataset = data::read_dataset(folder.path() / "images.safetensors");
  for (const char* algorithm : {"double-dqn", "reinforce"}) {
    const bool values = algorithm == std::string("double-dqn");
    const Kind kind{agent_keys(algorithm, {{"probe.measures", along},
                                           {"probe.window", 2},
                                           {"probe.losses", values ? Json{"own", "td", "mc"} : Json{"own"}}}),
                    &dataset};
    expect_the_same_theta_with_and_without_a_probe(kind);
    Heard heard;
    const auto run = begun(kind);
    EXPECT_EQ(carried_out(*run, heard).ending, Ending::done);
    std::set<std::string> seen;
    for (const Row& row : heard.rows) seen.insert(row.measure + " " + row.split);
    for (const char* name : {"loss_difference batch", "loss_difference neighbours", "loss_difference others",
                             "loss_difference.predicted ahead", "cosine train", "cosine test",
                             "cosine.loss test", "cosine.others train"})
      EXPECT_TRUE(seen.contains(name)) << name << " of " << algorithm;
    EXPECT_FALSE(seen.contains("cosine.others test"));  // nothing is learned from test episodes
    EXPECT_EQ(seen.contains("loss_difference.mc batch"), values);
    for (const char* name : {"sign_variance train", "sign_flips train", "target_roughness test"})
      EXPECT_EQ(seen.contains(name), values) << name;
    EXPECT_EQ(
        refusal({agent_keys(algorithm, {{"probe.measures", along}, {"probe.offsets", 20}}), &dataset}),
        "probe.offsets is 20 where the longest episode that is learned from has 20 steps: give at most 19, "
        "or leave out the measures that look along trajectories");
  }
}

TEST_F(Along, a_run_that_is_stopped_goes_on_to_the_same_rows) {
  for (const Kind& kind :
       {stored("ql", {{"learner.updates", 9}}),
        exact("gridworld", "dqn", {{"learner.steps", 45}, {"probe.losses", {"own", "mc"}}}),
        exact("gridworld", "pqn", {{"learner.steps", 45}, {"probe.losses", {"own", "td", "lambda"}}})})
    EXPECT_GT(stopped_at_each_step(kind, folder.path() / "kept"), 0) << kind.flat.dump();
}

/// The neighbour of a row by walking step by step, whose ends alone are looked at; nothing beyond them.
std::optional<data::Id> walked(const replay::Trajectories& steps, data::Id row, std::int64_t offset) {
  for (; offset > 0; --offset, ++row)
    if (steps[row].terminated || steps[row].truncated || row + 1 >= steps.end()) return std::nullopt;
  for (; offset < 0; ++offset, --row)
    if (row == steps.first() || steps[row - 1].terminated || steps[row - 1].truncated) return std::nullopt;
  return row;
}

/// Losses of stored steps from their definitions.
class Twin {
 public:
  Twin(const std::filesystem::path& set, const Measured& measured, bool live, double smoothing = 0)
      : stored_(set, at::kDouble, at::kCPU), measured_(measured), live_(live), smoothing_(smoothing) {}
  const replay::Trajectories& steps() const { return stored_.steps(); }

  at::Tensor loss(const std::string& word, data::Id row, const at::Tensor& theta) const {
    const at::Tensor here = seen(theta, row, data::At::before);
    if (word == "reg") return smooth(here - known(row, data::At::before)).mean();
    const at::Tensor value = here[steps().action(row)[0]];
    if (word == "mc") return smooth(value - returned(row));
    if (word == "lambda") return smooth(value - lambda_return(row));
    const double going = steps()[row].terminated ? 0 : gamma_;
    const at::Tensor next = word == "td-star" ? known(row, data::At::after)
                            : live_ ? seen(theta, row, data::At::after)
                                    : seen(measured_.target.defined() ? measured_.target : measured_.before,
                                           row, data::At::after);
    if (const auto before = walked(steps(), row, -1); word == "own" && before)
      return smooth(value - steps()[row].reward - (1 - smoothing_) * going * next.max() -
                    smoothing_ * gamma_ * seen(theta, *before, data::At::before).max());
    return smooth(value - steps()[row].reward - going * next.max());
  }
  at::Tensor slope(const std::string& word, data::Id row) const {
    const at::Tensor leaf = measured_.before.clone().set_requires_grad(true);
    return torch::autograd::grad({loss(word, row, leaf)}, {leaf})[0];
  }
  /// step . H step, H the Hessian of the loss.
  double curvature(const std::string& word, data::Id row, const at::Tensor& step) const {
    const at::Tensor leaf = measured_.before.clone().set_requires_grad(true);
    const at::Tensor slope = torch::autograd::grad({loss(word, row, leaf)}, {leaf}, {}, true, true)[0];
    return torch::autograd::grad({slope.dot(step)}, {leaf})[0].dot(step).item<double>();
  }

 private:
  static at::Tensor smooth(const at::Tensor& error) { return at::minimum(error * error, error.abs()); }
  at::Tensor known(data::Id row, data::At at) const {
    return stored_.values({&row, 1}, at).to(at::kDouble)[0];
  }
  at::Tensor seen(const at::Tensor& theta, data::Id row, data::At at) const {
    at::Tensor slot;
    steps().draw({&row, 1}, at, slot);
    return oracle::forward(measured_.run->network(), theta, slot).back()[0];
  }
  double bootstrapped(data::Id row) const {
    return seen(measured_.target.defined() ? measured_.target : measured_.before, row, data::At::after)
        .max()
        .item<double>();
  }
  double returned(data::Id row) const {
    const auto next = walked(steps(), row, 1);
    const double cut =
        steps()[row].terminated ? 0 : seen(measured_.before, row, data::At::after).max().item<double>();
    return steps()[row].reward + gamma_ * (next ? returned(*next) : cut);
  }
  double lambda_return(data::Id row) const {
    const auto next = walked(steps(), row, 1);
    if (!next) return steps()[row].reward + (steps()[row].terminated ? 0 : gamma_ * bootstrapped(row));
    return steps()[row].reward + gamma_ * ((1 - lambda) * bootstrapped(row) + lambda * lambda_return(*next));
  }

  replay::Stored stored_;
  const Measured& measured_;
  bool live_;
  double smoothing_;  // of the loss that is learned by, which is live
};

std::string name_of(const std::string& word, const std::string& part = "") {
  return "loss_difference" + part + (word == "own" ? "" : "." + word);
}

TEST_F(Along, loss_differences_and_what_predicts_them_are_a_slow_twin_s) {
  for (const auto& [algorithm, live, smoothing] : std::vector<std::tuple<std::string, bool, double>>{
           {"dqn", false, 0}, {"ql", true, 0}, {"reg", false, 0}, {"ql", true, 0.4}}) {
    std::vector<std::string> words = {"td", "td-star", "mc", "lambda", "reg"};
    if (smoothing > 0) words = {"own", "td", "mc"};
    const Measured all = measured(stored(algorithm, {{"probe.measures", to_second_order},
                                                     {"runtime.precision", "double"},
                                                     {"learner.smoothing", smoothing},
                                                     {"learner.lambda", 0.9},  // counts for nothing here
                                                     {"probe.lambda", lambda},
                                                     {"probe.losses", words}}),
                                  4);
    const Twin twin(set, all, live, smoothing);
    const std::vector<data::Id> batch = all.ids("batch");
    ASSERT_EQ(batch.size(), 6u);
    const at::Tensor step = all.after - all.before;
    for (const std::string& word : words) {
      const Array &curve = all.array(name_of(word)), &count = all.array(name_of(word) + ".count"),
                  &predicted = all.array(name_of(word, ".predicted")),
                  &second = all.array(name_of(word, ".second"));
      EXPECT_EQ(curve.shape, std::vector<std::int64_t>{7});
      EXPECT_EQ(curve.axes, Json::parse(R"({"0": {"name": "offset", "labels": [-3,-2,-1,0,1,2,3]}})"));
      double sum = 0, pairs = 0, left = 0, squares = 0;
      std::vector<double> differences;
      for (int offset = -3; offset <= 3; ++offset) {
        double difference = 0, first_order = 0, second_order = 0;
        int there = 0;
        for (const data::Id sample : batch) {
          const auto row = walked(twin.steps(), sample, offset);
          if (!row) continue;
          ++there;
          const double is =
              (twin.loss(word, *row, all.before) - twin.loss(word, *row, all.after)).item<double>();
          const double said = -twin.slope(word, *row).dot(step).item<double>();
          difference += is, first_order += said;
          second_order += said - twin.curvature(word, *row, step) / 2;
          if (offset != 0) sum += is, ++pairs, differences.push_back(is), left += (is - said) * (is - said);
        }
        const auto place = static_cast<std::size_t>(offset + 3);
        EXPECT_EQ(count.values[place], there) << offset;
        if (there == 0) continue;
        EXPECT_NEAR(curve.values[place], difference / there, 1e-12) << word << offset << algorithm;
        EXPECT_NEAR(predicted.values[place], first_order / there, 1e-12) << word << offset << algorithm;
        EXPECT_NEAR(second.values[place], second_order / there, 1e-12) << word << offset << algorithm;
      }
      EXPECT_NEAR(all.at(name_of(word), "neighbours"), sum / pairs, 1e-12);
      EXPECT_EQ(all.at(name_of(word), "batch"), curve.values[3]);
      for (const double each : differences) squares += std::pow(each - sum / pairs, 2);
      EXPECT_NEAR(all.at(name_of(word, ".explained"), "neighbours"), 1 - left / squares, 1e-7) << word;
      double others = 0;
      for (const data::Id row : all.ids("others"))
        others += (twin.loss(word, row, all.before) - twin.loss(word, row, all.after)).item<double>() / 4;
      EXPECT_NEAR(all.at(name_of(word), "others"), others, 1e-12) << word;
    }
  }
}

TEST_F(Along, at_offset_0_the_difference_is_the_change_of_the_loss_that_is_learned_by) {
  for (const char* algorithm : {"dqn", "reg", "mc", "td-lambda", "td-star", "polyak", "residual"}) {
    const Kind kind = stored(algorithm, {{"runtime.precision", "double"}, {"probe.offsets", 0}});
    const Measured all = measured(kind, 3);
    // The same batch once more, its aims as they were, by the objective itself.
    const auto before = begun(kind);
    for (int i = 0; i < 3; ++i) before->advance();
    const learn::Objective& own = *before->subject().objective("own");
    const data::Rows rows{before->subject().samples().front().rows.table, all.ids("batch")};
    learn::Passes passes(before->subject().networks());
    learn::Aims aims;
    learn::Pull pull;
    own.aims(rows, passes, aims);
    at::Tensor inputs;
    own.inputs(rows, inputs);
    own.pull(oracle::forward(all.run->network(), all.after, inputs).back(), aims, learn::Over::batch, {},
             pull);
    EXPECT_NEAR(all.at("loss_difference", "batch"), *all.batch_loss - pull.loss, 1e-12) << algorithm;
    EXPECT_NE(*all.batch_loss, pull.loss);
    EXPECT_FALSE(all.rows.contains({3, "loss_difference", "neighbours"}));
  }
}

TEST_F(Along, measured_and_predicted_differ_by_the_square_of_the_step_and_to_second_order_by_its_cube) {
  for (const char* algorithm : {"dqn", "ql", "residual"}) {
    std::vector<double> errors, to_second;
    for (const double rate : {1e-2, 1e-3, 1e-4}) {
      const Measured all = measured(stored(algorithm, {{"probe.measures", to_second_order},
                                                       {"runtime.precision", "double"},
                                                       {"learner.optimizer", "sgd"},
                                                       {"learner.loss", "squared-error"},
                                                       {"learner.rate", rate / 100}}),
                                    0);
      const auto error = [&](const char* name) {
        const Array &is = all.array("loss_difference"), &said = all.array(name);
        double sum = 0;
        for (std::size_t i = 0; i < is.values.size(); ++i)
          if (std::isfinite(is.values[i])) sum += std::abs(is.values[i] - said.values[i]);
        return sum;
      };
      errors.push_back(error("loss_difference.predicted"));
      to_second.push_back(error("loss_difference.second"));
    }
    for (std::size_t i = 1; i < errors.size(); ++i) {
      const double slope = std::log10(errors[i - 1] / errors[i]);
      std::printf("%s: log-log slope of |measured - predicted| against the step: %.4f\n", algorithm, slope);
      EXPECT_NEAR(slope, 2, 0.05) << algorithm;
    }
    const double cube = std::log10(to_second[0] / to_second[1]);  // beyond, rounding is as large
    std::printf("%s: log-log slope of |measured - second order| against the step: %.4f\n", algorithm, cube);
    EXPECT_NEAR(cube, 3, 0.1) << algorithm;
  }
}

TEST_F(Along, with_a_table_nothing_changes_where_neither_end_of_a_step_was_updated) {
  for (const auto& [algorithm, live] : {std::pair{"dqn", false}, {"ql", true}}) {
    int zeros = 0, others = 0, by_target = 0;
    const Kind kind = exact("gridworld", algorithm,
                            {{"learner.batch", 1},
                             {"runtime.precision", "double"},
                             {"learner.steps", 400},
                             {"learner.replay", 100},
                             {"learner.rate", 0.05},
                             {"probe.offsets", 8}});
    const auto run = begun(kind);
    while (!run->finished()) {
      run->measure();
      run->advance();
      const auto change = run->take_change();
      if (!change) continue;
      std::map<std::string, Array> arrays;
      for (const Array& array : change->arrays) arrays[array.name + array.split] = array;
      const replay::Trajectories& steps = replay::trajectories(*run->subject().samples().front().rows.table);
      const auto state = [&](data::Id row, data::At at) {
        at::Tensor slot;
        steps.draw({&row, 1}, at, slot);
        return slot.argmax().item<std::int64_t>();
      };
      const auto sample = static_cast<data::Id>(arrays.at("loss_difference.rowsbatch").values[0]);
      const Array& curve = arrays.at("loss_differenceneighbours");
      for (int offset = -8; offset <= 8; ++offset) {
        const double value = curve.values[static_cast<std::size_t>(offset + 8)];
        const auto row = walked(steps, sample, offset);
        ASSERT_EQ(std::isnan(value), !row.has_value()) << offset;
        if (!row) continue;
        const bool same = state(*row, data::At::before) == state(sample, data::At::before) &&
                          steps.action(*row)[0] == steps.action(sample)[0];
        const bool behind = live && !steps[*row].terminated &&
                            state(*row, data::At::after) == state(sample, data::At::before);
        if (!same && !behind) {
          EXPECT_EQ(value, 0.0) << algorithm << offset;
          ++zeros;
        } else if (value != 0) {
          same ? ++others : ++by_target;
        }
      }
    }
    EXPECT_GT(zeros, 100) << algorithm;
    EXPECT_GT(others, 20) << algorithm;
    EXPECT_EQ(by_target > 0, live) << algorithm;
  }
}

TEST_F(Along, others_are_different_steps_of_training_episodes_beyond_the_offsets_of_the_batch) {
  const Measured all = measured(stored("dqn", {{"probe.others", 9}, {"probe.samples", 100}}), 2);
  const std::vector<data::Id> others = all.ids("others"), batch = all.ids("batch");
  EXPECT_EQ(others.size(), 9u);
  EXPECT_EQ(std::set(others.begin(), others.end()).size(), 9u);
  const std::vector<data::Id> train = all.run->subject().samples().front().rows.ids;  // all there are
  std::set<data::Id> near;
  for (const data::Id row : batch)
    for (int offset = -3; offset <= 3; ++offset)
      if (const auto there = all.run->subject().samples().front().rows.table->neighbour(row, offset))
        near.insert(*there);
  for (const data::Id row : others) {
    EXPECT_TRUE(std::binary_search(train.begin(), train.end(), row));
    EXPECT_FALSE(near.contains(row));
  }
  const Measured many = measured(stored("dqn", {{"probe.others", 1000}, {"probe.samples", 100}}), 2);
  EXPECT_EQ(many.ids("others").size() + near.size(), train.size());
  EXPECT_EQ(std::vector(many.ids("batch")), batch);
  // Whatever else is measured.
  const Measured alone =
      measured(stored("dqn", {{"probe.others", 9}, {"probe.measures", {"loss_difference"}}}), 2);
  EXPECT_EQ(alone.ids("others"), others);
}

TEST_F(Along, sign_variance_is_that_of_windows_within_their_episodes) {
  for (const int length : {2, 5}) {
    const auto run = begun(
        stored("dqn", {{"runtime.precision", "double"}, {"probe.window", length}, {"probe.samples", 40}}));
    for (int i = 0; i < 3; ++i) run->advance();
    const auto rows = by_key(run->measure().rows);
    const replay::Stored stored(set, at::kDouble, at::kCPU);
    const replay::Trajectories& steps = stored.steps();
    const at::Tensor target = run->subject().networks().of(learn::Net::target).theta();
    const auto output = [&](const at::Tensor& theta, data::Id row, data::At at) {
      at::Tensor slot;
      steps.draw({&row, 1}, at, slot);
      return oracle::forward(run->network(), theta, slot).back()[0];
    };
    for (const measure::Set& sample : run->subject().samples()) {
      double sum = 0;
      int windows = 0, left_out = 0;
      for (const data::Id first : sample.rows.ids) {
        std::vector<double> signs;
        for (int i = 0; i < length; ++i) {
          const auto row = walked(steps, first, i);
          if (!row) break;
          const double error =
              output(run->theta(), *row, data::At::before)[steps.action(*row)[0]].item<double>() -
              steps[*row].reward -
              (steps[*row].terminated ? 0
                                      : gamma_ * output(target, *row, data::At::after).max().item<double>());
          signs.push_back(error > 0 ? 1 : error < 0 ? -1 : 0);
        }
        if (std::ssize(signs) < length) {
          ++left_out;
          continue;
        }
        double mean = 0, squares = 0;
        for (const double sign : signs) mean += sign / length;
        for (const double sign : signs) squares += (sign - mean) * (sign - mean) / length;
        sum += squares;
        ++windows;
      }
      EXPECT_GT(left_out, 0);
      EXPECT_GT(windows, 0);
      EXPECT_NEAR(rows.at({3, "sign_variance", sample.name}), sum / windows, 1e-12) << length;
      EXPECT_EQ(rows.at({3, "sign_variance.left_out", sample.name}), left_out) << length;
    }
  }
}

/// What each sample's window holds of `at(row)`; empty where it would go on beyond its episode's end.
using Values = std::vector<std::vector<double>>;
std::vector<Values> windows(const replay::Trajectories& steps, const std::vector<data::Id>& samples,
                            int length, const std::function<std::vector<double>(data::Id)>& at) {
  std::vector<Values> all;
  for (const data::Id first : samples) {
    Values& window = all.emplace_back();
    for (int i = 0; i < length; ++i) {
      const auto row = walked(steps, first, i);
      if (!row) break;
      window.push_back(at(*row));
    }
    if (std::ssize(window) < length) window.clear();
  }
  return all;
}

/// Of each target that varies, and their mean.
double roughness(const std::vector<Values>& windows) {
  double ratios = 0, varying = 0;
  const auto whole = std::ranges::find_if(windows, [](const Values& window) { return !window.empty(); });
  for (std::size_t head = 0; head < whole->front().size(); ++head) {
    double sum = 0, count = 0, squares = 0, apart = 0, pairs = 0;
    for (const Values& window : windows)
      for (const auto& step : window) sum += step[head], ++count;
    for (const Values& window : windows)
      for (std::size_t i = 0; i < window.size(); ++i) {
        squares += std::pow(window[i][head] - sum / count, 2);
        if (i > 0) apart += std::pow(window[i][head] - window[i - 1][head], 2), ++pairs;
      }
    if (squares < 1e-20) continue;
    ratios += apart / pairs / (2 * squares / count);
    ++varying;
  }
  return ratios / varying;
}

TEST_F(Along, target_roughness_is_von_neumanns_ratio_of_the_targets_learned_by) {
  const replay::Stored stored(set, at::kDouble, at::kCPU);
  const replay::Trajectories& steps = stored.steps();
  for (const std::string algorithm : {"dqn", "ql", "residual", "mc", "reg", "td-star", "td-lambda"}) {
    const auto run = begun(Along::stored(algorithm, {{"runtime.precision", "double"},
                                                     {"learner.lambda", lambda},
                                                     {"probe.window", 3},
                                                     {"probe.samples", 40}}));
    for (int i = 0; i < 3; ++i) run->advance();
    const learn::Networks& networks = run->subject().networks();
    const at::Tensor online = run->theta(),
                     copied = networks.has_target() ? networks.of(learn::Net::target).theta() : online;
    const auto rows = by_key(run->measure().rows);
    const auto known = [&](data::Id row, data::At at) {
      const at::Tensor values = stored.values({&row, 1}, at).to(at::kDouble).contiguous();
      return std::vector(values.const_data_ptr<double>(), values.const_data_ptr<double>() + 3);
    };
    const auto following = [&](data::Id row) {
      if (steps[row].terminated) return 0.0;
      if (algorithm == "td-star") return std::ranges::max(known(row, data::At::after));
      at::Tensor slot;
      steps.draw({&row, 1}, data::At::after, slot);
      return oracle::forward(run->network(), copied, slot).back().max().item<double>();
    };
    const std::function<double(data::Id)> target = [&](data::Id row) -> double {
      const double earned = steps[row].reward;
      const auto next = walked(steps, row, 1);
      if (algorithm == "mc" && next) return earned + gamma_ * target(*next);
      if (algorithm != "td-lambda" || !next) return earned + gamma_ * following(row);
      return earned + gamma_ * ((1 - lambda) * following(row) + lambda * target(*next));
    };
    for (const measure::Set& sample : run->subject().samples()) {
      const auto all = windows(steps, sample.rows.ids, 3, [&](data::Id row) {
        return algorithm == "reg" ? known(row, data::At::before) : std::vector{target(row)};
      });
      EXPECT_NEAR(rows.at({3, "target_roughness", sample.name}), roughness(all), 1e-11) << algorithm;
      EXPECT_EQ(rows.at({3, "target_roughness.left_out", sample.name}),
                std::ranges::count_if(all, [](const Values& window) { return window.empty(); }));
    }
  }
}

TEST_F(Along, sign_flips_are_of_errors_whose_prediction_and_target_the_update_has_moved) {
  const replay::Stored stored(set, at::kDouble, at::kCPU);
  const replay::Trajectories& steps = stored.steps();
  double flips = 0, together = 0;
  // Of a dqn the third update is followed by a copy, the second by none.
  for (const auto& [algorithm, earlier] :
       {std::pair{"dqn", 1}, {"dqn", 2}, {"polyak", 2}, {"ql", 2}, {"mc", 4}, {"td-star", 1}}) {
    Json changes{
        {"runtime.precision", "double"}, {"probe.window", 3}, {"probe.samples", 40}, {"learner.rate", 0.5}};
    if (algorithm == std::string("dqn")) changes["learner.target-every"] = 3;
    const Measured seen = measured(Along::stored(algorithm, changes), earlier);
    if (algorithm == std::string("dqn")) {
      EXPECT_EQ(at::equal(seen.target, seen.target_after), earlier == 1);
    }
    const auto sign = [&](const at::Tensor& theta, const at::Tensor& target, data::Id row) {
      const auto output = [&](const at::Tensor& by, data::At at) {
        at::Tensor slot;
        steps.draw({&row, 1}, at, slot);
        return oracle::forward(seen.run->network(), by, slot).back()[0];
      };
      const double error =
          output(theta, data::At::before)[steps.action(row)[0]].item<double>() - steps[row].reward -
          (steps[row].terminated
               ? 0
               : gamma_ * output(target.defined() ? target : theta, data::At::after).max().item<double>());
      return error > 0 ? 1.0 : error < 0 ? -1.0 : 0.0;
    };
    for (const measure::Set& sample : seen.run->subject().samples()) {
      const auto all = windows(steps, sample.rows.ids, 3, [&](data::Id row) {
        return std::vector{
            double(sign(seen.before, seen.target, row) != sign(seen.after, seen.target_after, row))};
      });
      double one = 0, both = 0, pairs = 0;
      for (const Values& window : all)
        for (std::size_t i = 1; i < window.size(); ++i) {
          one += window[i][0] + window[i - 1][0] == 1;
          both += window[i][0] + window[i - 1][0] == 2;
          ++pairs;
        }
      EXPECT_NEAR(seen.at("sign_flips", sample.name), one / pairs, 1e-12) << algorithm << earlier;
      EXPECT_NEAR(seen.at("sign_flips.both", sample.name), both / pairs, 1e-12) << algorithm << earlier;
      EXPECT_EQ(seen.at("sign_flips.left_out", sample.name),
                std::ranges::count_if(all, [](const Values& window) { return window.empty(); }));
      flips += one, together += both;
    }
  }
  EXPECT_GT(flips, 0);
  EXPECT_GT(together, 0);
}

TEST_F(Along, sign_flips_leave_out_steps_that_a_replay_has_given_up_before_the_update) {
  const auto run = begun(exact("gridworld", "ql",
                               {{"learner.replay", 40},
                                {"probe.measures", {"sign_variance", "sign_flips"}},
                                {"probe.samples", 40},
                                {"probe.window", 2},
                                {"learner.steps", 200}}));
  for (int i = 0; i < 100; ++i) run->advance();
  double gone = 0;
  while (!run->finished()) {
    auto rows = by_key(run->measure().rows);
    const std::int64_t step = run->count();
    while (!run->finished() && run->awaits_change()) run->advance();
    const auto change = run->take_change();
    if (!change) break;
    const double before = rows.at({step, "sign_variance.left_out", "seen"});
    const double left_out = by_key(change->rows).at({step, "sign_flips.left_out", "seen"});
    EXPECT_GE(left_out, before);
    gone += left_out - before;
  }
  EXPECT_GT(gone, 0);
}

double cosine(const at::Tensor& a, const at::Tensor& b) {
  return (a.dot(b) / (a.norm() * b.norm())).item<double>();
}

TEST_F(Along, cosines_are_those_of_autograds_gradients) {
  for (const char* algorithm : {"dqn", "residual"}) {
    const Kind kind = stored(algorithm, {{"runtime.precision", "double"},
                                         {"probe.measures", {"cosine", "cosine.loss", "cosine.ram"}},
                                         {"probe.samples", 9}});
    const Measured all{.run = begun(kind)};
    for (int i = 0; i < 5; ++i) all.run->advance();
    const measure::Readings readings = all.run->measure();
    const auto rows = by_key(readings.rows);
    std::map<std::string, Array> arrays;
    for (const Array& array : readings.arrays) arrays[array.name + " " + array.split] = array;
    const replay::Stored stored(set, at::kDouble, at::kCPU);
    const replay::Trajectories& steps = stored.steps();
    const learn::Networks& networks = all.run->subject().networks();
    const at::Tensor theta = all.run->theta(),
                     target = networks.has_target() ? networks.of(learn::Net::target).theta() : at::Tensor();
    const auto gradient = [&](data::Id row, bool of_loss) {
      const at::Tensor leaf = theta.clone().set_requires_grad(true);
      const auto output = [&](const at::Tensor& of, data::At at) {
        at::Tensor slot;
        steps.draw({&row, 1}, at, slot);
        return oracle::forward(all.run->network(), of, slot).back()[0];
      };
      const at::Tensor here = output(leaf, data::At::before);
      if (!of_loss) return torch::autograd::grad({here.max()}, {leaf})[0];
      const at::Tensor next = output(target.defined() ? target : leaf, data::At::after).max();
      const at::Tensor error =
          here[steps.action(row)[0]] - steps[row].reward - (steps[row].terminated ? 0 : gamma_) * next;
      return torch::autograd::grad({at::minimum(error * error, error.abs())}, {leaf})[0];
    };
    for (const measure::Set& sample : all.run->subject().samples())
      for (const bool of_loss : {false, true}) {
        const std::string name = of_loss ? "cosine.loss" : "cosine";
        double sum = 0, pairs = 0;
        for (int offset = -3; offset <= 3; ++offset) {
          double here = 0, count = 0;
          for (const data::Id row : sample.rows.ids)
            if (const auto other = walked(steps, row, offset))
              here += cosine(gradient(row, of_loss), gradient(*other, of_loss)), ++count;
          const auto place = static_cast<std::size_t>(offset + 3);
          EXPECT_EQ(arrays.at(name + ".count " + sample.name).values[place], count);
          EXPECT_NEAR(arrays.at(name + " " + sample.name).values[place], here / count, 1e-10)
              << name << offset;
          if (offset != 0) sum += here, pairs += count;
        }
        EXPECT_NEAR(rows.at({5, name, sample.name}), sum / pairs, 1e-10) << name << algorithm;
      }
    for (const measure::Set& sample : all.run->subject().samples()) {
      const Array &cosines = arrays.at("cosine.ram.cosine " + sample.name),
                  &distances = arrays.at("cosine.ram.distance " + sample.name);
      const auto others = cosines.axes.at("1").at("labels").get<std::vector<data::Id>>();
      const std::int64_t width = std::ssize(others), pairs = 9 * width;
      ASSERT_GE(width, 1);
      ASSERT_EQ(cosines.shape, (std::vector<std::int64_t>{9, width}));
      EXPECT_EQ(cosines.axes.at("0").at("labels").get<std::vector<data::Id>>(), sample.rows.ids);
      at::Tensor both = at::empty({2, pairs}, at::kDouble);
      for (std::int64_t i = 0; i < pairs; ++i) {
        const data::Id a = sample.rows.ids[static_cast<std::size_t>(i / width)],
                       b = others[static_cast<std::size_t>(i % width)];
        double distance = 0;
        for (std::size_t byte = 0; byte < 3; ++byte)
          distance += std::abs(double(stored.ram(a, data::At::before)[byte]) -
                               stored.ram(b, data::At::before)[byte]) /
                      3;
        const auto place = static_cast<std::size_t>(i);
        EXPECT_NEAR(distances.values[place], distance, 1e-12);
        EXPECT_NEAR(cosines.values[place], cosine(gradient(a, false), gradient(b, false)), 1e-10);
        both[0][i] = cosines.values[place], both[1][i] = distance;
      }
      EXPECT_NEAR(rows.at({5, "cosine.ram", sample.name}), at::corrcoef(both)[0][1].item<double>(), 1e-9);
    }
  }
}

TEST_F(Along, what_cannot_be_measured_is_refused_by_its_name) {
  // The longest training episode of the small set has 7 steps.
  EXPECT_EQ(refusal(stored("dqn", {{"probe.offsets", 6}, {"probe.window", 7}})), "");
  EXPECT_EQ(
      refusal(stored("dqn", {{"probe.offsets", 7}})),
      "probe.offsets is 7 where the longest episode that is learned from has 7 steps: give at most 6, or "
      "leave out the measures that look along trajectories");
  EXPECT_EQ(
      refusal(stored("dqn", {{"probe.window", 8}})),
      "probe.window is 8 where the longest episode that is learned from has 7 steps: give at most 7, or "
      "leave out the measures that look along trajectories");
  EXPECT_EQ(refusal(stored("dqn", {{"probe.offsets", 70}, {"probe.measures", {"loss"}}})), "");
  EXPECT_EQ(
      refusal(exact("gridworld", "dqn", {{"probe.losses", {"reg"}}})),
      "probe.losses holds \"reg\", which needs an expert's values, and no stored trajectories are learned "
      "from: leave it out");
  EXPECT_EQ(
      refusal(exact("random-walk", "td-lambda", {{"probe.measures", {"cosine.ram"}}})),
      "probe.measures holds \"cosine.ram\", and nothing kept the console's memory here: give trajectories "
      "of an Atari game, which keep it, or leave it out");
  EXPECT_EQ(
      refusal(exact("gridworld", "rainbow", {{"probe.losses", {"td"}}})),
      "probe.losses holds \"td\", where the network gives distributions and has no such error: leave it "
      "out");
  EXPECT_EQ(
      refusal(exact("random-walk", "td-lambda",
                    {{"learner.source", "expected"}, {"learner.lambda", 0.0}, {"learner.view", "backward"}})),
      "probe.offsets is 3 where the longest episode that is learned from has 1 step: give at most 0, or "
      "leave out the measures that look along trajectories");
}

}  // namespace
}  // namespace crosstalk::run
