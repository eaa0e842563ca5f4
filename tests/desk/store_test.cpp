#include "store/store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>

#include "base/error.hpp"
#include "folder.hpp"
#include "store/connection.hpp"

namespace crosstalk::store {
namespace {

const Json study = {{"name", "small"}};

RunRecord named(const std::string& run, std::int64_t place = 0) {
  return {.run = run,
          .experiment = "small",
          .seed = 7,
          .configuration = {{"network.hidden", 16}},
          .place = place};
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::store) << error.what();
    return error.what();
  }
  return "nothing was refused";
}

class StoreTest : public testing::Test {
 protected:
  Store filled() {
    Store store = Store::create(file, study);
    store.name_runs({named("a"), named("b", 1)});
    store.append("a", {{0, "loss", "train", 2.5}}, {});
    store.commit();
    return store;
  }
  Folder folder;
  std::filesystem::path file = folder.path() / "study.sqlite";
};

TEST_F(StoreTest, gives_back_what_it_was_given_to_the_last_bit) {
  const double odd = std::bit_cast<double>(0x7ff8000000001234ULL);
  const std::vector<Row> rows{
      {0, "a", "train", -0.0}, {0, "b", "train", 1e-310},
      {0, "c", "train", odd},  {0, "d", "train", -std::numeric_limits<double>::infinity()},
      {0, "e", "train", 3.0},  {1, "a", "test", 0.1}};
  {
    Store store = filled();
    store.append("b", rows, {});
    store.commit();
  }
  const std::vector<Row> read = Store::open_to_read(file).rows_of("b");
  ASSERT_EQ(read.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(read[i].measure, rows[i].measure);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read[i].value), std::bit_cast<std::uint64_t>(rows[i].value)) << i;
  }
}

TEST_F(StoreTest, gives_back_arrays_and_records) {
  const Array gram{3, "loss_gram", "train-train", {2, 2}, {1, 0.5, 0.5, 1}, {{"rows", {4, 5}}}};
  {
    Store store = filled();
    store.append("a", {}, {gram});
    store.append("a", {}, {gram});  // once more, equal
    store.begin_try("a");
    store.set_status("a", Status::diverged, "loss is nan at step 3", {{"torch", "2.13"}}, 1.5);
    store.set_status("a", Status::diverged, "loss is nan at step 3", nullptr, 0.5);
    store.commit();
  }
  const Store store = Store::open_to_read(file);
  const std::vector<Array> arrays = store.arrays("a", "loss_gram");
  ASSERT_EQ(arrays.size(), 1u);
  EXPECT_EQ(arrays[0].values, gram.values);
  EXPECT_EQ(arrays[0].shape, gram.shape);
  EXPECT_EQ(arrays[0].axes, gram.axes);
  EXPECT_TRUE(store.arrays("a", "nothing").empty());
  const RunRecord record = store.runs().front();
  EXPECT_EQ(record.status, Status::diverged);
  EXPECT_EQ(record.message, "loss is nan at step 3");
  EXPECT_EQ(record.machine["torch"], "2.13");
  EXPECT_EQ(record.seconds, 2.0);
  EXPECT_EQ(record.tries, 1);
  EXPECT_EQ(record.configuration->at("network.hidden"), 16);
  EXPECT_EQ(store.study(), study);
}

TEST_F(StoreTest, takes_a_repeated_row_that_is_equal) {
  Store store = filled();
  const Row not_a_number{1, "loss", "train", std::nan("")};
  store.append("a", {not_a_number, {0, "loss", "train", 2.5}}, {});
  store.append("a", {not_a_number}, {});
  store.commit();
  EXPECT_EQ(store.rows_of("a").size(), 2u);
}

TEST_F(StoreTest, refuses_a_repeated_row_with_another_value) {
  Store store = filled();
  const std::string message = message_of([&] {
    store.append("a", {{1, "loss", "train", 1}, {0, "loss", "train", std::nextafter(2.5, 3)}}, {});
  });
  for (const char* part : {"study.sqlite", "run a", "step 0", "loss", "train", "2.5", "2.5000000000000004"}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " in " << message;
  }
  store.commit();
  EXPECT_EQ(store.rows_of("a").size(), 1u) << "the refused call stored a part";
  EXPECT_NE(message_of([&] { store.append("a", {{0, "loss", "train", std::nan("")}}, {}); }).find("nan"),
            std::string::npos);
}

