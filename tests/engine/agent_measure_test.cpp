// What an agent's measurement says, against episodes played by a plain loop and autograd, in double
// precision.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>

#include "base/paper_layers.hpp"
#include "data/subset.hpp"
#include "env/windowed.hpp"
#include "folder.hpp"
#include "nn/build.hpp"
#include "oracle.hpp"
#include "replay/trajectories.hpp"
#include "run/run.hpp"
#include "small_data.hpp"

namespace crosstalk {
namespace {

constexpr std::uint64_t seed = 3;
constexpr std::int64_t classes = 10, examples = 12, episodes = 4;
constexpr double step_cost = static_cast<float>(-0.05);  // as steps are kept; scores are in double

struct Step {
  env::View before, after;
  std::int64_t guess, move;
  double reward;
  bool terminal;
  double weight = 0;  // REINFORCE's return
};

/// The return of each step of the episodes that these steps are, one after the other.
void weigh(std::vector<Step>& steps, const std::vector<bool>& ends, bool whole_episode) {
  double sum = 0;
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (ends[i]) sum = 0;
    steps[i].weight = sum += steps[i].reward;
  }
  if (!whole_episode) return;
  for (std::size_t i = 1; i < steps.size(); ++i)
    if (!ends[i - 1]) steps[i].weight = steps[i - 1].weight;
}

struct Played {
  double reward = 0, accuracy = 0, first_guess = 0;
  std::vector<Step> steps;
};

using Table = std::map<std::pair<std::string, std::string>, double>;

class AgentMeasurement : public ::testing::TestWithParam<Json> {
 protected:
  Folder folder;
  data::Dataset dataset = [&] {
    write_images(folder.path() / "images.safetensors", 30, 12, classes);
    return data::read_dataset(folder.path() / "images.safetensors");
  }();
  using Images = std::shared_ptr<const env::Images>;
  Images train = shown(dataset.train, examples), test = shown(dataset.test, episodes);
  nn::Network network = nn::build({4, 32, 32}, classes + 4, paper_layers({4, 32, 32}, 2, 0, 4));
  Json flat = [] {
    Json changes = GetParam();
    changes["runtime.precision"] = "double";
    return agent_keys(changes.at("learner.algorithm").get<std::string>(), changes);
  }();
  bool values = flat.at("learner.algorithm") == "double-dqn";
  at::Tensor theta, target;
  std::int64_t measured_at = 0;

  Images shown(const data::Half& half, std::int64_t count) const {
    return std::make_shared<env::Images>(dataset, half, data::first_rows(count), at::kDouble, at::kCPU);
  }

  at::Tensor output(const at::Tensor& parameters, const Images& images, const env::View& view) {
    at::Tensor observation;
    images->draw({&view, 1}, observation);
    return oracle::forward(network, parameters, observation).back()[0];
  }

  std::int64_t chosen(const at::Tensor& head, tensor::Stream& stream) {
    if (values) return head.argmax().item<std::int64_t>();
    const at::Tensor sums = at::softmax(head, 0).cumsum(0);
    const double u = stream.uniform();
    std::int64_t k = 0;
    while (k + 1 < head.size(0) && sums[k].item<double>() <= u) ++k;
    return k;
  }

  /// The first images' episodes, one step after the other, each of one image at a time.
  Played played(const Images& images, const std::string& split) {
    tensor::Stream stream(seed, "evaluation/" + split + "/" + std::to_string(measured_at));
    std::vector<std::vector<Step>> each(episodes);
    std::vector<bool> over(episodes, false);
    std::vector<env::Windowed> tasks(episodes, env::Windowed(images));
    Played result;
    for (int time = 0; time < 20; ++time) {
      for (std::size_t i = 0; i < over.size(); ++i) {
        if (over[i]) continue;
        if (time == 0) tasks[i].reset(i);
        const env::View before = tasks[i].view();
        const at::Tensor f = output(theta, images, before);
        const std::int64_t guess = chosen(f.narrow(0, 0, classes), stream),
                           move = chosen(f.narrow(0, classes, 4), stream);
        const bool right = guess == images->labels()[i];
        tasks[i].step(std::array{guess, move});
        over[i] = right || time == 19;
        const bool terminal = right || (time == 19 && flat.at("task.timeout") == "terminal");
        each[i].push_back({before, tasks[i].view(), guess, move, right ? 1 : step_cost, terminal});
        result.reward += (right ? 1 : -0.05) / episodes;
        result.accuracy += static_cast<double>(right) / episodes;
        result.first_guess += static_cast<double>(right && time == 0) / episodes;
      }
    }
    for (std::vector<Step>& steps : each) {
      std::vector<bool> ends(steps.size(), false);
      ends.back() = true;
      weigh(steps, ends, flat.at("learner.return") == "episode");
      result.steps.insert(result.steps.end(), steps.begin(), steps.end());
    }
    return result;
  }

