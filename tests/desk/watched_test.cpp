// What a training loop that is not crosstalk's writes into a results folder, and what figures say of it.
#include "work/watched.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "cli/belonging.hpp"
#include "desk/figures_fixture.hpp"
#include "study/load.hpp"
#include "study/watched.hpp"

namespace crosstalk::work {
namespace {

using figures::rows;
using WatchedTest = figures::FiguresTest;

WatchedRun dqn(std::uint64_t seed, const Json& settings = Json::object()) {
  return {"dqn", seed, settings, ""};
}

/// What a call throws, as one text.
template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void watch(const std::filesystem::path& folder, const WatchedRun& run, double begin, bool ends = true) {
  WatchedStore store(folder, run, false);
  for (int step = 0; step <= 1000; step += 500) {
    store.add(Row{step, "loss_difference", "batch", begin + step});
    store.add(Row{step, "return", "", 2 * begin});
    store.commit();
  }
  if (ends) store.finish();
}

std::vector<store::RunRecord> runs_in(const std::filesystem::path& folder) {
  return store::Store::open_to_read(folder / "study.sqlite").runs();
}

TEST_F(WatchedTest, has_the_same_identifier_for_the_same_settings_however_they_are_written) {
  EXPECT_EQ(identifier(dqn(0, {{"rate", 1}, {"target", "none"}})),
            identifier(dqn(0, {{"target", "none"}, {"rate", 1.0}})));
  const std::set<std::string> different{identifier(dqn(0)),
                                        identifier(dqn(1)),
                                        identifier({"sarsa", 0, Json::object(), ""}),
                                        identifier(dqn(0, {{"rate", 1}})),
                                        identifier(dqn(0, {{"rate", 1.5}})),
                                        identifier(dqn(0, {{"rate", "1"}})),
                                        identifier(dqn(0, {{"rate", true}}))};
  EXPECT_EQ(different.size(), 7u);
}

TEST_F(WatchedTest, rows_and_arrays_are_there_from_the_commit_on_and_the_run_is_running_until_it_ends) {
  WatchedStore writing(at("a"), dqn(3, {{"rate", 0.1}}), false);
  writing.add(Row{0, "loss", "train", 0.1 + 0.2});
  writing.add(Array{0, "singular_value", "train", {2}, {3, 0.5}, {{"0", {{"name", "rank"}}}}});
  const auto reading = store::Store::open_to_read(at("a") / "study.sqlite");
  EXPECT_TRUE(reading.rows_of(writing.run()).empty());
  writing.commit();
  const std::vector<Row> rows = reading.rows_of(writing.run());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].value, 0.1 + 0.2);
  EXPECT_EQ(reading.arrays(writing.run(), "singular_value").at(0).values, (std::vector<double>{3, 0.5}));
  EXPECT_EQ(runs_in(at("a")).at(0).status, store::Status::running);
  EXPECT_EQ(*runs_in(at("a"))[0].configuration, (Json{{"rate", 0.1}, {"task.kind", "watched"}}));
  writing.finish();
  EXPECT_EQ(runs_in(at("a"))[0].status, store::Status::done);
  EXPECT_NE(message_of([&] { writing.add(Row{1, "loss", "train", 0}); }).find("has ended"),
            std::string::npos);
}

TEST_F(WatchedTest, a_number_that_is_there_with_another_value_is_named_and_all_others_are_stored) {
  WatchedStore store(at("a"), dqn(0), false);
  store.add(Row{500, "loss", "train", 1});
  store.commit();
  store.add(Row{500, "loss", "train", 1});  // the same again
  store.add(Row{500, "loss", "test", 2});
  store.commit();
  store.add(Row{500, "loss", "train", 3});
  store.add(Row{1000, "loss", "train", 4});
  EXPECT_NE(message_of([&] { store.commit(); }).find("step 500: loss (train) was added already"),
            std::string::npos);
  store.finish();
  const auto reading = store::Store::open_to_read(at("a") / "study.sqlite");
  const std::vector<Row> rows = reading.rows_of(store.run());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].value, 1);
  EXPECT_EQ(rows[2].value, 4);
}

TEST_F(WatchedTest, what_another_program_keeps_from_being_written_is_written_by_the_next_commit) {
  WatchedStore store(at("a"), dqn(0), false);
  store.add(Row{0, "loss", "train", 1});
  store.commit();
  store.add(Row{1, "loss", "train", 2});
  auto other = store::Store::open(at("a") / "study.sqlite");
  other.begin();
  EXPECT_THROW(store.commit(), store::Held);
  other.roll_back();
  store.add(Row{2, "loss", "train", 3});
  store.finish();
  EXPECT_EQ(other.rows_of(store.run()).size(), 3u);
  EXPECT_TRUE(other.damage().empty());
}

