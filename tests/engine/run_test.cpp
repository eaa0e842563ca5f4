// A run: the same bits with and without a probe, interrupted or not; and its rows against plain loops.
#include "run/run.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "data/dataset.hpp"
#include "folder.hpp"
#include "runs.hpp"

namespace crosstalk::run {
namespace {

class Runs : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path table = folder.path() / "table.safetensors",
                        images = folder.path() / "images.safetensors";
  std::filesystem::path kept = folder.path() / "checkpoint.safetensors";

  data::Dataset rows = [this] {
    write_table(table, 50, 20, 21, 7);
    return data::read_dataset(table);
  }();
  data::Dataset pictures = [this] {
    write_images(images, 30, 12, 10);
    return data::read_dataset(images);
  }();

  /// What is said of a configuration that is refused; "" where it is not.
  static std::string refusal(const Kind& kind) {
    try {
      begun(kind);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config);
      return error.what();
    }
    return "";
  }

  std::vector<Kind> kinds() {
    std::vector<Kind> all;
    for (const char* optimizer : {"adam", "sgd", "momentum", "rmsprop"})
      all.push_back(
          {keys({{"learner.optimizer", optimizer}, {"task.subset", "random"}, {"task.examples", 40}}),
           &rows});
    all.push_back({image_keys(), &pictures});
    all.push_back({agent_keys("double-dqn"), &pictures});
    all.push_back({agent_keys("double-dqn", {{"task.observation", "aliased"},
                                             {"task.timeout", "truncate"},
                                             {"learner.target", "max"},
                                             {"probe.function", "taken"}}),
                   &pictures});
    all.push_back(
        {agent_keys("reinforce", {{"learner.return", "episode"}, {"learner.collect", 7}}), &pictures});
    all.push_back({keys({{"runtime.precision", "double"}, {"task.normalise", "per-feature"}}), &rows});
    return all;
  }
};

TEST_F(Runs, end_at_the_same_theta_with_and_without_a_probe) {
  for (const Kind& kind : kinds()) expect_the_same_theta_with_and_without_a_probe(kind);
}

TEST_F(Runs, stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  for (const Kind& kind : kinds()) {
    const std::int64_t stopped = stopped_at_each_step(kind, kept), steps = begun(kind)->steps();
    // Only where an agent's last measurement waits for an update that does not come is there nothing to stop.
    if (kind.flat.at("task.kind") == "windowed")
      EXPECT_GT(stopped, steps / 2) << kind.flat.dump();
    else
      EXPECT_EQ(stopped, steps - 1) << kind.flat.dump();
  }
}

TEST_F(Runs, killed_after_any_checkpoint_repeat_rows_with_the_same_values) {
  const Kind kind{keys(), &rows};
  const Identity who = identity("a", kind.flat, 3, "d");
  Heard expected;
  const auto whole = begun(kind);
  carried_out(*whole, expected);
  for (std::int64_t at = 0; at < whole->steps(); ++at) {
    Heard heard;
    Checkpoint checkpoint(kept, 1e9, who);
    const auto first = begun(kind);
    while (!first->finished()) {
      if (first->step() == at) checkpoint.save(*first);
      if (first->probe_due()) heard.store(first->measure());
      first->advance();  // from the checkpoint on lost with the process, but for its rows
    }
    // Killed before the last measurement is made, and after its rows are stored.
    for (const bool measured : {false, true}) {
      Heard there = heard;
      if (measured) there.store(first->measure());
      const std::size_t before = there.rows.size();
      EXPECT_EQ(carry_out(*begun(kind), there, checkpoint).resumed_at, at);
      EXPECT_GT(there.rows.size(), before) << "the last measurement follows every checkpoint";
      EXPECT_EQ(by_key(there.rows), by_key(expected.rows)) << at;
    }
  }
}

