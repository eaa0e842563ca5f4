// The worker end to end, over pipes.
#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/message.hpp"
#include "folder.hpp"
#include "run/serve.hpp"
#include "small_data.hpp"

namespace crosstalk {
namespace {

/// A worker in a thread, and the coordinator's ends of its pipes.
class Worker : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path table = folder.path() / "table.safetensors", kept = folder.path() / "a.safetensors";
  int to[2], from[2];
  std::thread thread;

  void SetUp() override {
    write_table(table, 60, 20, 21, 7);
    ASSERT_EQ(pipe(to), 0);
    ASSERT_EQ(pipe(from), 0);
    thread = std::thread([this] {
      run::serve(to[0], from[1]);
      close(from[1]);
    });
    EXPECT_EQ(hear().at("event"), "ready");
  }
  void TearDown() override {
    close(to[1]);
    while (read_frame(from[0])) {
    }
    thread.join();
    close(to[0]);
    close(from[0]);
  }

  void ask(const char* what, const Json& configuration, const Json& extra = Json::object()) {
    Json message = {{"do", what},
                    {"run", "a"},
                    {"configuration", configuration},
                    {"seed", 1},
                    {"data", {{"file", table.string()}, {"sha256", "d"}}},
                    {"checkpoint", kept.string()},
                    {"checkpoint_seconds", 1e6}};
    message.update(extra);
    write_frame(to[1], message);
  }
  void ask_to_stop() { write_frame(to[1], {{"do", "stop"}}); }
  /// The next word but for how large a run's network is.
  Json hear() {
    Json message;
    do message = read_frame(from[0]).value_or(Json::object());
    while (message.value("event", "") == "network");
    return message;
  }

  /// Everything up to `finished`, answering flushes.
  std::vector<Json> hear_all() {
    std::vector<Json> heard;
    while (heard.empty() || heard.back().value("event", "finished") != "finished") {
      heard.push_back(hear());
      if (heard.back().value("event", "") == "flush") write_frame(to[1], {{"do", "durable"}, {"run", "a"}});
    }
    return heard;
  }
  static void flip_a_bit_of(const std::filesystem::path& file) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekg(-1, std::ios::end);
    const char last = static_cast<char>(stream.get());
    stream.seekp(-1, std::ios::end).put(static_cast<char>(last ^ 4));
  }
  static std::vector<Row> rows_of(const std::vector<Json>& heard) {
    std::vector<Row> rows;
    for (const Json& message : heard) {
      if (message.value("event", "") != "rows") continue;
      for (Row& row : rows_from_json(message.at("rows"))) rows.push_back(std::move(row));
    }
    return rows;
  }
};

TEST_F(Worker, does_one_run_after_the_other) {
  for (int i = 0; i < 2; ++i) {
    ask("run", keys());
    const std::vector<Json> heard = hear_all();
    EXPECT_EQ(heard.back().at("status"), "done") << heard.back();
    EXPECT_EQ(heard.back().at("run"), "a");
    EXPECT_EQ(heard.back().at("resumed_at"), 0);
    EXPECT_GT(heard.back().at("seconds").get<double>(), 0);
    EXPECT_FALSE(rows_of(heard).empty());
  }
  EXPECT_FALSE(std::filesystem::exists(kept));
}

TEST_F(Worker, says_how_large_a_runs_network_is_before_its_rows_and_when_it_is_asked) {
  const Json configuration = keys({{"network.layers", {"linear 5", "tanh", "linear out"}}});
  const auto expect_size = [](const Json& said) {
    EXPECT_EQ(said.at("run"), "a") << said;
    EXPECT_EQ(said.at("parameters"), 22 * 5 + 6 * 7) << said;
    EXPECT_EQ(said.at("multiply_adds"), 21 * 5 + 5 + 5 * 7) << said;
  };
  ask("describe", configuration);
  const Json described = hear();
  EXPECT_EQ(described.at("event"), "described");
  expect_size(described);
  ask("run", configuration);
  const Json first = read_frame(from[0]).value();
  EXPECT_EQ(first.at("event"), "network");
  expect_size(first);
  EXPECT_EQ(hear_all().back().at("status"), "done");
  ask("describe", keys({{"task.examples", 1000}}));
  EXPECT_EQ(hear().at("kind"), "config");
}