TEST_F(WatchedTest, a_run_that_is_there_is_refused_or_replaced_and_the_others_stay) {
  watch(at("a"), dqn(0), 1);
  watch(at("a"), dqn(1), 2);
  const std::string said = message_of([&] { WatchedStore again(at("a"), dqn(0), false); });
  EXPECT_NE(said.find("holds this run already (dqn, seed 0): done, with 6 numbers"), std::string::npos)
      << said;
  WatchedStore again(at("a"), dqn(0), true);
  again.add(Row{0, "loss", "train", 7});
  again.finish();
  const auto reading = store::Store::open_to_read(at("a") / "study.sqlite");
  EXPECT_EQ(reading.rows_of(identifier(dqn(0))).size(), 1u);
  EXPECT_EQ(reading.rows_of(identifier(dqn(1))).size(), 6u);
  EXPECT_TRUE(reading.damage().empty());
}

TEST_F(WatchedTest, a_folder_of_something_else_is_refused_by_its_name) {
  WatchedStore first(at("a"), dqn(0, {{"rate", 0.1}}), false);
  EXPECT_NE(
      message_of([&] { WatchedStore second(at("a"), dqn(1, {{"rate", 0.1}}), false); }).find("finish()"),
      std::string::npos);
  first.finish();
  const auto said_of = [&](const WatchedRun& run) {
    return message_of([&] { WatchedStore second(at("a"), run, false); });
  };
  EXPECT_NE(
      said_of({"sarsa", 0, {{"rate", 0.1}}, ""}).find("holds runs of \"dqn\", and this one is \"sarsa\""),
      std::string::npos);
  EXPECT_NE(said_of(dqn(1)).find("no setting \"rate\""), std::string::npos);
  EXPECT_NE(said_of(dqn(1, {{"rate", 1}, {"size", 2}})).find("\"size\" is one that the runs in"),
            std::string::npos);
  synthetic::write(at("study"), {synthetic::make(synthetic::Recipe())});
  EXPECT_NE(message_of([&] {
              WatchedStore second(at("study"), dqn(0), false);
            }).find("that `crosstalk run` has run"),
            std::string::npos);
}