TEST_F(Runs, of_one_seed_are_the_same_and_of_two_are_not) {
  const auto theta = [&](std::uint64_t seed) {
    const auto run = begun({keys(), &rows}, seed);
    while (!run->finished()) run->advance();
    return run->theta().clone();
  };
  EXPECT_TRUE(at::equal(theta(0), theta(0)));
  EXPECT_FALSE(at::equal(theta(0), theta(1)));
}

TEST_F(Runs, measure_at_0_every_twice_every_and_once_after_the_last_update) {
  for (const auto& [updates, wanted] :
       {std::pair{10, std::set<std::int64_t>{0, 5, 10}}, {12, {0, 5, 10, 12}}, {4, {0, 4}}, {1, {0, 1}}}) {
    Heard heard;
    carried_out(*begun({keys({{"learner.updates", updates}}), &rows}), heard);
    std::map<std::int64_t, int> steps;
    for (const Row& row : heard.rows) steps[row.step] += row.measure == "loss" && row.split == "train";
    std::map<std::int64_t, int> once;
    for (const std::int64_t step : wanted) once[step] = 1;
    EXPECT_EQ(steps, once);
    EXPECT_TRUE(heard.arrays.empty());
  }
}

TEST_F(Runs, end_with_the_rows_of_the_network_that_their_last_update_leaves) {
  for (const Kind& kind : kinds()) expect_the_last_rows_to_be_of_the_last_network(kind);
}

TEST_F(Runs, with_a_limit_are_the_beginning_of_those_without_and_end_where_it_is_reached) {
  for (Kind kind : kinds()) {
    Heard whole;
    carried_out(*begun(kind), whole);
    const std::map<Key, double> all = by_key(whole.rows);
    const auto middle = std::next(all.begin(), std::ssize(all) / 2);
    const auto& [step, measure, split] = middle->first;
    // It may have been there before: where it is first at or above that value, the run ends.
    std::int64_t end = step;
    for (const auto& [key, value] : all)
      if (std::get<1>(key) == measure && std::get<2>(key) == split && value >= middle->second)
        end = std::min(end, std::get<0>(key));
    kind.flat["probe.until"] = measure + " " + split + " >= " + std::to_string(middle->second - 1e-6);
    std::map<Key, double> beginning;
    for (const auto& [key, value] : all)
      if (std::get<0>(key) <= end) beginning[key] = value;
    Heard heard;
    EXPECT_EQ(carried_out(*begun(kind), heard).ending, Ending::done);
    EXPECT_EQ(by_key(heard.rows), beginning) << kind.flat.dump();
    stopped_at_each_step(kind, kept);
  }
}

TEST_F(Runs, end_by_what_comes_with_the_update_after_a_measurement_too) {
  Kind kind{agent_keys("double-dqn", {{"probe.measures", {"value_churn"}}}), &pictures};
  Heard whole;
  carried_out(*begun(kind), whole);
  ASSERT_GT(whole.rows.size(), 1u);
  kind.flat["probe.until"] = "value_churn " + whole.rows.front().split + " >= 0";
  Heard heard;
  EXPECT_EQ(carried_out(*begun(kind), heard).ending, Ending::done);
  ASSERT_FALSE(heard.rows.empty());
  for (const Row& row : heard.rows) EXPECT_EQ(row.step, whole.rows.front().step);
}

TEST_F(Runs, measure_nothing_between_the_limit_and_the_update_that_its_measurement_waits_for) {
  // An update at each second step, a measurement at each.
  Kind kind{agent_keys("double-dqn", {{"probe.measures", {"loss", "value_churn"}}, {"probe.every", 1}}),
            &pictures};
  kind.flat["probe.until"] = "loss train >= 0";
  Heard heard;
  EXPECT_EQ(carried_out(*begun(kind), heard).ending, Ending::done);
  std::set<std::pair<std::int64_t, std::string>> measured;
  for (const Row& row : heard.rows) measured.emplace(row.step, row.measure);
  const std::int64_t step = measured.rbegin()->first;
  EXPECT_TRUE(measured.contains({step, "loss"}) && measured.contains({step, "value_churn"})) << step;
  EXPECT_EQ(std::ranges::count(measured, "loss", &std::pair<std::int64_t, std::string>::second), 1);
}

