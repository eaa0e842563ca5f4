// Whole runs that learn from a small set of trajectories on disk.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "oracle.hpp"
#include "replay/stored.hpp"
#include "run/episodes.hpp"
#include "run/keeping.hpp"
#include "small_stored.hpp"

namespace crosstalk::run {
namespace {

class StoredRuns : public SmallStored {
 protected:
  Kind kind(const std::string& algorithm, const Json& changes = Json::object()) const {
    return {stored_keys(algorithm, changes), nullptr, stored_in(set)};
  }
  std::vector<Kind> kinds() const {
    return {kind("dqn"),
            kind("dqn", {{"learner.target-every", "never"}, {"probe.function", "taken"}}),
            kind("polyak", {{"learner.optimizer", "adam"}, {"runtime.precision", "double"}}),
            kind("ql", {{"learner.optimizer", "rmsprop"}, {"task.observation", "shifted"}}),
            kind("double-dqn", {{"learner.terminals", "left-out"}}),
            kind("dqn", {{"learner.target-every", 3}, {"learner.target-copies", 4}}),
            kind("double-dqn", {{"learner.target-copies", 2}, {"learner.smoothing", 0.2}}),
            kind("polyak", {{"learner.smoothing", 0.7}}),
            kind("dqn", {{"learner.chain", 0.5}}),
            kind("polyak", {{"learner.chain", 2.0}, {"learner.terminals", "left-out"}}),
            kind("mc", {{"task.transitions", 20}, {"learner.output", "max"}}),
            kind("mc", {{"learner.episode-end", "leaking"}, {"probe.keep", "all"}}),
            kind("reg", {{"learner.optimizer", "sgd"}}),
            kind("td-star", {{"task.observation", "shifted"}}),
            kind("td-lambda", {{"learner.loss", "squared-error"}}),
            kind("td-lambda", {{"learner.episode-end", "underweighted"}, {"learner.loss", "huber"}}),
            kind("residual", {{"runtime.precision", "double"}})};
  }
  replay::Trajectories steps_of_lengths(const std::vector<int>& lengths) const {
    auto drawing = std::make_shared<env::ArrayDrawing>(env::ArrayForm{.extents = {1}}, at::kFloat, at::kCPU);
    replay::Trajectories steps(drawing, {2}, at::kDouble);
    const std::array<float, 100> seen{};
    for (const int length : lengths) {
      const std::vector<std::int64_t> one{length}, actions(static_cast<std::size_t>(length), 0);
      const std::vector<double> rewards(static_cast<std::size_t>(length), 0);
      std::vector<std::uint8_t> ends(static_cast<std::size_t>(length), 0), none = ends;
      ends.back() = 1;
      steps.lend({reinterpret_cast<const std::byte*>(seen.data()), one, actions, rewards, ends, none});
    }
    return steps;
  }
};

/// The episodes that rows are of.
std::set<std::int64_t> episodes_of(const replay::Trajectories& steps, const std::vector<data::Id>& rows) {
  std::set<std::int64_t> all;
  for (const data::Id row : rows) all.insert(steps[row].episode);
  return all;
}

// python3 -c 'import hashlib; print(sorted(range(12), key=lambda i: hashlib.sha256(b"crosstalk %d" %
// i).digest()))' says 10 3 4 11 5 2 7 6 8 0 9 1.
TEST_F(StoredRuns, are_tested_on_the_episodes_that_the_order_of_own_data_holds_out) {
  const replay::Stored stored(set, at::kFloat, at::kCPU);
  const replay::Trajectories& steps = stored.steps();
  for (const auto& [share, tests] :
       std::vector<std::pair<double, std::set<std::int64_t>>>{{0.001, {1}},
                                                              {0.2, {1, 9}},
                                                              {0.5, {0, 1, 6, 7, 8, 9}},
                                                              {0.99, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11}}}) {
    const Split split = split_by_episodes(steps, share, std::nullopt);
    EXPECT_EQ(episodes_of(steps, split.test), tests) << share;
    std::vector<data::Id> both = split.train;
    both.insert(both.end(), split.test.begin(), split.test.end());
    EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
    std::sort(both.begin(), both.end());
    EXPECT_EQ(both, data::first_rows(steps.size())) << share;
  }
}

TEST_F(StoredRuns, learn_from_the_first_whole_training_episodes_that_have_no_more_steps_than_asked_for) {
  // Of six episodes the order is 3 4 5 2 0 1: the last, 1, is for the test.
  const replay::Trajectories steps = steps_of_lengths({4, 9, 2, 5, 3, 1});
  const auto taken = [&](std::optional<std::int64_t> transitions) {
    return episodes_of(steps, split_by_episodes(steps, 0.1, transitions).train);
  };
  using Episodes = std::set<std::int64_t>;
  EXPECT_EQ(taken(std::nullopt), (Episodes{0, 2, 3, 4, 5}));
  EXPECT_EQ(taken(15), (Episodes{0, 2, 3, 4, 5}));
  EXPECT_EQ(taken(14), (Episodes{0, 2, 3, 4}));
  EXPECT_EQ(taken(10), (Episodes{0, 2}));  // the one step of the last would fit, and does not stand next
  EXPECT_EQ(taken(4), (Episodes{0}));
  const auto refusal = [&](const replay::Trajectories& of, std::int64_t transitions) -> std::string {
    try {
      split_by_episodes(of, 0.1, transitions);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(steps, 16),
            "task.transitions is 16 where the training episodes have 15 transitions: give "
            "at most so many, or \"all\"");
  EXPECT_EQ(refusal(steps, 3),
            "task.transitions is 3 where the first training episode has 4 transitions, and "
            "only whole episodes are learned from: give at least so many");
  EXPECT_EQ(refusal(steps_of_lengths({7}), 7),
            "the stored trajectories hold 1 episode; training and test need "
            "one each: give others");
}

TEST_F(StoredRuns, have_the_same_theta_with_and_without_a_probe) {
  for (const Kind& kind : kinds()) expect_the_same_theta_with_and_without_a_probe(kind);
}

TEST_F(StoredRuns, stopped_at_any_update_go_on_to_the_same_theta_and_rows_whatever_learns) {
  for (const Kind& kind : kinds())
    EXPECT_GT(stopped_at_each_step(kind, folder.path() / "kept"), begun(kind)->steps() / 2)
        << kind.flat.dump();
}

TEST_F(StoredRuns, end_with_the_rows_of_the_network_that_their_last_update_leaves) {
  for (const Kind& kind : kinds()) expect_the_last_rows_to_be_of_the_last_network(kind);
}

TEST_F(StoredRuns, by_the_three_regressions_begin_with_the_same_theta_and_by_other_seeds_with_another) {
  const at::Tensor theta = begun(kind("mc"))->theta().clone();
  for (const char* other : {"reg", "td-star"})
    EXPECT_TRUE(at::equal(begun(kind(other))->theta(), theta)) << other;
  EXPECT_FALSE(at::equal(begun(kind("mc"), 4)->theta(), theta));
}

TEST_F(StoredRuns, measure_within_and_between_samples_of_training_and_of_test_episodes) {
  const replay::Stored stored(set, at::kFloat, at::kCPU);
  const Split split = split_by_episodes(stored.steps(), 0.4, std::nullopt);
  for (const Kind& each : kinds()) {
    const auto run = begun(each);
    const std::vector<measure::Set> samples = run->subject().samples();
    ASSERT_EQ(samples.size(), 2u);
    for (const auto& [sample, of] : {std::pair{&samples[0], &split.train}, {&samples[1], &split.test}}) {
      EXPECT_EQ(sample->rows.ids.size(), 7u);
      EXPECT_EQ(std::set(sample->rows.ids.begin(), sample->rows.ids.end()).size(), 7u);
      for (const data::Id row : sample->rows.ids)
        EXPECT_TRUE(std::binary_search(of->begin(), of->end(), row)) << sample->name << " " << row;
    }
    const auto rows = by_key(run->measure().rows);
    const auto value = [&](const char* measure, const char* split) { return rows.at({0, measure, split}); };
    for (const char* pairs : {"train-train", "train-test", "test-test"})
      for (const char* measure :
           {"function_interference", "function_stiffness", "loss_interference", "stiffness"})
        EXPECT_TRUE(rows.contains({0, measure, pairs})) << measure << " " << pairs << each.flat.dump();
    EXPECT_EQ(value("gap", "train-test"), value("loss", "test") - value("loss", "train"));
    EXPECT_TRUE(rows.contains({0, "td_error", "train"}));
    EXPECT_TRUE(rows.contains({0, "td_error.square", "test"}));
  }
}

/// max_a of (N, p), or the one value of a state.
at::Tensor best(const at::Tensor& output) { return std::get<0>(output.to(at::kDouble).max(1)); }

TEST_F(StoredRuns, say_how_far_their_values_are_from_the_expert_s) {
  const replay::Stored stored(set, at::kDouble, at::kCPU);
  for (const char* algorithm : {"dqn", "td-lambda"}) {
    const auto run = begun(kind(algorithm, {{"runtime.precision", "double"}}));
    const auto rows = by_key(run->measure().rows);
    for (const measure::Set& sample : run->subject().samples()) {
      at::Tensor seen;
      stored.steps().draw(sample.rows.ids, data::At::before, seen);
      const at::Tensor output = oracle::forward(run->network(), run->theta(), seen).back();
      double sum = 0;
      for (std::int64_t i = 0; i < sample.rows.size(); ++i) {
        const data::Id row = sample.rows.ids[static_cast<std::size_t>(i)];
        const double known = best(stored.values({&row, 1}, data::At::before)).item<double>();
        sum += std::pow(output[i].max().item<double>() - known, 2);
      }
      EXPECT_NEAR(rows.at({0, "value_error", sample.name}), std::sqrt(sum / 7), 1e-12) << algorithm;
    }
  }
}

// Numbers of the set alone: the discount is the expert's own, and shifted observations change nothing.
TEST_F(StoredRuns, say_how_far_the_expert_s_values_are_from_their_own_targets) {
  for (const Json& changes :
       {Json{{"learner.gamma", 0.5}}, Json{{"learner.gamma", 0.9}, {"task.observation", "shifted"}}}) {
    Json all{{"runtime.precision", "double"}, {"probe.measures", {"td_error.expert"}}};
    all.update(changes);
    const auto run = begun(kind("dqn", all));
    const auto rows = by_key(run->measure().rows);
    const std::vector<data::Id> train = run->subject().learned()->rows.ids;
    for (const std::string split : {"train", "test"}) {
      double squares = 0, rewards = 0, count = 0;
      for (data::Id row = 0, begin = 0, episode = 0; episode < replay::small_episodes; ++episode) {
        const int number = static_cast<int>(episode), length = replay::length_of(number);
        for (begin = row; row < begin + length; ++row) {
          if (std::binary_search(train.begin(), train.end(), row) != (split == "train")) continue;
          const int at = static_cast<int>(row - begin);
          const env::Outcome outcome = replay::outcome_of(number, at);
          const auto values = replay::Moment(number, at).values, next = replay::Moment(number, at + 1).values;
          const double follows = outcome.terminated ? 0 : 0.9 * std::ranges::max(next);
          const double value = values[static_cast<std::size_t>(replay::action_of(number, at))];
          squares += std::pow(outcome.reward + follows - value, 2);
          rewards += outcome.reward * outcome.reward;
          ++count;
        }
      }
      const double error = std::sqrt(squares / count);
      EXPECT_NEAR(rows.at({0, "td_error.expert", split}), error, 1e-9 * error);
      EXPECT_NEAR(rows.at({0, "td_error.expert.relative", split}), std::sqrt(squares / rewards), 1e-9);
    }
  }
}

TEST_F(StoredRuns, see_each_observation_a_step_later_where_it_is_shifted) {
  const replay::Stored right(set, at::kDouble, at::kCPU), shifted(set, at::kDouble, at::kCPU, true);
  const auto seen = [](const replay::Stored& stored, data::Id row, data::At at) {
    at::Tensor slot;
    stored.steps().draw({&row, 1}, at, slot);
    return slot.clone();
  };
  int last = 0;
  for (data::Id row = 0; row < right.steps().end(); ++row) {
    EXPECT_TRUE(at::equal(seen(shifted, row, data::At::before), seen(right, row, data::At::after))) << row;
    const bool ends = right.steps()[row].ended();
    last += ends;
    EXPECT_TRUE(
        at::equal(seen(shifted, row, data::At::after), seen(right, ends ? row : row + 1, data::At::after)))
        << row;
    EXPECT_EQ(shifted.steps()[row].reward, right.steps()[row].reward);
    EXPECT_EQ(shifted.steps().action(row)[0], right.steps().action(row)[0]);
  }
  EXPECT_EQ(last, replay::small_episodes);
}

TEST_F(StoredRuns, of_an_expert_s_values_learn_those_of_the_observation_that_is_seen) {
  for (const char* observation : {"paper", "shifted"}) {
    const auto run = begun(kind("reg", {{"task.observation", observation}, {"runtime.precision", "double"}}));
    const replay::Stored stored(set, at::kDouble, at::kCPU);
    const bool is_shifted = observation == std::string("shifted");
    for (const measure::Set& sample : run->subject().samples()) {
      learn::Passes passes(run->subject().networks());
      learn::Aims aims;
      run->subject().objective("own")->aims(sample.rows, passes, aims);
      const at::Tensor known =
          stored.values(sample.rows.ids, is_shifted ? data::At::after : data::At::before).to(at::kDouble);
      EXPECT_TRUE(at::equal(aims.targets, known)) << observation;
    }
  }
}

TEST_F(StoredRuns, are_refused_by_what_is_wrong) {
  const auto refusal = [](const Kind& kind) -> std::string {
    try {
      begun(kind);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal(kind("dqn")), "");
  Kind other = kind("dqn");
  other.file.sha256[0] = other.file.sha256[0] == '0' ? '1' : '0';
  EXPECT_NE(refusal(other).find(set.string() + " is not what it was when this study was begun"),
            std::string::npos)
      << refusal(other);
  for (const auto& [each, part] : std::vector<std::pair<Kind, std::string>>{
           {kind("dqn", {{"task.transitions", 1000}}), "task.transitions is 1,000 where"},
           {kind("supervised"), "learner.algorithm is \"supervised\""},
           {kind("dqn", {{"probe.function", "confidence"}}), "probe.function is \"confidence\""},
           {kind("dqn", {{"network.layers", {"linear 7"}}}), "has 3 outputs"}})
    EXPECT_NE(refusal(each).find(part), std::string::npos) << part << ": " << refusal(each);
}

TEST_F(StoredRuns, without_an_expert_have_no_error_of_values_and_no_learner_of_them) {
  const std::filesystem::path plain = folder.path() / "plain";
  Json recipe = replay::small_recipe();
  recipe["discount of values"] = nullptr;
  {
    replay::Storing storing(plain, recipe, /*scores=*/true);
    for (int episode = 0; episode < 6; ++episode) {
      replay::Gathered one(storing.form());
      const auto unvalued = [](const replay::Moment& moment) {
        return replay::Gathered::Seen{moment.seen().record, moment.ram, {}};
      };
      one.begin(1, unvalued(replay::Moment(episode, 0)));
      for (int at = 0; at < replay::length_of(episode); ++at) {
        const std::array<std::int64_t, 2> executed{at, at};
        const replay::Moment next(episode, at + 1);
        one.add(0, replay::outcome_of(episode, at), unvalued(next), executed);
      }
      storing.add(one, {{"episode", episode + 1}});
    }
    storing.finish();
  }
  const auto of = [&](const char* algorithm) {
    return Kind{stored_keys(algorithm, {{"probe.samples", 3}}), nullptr, stored_in(plain)};
  };
  for (const Row& row : begun(of("dqn"))->measure().rows) EXPECT_NE(row.measure, "value_error");
  EXPECT_TRUE(begun(Kind{stored_keys("dqn", {{"probe.samples", 3}, {"probe.measures", {"td_error.expert"}}}),
                         nullptr, stored_in(plain)})
                  ->measure()
                  .rows.empty());
  EXPECT_THROW(begun(of("reg")), Error);
  EXPECT_THROW(begun(of("td-star")), Error);
}

/// theta of a network whose parameters were kept behind this beginning.
at::Tensor theta_of(const OneRun& run, const Kept& kept, const std::string& before) {
  const tensor::Layout& layout = run.network().layout();
  at::Tensor theta = at::zeros({layout.size()}, at::kDouble);
  for (const tensor::Segment& segment : layout.segments())
    theta.narrow(0, segment.offset, segment.size()).copy_(kept.at(before + segment.name).flatten());
  return theta;
}

// From what a run has kept alone: the outputs of each copy at what followed its samples.
TEST_F(StoredRuns, keep_copies_from_which_their_targets_come_out_again) {
  const auto run = begun(kind(
      "dqn", {{"runtime.precision", "double"}, {"learner.target-every", 3}, {"learner.target-copies", 4}}));
  const Kept rows = kept_once(*run);
  std::size_t most = 0;
  while (!run->finished()) {
    run->advance();
    const Kept kept = kept_of_measurement(*run);
    std::vector<std::string> copies = {"target/"};
    for (int ago = 1; kept.contains("target-" + std::to_string(ago) + "/0.weight"); ++ago)
      copies.push_back("target-" + std::to_string(ago) + "/");
    most = std::max(most, copies.size());
    const auto made = static_cast<std::size_t>(run->count() / 3);
    EXPECT_EQ(copies.size(), std::min<std::size_t>(4, made + 1));
    for (const std::string split : {"train", "test"}) {
      at::Tensor sum;
      for (const std::string& copy : copies) {
        const at::Tensor out = oracle::forward(run->network(), theta_of(*run, kept, copy),
                                               rows.at(split + "/after").to(at::kDouble))
                                   .back();
        sum = sum.defined() ? sum + out : out;
      }
      const at::Tensor value = std::get<0>((sum / static_cast<double>(copies.size())).max(1));
      const at::Tensor going = 1 - rows.at(split + "/terminated").to(at::kDouble);
      const at::Tensor targets = rows.at(split + "/reward") + 0.9 * going * value;
      for (const char* of : {"/own.targets", "/td.targets"})
        EXPECT_LT(oracle::difference(kept.at(split + of).flatten(), targets), 1e-12) << split << of;
    }
  }
  EXPECT_EQ(most, 4u);
}

}  // namespace
}  // namespace crosstalk::run