TEST_F(WatchedTest, names_and_values_that_cannot_be_are_refused_before_anything_is_made) {
  const auto said_of = [&](const WatchedRun& run) {
    return message_of([&] { WatchedStore(at("a"), run, false); });
  };
  EXPECT_NE(said_of(dqn(0, {{"learner.rate", 1}})).find("key of crosstalk's own studies"), std::string::npos);
  EXPECT_NE(said_of(dqn(0, {{"step", 1}})).find("column of `crosstalk export`"), std::string::npos);
  EXPECT_NE(said_of(dqn(0, {{"a,b", 1}})).find("comma"), std::string::npos);
  EXPECT_NE(said_of(dqn(0, {{"rate", std::nan("")}})).find("finite"), std::string::npos);
  EXPECT_NE(said_of(dqn(0, {{"layers", {1, 2}}})).find("no number, no text and no truth"), std::string::npos);
  EXPECT_NE(said_of(dqn(0, {{"", 1}})).find("is empty"), std::string::npos);
  EXPECT_NE(said_of({"a\nb", 0, Json::object(), ""}).find("control character"), std::string::npos);
  EXPECT_NE(said_of(dqn(std::uint64_t{1} << 60)).find("out of range"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(at("a")));
  WatchedStore store(at("b"), dqn(0), false);
  EXPECT_NE(message_of([&] { store.add(Row{-1, "loss", "train", 0}); }).find("counted from 0"),
            std::string::npos);
  const auto of_array = [&](std::vector<std::int64_t> shape, Json axes) {
    return message_of([&] { store.add(Array{0, "x", "", std::move(shape), {1, 2}, std::move(axes)}); });
  };
  EXPECT_NE(of_array({3}, {}).find("has 2 numbers, and its shape [3]"), std::string::npos);
  EXPECT_NE(of_array({std::int64_t{1} << 62, std::int64_t{1} << 62}, {}).find("has 2 numbers"),
            std::string::npos);
  EXPECT_NE(of_array({2}, {{"1", {{"name", "unit"}}}}).find("none of its 1 axes"), std::string::npos);
  EXPECT_NE(of_array({2}, {{"0", {{"name", "unit"}, {"labels", {1}}}}}).find("not 2 numbers or texts"),
            std::string::npos);
}

TEST_F(WatchedTest, a_forked_child_writes_nothing_and_leaves_the_file_to_its_parent) {
  WatchedStore store(at("a"), dqn(0), false);
  store.add(Row{0, "loss", "train", 1});
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused =
        message_of([&] { store.commit(); }).find("from which this one was forked") != std::string::npos;
    store.~WatchedStore();
    ::_exit(refused && at_work(at("a")) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  store.finish();
  EXPECT_EQ(store::Store::open_to_read(at("a") / "study.sqlite").count_rows(), 1);
}

TEST_F(WatchedTest, cannot_be_run_and_no_study_runs_into_its_folder) {
  watch(at("a"), dqn(0), 1);
  const auto store = store::Store::open_to_read(at("a") / "study.sqlite");
  const std::string sentence = "was watched in a training loop of your own; there is nothing to run";
  EXPECT_NE(message_of([&] { study::study_from_json(store.study()); }).find(sentence), std::string::npos);
  EXPECT_NE(message_of([&] { study::study_anew(store.study()); }).find(sentence), std::string::npos);
  cli::Source source;
  source.study.name = "dqn";  // as the folder's
  EXPECT_NE(message_of([&] { cli::check_belongs({at("a")}, store, source, {}); }).find("no study's runs"),
            std::string::npos);
}

/// The rows of figureMeasures' curves, by experiment and measure.
using Means = std::map<std::pair<std::string, std::string>, std::vector<Json>>;
Means means_in(const Json& bundle) {
  Means means;
  for (const Json& row : rows(figures::figure(bundle, "figureMeasures"), "curves"))
    means[{row["experiment"], row["measure"]}].push_back(row);
  return means;
}

TEST_F(WatchedTest, is_a_line_a_setting_with_the_mean_over_seeds) {
  for (const int seed : {0, 1, 2, 3})
    for (const double rate : {0.1, 0.5})
      watch(at("a"), dqn(seed, {{"rate", rate}, {"target", "none"}}), seed + 100 * rate);
  const Json whole = figures::bundle({at("a")});
  EXPECT_EQ(whole["swept"], Json{"rate"});
  std::set<std::string> names;
  for (const Json& one : whole["figures"]) names.insert(one["name"].get<std::string>());
  EXPECT_EQ(names, std::set<std::string>{"figureMeasures"})
      << "a return is what its loop says, and no figure of ours";
  EXPECT_TRUE(whole["claims"]["rows"].empty());
  EXPECT_TRUE(whole["notes"].empty()) << whole["notes"];
  const Means means = means_in(whole);
  EXPECT_EQ(means.size(), 4u);
  const std::vector<Json>& half = means.at({"dqn (rate 0.5)", "loss_difference"});
  ASSERT_EQ(half.size(), 3u);
  EXPECT_EQ(half[2]["mean"], 1051.5);
  EXPECT_EQ(half[2]["n"], 4);
  EXPECT_TRUE(half[2]["low"].is_number()) << "over four seeds";
  EXPECT_EQ(half[2]["unit"], "steps of the loop");
  EXPECT_EQ(half[2]["label"], "loss difference (batch)");
  const Json& given = means.at({"dqn (rate 0.1)", "return"})[0];
  EXPECT_EQ(given["label"], "return");
  EXPECT_EQ(given["drawn"], true);
}

TEST_F(WatchedTest, of_free_names_every_one_is_drawn_whatever_its_ending) {
  WatchedStore store(at("a"), dqn(0), false);
  for (const char* name : {"mine", "mine.negative", "target.random", "stiffness", "stiffness.negative"})
    for (const int step : {0, 10}) store.add(Row{step, name, "train", 1.0 * step});
  store.finish();
  std::set<std::string> drawn;
  for (const auto& [name, _] : means_in(figures::bundle({at("a")}))) drawn.insert(name.second);
  EXPECT_EQ(drawn, (std::set<std::string>{"mine", "mine.negative", "target.random", "stiffness"}))
      << "a share of signs stands beside its own measure alone";
}

TEST_F(WatchedTest, a_run_that_did_not_end_is_shown_as_far_as_it_came_until_one_of_its_configuration_ends) {
  watch(at("a"), dqn(0), 1, false);
  Json one = figures::figure(figures::bundle({at("a")}), "figureMeasures");
  EXPECT_EQ(one["notes"], Json{"dqn: no run has come to its end; 1 run is shown as far as it came."});
  EXPECT_EQ(rows(one, "curves").size(), 6u);
  watch(at("a"), dqn(1), 5);
  EXPECT_EQ(runs_in(at("a"))[0].status == store::Status::failed, runs_in(at("a"))[0].seed == 0)
      << "nobody goes on with it";
  one = figures::figure(figures::bundle({at("a")}), "figureMeasures");
  EXPECT_EQ(one["notes"], Json{"dqn: left out are 1 run failed."});
  for (const Json& row : rows(one, "curves")) EXPECT_EQ(row["n"], 1);
}

}  // namespace
}  // namespace crosstalk::work