TEST_F(Worker, names_its_checkpoint_only_when_the_rows_before_it_are_durable) {
  ask("run", keys({{"learner.updates", 3}}), {{"checkpoint_seconds", 0}});
  EXPECT_EQ(hear().at("event"), "rows");
  EXPECT_EQ(hear().at("event"), "flush");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_FALSE(std::filesystem::exists(kept));
  write_frame(to[1], {{"do", "durable"}, {"run", "a"}});
  EXPECT_EQ(hear().at("event"), "flush");
  EXPECT_TRUE(std::filesystem::exists(kept));
  write_frame(to[1], {{"do", "durable"}, {"run", "a"}});
  EXPECT_EQ(hear_all().back().at("status"), "done");
}

TEST_F(Worker, asked_to_stop_leaves_a_checkpoint_and_ends_and_another_goes_on) {
  const Json long_run = keys({{"learner.updates", 100'000'000}});
  ask("run", long_run);
  EXPECT_EQ(hear().at("event"), "rows");
  ask_to_stop();
  const std::vector<Json> heard = hear_all();
  EXPECT_EQ(heard.back().at("status"), "stopped");
  EXPECT_FALSE(read_frame(from[0]));  // it has ended
  EXPECT_TRUE(std::filesystem::exists(kept));

  TearDown();
  SetUp();
  ask("run", long_run);
  while (hear().at("event") != "rows") {
  }
  ask_to_stop();
  EXPECT_GT(hear_all().back().at("resumed_at").get<std::int64_t>(), 0);
}

TEST_F(Worker, heeds_sigterm_as_a_wish_to_stop) {
  ask("run", keys({{"learner.updates", 100'000'000}}));
  EXPECT_EQ(hear().at("event"), "rows");
  kill(getpid(), SIGTERM);
  EXPECT_EQ(hear_all().back().at("status"), "stopped");
  EXPECT_TRUE(std::filesystem::exists(kept));
}

TEST_F(Worker, that_is_idle_ends_on_sigterm) {
  kill(getpid(), SIGTERM);
  EXPECT_FALSE(read_frame(from[0]));
}

