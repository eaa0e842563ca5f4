#include <gtest/gtest.h>
#include <signal.h>

#include "base/error.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"

namespace crosstalk::work {
namespace {

/// A child of which `reply` is the stream for its answer.
Command python(const std::string& code) {
  return {.arguments = {"python3", "-c",
                        "import os\nreply = os.fdopen(int(os.environ['CROSSTALK_REPLIES']), 'w')\n" + code}};
}

study::Configuration configuration(const std::string& run, Json values) {
  values["task.dataset"] = "sarcos";
  return {.run = run, .values = values.get<std::map<std::string, Json>>()};
}

Error refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorKind::numeric, "nothing was refused"};
}

TEST(DataChild, answers_one_request_and_says_how_it_goes) {
  std::vector<std::string> said;
  const Json reply = ask(python("import json, sys\nr = json.load(sys.stdin)\nprint('half', file=sys.stderr)\n"
                                "print('Loading site defaults')\n"
                                "json.dump({'file': r['dataset'] * 40000}, reply)"),
                         {{"dataset", "abc"}}, [&](std::string_view line) { said.emplace_back(line); });
  EXPECT_EQ(reply["file"].get<std::string>().size(), 120'000u);
  // What it prints is no part of its answer.
  std::sort(said.begin(), said.end());
  EXPECT_EQ(said, (std::vector<std::string>{"Loading site defaults", "half"}));
}

TEST(DataChild, passes_its_own_error_on) {
  const Error error = refusal([] {
    ask(python("import sys\nreply.write('{\"error\": {\"kind\": \"config\", \"message\": \"no such "
               "column\"}}')\nsys.exit(3)"),
        Json::object(), {});
  });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_STREQ(error.what(), "no such column");
}

TEST(DataChild, is_a_data_error_when_it_crashes_and_shows_no_trace) {
  std::vector<std::string> said;
  const auto say = [&](std::string_view line) { said.emplace_back(line); };
  const Error crash =
      refusal([&] { ask(python("import os\nos.kill(os.getpid(), 11)"), {{"dataset", "x.mat"}}, say); });
  EXPECT_EQ(crash.kind(), ErrorKind::data);
  EXPECT_NE(std::string(crash.what()).find("x.mat"), std::string::npos);
  EXPECT_NE(std::string(crash.what()).find("signal 11"), std::string::npos);
  const Error trace = refusal([&] { ask(python("raise ValueError('seven')"), Json::object(), say); });
  EXPECT_NE(std::string(trace.what()).find("ValueError: seven"), std::string::npos) << trace.what();
  EXPECT_EQ(trace.kind(), ErrorKind::environment) << "no file was read";
  EXPECT_TRUE(said.empty());
}

TEST(DataChild, may_print_more_than_a_pipe_holds_before_it_reads_a_large_request) {
  const Json reply = ask(python("import json, sys\nprint('x' * 300_000, flush=True)\n"
                                "json.dump(len(json.load(sys.stdin)['text']), reply)"),
                         {{"text", std::string(300'000, 'y')}}, {});
  EXPECT_EQ(reply, 300'000);
}

TEST(DataChild, may_leave_a_process_behind_that_holds_its_errors_open) {
  const Json reply = ask(python("import subprocess\nchild = subprocess.Popen(['sleep', '100'])\n"
                                "print(child.pid, file=reply)"),
                         Json::object(), {});
  EXPECT_EQ(kill(reply.get<pid_t>(), SIGKILL), 0) << "it has not been waited for";
}

TEST(DataChild, is_asked_for_nothing_whose_name_is_no_text) {
  const Error error = refusal([] { ask(python("reply.write('1')"), {{"base", "/home/Jos\xe9"}}, {}); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  EXPECT_NE(std::string(error.what()).find("/home/Jos\\xe9 is not UTF-8"), std::string::npos) << error.what();
}

TEST(DataChild, ends_at_an_interrupt) {
  signal(SIGPIPE, SIG_IGN);
  const Interrupts interrupts;
  raise(SIGINT);
  EXPECT_THROW(ask(python("import time\ntime.sleep(100)"), Json::object(), {}, &interrupts), Interrupted);
}

TEST(Examples, more_than_there_are_are_refused_all_at_once) {
  const std::vector<study::Configuration> runs{
      configuration("a", {{"task.examples", 100}}), configuration("b", {{"task.examples", 5000}}),
      configuration("c", {{"task.examples", "all"}}), configuration("d", {{"task.examples", 44484}})};
  const Datasets datasets{
      {data_key(runs[0]), {{"dataset", "sarcos"}, {"train_rows", 3560}, {"file", "s.safetensors"}}}};
  const Error error = refusal([&] { check_examples(runs, datasets); });
  EXPECT_EQ(error.kind(), ErrorKind::config);
  for (const char* word : {"5000", "44,484", "3,560", "sarcos"}) {
    EXPECT_NE(std::string(error.what()).find(std::string(word) == "5000" ? "5,000" : word), std::string::npos)
        << word;
  }
  EXPECT_NO_THROW(check_examples({runs[0], runs[2]}, datasets));
}

TEST(Checksums, of_other_data_are_refused_with_both) {
  const Datasets now{{"k", {{"dataset", "sarcos"}, {"sha256", "abc"}}}};
  EXPECT_NO_THROW(check_checksums(now, nullptr));
  EXPECT_NO_THROW(check_checksums(now, {{"k", {{"sha256", "abc"}}}, {"other", {{"sha256", "x"}}}}));
  const Error error = refusal([&] { check_checksums(now, {{"k", {{"sha256", "def"}}}}); });
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_NE(std::string(error.what()).find("abc"), std::string::npos);
  EXPECT_NE(std::string(error.what()).find("def"), std::string::npos);
}

class Estimate : public testing::Test {
 protected:
  Estimate() {
    for (const int hidden : {8, 16, 32, 64, 128, 256, 512}) {
      for (int seed = 0; seed < 3; ++seed) {
        runs.push_back(configuration("h" + std::to_string(hidden) + "s" + std::to_string(seed),
                                     {{"network.hidden", hidden},
                                      {"network.depth", 1},
                                      {"learner.updates", 1000},
                                      {"learner.batch", 32},
                                      {"probe.every", 50},
                                      {"probe.samples", 100}}));
      }
    }
    datasets = {{data_key(runs[0]), {{"train_rows", 1000}, {"test_rows", 100}}}};
    for (const study::Configuration& run : runs) {
      const auto hidden = run.values.at("network.hidden").get<std::int64_t>();
      networks[network_key(run)] = {.multiply_adds = 21 * hidden + hidden * hidden + 7 * hidden};
    }
  }
  std::vector<study::Configuration> runs;
  Datasets datasets;
  Networks networks;
};

TEST_F(Estimate, is_exact_where_time_follows_work_and_only_some_were_timed) {
  const std::vector<study::Configuration> some = representatives(runs, datasets, networks, 3);
  ASSERT_EQ(some.size(), 3u);
  EXPECT_EQ(some.front().run, "h8s0");
  EXPECT_EQ(some.back().run, "h512s0");
  std::vector<Answer> timings;
  for (const study::Configuration& run : some) {
    const Work work = work_of(run, datasets, networks);
    timings.push_back(
        {.run = run.run, .update_seconds = 1e-9 * work.per_update, .probe_seconds = 1e-9 * work.per_probe});
  }
  const std::vector<double> seconds = estimate(runs, datasets, networks, some, timings);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    EXPECT_NEAR(seconds[i], 1e-9 * work_of(runs[i], datasets, networks).total(), 1e-12 + 1e-9 * seconds[i]);
  }
  EXPECT_GT(seconds.back(), seconds.front());
}

TEST_F(Estimate, of_an_agent_follows_its_steps_and_updates) {
  const auto work = [&](Json values) {
    const Json base = {{"task.kind", "windowed"}, {"learner.algorithm", "double-dqn"},
                       {"network.hidden", 8},     {"network.depth", 1},
                       {"network.head", 4},       {"learner.steps", 20000},
                       {"learner.start", 5000},   {"learner.update-every", 2},
                       {"learner.batch", 128},    {"probe.every", 5000},
                       {"probe.samples", 128},    {"probe.episodes", 128}};
    Json all = base;
    all.update(values);
    const study::Configuration run = configuration("a", all);
    const std::int64_t pass = 20'000 * all["network.hidden"].get<std::int64_t>();
    return work_of(run, {{data_key(run), {{"train_rows", 1000}}}},
                   {{network_key(run), {.multiply_adds = pass}}});
  };
  const Work plain = work(Json::object());
  EXPECT_EQ(plain.updates, 20000);
  EXPECT_EQ(plain.probes, 5);  // at 0, 5,000, 10,000, 15,000 and at the end
  // Twice the updates: what is beside acting and the constant doubles.
  const Work idle = work({{"learner.start", 20000}}), half = work({{"learner.update-every", 4}});
  EXPECT_NEAR(plain.per_update - idle.per_update, 2 * (half.per_update - idle.per_update), 1e-3);
  EXPECT_GT(plain.per_update,
            50 * idle.per_update);  // 128 samples x 5 passes x 3/8, against 1 and the constant
  EXPECT_GT(plain.per_probe, work({{"probe.episodes", 64}}).per_probe);
  EXPECT_LT(work({{"learner.algorithm", "reinforce"}}).per_update, plain.per_update);
  EXPECT_GT(work({{"network.hidden", 16}}).total(), plain.total());
}

TEST_F(Estimate, of_runs_without_data_and_of_networks_of_which_nobody_spoke_is_still_an_order) {
  const auto exact = [](const std::string& name, Json values) {
    study::Configuration run = configuration(name, std::move(values));
    study::KeyValues::Map without = run.values;
    without.erase("task.dataset");
    run.values = without;
    return run;
  };
  const std::vector<study::Configuration> some{
      exact("short", {{"task.kind", "control"}, {"learner.algorithm", "td-lambda"}, {"learner.steps", 100}}),
      exact("long",
            {{"task.kind", "control"}, {"learner.algorithm", "td-lambda"}, {"learner.steps", 90'000}}),
      exact("other", {{"task.kind", "evaluate"}, {"learner.updates", 500}})};
  const std::vector<double> work = totals(some, {}, {});
  EXPECT_GT(work[1], work[0]);
  EXPECT_EQ(work_of(some[2], {}, {}).updates, 500) << "what stays as it is is evaluated by updates";
  EXPECT_EQ(representatives(some, {}, {}, 2).back().run, "long");
  EXPECT_NO_THROW(check_examples(some, {}));
  EXPECT_EQ(prepare_data(some, {}, {}, {}, nullptr).size(), 0u) << "there are none to be asked for";
}

TEST_F(Estimate, takes_runs_for_one_network_that_differ_in_what_leaves_it_as_it_is) {
  const auto key = [](Json values) { return network_key(configuration("a", std::move(values))); };
  const Json base = {{"network.hidden", 8}, {"learner.rate", 0.1}, {"task.examples", 5}, {"probe.every", 2}};
  const auto with = [&](const char* name, Json value) {
    Json other = base;
    other[name] = std::move(value);
    return key(other);
  };
  EXPECT_EQ(with("learner.rate", 0.5), key(base));
  EXPECT_EQ(with("task.examples", "all"), key(base));
  EXPECT_EQ(with("probe.every", 7), key(base));
  EXPECT_NE(with("network.hidden", 9), key(base));
  EXPECT_NE(with("learner.algorithm", "tabular"), key(base));
  EXPECT_NE(with("task.states", 19), key(base));
}

TEST(DataRequest, of_an_agent_is_that_of_a_classifier) {
  EXPECT_EQ(data_key(configuration("a", {{"task.kind", "windowed"}})),
            data_key(configuration("b", {{"task.kind", "classify"}})));
}

TEST_F(Estimate, of_the_whole_study_is_what_the_workers_share) {
  EXPECT_DOUBLE_EQ(elapsed({3, 1, 1, 1}, 2), 3);
  EXPECT_DOUBLE_EQ(elapsed({3, 1, 1, 1}, 1), 6);
  EXPECT_DOUBLE_EQ(elapsed({}, 4), 0);
  EXPECT_GE(physical_cores(), 1);
}

}  // namespace
}  // namespace crosstalk::work