TEST_F(StoreTest, refuses_another_array_and_an_unknown_run) {
  Store store = filled();
  store.append("a", {}, {{3, "gram", "train", {1}, {1}, nullptr}});
  EXPECT_NE(
      message_of([&] { store.append("a", {}, {{3, "gram", "train", {1}, {2}, nullptr}}); }).find("gram"),
      std::string::npos);
  EXPECT_NE(message_of([&] { store.append("nobody", {{0, "loss", "train", 1}}, {}); }).find("nobody"),
            std::string::npos);
}

TEST_F(StoreTest, forgets_a_runs_rows_from_a_step_on_and_vouches_for_no_more_than_it_has) {
  Store store = filled();
  const auto gram = [](std::int64_t step) {
    return Array{step, "loss_gram", "train-train", {1}, {2.5}, nullptr};
  };
  store.append("b", {{0, "loss", "train", 1}, {50, "loss", "train", 2}, {100, "loss", "train", 3}},
               {gram(50), gram(100)});
  EXPECT_EQ(store.vouched("b"), 0);
  store.vouch("b", 120);
  store.vouch("b", 130);
  EXPECT_EQ(store.vouched("b"), 130);
  EXPECT_EQ(store.vouched("a"), 0);
  store.forget_rows("b", 51);
  EXPECT_EQ(store.vouched("b"), 51);
  EXPECT_EQ(store.rows_of("b").size(), 2u);
  EXPECT_EQ(store.array_names("b"), std::vector<std::string>{"loss_gram"});
  ASSERT_EQ(store.arrays("b", "loss_gram").size(), 1u);
  store.forget_rows("b");
  EXPECT_EQ(store.vouched("b"), 0);
  EXPECT_TRUE(store.rows_of("b").empty());
  EXPECT_TRUE(store.array_names("b").empty());
  EXPECT_EQ(store.rows_of("a").size(), 1u);
}

TEST_F(StoreTest, keeps_runs_that_the_study_no_longer_names_but_does_not_report_them) {
  Store store = filled();
  store.name_runs({named("b"), named("c")});
  store.append("b", {{0, "loss", "train", 1}}, {});
  store.commit();
  std::vector<std::string> seen;
  store.rows([&](const StoredRow& row) { seen.push_back(row.run); });
  EXPECT_EQ(seen, std::vector<std::string>{"b"});
  EXPECT_EQ(store.rows_of("a").size(), 1u);
  EXPECT_EQ(store.runs().size(), 3u);
  EXPECT_FALSE(store.runs().front().named);
}

TEST_F(StoreTest, loses_what_was_not_committed_and_nothing_else) {
  {
    filled().append("a", {{1, "loss", "train", 1}}, {});
  }
  EXPECT_EQ(Store::open(file).rows_of("a").size(), 1u);
}

TEST_F(StoreTest, lets_others_read_while_it_writes) {
  Store writer = filled();
  const Store reader = Store::open_to_read(file);
  writer.append("a", {{1, "a new name", "train", 1}}, {});
  EXPECT_EQ(reader.rows_of("a").size(), 1u);
  writer.commit();
  EXPECT_EQ(reader.rows_of("a").size(), 2u);
}

TEST_F(StoreTest, survives_a_kill_in_the_middle_of_transactions) {
  {
    filled();
  }
  std::int64_t stored = 1;
  for (int round = 0; round < 8; ++round) {
    int durable[2];
    ASSERT_EQ(pipe(durable), 0);
    const pid_t child = fork();
    if (child == 0) {
      Store store = Store::open(file);
      for (std::int64_t step = 10'000 * (round + 1);; ++step) {
        store.append("b", {{step, "loss", "train", 0.1}, {step, "loss", "test", 0.2}}, {});
        store.commit();
        if (write(durable[1], "x", 1) != 1) _exit(1);
      }
    }
    close(durable[1]);
    char said;
    std::int64_t committed = 0;
    for (int i = 0; i < 5 + 3 * round; ++i) committed += read(durable[0], &said, 1);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (read(durable[0], &said, 1) == 1) ++committed;
    close(durable[0]);
    Store store = Store::open(file);
    const std::int64_t now = store.count_rows();
    EXPECT_GE(now, stored + 2 * committed) << "a committed row is gone";
    EXPECT_EQ((now - 1) % 2, 0) << "half a transaction";
    stored = now;
  }
}