TEST_F(Runs, whose_limit_is_never_reached_are_those_without_one) {
  Heard with, without;
  carried_out(*begun({keys({{"probe.until", "loss train <= -1"}}), &rows}), with);
  carried_out(*begun({keys(), &rows}), without);
  EXPECT_EQ(by_key(with.rows), by_key(without.rows));
  EXPECT_EQ(
      refusal({keys({{"probe.until", "loss train"}}), &rows}),
      "probe.until is \"loss train\": \"never\" or a measure, a split, a sign and a limit are expected, as "
      "\"first_guess train >= 0.5\"");
}

TEST_F(Runs, have_no_churn_at_their_end_though_nothing_else_is_measured) {
  const auto run =
      begun({agent_keys("double-dqn", {{"probe.measures", {"policy_churn", "value_churn"}}}), &pictures});
  Heard heard;
  EXPECT_EQ(carried_out(*run, heard).ending, Ending::done);
  EXPECT_FALSE(heard.rows.empty());
  for (const Row& row : heard.rows) EXPECT_LT(row.step, run->steps());
}

TEST_F(Runs, whose_last_update_ruins_the_network_diverge_whatever_is_measured) {
  // A rate without bounds makes numbers that are none of the first update, and no second one meets them.
  for (Kind kind : {Kind{keys(), &rows}, Kind{keys({{"probe.measures", {"gap"}}}), &rows},
                    Kind{image_keys({{"probe.measures", {"accuracy"}}}), &pictures}}) {
    kind.flat.update({{"learner.rate", 1e300}, {"learner.optimizer", "sgd"}, {"learner.updates", 1}});
    Heard heard;
    const Outcome outcome = carried_out(*begun(kind), heard);
    EXPECT_EQ(outcome.ending, Ending::diverged);
    EXPECT_EQ(outcome.message, "a parameter is not finite after the last update, at step 1");
    for (const Row& row : heard.rows) EXPECT_EQ(row.step, 0);
  }
}

