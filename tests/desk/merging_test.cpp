#include "cluster/merging.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/contents.hpp"
#include "base/error.hpp"
#include "folder.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cluster {
namespace {

using store::Status;
using store::Store;

constexpr std::size_t runs_a_task = 3;

std::string name_of(std::size_t place) {
  std::string digits = std::to_string(place);
  return std::string(16 - digits.size(), '0') + digits;
}

store::RunRecord record_of(std::size_t place, const char* keep) {
  return {.run = name_of(place),
          .experiment = "small",
          .seed = place,
          .configuration = {{"network.hidden", 16}, {"probe.keep", keep}},
          .place = static_cast<std::int64_t>(place)};
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Changes the last number that it finds of a row: the run's digest no longer fits.
void damage(const std::filesystem::path& file) {
  std::string text = text_of(file);
  const double value = 0.5;
  const std::string bytes{0x3f, static_cast<char>(0xe0)};  // as SQLite has it, most significant byte first
  const std::size_t place = text.rfind(bytes);
  ASSERT_NE(place, std::string::npos) << value;
  text[place + 2] ^= 1;
  std::ofstream(file, std::ios::binary) << text;
}

/// A study of some tasks, as `submit` leaves it, and what its tasks would leave.
class MergingTest : public testing::Test {
 protected:
  explicit MergingTest(std::size_t tasks = 3) {
    plan.id = "0123456789abcdef";
    plan.crosstalk = CROSSTALK_VERSION;
    plan.study = {{"name", "small"}, {"scale", ""}, {"schema", 1}};
    for (std::size_t task = 0; task < tasks; ++task) {
      plan.tasks.emplace_back();
      for (std::size_t i = 0; i < runs_a_task; ++i) {
        plan.tasks.back().runs.push_back(task * runs_a_task + i);
        plan.tasks.back().run_seconds.push_back(1);
        plan.runs.push_back(name_of(task * runs_a_task + i));
      }
    }
  }

  Store results() {
    std::vector<store::RunRecord> records;
    for (std::size_t place = 0; place < plan.tasks.size() * runs_a_task; ++place)
      records.push_back(record_of(place, keep));
    Store store = Store::create(work::ResultsFolder{folder.results}.file(), {{"name", "small"}});
    store.name_runs(records);
    store.commit();
    return store;
  }

  /// The task's own store after it has finished so many of its runs, published.
  void publish(std::size_t task, std::size_t finished = runs_a_task, double value = 0.5,
               const Json& record = nullptr, const std::string& arithmetic = "a") {
    const work::ResultsFolder shard{folder.shard(task)};
    std::error_code ignored;
    std::filesystem::create_directories(shard.folder);
    std::filesystem::remove(shard.file(), ignored);
    Store store = Store::create(shard.file(), record.is_null() ? shard_record(plan, task, data) : record);
    std::vector<store::RunRecord> records;
    for (const std::size_t place : plan.tasks.at(task).runs) records.push_back(record_of(place, keep));
    store.name_runs(records);
    for (std::size_t i = 0; i < records.size() && i <= finished; ++i) {
      store.begin_try(records[i].run);
      store.set_status(records[i].run, Status::running, "", {{"arithmetic", arithmetic}, {"host", "n1"}}, 0);
      store.append(records[i].run,
                   {{0, "loss", "train", value + static_cast<double>(i)}, {50, "loss", "train", value}},
                   {{50, "gram", "train", {2}, {value, 1.0}, Json::object()}});
      if (i < finished) store.set_status(records[i].run, Status::done, "", nullptr, 12);
    }
    store.commit();
    store.copy_to(folder.published(task));
  }

  std::string refused(const Merged& merged) const {
    std::string all;
    for (const std::string& each : merged.refused) all += each + '\n';
    return all;
  }

  Folder scratch;
  ClusterFolder folder{scratch.path()};
  Plan plan;
  Json data = Json::object();
  const char* keep = "none";  // of its runs
};

TEST_F(MergingTest, takes_every_finished_run_with_its_rows_arrays_and_record) {
  for (const std::size_t task : {0, 1, 2}) publish(task, runs_a_task, 0.1 * static_cast<double>(task + 1));
  Store store = results();
  const Merged merged = merge(folder, plan, store);
  EXPECT_EQ(merged.taken, 9);
  EXPECT_EQ(refused(merged), "");
  EXPECT_TRUE(store.damage().empty());
  for (const store::RunRecord& run : store.runs()) {
    EXPECT_EQ(run.status, Status::done);
    EXPECT_EQ(run.seconds, 12);
    EXPECT_EQ(run.tries, 1);
    EXPECT_EQ(run.machine.at("host"), "n1");
    const std::size_t task = static_cast<std::size_t>(run.place) / runs_a_task;
    Store shard = Store::open_to_read(folder.published(task));
    ASSERT_EQ(store.rows_of(run.run).size(), 2u);
    EXPECT_EQ(store.contents_of(run.run), shard.contents_of(run.run));
    EXPECT_EQ(store.arrays(run.run, "gram").front().values, shard.arrays(run.run, "gram").front().values);
  }
}

TEST_F(MergingTest, twice_changes_nothing) {
  for (const std::size_t task : {0, 1, 2}) publish(task);
  Store store = results();
  merge(folder, plan, store);
  const std::int64_t rows = store.count_rows();
  const Merged again = merge(folder, plan, store);
  EXPECT_EQ(again.taken, 0);
  EXPECT_EQ(again.there, 9);
  EXPECT_EQ(refused(again), "");
  EXPECT_EQ(store.count_rows(), rows);
}

TEST_F(MergingTest, while_tasks_work_takes_what_is_finished_and_the_rest_later) {
  publish(0, 1);
  Store store = results();
  const Merged first = merge(folder, plan, store);
  EXPECT_EQ(first.taken, 1);
  EXPECT_EQ(first.unpublished, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(store.rows_of(name_of(1)).size(), 0u);  // begun, and its rows may come anew
  for (const std::size_t task : {0, 1, 2}) publish(task);
  const Merged second = merge(folder, plan, store);
  EXPECT_EQ(second.taken, 8);
  EXPECT_EQ(second.there, 1);
  EXPECT_EQ(store.count_rows(), 18);
}

TEST_F(MergingTest, keeps_the_first_and_names_a_run_that_came_out_otherwise) {
  publish(0);
  Store store = results();
  merge(folder, plan, store);
  publish(0, runs_a_task, 0.25, nullptr, "b");
  const std::string said = refused(merge(folder, plan, store));
  EXPECT_NE(said.find("task 0: run " + name_of(0) + " is stored already with other values (there: "),
            said.npos)
      << said;
  EXPECT_NE(said.find("crosstalk verify"), said.npos) << said;
  EXPECT_EQ(store.rows_of(name_of(0)).front().value, 0.5);
}

TEST_F(MergingTest, refuses_a_shard_of_another_study_by_its_name_and_takes_the_others) {
  for (const std::size_t task : {0, 2}) publish(task);
  Json other = shard_record(plan, 1, Json::object());
  other["name"] = "atari";
  publish(1, runs_a_task, 0.5, other);
  Store store = results();
  const Merged merged = merge(folder, plan, store);
  EXPECT_EQ(merged.taken, 6);
  EXPECT_NE(refused(merged).find("the shard of task 1 (" + folder.published(1).string() +
                                 ") is of another study, atari, and this one is small"),
            std::string::npos)
      << refused(merged);
}

TEST_F(MergingTest, refuses_a_shard_of_another_version_submission_or_task_by_name) {
  const auto with = [&](const char* part, const Json& value) {
    Json record = shard_record(plan, 1, Json::object());
    (std::string(part) == "crosstalk" ? record : record["shard"])[part] = value;
    publish(1, runs_a_task, 0.5, record);
    std::filesystem::remove(work::ResultsFolder{folder.results}.file());
    Store store = results();
    return refused(merge(folder, plan, store));
  };
  EXPECT_NE(with("crosstalk", "0.0.7").find("was made by crosstalk 0.0.7"), std::string::npos);
  EXPECT_NE(with("plan", "fedcba9876543210").find("is of another submission of small (fedcba9876543210, and"),
            std::string::npos);
  EXPECT_NE(with("task", 0).find("is doubled: it is a copy of the shard of task 0"), std::string::npos);
}

TEST_F(MergingTest, refuses_a_shard_that_is_cut_short_at_any_length) {
  for (const std::size_t task : {0, 1, 2}) publish(task);
  const std::uintmax_t bytes = std::filesystem::file_size(folder.published(1));
  const std::filesystem::path whole = folder.results / "whole";
  std::filesystem::copy_file(folder.published(1), whole);
  Store store = results();
  for (const double part : {0.0, 0.1, 0.35, 0.6, 0.9, 0.999}) {
    std::filesystem::copy_file(whole, folder.published(1), std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(folder.published(1),
                                 static_cast<std::uintmax_t>(part * static_cast<double>(bytes)));
    const Merged merged = merge(folder, plan, store);
    EXPECT_EQ(merged.refused.size(), 1u) << part;
    EXPECT_NE(refused(merged).find("the shard of task 1"), std::string::npos) << refused(merged);
  }
  std::filesystem::rename(whole, folder.published(1));
  EXPECT_EQ(refused(merge(folder, plan, store)), "");
  EXPECT_EQ(store.count_rows(), 18);
}

TEST_F(MergingTest, refuses_shards_with_runs_too_many_or_too_few_and_files_of_no_task) {
  plan.tasks[1].runs.pop_back();
  publish(1);
  plan.tasks[1].runs.push_back(5);
  Store store = results();
  EXPECT_NE(refused(merge(folder, plan, store)).find("lacks run " + name_of(5)), std::string::npos);
  plan.tasks[1].runs.back() = 7;
  publish(1);
  plan.tasks[1].runs.back() = 5;
  EXPECT_NE(refused(merge(folder, plan, store)).find("holds run " + name_of(7)), std::string::npos);
  publish(1);
  std::filesystem::create_directories(folder.shards() / "0042");
  EXPECT_NE(refused(merge(folder, plan, store)).find("0042 is no shard of small, which has the tasks 0 to 2"),
            std::string::npos);
}

TEST_F(MergingTest, refuses_a_shard_that_was_computed_with_other_data) {
  data = {{"set", {{"dataset", "california"}, {"sha256", "aaaa"}}}};
  publish(0);
  data["set"]["sha256"] = "bbbb";
  publish(1);
  Store store = results();
  const Merged merged = merge(folder, plan, store);
  EXPECT_EQ(merged.taken, 3);
  EXPECT_NE(refused(merged).find("the shard of task 1 was computed with other data: california"),
            std::string::npos)
      << refused(merged);
  EXPECT_EQ(store.study().at("data").at("set").at("sha256"), "aaaa");
}

/// A safetensors file that states its own digest.
/// What a run has kept of a step: a safetensors file without tensors.
std::string kept_file(const std::string& run, int step) {
  const Json about{{"run", run}, {"what", "measurement"}, {"step", step}};
  std::string header =
      Json{{"__metadata__", {{"contents", no_contents}, {"crosstalk", about.dump()}}}}.dump();
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  file += header;
  return file.replace(*place_of_contents(file), no_contents.size(), *contents_of(file));
}

TEST_F(MergingTest, brings_kept_files_and_does_not_touch_the_shard) {
  keep = "last";
  publish(0, 1);
  const std::filesystem::path kept = work::ResultsFolder{folder.shard(0)}.kept(name_of(0)),
                              there = work::ResultsFolder{folder.results}.kept(name_of(0));
  Store store = results();
  EXPECT_NE(refused(merge(folder, plan, store)).find("what run " + name_of(0) + " has kept of step"),
            std::string::npos);
  std::filesystem::create_directories(kept);
  std::ofstream(kept / "50.safetensors") << "theta";
  EXPECT_NE(refused(merge(folder, plan, store)).find("50.safetensors is cut short or damaged"),
            std::string::npos);
  std::filesystem::remove(kept / "50.safetensors");
  std::filesystem::create_symlink("/etc/passwd", kept / "50.safetensors");
  EXPECT_NE(refused(merge(folder, plan, store)).find("50.safetensors is no file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(there / "50.safetensors"));
  std::filesystem::remove(kept / "50.safetensors");
  for (const std::string& other : {kept_file(name_of(1), 50), kept_file(name_of(0), 40)}) {
    std::ofstream(kept / "50.safetensors", std::ios::binary) << other;
    EXPECT_NE(refused(merge(folder, plan, store)).find("50.safetensors is another one"), std::string::npos);
  }
  std::ofstream(kept / "50.safetensors", std::ios::binary) << kept_file(name_of(0), 50);
  EXPECT_EQ(refused(merge(folder, plan, store)), "") << "of a run whose rows are there, too";
  EXPECT_EQ(text_of(there / "50.safetensors"), kept_file(name_of(0), 50));
  std::filesystem::remove_all(there);
  merge(folder, plan, store);
  EXPECT_EQ(text_of(there / "50.safetensors"), kept_file(name_of(0), 50)) << "put back where it was lost";
  EXPECT_TRUE(std::filesystem::exists(kept / "50.safetensors"));
}

TEST_F(MergingTest, keeps_what_a_run_has_begun_here_and_what_the_data_were_though_a_shard_is_refused) {
  data = {{"set", {{"dataset", "california"}, {"sha256", "aaaa"}}}};
  publish(0, 1);
  publish(1);
  Store store = results();
  store.begin_try(name_of(1));
  store.append(name_of(1), {{0, "loss", "train", 9.0}}, {});
  store.commit();
  damage(folder.published(0));
  const Merged merged = merge(folder, plan, store);
  EXPECT_EQ(merged.taken, 3) << refused(merged);
  EXPECT_EQ(store.study().at("data").at("set").at("sha256"), "aaaa") << "of the sound shard";
  publish(0, 1);
  merge(folder, plan, store);
  EXPECT_EQ(store.rows_of(name_of(1)).size(), 1u) << "a run that was begun here and in the shard";
}

TEST_F(MergingTest, says_in_how_many_ways_runs_were_computed) {
  publish(0, runs_a_task, 0.5, nullptr, "a");
  publish(1, runs_a_task, 0.5, nullptr, "b");
  Store store = results();
  EXPECT_EQ(merge(folder, plan, store).ways.size(), 2u);
}

TEST_F(MergingTest, takes_a_failed_run_s_words_and_its_rows_once_it_is_done) {
  publish(0, 1);
  {
    Store shard = Store::open(work::ResultsFolder{folder.shard(0)}.file());
    shard.set_status(name_of(1), Status::failed, "no memory", nullptr, 3);
    shard.commit();
    shard.copy_to(folder.published(0));
  }
  Store store = results();
  merge(folder, plan, store);
  EXPECT_EQ(store.runs()[1].status, Status::failed);
  EXPECT_EQ(store.runs()[1].message, "no memory");
  publish(0);
  merge(folder, plan, store);
  EXPECT_EQ(store.runs()[1].status, Status::done);
  EXPECT_EQ(store.rows_of(name_of(1)).size(), 2u);
}

TEST_F(MergingTest, reads_its_plan_again_and_refuses_one_that_is_damaged_or_of_another_version) {
  std::filesystem::create_directories(folder.folder());
  write_plan(folder, plan);
  EXPECT_EQ(read_plan(folder).tasks[2].runs, plan.tasks[2].runs);
  const auto refusal = [&](const std::string& text) {
    std::ofstream(folder.plan()) << text;
    try {
      read_plan(folder);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was refused");
  };
  std::ifstream stream(folder.plan());
  const std::string whole(std::istreambuf_iterator<char>(stream), {});
  EXPECT_NE(refusal(whole.substr(0, whole.size() / 2)).find("is damaged"), std::string::npos);
  Json json = Json::parse(whole);
  json["crosstalk"] = "0.0.7";
  EXPECT_NE(refusal(json.dump()).find("was submitted by crosstalk 0.0.7"), std::string::npos);
  json["crosstalk"] = CROSSTALK_VERSION;
  json["tasks"][0]["runs"][0] = 99;
  EXPECT_NE(refusal(json.dump()).find("a task names a run that the study has not"), std::string::npos);
}

class ManyShards : public MergingTest {
 protected:
  ManyShards() : MergingTest(200) {}
};

TEST_F(ManyShards, merge_each_in_one_piece) {
  for (std::size_t task = 0; task < 200; ++task) publish(task);
  Store store = results();
  EXPECT_EQ(merge(folder, plan, store).taken, 600);
  EXPECT_EQ(store.count_rows(), 1200);
}

}  // namespace
}  // namespace crosstalk::cluster