TEST_F(StoreTest, refuses_what_is_no_store) {
  std::ofstream(file) << "this is a text and no results file, long enough to have a header of its own";
  const std::string garbage = message_of([&] { Store::open(file); });
  EXPECT_NE(garbage.find("study.sqlite"), std::string::npos);
  EXPECT_NE(garbage.find("Give another --out"), std::string::npos);
  EXPECT_EQ(inspect(file)["kind"], "other");

  std::ofstream(file, std::ios::trunc).close();
  EXPECT_NE(message_of([&] { Store::open(file); }).find("not a store"), std::string::npos);

  std::filesystem::remove(file);
  {
    Database(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE).execute("CREATE TABLE other (x)");
  }
  EXPECT_NE(message_of([&] { Store::open_to_read(file); }).find("not a store"), std::string::npos);
  EXPECT_EQ(inspect(file)["tables"]["other"], 0);

  EXPECT_NE(message_of([&] {
              Store::open_to_read(folder.path() / "none" / "study.sqlite");
            }).find("holds no results"),
            std::string::npos);
  EXPECT_NE(message_of([&] { Store::create(folder.path() / "none" / "study.sqlite", study); }).find("folder"),
            std::string::npos);
}

TEST_F(StoreTest, refuses_another_format_and_says_how_to_look_at_it) {
  {
    filled();
  }
  {
    Database(file, SQLITE_OPEN_READWRITE).execute("PRAGMA user_version = 9");
  }
  const std::string message = message_of([&] { Store::open(file); });
  EXPECT_NE(message.find("format 9"), std::string::npos);
  EXPECT_NE(message.find("crosstalk doctor"), std::string::npos);
  EXPECT_EQ(inspect(file)["format"], 9);
  EXPECT_EQ(inspect(file)["tables"]["runs"], 2);
}