TEST_F(Worker, tells_how_far_it_is_but_not_often) {
  ask("run", keys({{"learner.updates", 100'000'000}, {"probe.every", 1'000'000'000}}));
  const auto begin = std::chrono::steady_clock::now();
  for (int told = 0; told < 3;) {
    const Json message = hear();
    if (message.at("event") != "progress") continue;
    EXPECT_EQ(message.at("of"), 100'000'001) << "the updates, and the measurement after the last";
    EXPECT_GT(message.at("step").get<std::int64_t>(), 0);
    ++told;
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(700));
  ask_to_stop();
  hear_all();
}

TEST_F(Worker, times_an_update_and_a_probe) {
  ask("time", keys());
  const Json timed = hear();
  EXPECT_EQ(timed.at("event"), "timed") << timed;
  EXPECT_GT(timed.at("update_seconds").get<double>(), 0);
  EXPECT_GT(timed.at("probe_seconds").get<double>(), 0);
  EXPECT_GT(timed.at("row_bytes").get<double>(), 100);
}

TEST_F(Worker, times_a_checkpoint_as_large_as_it_will_be) {
  const auto images = folder.path() / "images.safetensors";
  write_images(images, 20, 10, 3);
  const Json data = {{"data", {{"file", images.string()}, {"sha256", "d"}}}};
  double bytes[2];
  for (const int i : {0, 1}) {
    ask("time", agent_keys("double-dqn", {{"learner.replay", i == 0 ? 1000 : 3000}, {"learner.steps", 2000}}),
        data);
    bytes[i] = hear().at("checkpoint_bytes");
  }
  // A view, two actions, a reward and a byte of flags; a tensor that is as long already stays.
  EXPECT_NEAR(bytes[1] - bytes[0], (16 + 2 + 4 + 1) * (2000 - 1000), 1000);
}

TEST_F(Worker, does_and_times_a_run_that_needs_no_data) {
  ask("run", exact_keys("random-walk", "td-lambda"), {{"data", nullptr}});
  const std::vector<Json> heard = hear_all();
  EXPECT_EQ(heard.back().at("status"), "done") << heard.back();
  EXPECT_FALSE(rows_of(heard).empty());
  ask("time", exact_keys("gridworld", "dqn"), {{"data", nullptr}});
  const Json timed = hear();
  EXPECT_EQ(timed.at("event"), "timed") << timed;
  EXPECT_GT(timed.at("checkpoint_bytes").get<double>(), 0);
  ask("run", keys(), {{"data", nullptr}});
  const Json finished = hear();
  EXPECT_EQ(finished.at("kind"), "config");
  EXPECT_NE(finished.at("message").get<std::string>().find("task.dataset"), std::string::npos) << finished;
}

TEST_F(Worker, times_without_a_folder_for_temporary_files) {
  ::setenv("TMPDIR", "/nowhere", 1);
  ask("time", keys());
  const Json timed = hear();
  ::unsetenv("TMPDIR");
  EXPECT_EQ(timed.at("event"), "timed") << timed;
  EXPECT_FALSE(timed.contains("checkpoint_bytes"));
}

TEST_F(Worker, tells_a_device_that_is_not_there_from_a_run_that_is_too_large) {
  Json finished;
  if (!at::hasCUDA()) {
    ask("run", keys({{"runtime.device", "cuda"}}));
    finished = hear();
    EXPECT_EQ(finished.at("kind"), "environment");
    EXPECT_EQ(finished.at("nowhere"), true);
  }

  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlimit small{pages * 4096 + (std::size_t{1} << 30), before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  ask("run", keys({{"network.layers", {"linear 65536", "linear 65536", "linear out"}}}));
  finished = hear();
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  EXPECT_EQ(finished.at("kind"), "environment") << finished;
  EXPECT_FALSE(finished.contains("nowhere"));
  const std::string message = finished.at("message");
  for (const char* word : {"too little memory", "bytes)", "--jobs", "network"}) {
    EXPECT_NE(message.find(word), std::string::npos) << message;
  }

  ask("run", keys());
  EXPECT_EQ(hear_all().back().at("status"), "done");
}

TEST_F(Worker, ends_a_run_that_fails_with_kind_and_message_and_lives_on) {
  ask("run", keys({{"task.examples", 1000}}));
  Json finished = hear();
  EXPECT_EQ(finished.at("status"), "failed");
  EXPECT_EQ(finished.at("kind"), "config");
  EXPECT_NE(finished.at("message").get<std::string>().find("1000"), std::string::npos);

  ask("run", keys(), {{"data", {{"file", "/nowhere/x"}, {"sha256", ""}}}});
  EXPECT_EQ(hear().at("kind"), "data");

  ask("run", keys({{"learner.rate", 1e6}, {"learner.optimizer", "sgd"}, {"learner.updates", 1000}}));
  finished = hear_all().back();
  EXPECT_EQ(finished.at("status"), "diverged");
  EXPECT_EQ(finished.at("kind"), "numeric");

  ask("run", keys());
  EXPECT_EQ(hear_all().back().at("status"), "done");
}

TEST_F(Worker, says_which_file_it_cannot_use_and_can_do_the_run_when_it_is_there_again) {
  ask("run", keys(), {{"data", {{"file", "/nowhere/x"}, {"sha256", ""}}}});
  EXPECT_EQ(hear().at("unusable"), "data");
  const auto whole = folder.path() / "whole";
  std::filesystem::copy_file(table, whole);
  flip_a_bit_of(table);
  for (const char* what : {"run", "time"}) {
    ask(what, keys());
    const Json finished = hear();
    EXPECT_EQ(finished.at("status"), "failed");
    EXPECT_EQ(finished.at("unusable"), "data") << finished;
    EXPECT_NE(finished.at("wrong").get<std::string>().find("damaged"), std::string::npos) << finished;
    EXPECT_NE(finished.at("message").get<std::string>().find(table.string()), std::string::npos) << finished;
  }
  std::filesystem::rename(whole, table);

  std::ofstream(kept) << "no checkpoint at all";
  ask("run", keys());
  EXPECT_EQ(hear().at("unusable"), "checkpoint");
  std::filesystem::remove(kept);
  ask("run", keys());
  EXPECT_EQ(hear_all().back().at("status"), "done");
}

TEST_F(Worker, stores_no_row_of_data_that_are_altered_while_it_runs) {
  ask("run", keys({{"learner.updates", 100'000'000}, {"probe.every", 5000}}));
  EXPECT_EQ(hear().at("event"), "rows");
  flip_a_bit_of(table);
  Json message = Json::object();
  for (int rows = 0; message.value("event", "") != "finished"; message = hear()) {
    rows += message.value("event", "") == "rows";
    ASSERT_LT(rows, 50) << "it goes on";  // those that were under way
  }
  EXPECT_EQ(message.at("unusable"), "data") << message;
}

TEST_F(Worker, ends_when_the_coordinator_is_gone_without_naming_a_checkpoint) {
  ask("run", keys(), {{"checkpoint_seconds", 0}});
  while (hear().at("event") != "flush") {
  }
  close(to[1]);
  EXPECT_FALSE(read_frame(from[0]));
  EXPECT_FALSE(std::filesystem::exists(kept));
  to[1] = dup(2);  // for TearDown to close
}

}  // namespace
}  // namespace crosstalk
