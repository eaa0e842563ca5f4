#include "work/coordinator.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <map>
#include <thread>

#include "base/contents.hpp"
#include "base/error.hpp"
#include "folder.hpp"
#include "store/sql.hpp"
#include "work/checkpoint.hpp"

namespace crosstalk::work {
namespace {

using store::Status;

struct Seen : Watcher {
  void began(const std::string& run) override { order.push_back(run); }
  void progressed(const std::string&, std::int64_t, std::int64_t) override { ++progress; }
  void finished(const Finished& how) override { ends.emplace(how.run, how); }
  void stopping(bool at_once) override { ++(at_once ? killed : stopped); }
  void said(const std::string& line) override { remarks.push_back(line); }
  void passed() override {
    if (on_pass) on_pass();
  }
  std::vector<std::string> order, remarks;
  std::map<std::string, Finished> ends;
  int progress = 0, stopped = 0, killed = 0;
  std::function<void()> on_pass;
};

class CoordinatorTest : public testing::Test {
 protected:
  CoordinatorTest() {
    signal(SIGPIPE, SIG_IGN);
    options.worker.arguments = {"python3", std::string(CROSSTALK_SOURCE_DIR) + "/tests/desk/fake_worker.py"};
    options.logs = folder.path();
  }

  /// The header of a checkpoint at step 1, with the digest of its contents.
  static std::string checkpoint_of(const std::string& run) {
    const Json about = {{"what", "checkpoint"}, {"run", run}, {"step", 1}};
    std::string header =
        Json{{"__metadata__", {{"crosstalk", about.dump()}, {"contents", no_contents}}}}.dump();
    header.resize(255, ' ');  // so that its length is one byte
    const std::string file = "\xff" + std::string(7, '\0') + header;
    return header.replace(*place_of_contents(file) - 8, no_contents.size(), *contents_of(file));
  }

  Assignment assignment(const std::string& run, const std::string& act, int rows = 3) {
    return {run,
            {{"act", act}, {"rows", rows}, {"header", checkpoint_of(run)}},
            {{"seed", 0},
             {"data", {{"file", (folder.path() / "data").string()}}},
             {"checkpoint", (folder.path() / (run + ".safetensors")).string()}}};
  }

  bool work(const std::vector<Assignment>& assignments, const Interrupts* interrupts = nullptr) {
    std::vector<store::RunRecord> records;
    for (const Assignment& assignment : assignments)
      records.push_back({.run = assignment.run, .configuration = Json::object()});
    store.name_runs(records);
    return Coordinator(store, options, seen, interrupts).run(assignments);
  }

  store::RunRecord record(const std::string& run) {
    for (const store::RunRecord& record : store.runs()) {
      if (record.run == run) return record;
    }
    return {};
  }