  /// Trains for so many steps; every one that was stored, in its order, with its return.
  std::vector<Step> trained(run::Run& run, std::int64_t steps) {
    std::vector<Step> all;
    std::vector<bool> ends;
    const bool aliased = flat.at("task.observation") == "aliased",
               timeout_ends = flat.at("task.timeout") == "terminal";
    for (std::int64_t step = 0; step < steps; ++step) {
      run.advance();
      replay::Trajectories held(train, {classes, 4}, at::kFloat);
      held.load(run.save().part("source").part("trajectories"));
      const data::Id row = held.end() - 1;
      const replay::Step& last = held[row];
      const std::span<const std::int64_t> action = held.action(row);
      env::View before;
      std::memcpy(&before, held.before(row), sizeof before);
      env::View after = before;
      after.place = before.place.moved(action[1]);
      after.seen |= after.place.bit();
      all.push_back({aliased ? after : before, after, action[0], action[1], last.reward,
                     last.terminated || (last.truncated && timeout_ends)});
      ends.push_back(last.ended());
    }
    while (!values && !ends.back()) {  // the episode that goes on is not measured
      all.pop_back();
      ends.pop_back();
    }
    weigh(all, ends, flat.at("learner.return") == "episode");
    theta = run.theta().clone();
    if (values) target = run.save().tensor("target").clone();
    measured_at = steps;
    return all;
  }

  /// Those of `steps` that the measurement looks at.
  std::vector<Step> looked_at(const std::vector<Step>& steps, const std::string& split) {
    const auto size = static_cast<std::int64_t>(steps.size()),
               count = flat.at("probe.samples").get<std::int64_t>();
    std::vector<Step> result;
    if (split == "train" && !values) return {steps.end() - std::min(size, count), steps.end()};
    tensor::Stream stream(seed, "probe/" + split + "/" + std::to_string(measured_at));
    for (const std::int64_t which : data::random_rows(size, count, stream)) result.push_back(steps[which]);
    return result;
  }

  at::Tensor loss(const Step& step, const Images& images, const at::Tensor& f) {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const auto& [first, size, action] :
         {std::tuple{std::int64_t{0}, classes, step.guess}, {classes, std::int64_t{4}, step.move}}) {
      const at::Tensor head = f.narrow(0, first, size);
      if (values) {
        const at::Tensor next = output(target, images, step.after).narrow(0, first, size);
        const at::Tensor by = flat.at("learner.target") == "max"
                                  ? next
                                  : output(theta, images, step.after).narrow(0, first, size);
        const double after = step.terminal ? 0 : next[by.argmax().item<std::int64_t>()].item<double>();
        const at::Tensor error = head[action] - (step.reward + 0.9 * after);
        sum = sum + at::minimum(error * error, error.abs());
      } else {
        const at::Tensor p = at::softmax(head, 0).clamp_min(1e-5);
        sum = sum - step.weight * p[action].log() + 1e-2 * (p * p.log()).sum();
      }
    }
    return sum;
  }

  at::Tensor function(const Step& step, const at::Tensor& f) {
    if (flat.at("probe.function") == "taken") return f[step.guess] + f[classes + step.move];
    return flat.at("probe.function") == "max" ? f.max() : f.mean();
  }

  Table measured(const Json& keys) {
    run::Run run(Settings(keys), seed, &dataset);
    for (std::int64_t step = 0; step < measured_at; ++step) run.advance();
    Table table;
    for (const Row& row : run.measure().rows) table[{row.measure, row.split}] = row.value;
    return table;
  }
};

struct Gradients {
  std::vector<at::Tensor> function, loss;  // (P) each
  double mean_loss = 0;
};

void expect_pairs(const Table& rows, const std::string& name, const std::vector<at::Tensor>& train,
                  const std::vector<at::Tensor>& test) {
  for (const auto& [split, us, vs] : {std::tuple{"train-train", &train, &train},
                                      {"train-test", &train, &test},
                                      {"test-test", &test, &test}}) {
    const at::Tensor dots = at::stack(*us).mm(at::stack(*vs).t());
    const double size = dots.abs().max().item<double>();
    double sum = 0, pairs = 0;
    for (std::int64_t u = 0; u < dots.size(0); ++u) {
      for (std::int64_t v = us == vs ? u + 1 : 0; v < dots.size(1); ++v) {
        sum += dots[u][v].item<double>();
        ++pairs;
      }
    }
    EXPECT_GT(size, 0) << name;
    EXPECT_NEAR(rows.at({name, split}), sum / pairs, 1e-10 * size) << name << ' ' << split;
  }
}

