// A run: the same bits with and without a probe, interrupted or not; and its rows against plain loops.
#include "run/run.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.hpp"
#include "folder.hpp"
#include "run/checkpoint.hpp"
#include "run/loop.hpp"
#include "small_data.hpp"

namespace crosstalk::run {
namespace {

using OneRun = Run;  // inside a test, Run is GoogleTest's own

class Runs : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path table = folder.path() / "table.safetensors",
                        images = folder.path() / "images.safetensors";
  std::filesystem::path kept = folder.path() / "checkpoint.safetensors";

  void SetUp() override {
    at::set_num_threads(1);
    write_table(table, 50, 20, 21, 7);
    write_images(images, 30, 12, 10);
  }

  std::vector<std::pair<Json, std::filesystem::path>> kinds() {
    std::vector<std::pair<Json, std::filesystem::path>> all;
    for (const char* optimizer : {"adam", "sgd", "momentum", "rmsprop"}) {
      all.push_back(
          {keys({{"learner.optimizer", optimizer}, {"task.subset", "random"}, {"task.examples", 40}}),
           table});
    }
    all.push_back({image_keys(), images});
    all.push_back({agent_keys("double-dqn"), images});
    all.push_back({agent_keys("double-dqn", {{"task.observation", "aliased"},
                                             {"task.timeout", "truncate"},
                                             {"learner.target", "max"},
                                             {"probe.function", "taken"}}),
                   images});
    all.push_back({agent_keys("reinforce", {{"learner.return", "episode"}, {"learner.collect", 7}}), images});
    all.push_back({keys({{"runtime.precision", "double"}, {"task.normalise", "per-feature"}}), table});
    return all;
  }
};

class Collected final : public Sink {
 public:
  std::vector<Row> rows;
  std::vector<Array> arrays;
  std::int64_t stop_at = -1;
  void store(Measurement measurement) override {
    rows.insert(rows.end(), measurement.rows.begin(), measurement.rows.end());
    arrays.insert(arrays.end(), measurement.arrays.begin(), measurement.arrays.end());
  }
  void make_durable() override {}
  bool asked_to_stop(std::int64_t step, std::int64_t) override { return step == stop_at; }
};

std::map<std::tuple<std::int64_t, std::string, std::string>, double> by_key(const std::vector<Row>& rows) {
  std::map<std::tuple<std::int64_t, std::string, std::string>, double> map;
  for (const Row& row : rows) {
    const auto [place, is_new] = map.emplace(std::tuple{row.step, row.measure, row.split}, row.value);
    EXPECT_TRUE(is_new || place->second == row.value)
        << row.measure << " " << row.split << " at " << row.step;
  }
  return map;
}

TEST_F(Runs, end_at_the_same_theta_with_and_without_a_probe) {
  for (const auto& [flat, file] : kinds()) {
    const data::Dataset dataset = data::read_dataset(file);
    OneRun measured(read_configuration(flat), 3, dataset), bare(read_configuration(flat), 3, dataset);
    while (!measured.finished()) {
      measured.measure();
      EXPECT_EQ(measured.advance(), bare.advance());
      if (measured.change_due()) measured.measure_change();
    }
    measured.measure();
    EXPECT_TRUE(at::equal(measured.theta(), bare.theta())) << flat.dump();
  }
}

TEST_F(Runs, stopped_at_any_step_go_on_to_the_same_theta_and_rows) {
  for (const auto& [flat, file] : kinds()) {
    const data::Dataset dataset = data::read_dataset(file);
    const Configuration configuration = read_configuration(flat);
    const Identity who = identity("a", flat, 3, "d");
    OneRun whole(configuration, 3, dataset);
    Collected expected;
    Checkpoint none("", 1e9, who);
    EXPECT_EQ(carry_out(whole, expected, none).ending, Ending::done);
    EXPECT_FALSE(expected.rows.empty());

    std::int64_t stopped = 0;
    for (std::int64_t stop = 1; stop < whole.steps(); ++stop) {
      std::filesystem::remove(kept);
      Collected sink;
      sink.stop_at = stop;
      OneRun first(configuration, 3, dataset);
      Checkpoint before(kept, 1e9, who);
      if (carry_out(first, sink, before).ending != Ending::stopped) continue;  // nothing was left to wait for
      ++stopped;
      sink.stop_at = -1;
      OneRun second(configuration, 3, dataset);
      Checkpoint after(kept, 1e9, who);
      const Outcome outcome = carry_out(second, sink, after);
      EXPECT_EQ(outcome.ending, Ending::done);
      EXPECT_GE(outcome.resumed_at, stop);  // later only where a measurement waited for an agent's update
      EXPECT_LT(outcome.resumed_at, stop + 25);
      EXPECT_TRUE(at::equal(second.theta(), whole.theta())) << stop;
      EXPECT_EQ(by_key(sink.rows), by_key(expected.rows)) << stop;
    }
    // Only where an agent's last measurement waits for an update that does not come is there nothing to stop.
    if (flat.at("task.kind") == "windowed")
      EXPECT_GT(stopped, whole.steps() / 2) << flat.dump();
    else
      EXPECT_EQ(stopped, whole.steps() - 1) << flat.dump();
  }
}

TEST_F(Runs, killed_after_any_checkpoint_repeat_rows_with_the_same_values) {
  const Json flat = keys();
  const data::Dataset dataset = data::read_dataset(table);
  const Identity who = identity("a", flat, 0, "d");
  Collected expected;
  OneRun whole(read_configuration(flat), 0, dataset);
  Checkpoint none("", 1e9, who);
  carry_out(whole, expected, none);
  for (std::int64_t at = 0; at < whole.steps(); ++at) {
    Collected sink;
    Checkpoint checkpoint(kept, 1e9, who);
    OneRun first(read_configuration(flat), 0, dataset);
    while (!first.finished()) {
      if (first.step() == at) checkpoint.save(first);
      if (first.probe_due()) sink.store(first.measure());
      first.advance();  // from the checkpoint on lost with the process, but for its rows
    }
    // Killed before the last measurement is made, and after its rows are stored.
    for (const bool measured : {false, true}) {
      Collected there = sink;
      if (measured) there.store(first.measure());
      const std::size_t before = there.rows.size();
      OneRun second(read_configuration(flat), 0, dataset);
      EXPECT_EQ(carry_out(second, there, checkpoint).resumed_at, at);
      EXPECT_GT(there.rows.size(), before) << "the last measurement follows every checkpoint";
      EXPECT_EQ(by_key(there.rows), by_key(expected.rows)) << at;
    }
  }
}

TEST_F(Runs, of_one_seed_are_the_same_and_of_two_are_not) {
  const data::Dataset dataset = data::read_dataset(table);
  const auto theta = [&](std::uint64_t seed) {
    OneRun run(read_configuration(keys()), seed, dataset);
    while (!run.finished()) run.advance();
    return run.theta().clone();
  };
  EXPECT_TRUE(at::equal(theta(0), theta(0)));
  EXPECT_FALSE(at::equal(theta(0), theta(1)));
}

TEST_F(Runs, measure_at_0_every_twice_every_and_once_after_the_last_update) {
  const data::Dataset dataset = data::read_dataset(table);
  for (const auto& [updates, wanted] :
       {std::pair{10, std::set<std::int64_t>{0, 5, 10}}, {12, {0, 5, 10, 12}}, {4, {0, 4}}, {1, {0, 1}}}) {
    OneRun run(read_configuration(keys({{"learner.updates", updates}})), 0, dataset);
    Collected sink;
    Checkpoint none("", 1e9, {});
    carry_out(run, sink, none);
    std::map<std::int64_t, int> steps;
    for (const Row& row : sink.rows) steps[row.step] += row.measure == "loss" && row.split == "train";
    std::map<std::int64_t, int> once;
    for (const std::int64_t step : wanted) once[step] = 1;
    EXPECT_EQ(steps, once);
    EXPECT_TRUE(sink.arrays.empty());
  }
}

TEST_F(Runs, end_with_the_rows_of_the_network_that_their_last_update_leaves) {
  for (const auto& [flat, file] : kinds()) {
    const data::Dataset dataset = data::read_dataset(file);
    const Configuration configuration = read_configuration(flat);
    Collected sink;
    Checkpoint none("", 1e9, {});
    OneRun whole(configuration, 3, dataset), bare(configuration, 3, dataset);
    EXPECT_EQ(carry_out(whole, sink, none).ending, Ending::done);
    while (!bare.finished()) bare.advance();
    std::vector<Row> at_end;
    for (const Row& row : sink.rows)
      if (row.step == whole.steps()) at_end.push_back(row);
    EXPECT_FALSE(at_end.empty());
    EXPECT_EQ(by_key(at_end), by_key(bare.measure().rows)) << flat.dump();
    for (const Row& row : at_end) EXPECT_FALSE(row.measure.ends_with("churn")) << "no update follows";
    EXPECT_FALSE(bare.awaits_change());
  }
}

TEST_F(Runs, have_no_churn_at_their_end_though_nothing_else_is_measured) {
  const data::Dataset dataset = data::read_dataset(images);
  const Json flat = agent_keys("double-dqn", {{"probe.measures", {"policy_churn", "value_churn"}}});
  OneRun run(read_configuration(flat), 0, dataset);
  Collected sink;
  Checkpoint none("", 1e9, {});
  EXPECT_EQ(carry_out(run, sink, none).ending, Ending::done);
  EXPECT_FALSE(sink.rows.empty());
  for (const Row& row : sink.rows) EXPECT_LT(row.step, run.steps());
}

TEST_F(Runs, whose_last_update_ruins_the_network_diverge_whatever_is_measured) {
  // A rate without bounds makes numbers that are none of the first update, and no second one meets them.
  const data::Dataset dataset = data::read_dataset(table), pictures = data::read_dataset(images);
  for (const auto& [flat, data] : {std::pair{keys(), &dataset},
                                   {keys({{"probe.measures", {"gap"}}}), &dataset},
                                   {image_keys({{"probe.measures", {"accuracy"}}}), &pictures}}) {
    Json all = flat;
    all.update({{"learner.rate", 1e300}, {"learner.optimizer", "sgd"}, {"learner.updates", 1}});
    OneRun run(read_configuration(all), 0, *data);
    Collected sink;
    Checkpoint none("", 1e9, {});
    const Outcome outcome = carry_out(run, sink, none);
    EXPECT_EQ(outcome.ending, Ending::diverged);
    EXPECT_EQ(outcome.message, "a parameter is not finite after the last update, at step 1");
    for (const Row& row : sink.rows) EXPECT_EQ(row.step, 0);
  }
}

TEST_F(Runs, of_images_send_the_grams_of_their_last_probe) {
  const data::Dataset dataset = data::read_dataset(images);
  OneRun run(read_configuration(image_keys({{"task.subset", "random"}})), 0, dataset);
  Collected sink;
  Checkpoint none("", 1e9, {});
  carry_out(run, sink, none);
  const std::vector<Array> of_last = run.measure().arrays;
  ASSERT_EQ(sink.arrays.size(), 2u);
  ASSERT_EQ(of_last.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(sink.arrays[i].values, of_last[i].values);
  for (const Array& array : sink.arrays) {
    EXPECT_EQ(array.step, run.steps());
    EXPECT_EQ(array.shape, (std::vector<std::int64_t>{6, 6}));
    EXPECT_EQ(array.values.size(), 36u);
    EXPECT_EQ(array.values[1], array.values[6]);
    const auto rows = array.axes.at("rows").get<std::vector<std::int64_t>>();
    const auto labels = array.axes.at("labels").get<std::vector<std::int64_t>>();
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(labels[i], dataset.train.y[rows[i]].item<std::int64_t>());
  }
}

TEST_F(Runs, that_diverge_say_so_and_send_only_finite_rows) {
  const data::Dataset dataset = data::read_dataset(table);
  OneRun run(read_configuration(
                 keys({{"learner.rate", 1e5}, {"learner.optimizer", "sgd"}, {"learner.updates", 500}})),
             0, dataset);
  Collected sink;
  Checkpoint none("", 1e9, {});
  const Outcome outcome = carry_out(run, sink, none);
  EXPECT_EQ(outcome.ending, Ending::diverged);
  EXPECT_NE(outcome.message.find("step"), std::string::npos) << outcome.message;
  for (const Row& row : sink.rows) EXPECT_TRUE(std::isfinite(row.value)) << row.measure;
}

TEST_F(Runs, with_fewer_rows_than_the_probe_asks_for_use_all_of_them) {
  const data::Dataset dataset = data::read_dataset(table);
  OneRun run(read_configuration(keys({{"task.examples", 1}, {"probe.samples", 100}})), 0, dataset);
  const auto rows = by_key(run.measure().rows);
  EXPECT_FALSE(rows.contains({0, "function_interference", "train-train"}));  // one sample has no pairs
  EXPECT_TRUE(rows.contains({0, "function_interference", "train-test"}));
}

TEST_F(Runs, that_ask_for_more_examples_than_rows_are_refused_with_the_numbers) {
  const data::Dataset dataset = data::read_dataset(table);
  try {
    OneRun(read_configuration(keys({{"task.examples", 51}})), 0, dataset);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(std::string(error.what()).find("51"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("50"), std::string::npos);
  }
}

TEST_F(Runs, whose_keys_are_missing_foreign_or_wrong_are_refused_with_all_of_them) {
  Json flat = keys({{"network.hidden", -1}, {"task.tone", "low"}, {"learner.rate", "fast"}});
  flat.erase("probe.every");
  try {
    read_configuration(flat);
    ADD_FAILURE();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::config);
    for (const char* part : {"network.hidden", "task.tone", "learner.rate", "probe.every is missing"}) {
      EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  }
}

TEST_F(Runs, whose_parts_do_not_fit_are_refused) {
  const data::Dataset dataset = data::read_dataset(table), pictures = data::read_dataset(images);
  for (const Json& change : std::vector<Json>{{{"task.kind", "classify"}},
                                              {{"learner.loss", "cross-entropy"}},
                                              {{"probe.function", "confidence"}},
                                              {{"learner.targets", "broadcast"}},
                                              {{"probe.measures", {"shine"}}},
                                              {{"task.normalise", "zscore"}},
                                              {{"task.subset", "last"}},
                                              {{"learner.optimizer", "lbfgs"}},
                                              {{"runtime.precision", "half"}},
                                              {{"network.layers", {"linear 3", "linear"}}}}) {
    EXPECT_THROW(OneRun(read_configuration(keys(change)), 0, dataset), Error) << change.dump();
  }
  EXPECT_THROW(OneRun(read_configuration(image_keys({{"task.normalise", "global"}})), 0, pictures), Error);
}

class Checkpoints : public Runs {
 protected:
  Json flat = keys();
  Identity who = identity("a", flat, 0, "d");
  std::string refusal(const Identity& reader) {
    const data::Dataset dataset = data::read_dataset(table);
    OneRun run(read_configuration(flat), 0, dataset);
    try {
      Checkpoint(kept, 30, reader).load(run);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.what();
    }
    return "";
  }
  void write() {
    const data::Dataset dataset = data::read_dataset(table);
    OneRun run(read_configuration(flat), 0, dataset);
    run.advance();
    Checkpoint(kept, 30, who).save(run);
  }
};

TEST_F(Checkpoints, are_refused_when_cut_foreign_or_of_another_run_or_configuration) {
  write();
  EXPECT_EQ(refusal(who), "");
  EXPECT_NE(refusal(identity("b", flat, 0, "d")).find("of run a, not of b"), std::string::npos);
  EXPECT_NE(refusal(identity("a", keys({{"learner.rate", 0.1}}), 0, "d")).find("another configuration"),
            std::string::npos);
  EXPECT_NE(refusal(identity("a", flat, 1, "d")), "");
  EXPECT_NE(refusal(identity("a", flat, 0, "e")), "");

  for (const double share : {0.0, 0.1, 0.5, 0.99}) {
    write();
    std::filesystem::resize_file(
        kept, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(kept))));
    EXPECT_NE(refusal(who).find("Remove it"), std::string::npos) << share;
  }
  tensor::write_safetensors(kept, {{"x", at::ones({3})}}, {});
  EXPECT_NE(refusal(who).find("no checkpoint"), std::string::npos);
  const Json about = {{"what", "checkpoint"},
                      {"run", "a"},
                      {"identity", who.what},
                      {"step", 1},
                      {"positions", {{"batches", 4}}}};
  tensor::write_safetensors(kept, {{"theta", at::ones({3})}}, {{"crosstalk", about.dump()}});
  EXPECT_NE(refusal(who).find("theta"), std::string::npos);
  for (const Json& what : {Json(5), Json::array({"checkpoint"}), Json()}) {
    tensor::write_safetensors(kept, {{"theta", at::ones({3})}},
                              {{"crosstalk", Json({{"what", what}}).dump()}});
    EXPECT_NE(refusal(who).find("no checkpoint"), std::string::npos) << what;
  }
  std::filesystem::copy_file(table, kept, std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(refusal(who).find("no checkpoint"), std::string::npos);
}

TEST_F(Checkpoints, that_are_damaged_are_told_from_those_that_are_anothers) {
  const auto is_damaged = [&](const Identity& reader) {
    const data::Dataset dataset = data::read_dataset(table);
    OneRun run(read_configuration(flat), 0, dataset);
    try {
      Checkpoint(kept, 30, reader).load(run);
    } catch (const tensor::FileError& error) {
      EXPECT_NE(std::string(error.what()).find(kept.string()), std::string::npos) << error.what();
      return error.opened;
    } catch (const Error&) {
      return false;
    }
    ADD_FAILURE() << "it was taken";
    return false;
  };
  write();
  EXPECT_FALSE(is_damaged(identity("b", flat, 0, "d")));
  EXPECT_FALSE(is_damaged(identity("a", flat, 0, "e")));
  std::filesystem::remove(kept);
  std::filesystem::create_directory(kept);
  EXPECT_FALSE(is_damaged(who)) << "nobody knows what it is";
  std::filesystem::remove(kept);

  write();
  std::ifstream in(kept, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t step = bytes.find("\\\"step\\\":1");
  ASSERT_NE(step, bytes.npos);
  std::string seven = bytes, nan = bytes;
  seven[step + 9] = '8';
  nan.replace(nan.size() - 4, 4, "\xff\xff\xff\xff");
  for (const std::string& other : {seven, nan, bytes.substr(0, bytes.size() / 2), std::string()}) {
    std::ofstream(kept, std::ios::binary) << other;
    EXPECT_TRUE(is_damaged(who));
  }
  // Another version's: whole, but not what this one writes.
  const Json about = {{"what", "checkpoint"},
                      {"run", "a"},
                      {"identity", who.what},
                      {"step", 1},
                      {"positions", {{"batches", 4}}}};
  tensor::write_safetensors(kept, {{"theta", at::ones({3})}}, {{"crosstalk", about.dump()}});
  EXPECT_TRUE(is_damaged(who));
}

TEST_F(Checkpoints, that_cannot_be_looked_for_are_an_error_of_the_store) {
  std::filesystem::create_symlink(kept, kept);  // leads nowhere but to itself
  try {
    Checkpoint(kept, 30, who).exists();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::store);
    EXPECT_NE(std::string(error.what()).find(kept.string()), std::string::npos) << error.what();
  }
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