  Folder folder;
  store::Store store = store::Store::create(folder.path() / "study.sqlite", nullptr);
  Options options;
  Seen seen;
};

TEST_F(CoordinatorTest, stores_what_two_workers_send) {
  options.jobs = 2;
  std::vector<Assignment> assignments;
  for (const char* run : {"a", "b", "c", "d", "e"}) assignments.push_back(assignment(run, ""));
  EXPECT_TRUE(work(assignments));
  EXPECT_EQ(seen.order, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(seen.progress, 15);
  for (const char* run : {"a", "b", "c", "d", "e"}) {
    EXPECT_EQ(record(run).status, Status::done);
    EXPECT_EQ(record(run).seconds, 0.5);
    EXPECT_EQ(record(run).machine["torch"], "2.13.0");
    EXPECT_EQ(store.rows_of(run).size(), 3u);
  }
}

TEST_F(CoordinatorTest, loses_only_the_run_of_a_worker_that_dies) {
  EXPECT_TRUE(
      work({assignment("a", "crash"), assignment("b", ""), assignment("c", "exit"), assignment("d", "")}));
  EXPECT_EQ(record("a").status, Status::failed);
  EXPECT_NE(record("a").message.find("signal 11, Segmentation fault"), std::string::npos)
      << record("a").message;
  EXPECT_NE(record("a").message.find("out of luck"), std::string::npos) << record("a").message;
  EXPECT_EQ(record("c").status, Status::failed);
  EXPECT_NE(record("c").message.find("status 7"), std::string::npos);
  EXPECT_EQ(record("c").message.find("out of luck"), std::string::npos) << "another run's complaint";
  EXPECT_EQ(record("b").status, Status::done);
  EXPECT_EQ(record("d").status, Status::done);
}

TEST_F(CoordinatorTest, ends_a_worker_that_hangs_or_sends_garbage) {
  options.silence_seconds = 1;
  EXPECT_TRUE(work({assignment("a", "hang"), assignment("b", "garbage"), assignment("c", "nonsense"),
                    assignment("d", "")}));
  EXPECT_NE(record("a").message.find("said nothing for 1 seconds"), std::string::npos) << record("a").message;
  EXPECT_NE(record("b").message.find("not understood"), std::string::npos) << record("b").message;
  EXPECT_NE(record("c").message.find("not understood"), std::string::npos) << record("c").message;
  EXPECT_EQ(record("d").status, Status::done);
}

TEST_F(CoordinatorTest, tells_diverged_from_failed) {
  EXPECT_TRUE(work({assignment("a", "diverged"), assignment("b", "failed")}));
  EXPECT_EQ(record("a").status, Status::diverged);
  EXPECT_EQ(record("a").message, "loss is nan at step 2");
  EXPECT_EQ(store.rows_of("a").size(), 3u);
  EXPECT_EQ(record("b").status, Status::failed);
  EXPECT_EQ(record("b").message, "no such rows");
}

TEST_F(CoordinatorTest, fails_a_run_whose_rows_come_again_with_other_values) {
  EXPECT_TRUE(work({assignment("a", "")}));
  EXPECT_TRUE(work({assignment("a", "other"), assignment("b", "")}));
  EXPECT_EQ(record("a").status, Status::failed);
  EXPECT_NE(record("a").message.find("came again as 2"), std::string::npos) << record("a").message;
  EXPECT_EQ(store.rows_of("a")[0].value, 1.0);
  EXPECT_EQ(record("b").status, Status::done);
  EXPECT_TRUE(work({assignment("a", "other")})) << "the next call begins it anew";
  EXPECT_NE(testing::PrintToString(seen.remarks).find("run a came out otherwise than before"),
            std::string::npos);
  EXPECT_EQ(record("a").status, Status::done) << record("a").message;
  EXPECT_FALSE(record("a").machine.contains("conflict"));
  EXPECT_EQ(store.rows_of("a")[0].value, 2.0);
}

TEST_F(CoordinatorTest, says_why_when_no_worker_starts) {
  options.worker.arguments.push_back("--broken");
  try {
    work({assignment("a", "")});
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::environment);
    EXPECT_NE(std::string(error.what()).find("torch is not installed"), std::string::npos) << error.what();
  }
  options.worker.arguments = {"/no/such/python"};
  EXPECT_THROW(work({assignment("a", "")}), Error);
}

TEST_F(CoordinatorTest, hires_another_worker_when_one_is_ended_from_outside_while_it_starts_or_waits) {
  for (const std::string how : {"killed", "leaves"}) {
    options.worker.arguments.resize(2);
    options.worker.arguments.push_back("--" + how + "=" + (folder.path() / how).string());
    EXPECT_TRUE(work({assignment(how, "")}));
    EXPECT_EQ(record(how).status, Status::done) << record(how).message;
    EXPECT_TRUE(std::filesystem::exists(folder.path() / how)) << "none was ended";
  }
}

TEST_F(CoordinatorTest, gives_up_when_every_worker_is_ended_while_it_starts) {
  options.worker.arguments.push_back("--always-killed");
  try {
    work({assignment("a", "")});
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::environment);
    EXPECT_NE(std::string(error.what()).find("signal 9"), std::string::npos) << error.what();
  }
}

double hours_ahead = 0;  // of the coordinator's clock, which has no object to belong to

TEST_F(CoordinatorTest, takes_no_time_in_which_it_was_suspended_for_a_silence_of_its_workers) {
  options.clock = [] { return steady_seconds() + 3600 * hours_ahead; };
  int passes = 0;
  seen.on_pass = [&] { hours_ahead += ++passes == 4 ? 2 : 0; };
  EXPECT_TRUE(work({assignment("a", "slow", 20)}));
  ASSERT_GT(passes, 4);
  EXPECT_EQ(record("a").status, Status::done) << record("a").message;
  // Nor for the time that they take to write a checkpoint.
  Interrupts interrupts;
  passes = 0;
  seen.on_pass = [&] {
    if (++passes == 4) raise(SIGINT);
    hours_ahead += passes == 4 ? 2 : 0;
  };
  EXPECT_FALSE(work({assignment("b", "slow", 100'000)}, &interrupts));
  EXPECT_EQ(seen.stopped, 1);
  EXPECT_EQ(seen.killed, 0);
}

TEST_F(CoordinatorTest, ends_the_study_when_a_checkpoint_cannot_be_written) {
  try {
    work({assignment("a", "full disk"), assignment("b", "")});
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::store);
    EXPECT_EQ(std::string(error.what()), "a.safetensors cannot be written");
  }
  EXPECT_EQ(record("b").status, Status::pending);
}

TEST_F(CoordinatorTest, stops_cleanly_at_the_first_interrupt_and_can_go_on) {
  {
    Interrupts interrupts;
    int passes = 0;
    seen.on_pass = [&] {
      if (++passes == 10) raise(SIGINT);
    };
    EXPECT_FALSE(work({assignment("a", "slow", 100'000), assignment("b", "")}, &interrupts));
  }
  EXPECT_EQ(seen.stopped, 1);
  EXPECT_EQ(seen.killed, 0);
  EXPECT_EQ(record("a").status, Status::running);
  EXPECT_EQ(record("b").status, Status::pending);
  EXPECT_GE(store.rows_of("a").size(), 1u);
  seen.on_pass = nullptr;
  EXPECT_TRUE(work({assignment("a", ""), assignment("b", "")}));
  EXPECT_EQ(record("a").status, Status::done);
  EXPECT_EQ(record("a").tries, 2);
}

TEST_F(CoordinatorTest, stops_at_once_at_the_second_interrupt) {
  Interrupts interrupts;
  int passes = 0;
  seen.on_pass = [&] {
    if (++passes == 5 || passes == 7) raise(SIGTERM);
  };
  EXPECT_FALSE(work({assignment("a", "hang"), assignment("b", "")}, &interrupts));
  EXPECT_EQ(seen.killed, 1);
  EXPECT_EQ(record("a").status, Status::running);
}

TEST(Interrupts, that_are_sent_twice_at_once_count_once_and_the_end_of_a_terminal_is_no_second_one) {
  const Interrupts interrupts;
  for (const int number : {SIGTERM, SIGTERM, SIGHUP, SIGHUP}) raise(number);
  EXPECT_EQ(interrupts.count(), 1);
  EXPECT_EQ(interrupts.signal(), SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  raise(SIGHUP);
  EXPECT_EQ(interrupts.count(), 1);
  raise(SIGTERM);
  EXPECT_EQ(interrupts.count(), 2);
}

TEST_F(CoordinatorTest, interrupted_while_it_times_begins_nothing_afterwards) {
  Interrupts interrupts;
  int passes = 0;
  seen.on_pass = [&] {
    if (++passes == 2) raise(SIGINT);
  };
  store.name_runs({{.run = "a", .configuration = Json::object()}});
  Coordinator coordinator(store, options, seen, &interrupts);
  coordinator.time({assignment("a", ""), assignment("b", ""), assignment("c", "")});
  ASSERT_GE(passes, 2);
  EXPECT_FALSE(coordinator.run({assignment("a", "")}));
  EXPECT_EQ(seen.order.size(), 0u);
  EXPECT_EQ(record("a").status, Status::pending);
}

TEST_F(CoordinatorTest, gives_a_run_whose_worker_alone_was_told_to_end_to_another) {
  EXPECT_TRUE(work({assignment("a", "stopped"), assignment("b", "")}));
  EXPECT_EQ(record("a").status, Status::done) << record("a").message;
  EXPECT_EQ(record("a").tries, 2);
  EXPECT_EQ(record("a").seconds, 1.0);
  EXPECT_EQ(record("b").status, Status::done);
}

TEST_F(CoordinatorTest, gives_up_when_the_machine_can_do_none_of_the_runs) {
  try {
    work({assignment("a", "no device"), assignment("b", "")});
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::environment);
    EXPECT_EQ(std::string(error.what()), "no such GPU");
  }
  EXPECT_EQ(record("b").status, Status::pending);
}

TEST_F(CoordinatorTest, loses_only_the_run_that_is_too_large_for_the_memory) {
  EXPECT_TRUE(work({assignment("a", "no memory"), assignment("b", "")}));
  EXPECT_EQ(record("a").status, Status::failed);
  EXPECT_EQ(record("a").message, "too little memory");
  EXPECT_EQ(record("b").status, Status::done);
  const std::vector<Answer> timings =
      Coordinator(store, options, seen).time({assignment("a", "no memory"), assignment("b", "no device")});
  ASSERT_EQ(timings.size(), 2u);
  EXPECT_FALSE(timings[0].nowhere);
  EXPECT_TRUE(timings[1].nowhere);
}

TEST_F(CoordinatorTest, does_not_go_on_from_a_checkpoint_whose_rows_another_store_has) {
  const auto checkpoint = folder.path() / "a.safetensors", copy = folder.path() / "kept";
  EXPECT_TRUE(work({assignment("a", "checkpoint")}));
  std::filesystem::copy_file(checkpoint, copy);
  // A store that has never begun the run.
  store = store::Store::create(folder.path() / "other.sqlite", nullptr);
  EXPECT_TRUE(work({assignment("a", "")}));
  EXPECT_EQ(store.rows_of("a").size(), 3u);
  // One that has begun it, and was put back from a copy that is older than the checkpoint.
  store = store::Store::create(folder.path() / "older.sqlite", nullptr);
  EXPECT_TRUE(work({assignment("a", "crash")}));
  std::filesystem::copy_file(copy, checkpoint);
  EXPECT_TRUE(work({assignment("a", "")}));
  EXPECT_EQ(store.rows_of("a").size(), 3u);
}

TEST_F(CoordinatorTest, has_data_that_are_gone_made_again_and_says_so) {
  options.data_again = [&](const std::string& run) -> Json {
    if (run == "c") throw Error(ErrorKind::data, "the source is another one now");
    const auto file = folder.path() / ("data of " + run);
    if (run != "d") std::ofstream(file) << "again";
    return {{"file", file.string()}};
  };
  EXPECT_TRUE(work({assignment("a", "needs data"), assignment("b", "needs data"),
                    assignment("c", "needs data"), assignment("d", "needs data")}));
  EXPECT_EQ(record("a").status, Status::done) << record("a").message;
  EXPECT_EQ(record("b").status, Status::done) << record("b").message;
  EXPECT_EQ(record("c").status, Status::failed);
  EXPECT_EQ(record("c").message, "the source is another one now");
  EXPECT_EQ(record("d").status, Status::failed) << "it is not tried for ever";
  EXPECT_EQ(record("d").message, "no such file");
  ASSERT_EQ(seen.remarks.size(), 6u);
  EXPECT_EQ(seen.remarks[0],
            "run a: its data " + (folder.path() / "data").string() + " is not there; made again");

  options.data_again = nullptr;
  EXPECT_TRUE(work({assignment("e", "needs data")}));
  EXPECT_EQ(record("e").message, "no such file");
}

TEST_F(CoordinatorTest, has_data_made_again_while_it_times) {
  options.data_again = [&](const std::string&) -> Json {
    std::ofstream(folder.path() / "data") << "again";
    return {{"file", (folder.path() / "data").string()}};
  };
  const std::vector<Answer> timings = Coordinator(store, options, seen).time({assignment("a", "needs data")});
  ASSERT_EQ(timings.size(), 1u);
  EXPECT_EQ(timings[0].message, "");
  EXPECT_EQ(seen.remarks.size(), 1u);
}

TEST_F(CoordinatorTest, tries_a_run_again_whose_worker_died_of_its_data) {
  options.data_again = [&](const std::string&) -> Json {
    std::ofstream(folder.path() / "data") << "again";
    return {{"file", (folder.path() / "data").string()}};
  };
  EXPECT_TRUE(work({assignment("a", "dies without data"), assignment("b", "crash")}));
  EXPECT_EQ(record("a").status, Status::done) << record("a").message;
  EXPECT_EQ(record("b").status, Status::failed);
}

TEST_F(CoordinatorTest, begins_a_run_anew_whose_checkpoint_is_damaged_and_says_so) {
  const auto checkpoint = folder.path() / "a.safetensors";
  for (const bool moved : {false, true}) {
    store = store::Store::create(folder.path() / (moved ? "moved.sqlite" : "same.sqlite"), nullptr);
    options.worker.arguments.resize(2);
    EXPECT_TRUE(work({assignment("a", "checkpoint")}));
    EXPECT_EQ(checkpoint_step(checkpoint, "a"), 1);
    std::fstream file(checkpoint, std::ios::binary | std::ios::in | std::ios::out);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    file.seekp(static_cast<std::streamoff>(bytes.find("step") + 7)).put('0');  // from 1
    file.close();
    EXPECT_EQ(checkpoint_step(checkpoint, "a"), std::nullopt);
    if (moved) options.worker.arguments.push_back("--isa=AVX512");
    seen.remarks.clear();
    EXPECT_TRUE(work({assignment("a", moved ? "other" : "")}));
    EXPECT_EQ(record("a").status, Status::done) << record("a").message;
    EXPECT_FALSE(record("a").machine.contains("mixed")) << "all of it was computed here";
    EXPECT_EQ(store.rows_of("a").size(), 3u);
    EXPECT_EQ(store.rows_of("a")[0].value, moved ? 2.0 : 1.0);
    EXPECT_EQ(seen.remarks, std::vector<std::string>{"run a: its checkpoint " + checkpoint.string() +
                                                     " is damaged; begun anew"});
  }
}

TEST_F(CoordinatorTest, removes_what_a_killed_worker_had_begun_to_write) {
  const auto partial = unfinished(folder.path() / "a.safetensors");
  for (const char* act : {"checkpoint", ""}) {
    std::ofstream(partial) << "half";
    EXPECT_TRUE(work({assignment("a", act)}));
    EXPECT_FALSE(std::filesystem::exists(partial)) << act;
  }
}

TEST_F(CoordinatorTest, marks_a_run_that_went_on_elsewhere_and_computes_it_anew_when_strict) {
  for (const bool strict : {false, true}) {
    const std::string run = strict ? "s" : "a";
    options.worker.arguments.resize(2);
    EXPECT_TRUE(work({assignment(run, "checkpoint")}));
    EXPECT_EQ(record(run).status, Status::failed);
    options.worker.arguments.push_back("--isa=AVX512");
    options.strict = strict;
    // Rows 1 and 2 are stored, but later than the checkpoint: they come again, with other bits.
    EXPECT_EQ(store.rows_of(run).size(), 3u);
    EXPECT_TRUE(work({assignment(run, "other")}));
    EXPECT_EQ(record(run).status, Status::done) << record(run).message;
    EXPECT_EQ(record(run).machine.contains("mixed"), !strict);
    const std::vector<Row> rows = store.rows_of(run);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].value, strict ? 2.0 : 1.0);
    EXPECT_EQ(rows[1].value, 3.0);
    EXPECT_EQ(rows[2].value, 4.0);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / (run + ".safetensors")))
        << "done, its checkpoint can go";
  }
}

TEST_F(CoordinatorTest, takes_a_machine_that_computes_otherwise_for_another_one) {
  options.worker.arguments.push_back("--arithmetic=1111");
  EXPECT_TRUE(work({assignment("a", "checkpoint"), assignment("b", "crash")}));
  store.append("b", {{0, "loss", "train", 1}}, {});
  options.worker.arguments.back() = "--arithmetic=2222";
  EXPECT_TRUE(work({assignment("a", "other"), assignment("b", "other")}));
  EXPECT_TRUE(record("a").machine.contains("mixed")) << record("a").machine;
  EXPECT_EQ(record("a").machine["arithmetic"], "2222");
  EXPECT_EQ(store.rows_of("a")[0].value, 1.0);
  EXPECT_EQ(store.rows_of("a")[1].value, 3.0);
  EXPECT_EQ(record("b").status, Status::done)
      << "without a checkpoint nothing stays: " << record("b").message;
  EXPECT_FALSE(record("b").machine.contains("mixed"));
  EXPECT_EQ(store.rows_of("b")[0].value, 2.0);
}

TEST_F(CoordinatorTest, takes_other_packages_that_play_an_environment_for_another_machine) {
  options.worker.arguments.push_back("--packages=game 1.0");
  EXPECT_TRUE(
      work({assignment("same", "checkpoint"), assignment("a", "checkpoint"), assignment("s", "checkpoint")}));
  EXPECT_EQ(record("a").machine["packages"], "game 1.0");
  EXPECT_TRUE(work({assignment("same", "")}));
  EXPECT_FALSE(record("same").machine.contains("mixed")) << record("same").machine;

  options.worker.arguments.back() = "--packages=game 1.1";
  for (const bool strict : {false, true}) {
    const std::string run = strict ? "s" : "a";
    options.strict = strict;
    EXPECT_TRUE(work({assignment(run, "other"), assignment(run + " new", "other")}));
    EXPECT_EQ(record(run).status, Status::done) << record(run).message;
    EXPECT_EQ(record(run).machine.contains("mixed"), !strict) << record(run).machine;
    EXPECT_EQ(record(run).machine["packages"], "game 1.1");
    EXPECT_EQ(store.rows_of(run)[0].value, strict ? 2.0 : 1.0);
    EXPECT_EQ(store.rows_of(run)[1].value, 3.0) << "computed by the other packages";
    EXPECT_FALSE(record(run + " new").machine.contains("mixed"));
    EXPECT_EQ(record(run + " new").machine["packages"], "game 1.1");
  }
}

/// Another program that holds the store as soon as it can, and lets go after so many passes.
struct Holder {
  Holder(const std::filesystem::path& file, const char* how)
      : database(file, SQLITE_OPEN_READWRITE), how(how) {
    database.set_patience(0);
  }
  void pass() {
    if (held == 0) take_hold();
    if (held > 0 && ++held == until) database.execute("COMMIT");
  }
  void take_hold() {
    try {
      database.execute(how);
      database.integer("SELECT count(*) FROM rows");
      held = 1;
    } catch (const store::Held&) {  // it is being written to
      if (database.in_transaction()) database.execute("ROLLBACK");
    }
  }
  store::Database database;
  const char* how;
  int held = 0, until = 10;
};

TEST_F(CoordinatorTest, waits_while_another_program_holds_the_store_and_loses_nothing) {
  for (const char* how : {"BEGIN", "BEGIN EXCLUSIVE"}) {
    const std::string run = how;
    Holder holder(folder.path() / "study.sqlite", how);
    seen.on_pass = [&] { holder.pass(); };
    EXPECT_TRUE(work({assignment(run, "checkpoint"), assignment(run + "2", "slow", 8)}));
    EXPECT_GE(holder.held, holder.until) << "it ended while the store was held, or never was";
    EXPECT_EQ(store.rows_of(run).size(), 3u);
    EXPECT_EQ(record(run + "2").status, Status::done);
    EXPECT_EQ(store.vouched(run), 1) << "its checkpoint waited for its rows";
  }
}

TEST_F(CoordinatorTest, hears_interrupts_while_another_program_holds_the_store) {
  Interrupts interrupts;
  Holder holder(folder.path() / "study.sqlite", "BEGIN");
  holder.until = -1;
  seen.on_pass = [&] {
    holder.pass();
    if (holder.held == 5 || holder.held == 8) raise(SIGINT);
  };
  EXPECT_FALSE(work({assignment("a", "checkpoint"), assignment("b", "hang")}, &interrupts));
  EXPECT_NE(testing::PrintToString(seen.remarks).find("is computed again"), std::string::npos);
  holder.database.execute("COMMIT");
  EXPECT_TRUE(store.damage().empty());
}

TEST_F(CoordinatorTest, times_configurations_without_storing_anything) {
  store.name_runs({{.run = "a", .configuration = Json::object()}});
  Coordinator coordinator(store, options, seen);
  const std::vector<Answer> timings = coordinator.time({assignment("a", "")});
  ASSERT_EQ(timings.size(), 1u);
  EXPECT_EQ(timings[0].update_seconds, 0.001);
  EXPECT_EQ(timings[0].probe_seconds, 0.25);
  EXPECT_EQ(record("a").status, Status::pending);
  EXPECT_FALSE(timings[0].checkpoint);
  EXPECT_EQ(timings[0].methods, "");
  EXPECT_TRUE(coordinator.run({assignment("a", "")}));  // by the same worker
  EXPECT_EQ(record("a").status, Status::done);
}

TEST_F(CoordinatorTest, passes_on_what_a_checkpoint_costs_and_which_methods_a_probe_takes) {
  Assignment asked = assignment("a", "says all");
  asked.fields["debug"] = true;
  const std::vector<Answer> timings =
      Coordinator(store, options, seen).time({asked, assignment("b", "says all")});
  ASSERT_EQ(timings.size(), 2u);
  for (const Answer& timing : timings) {
    ASSERT_TRUE(timing.checkpoint);
    EXPECT_EQ(timing.checkpoint->bytes, 4096);
    EXPECT_EQ(timing.checkpoint->seconds, 0.002);
  }
  EXPECT_EQ(timings[0].methods, "0.linear 8  outer\n");
  EXPECT_EQ(timings[1].methods, "") << "it was not asked";
}

TEST_F(CoordinatorTest, hears_of_networks_before_any_run_and_keeps_with_each_run_what_its_worker_says) {
  Coordinator coordinator(store, options, seen);
  const std::vector<Answer> said = coordinator.describe({assignment("a", ""), assignment("b", "failed")});
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].network.parameters, 113);
  EXPECT_EQ(said[0].network.multiply_adds, 96);
  EXPECT_EQ(said[1].message, "no such rows");
  EXPECT_EQ(said[1].network.parameters, 0);
  EXPECT_TRUE(store.runs().empty()) << "to be asked is no run";
  EXPECT_TRUE(work({assignment("a", "says all"), assignment("b", "")}));
  EXPECT_EQ(record("a").machine["network"], (Json{{"parameters", 113}, {"multiply_adds", 96}}));
  EXPECT_EQ(record("a").machine["torch"], "2.13.0");
  EXPECT_FALSE(record("b").machine.contains("network")) << "its worker did not say";
  EXPECT_EQ(record("a").status, Status::done);
}

}  // namespace
}  // namespace crosstalk::work