TEST_F(StoreTest, refuses_a_damaged_file_in_one_message) {
  {
    Store store = filled();
    for (int i = 1; i < 5000; ++i) store.append("a", {{i, "loss", "train", 0.1 * i}}, {});
    store.commit();
  }
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(4096);
  for (int i = 0; i < 40'000; ++i) bytes.put(static_cast<char>(i * 37));
  bytes.close();
  EXPECT_NE(message_of([&] { Store::open(file).rows_of("a"); }).find("damaged"), std::string::npos);
}

std::vector<std::string> damaged_runs(const Store& store) {
  std::vector<std::string> runs;
  for (const Damage& damage : store.damage()) runs.push_back(damage.run);
  return runs;
}

/// A store of two runs with rows and arrays, after something was done to it by another program.
class DamagedStoreTest : public StoreTest {
 protected:
  void damage(const char* sql) {
    {
      Store store = filled();
      for (const char* run : {"a", "b"}) {
        store.append(run, {{1, "loss", "train", 1.5}, {2, "loss", "test", std::nan("")}},
                     {{1, "gram", "train", {2}, {1, 2}, {{"0", "sample"}}}});
        store.set_status(run, Status::done, "", {{"torch", "2.13"}}, 1);
      }
      store.commit();
    }
    EXPECT_TRUE(Store::open_to_read(file).damage().empty());
    Database(file, SQLITE_OPEN_READWRITE).execute(sql);
  }
  void TearDown() override { std::filesystem::remove(file); }
};

TEST_F(DamagedStoreTest, names_the_run_whose_rows_are_not_those_that_were_stored) {
  for (const char* sql : {"DELETE FROM rows WHERE run = 2",
                          "DELETE FROM rows WHERE run = 2 AND step = 1",
                          "UPDATE rows SET value = 1.5000000000000002 WHERE run = 2 AND step = 1",
                          "UPDATE rows SET step = 7 WHERE run = 2 AND step = 1",
                          "INSERT INTO rows VALUES (2, 9, 1, 2, 0.5)",
                          "UPDATE rows SET value = x'010203' WHERE run = 2 AND step = 1",
                          "UPDATE rows SET value = 'much' WHERE run = 2 AND step = 1",
                          "UPDATE rows SET measure = 77 WHERE run = 2 AND step = 1",
                          "UPDATE arrays SET value = zeroblob(16) WHERE run = 2",
                          "UPDATE arrays SET shape = '[1, 2]' WHERE run = 2",
                          "UPDATE arrays SET axes = 'null' WHERE run = 2",
                          "UPDATE arrays SET shape = '[3]' WHERE run = 2",
                          "DELETE FROM arrays WHERE run = 2",
                          "UPDATE runs SET seed = 8 WHERE number = 2",
                          "UPDATE runs SET status = 3 WHERE number = 2",
                          "UPDATE runs SET configuration = '{}' WHERE number = 2",
                          "UPDATE runs SET configuration = 7 WHERE number = 2",
                          "UPDATE runs SET named = 0 WHERE number = 2",
                          "DELETE FROM meta WHERE key = 'contents of b'",
                          "DELETE FROM runs WHERE run = 'b'",
                          "UPDATE meta SET value = '{}' WHERE key = 'contents of b'"}) {
    damage(sql);
    Store store = Store::open(file);
    ASSERT_FALSE(store.damage().empty()) << sql;
    EXPECT_EQ(store.damage().front().run, "b") << sql;
    EXPECT_TRUE(store.damage().back().run == "b" || store.damage().back().run.empty()) << sql;
    const std::string message = message_of([&] {
      store.runs();
      store.count_rows();
      store.rows([](const StoredRow&) {});
      for (const std::string& name : store.array_names("b")) store.arrays("b", name);
    });
    EXPECT_NE(message.find("damaged"), std::string::npos) << sql << ": " << message;
    store.forget(store.damage());
    store.name_runs({named("a"), named("b", 1)});
    store.commit();
    EXPECT_TRUE(store.damage().empty()) << sql;
    EXPECT_EQ(store.rows_of("a").size(), 3u) << sql;
    EXPECT_TRUE(store.rows_of("b").empty()) << sql;
    EXPECT_EQ(store.runs()[1].status, Status::pending) << sql;
    TearDown();
  }
}

TEST_F(DamagedStoreTest, refuses_a_file_that_lacks_a_part_or_whose_study_is_another) {
  for (const char* sql : {"DROP TABLE meta", "DROP TABLE rows", "ALTER TABLE runs DROP COLUMN place",
                          "ALTER TABLE rows RENAME COLUMN value TO v", "DELETE FROM meta",
                          "DELETE FROM meta WHERE key = 'study'",
                          "UPDATE meta SET value = '{\"name\": \"other\"}' WHERE key = 'study'",
                          "DELETE FROM meta WHERE key = 'contents of the study'",
                          "UPDATE names SET name = x'ff' WHERE number = 1",
                          "UPDATE names SET name = 'lors' WHERE name = 'loss'"}) {
    damage(sql);
    EXPECT_NE(message_of([&] {
                const Store store = Store::open_to_read(file);
                store.study();
                store.rows([](const StoredRow&) {});
              }).find("damaged"),
              std::string::npos)
        << sql;
    TearDown();
  }
}

TEST_F(DamagedStoreTest,
       reads_a_store_that_was_made_before_contents_were_noted_and_counts_what_is_unchecked) {
  damage("DELETE FROM meta WHERE key LIKE 'contents%'; UPDATE runs SET tries = 1");
  {
    Store store = Store::open(file);
    EXPECT_EQ(store.without_contents(), 2);
    EXPECT_TRUE(store.damage().empty());
    EXPECT_EQ(store.rows_of("a").size(), 3u);
    EXPECT_EQ(store.study(), study);
    store.name_runs({named("a"), named("b", 1), named("c", 2)});
    store.append("b", {{3, "loss", "train", 4}}, {});
    store.commit();
    EXPECT_EQ(store.without_contents(), 1) << "what was written to since is noted";
  }
  Database(file, SQLITE_OPEN_READWRITE).execute("DELETE FROM rows WHERE run = 2 AND step = 1");
  EXPECT_EQ(damaged_runs(Store::open(file)), std::vector<std::string>{"b"});
}

TEST_F(StoreTest, keeps_its_digests_true_through_refusals_forgetting_and_lost_transactions) {
  Store store = filled();
  const Array gram{3, "gram", "train", {1}, {1}, nullptr};
  store.append("b", {{0, "loss", "train", 1}, {9, "loss", "train", 2}}, {gram});
  store.append("b", {{0, "loss", "train", 1}}, {gram});
  EXPECT_THROW(store.append("b", {{5, "loss", "train", 1}, {0, "loss", "train", 3}}, {}), RowConflict);
  store.vouch("b", 4);
  EXPECT_TRUE(store.damage().empty());
  store.commit();
  store.append("b", {{11, "loss", "train", 2}}, {});
  store.roll_back();
  store.forget_rows("b", 3);
  store.append("b", {{9, "loss", "train", 4}}, {});
  store.commit();
  EXPECT_TRUE(store.damage().empty());
  EXPECT_EQ(store.rows_of("b").size(), 2u);
  EXPECT_EQ(Store::open_to_read(file).damage().size(), 0u);
  store.forget_rows("b");
  store.set_status("b", Status::failed, "why", nullptr, 1);
  store.commit();
  EXPECT_TRUE(Store::open_to_read(file).damage().empty());
}

TEST_F(StoreTest, keeps_its_transaction_while_another_program_reads) {
  Store store = filled();
  store.set_patience(0);
  Database other(file, SQLITE_OPEN_READWRITE);
  {
    const Snapshot snapshot(other);
    EXPECT_EQ(other.integer("SELECT count(*) FROM rows"), 1);
    store.append("a", {{1, "loss", "train", 1}}, {});
    EXPECT_THROW(store.commit(), Held);
    store.append("a", {{2, "loss", "train", 1}}, {});
    EXPECT_THROW(store.commit(), Held);
  }
  store.commit();
  EXPECT_EQ(other.integer("SELECT count(*) FROM rows"), 3);
  other.execute("BEGIN EXCLUSIVE");
  EXPECT_THROW(store.begin(), Held);
  int asked = 0;
  set_wait_call([&](const std::filesystem::path& held, double) {
    EXPECT_EQ(held, file);
    return ++asked < 3;
  });
  store.set_patience(1e9);
  EXPECT_THROW(store.count_rows(), Held);
  EXPECT_EQ(asked, 3);
  set_wait_call(nullptr);
}

/// A child whose files may not grow over `bytes`, as on a full disk.
TEST_F(StoreTest, says_that_the_disk_is_full_and_keeps_what_was_stored) {
  {
    filled();
  }
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{200'000, 200'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      Store store = Store::open(file);
      for (int i = 1; i < 100'000; ++i) {
        store.append("b", {{i, "loss", "train", 0.1 * i}}, {});
        if (i % 1000 == 0) store.commit();
      }
      _exit(1);
    } catch (const Error& error) {
      const std::string message = error.what();
      _exit(message.find("disk") != std::string::npos && message.find("was stored before is kept") ? 0 : 2);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  Store store = Store::open(file);
  EXPECT_EQ(store.rows_of("a").size(), 1u);
  EXPECT_EQ(store.rows_of("b").size() % 1000, 0u);
  store.append("b", {{200'000, "loss", "train", 1}}, {});
  store.commit();
}

TEST_F(StoreTest, names_a_file_that_may_not_be_written) {
  {
    filled();
  }
  if (unshare_mounts() != 0) GTEST_SKIP() << "a read-only mount is not allowed here";
  ASSERT_EQ(mount(folder.path().c_str(), folder.path().c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_EQ(mount(nullptr, folder.path().c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr), 0);
  const std::string message = message_of([&] {
    Store store = Store::open(file);
    store.append("a", {{1, "loss", "train", 1}}, {});
    store.commit();
  });
  EXPECT_EQ(Store::open_to_read(file).rows_of("a").size(), 1u);
  umount(folder.path().c_str());
  EXPECT_NE(message.find("may not be written"), std::string::npos) << message;
}

}  // namespace
}  // namespace crosstalk::store