/// 1e-10 throughout: both sides are in double precision and differ in the order of their sums alone.
TEST_P(AgentMeasurement, says_what_episodes_by_a_plain_loop_and_autograd_do) {
  at::set_num_threads(1);
  run::Run run(Settings(flat), seed, &dataset);
  std::vector<Step> stored = trained(run, 50);
  if (values && std::ssize(stored) > 30)
    stored = [&] {  // what the replay of 30 holds, at its places
      std::vector<Step> ring(30);
      for (std::size_t i = 0; i < stored.size(); ++i) ring[i % 30] = stored[i];
      return ring;
    }();
  Table rows;
  for (const Row& row : run.measure().rows) rows[{row.measure, row.split}] = row.value;

  Played on_train = played(train, "train"), on_test = played(test, "test");
  for (const auto& [split, played] : {std::pair{"train", &on_train}, {"test", &on_test}}) {
    EXPECT_NEAR(rows.at({"reward", split}), played->reward, 1e-10);
    EXPECT_NEAR(rows.at({"accuracy", split}), played->accuracy, 1e-10);
    EXPECT_NEAR(rows.at({"first_guess", split}), played->first_guess, 1e-10);
  }
  EXPECT_NEAR(rows.at({"gap", "train-test"}), on_train.reward - on_test.reward, 1e-10);
  EXPECT_NEAR(rows.at({"gap_accuracy", "train-test"}), on_train.accuracy - on_test.accuracy, 1e-10);
  EXPECT_NEAR(rows.at({"gap_first_guess", "train-test"}), on_train.first_guess - on_test.first_guess, 1e-10);

  std::map<std::string, Gradients> each;
  for (const auto& [split, images, steps] :
       {std::tuple{"train", &train, &stored}, {"test", &test, &on_test.steps}}) {
    Gradients& gradients = each[split];
    const std::vector<Step> samples = looked_at(*steps, split);
    for (const Step& step : samples) {
      const at::Tensor leaf = theta.clone().set_requires_grad(true);
      const at::Tensor f = output(leaf, *images, step.before), of_loss = loss(step, *images, f);
      gradients.mean_loss += of_loss.item<double>() / static_cast<double>(samples.size());
      gradients.function.push_back(torch::autograd::grad({function(step, f)}, {leaf}, {}, true)[0]);
      gradients.loss.push_back(torch::autograd::grad({of_loss}, {leaf})[0]);
    }
    EXPECT_NEAR(rows.at({"loss", split}), gradients.mean_loss, 1e-10 * std::max(1.0, gradients.mean_loss));
  }
  expect_pairs(rows, "function_interference", each["train"].function, each["test"].function);
  expect_pairs(rows, "loss_interference", each["train"].loss, each["test"].loss);
}

TEST_P(AgentMeasurement, says_the_same_whatever_else_is_asked) {
  at::set_num_threads(1);
  measured_at = 50;
  const Table all = measured(flat);
  std::size_t found = 0;
  for (const Json& name : flat.at("probe.measures")) {
    Json alone = flat;
    alone["probe.measures"] = {name};
    for (const auto& [key, value] : measured(alone)) {
      EXPECT_EQ(value, all.at(key)) << key.first << ' ' << key.second;
      ++found;
    }
  }
  EXPECT_EQ(found, all.size());
}

// With 500 samples all steps of the replay and of the test episodes are looked at, each once.
INSTANTIATE_TEST_SUITE_P(
    Agents, AgentMeasurement,
    ::testing::Values(
        Json{{"learner.algorithm", "double-dqn"}},
        Json{{"learner.algorithm", "double-dqn"},
             {"learner.target", "max"},
             {"task.observation", "aliased"},
             {"probe.samples", 500},
             {"probe.function", "taken"}},
        Json{{"learner.algorithm", "double-dqn"}, {"task.timeout", "truncate"}, {"probe.samples", 500}},
        Json{{"learner.algorithm", "reinforce"}, {"probe.function", "max"}},
        Json{{"learner.algorithm", "reinforce"}, {"probe.function", "mean"}},
        Json{
            {"learner.algorithm", "reinforce"}, {"learner.return", "episode"}, {"probe.function", "taken"}}));

}  // namespace
}  // namespace crosstalk