TEST_F(Runs, of_images_send_the_grams_of_their_last_probe) {
  const auto run = begun({image_keys({{"task.subset", "random"}}), &pictures});
  Heard heard;
  carried_out(*run, heard);
  const std::vector<Array> of_last = run->measure().arrays;
  ASSERT_EQ(heard.arrays.size(), 2u);
  ASSERT_EQ(of_last.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(heard.arrays[i].values, of_last[i].values);
  for (const Array& array : heard.arrays) {
    EXPECT_EQ(array.step, run->steps());
    EXPECT_EQ(array.shape, (std::vector<std::int64_t>{6, 6}));
    EXPECT_EQ(array.values.size(), 36u);
    EXPECT_EQ(array.values[1], array.values[6]);
    const auto which = array.axes.at("rows").get<std::vector<std::int64_t>>();
    const auto labels = array.axes.at("labels").get<std::vector<std::int64_t>>();
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(labels[i], pictures.train.y[which[i]].item<std::int64_t>());
  }
}

TEST_F(Runs, that_diverge_say_so_and_send_only_finite_rows) {
  Heard heard;
  const Outcome outcome = carried_out(
      *begun({keys({{"learner.rate", 1e5}, {"learner.optimizer", "sgd"}, {"learner.updates", 500}}), &rows}),
      heard);
  EXPECT_EQ(outcome.ending, Ending::diverged);
  EXPECT_NE(outcome.message.find("step"), std::string::npos) << outcome.message;
  for (const Row& row : heard.rows) EXPECT_TRUE(std::isfinite(row.value)) << row.measure;
}

TEST_F(Runs, with_fewer_rows_than_the_probe_asks_for_use_all_of_them) {
  const auto run = begun({keys({{"task.examples", 1}, {"probe.samples", 100}}), &rows});
  const auto measured = by_key(run->measure().rows);
  EXPECT_FALSE(measured.contains({0, "function_interference", "train-train"}));  // one sample has no pairs
  EXPECT_TRUE(measured.contains({0, "function_interference", "train-test"}));
}

TEST_F(Runs, that_ask_for_more_examples_than_rows_are_refused_with_the_numbers) {
  const std::string text = refusal({keys({{"task.examples", 51}}), &rows});
  EXPECT_NE(text.find("51"), std::string::npos) << text;
  EXPECT_NE(text.find("50"), std::string::npos) << text;
}

TEST_F(Runs, whose_keys_are_missing_or_wrong_are_refused_by_the_keys_name) {
  for (const auto& [change, part] : std::vector<std::pair<Json, std::string>>{
           {{{"network.hidden", -1}}, "network.hidden is -1 where an integer of at least 0 is expected"},
           {{{"probe.samples", 2.5}}, "probe.samples is 2.5"},
           {{{"learner.rate", "fast"}}, "learner.rate is \"fast\" where a number is expected"},
           {{{"learner.rate", nullptr}}, "learner.rate is null"},
           {{{"task.examples", "some"}}, "task.examples is \"some\""},
           {{{"probe.measures", "loss"}}, "probe.measures is \"loss\" where a list of texts is expected"},
           {{{"learner.loss", 3}}, "learner.loss is 3 where a text is expected"},
           {{{"learner.reduction", "median"}},
            "learner.reduction is \"median\" where one of \"mean\", \"sum\""}})
    EXPECT_NE(refusal({keys(change), &rows}).find(part), std::string::npos) << refusal({keys(change), &rows});
  for (const char* key :
       {"probe.every", "task.kind", "network.depth", "learner.batch", "runtime.precision"}) {
    Json flat = keys();
    flat.erase(key);
    EXPECT_NE(refusal({flat, &rows}).find(std::string(key) + " is missing"), std::string::npos) << key;
  }
  EXPECT_THROW(Settings(Json::array({"task.kind"})), Error);
}

TEST_F(Runs, whose_parts_do_not_fit_are_refused) {
  for (const Json& change : std::vector<Json>{{{"task.kind", "classify"}},
                                              {{"learner.algorithm", "dqn"}},
                                              {{"learner.loss", "cross-entropy"}},
                                              {{"probe.function", "confidence"}},
                                              {{"probe.function", "taken"}},
                                              {{"learner.targets", "broadcast"}},
                                              {{"probe.measures", {"shine"}}},
                                              {{"task.normalise", "zscore"}},
                                              {{"task.subset", "last"}},
                                              {{"learner.optimizer", "lbfgs"}},
                                              {{"runtime.precision", "half"}},
                                              {{"network.layers", {"linear 3", "linear"}}}})
    EXPECT_NE(refusal({keys(change), &rows}), "") << change.dump();
  EXPECT_NE(refusal({image_keys({{"task.normalise", "global"}}), &pictures}), "");
  EXPECT_NE(refusal({agent_keys("supervised"), &pictures}), "");
  EXPECT_NE(refusal({keys(), nullptr}).find("needs a data set"), std::string::npos);
  EXPECT_NE(refusal({agent_keys("reinforce"), &rows}).find("holds no images"), std::string::npos);
}

TEST_F(Runs, over_data_that_are_described_in_100000_brackets_are_refused) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string about =
      R"({"name":"table","kind":"regress","outputs":7,"divide":1,"target_variance":)" + deep + "}";
  tensor::write_safetensors(table,
                            {{"train.x", at::ones({2, 3})},
                             {"train.y", at::ones({2, 7})},
                             {"test.x", at::ones({2, 3})},
                             {"test.y", at::ones({2, 7})}},
                            {{"crosstalk", about}});
  EXPECT_THROW(data::read_dataset(table), Error);
}

}  // namespace
}  // namespace crosstalk::run
