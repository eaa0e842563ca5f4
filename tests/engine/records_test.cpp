// Records in memory and in files: the same numbers, files that a checkpoint names, and what becomes of them.
#include "replay/records.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/error.hpp"
#include "folder.hpp"

namespace crosstalk::replay {
namespace {

constexpr std::size_t block = 8 * sizeof(std::int64_t);  // eight records

void add(Records& records, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t number = records.end();
    std::memcpy(records.add(), &number, sizeof number);
  }
}

/// Whether each record that is held is the number by which it is known.
void expect_their_numbers(const Records& records) {
  for (std::int64_t i = records.first(); i < records.end(); ++i) {
    std::int64_t number = -1;
    std::memcpy(&number, records[i], sizeof number);
    ASSERT_EQ(number, i);
  }
}

/// As a checkpoint's file would hold it.
tensor::State copied(const Records& records) {
  tensor::State state;
  records.save(state);
  for (auto& [name, held] : state.tensors) held = held.clone();
  return state;
}

std::vector<std::string> files(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

class InFiles : public testing::Test {
 protected:
  Records records() const { return Records(sizeof(std::int64_t), folder_.path(), block); }
  Folder folder_;
};

TEST_F(InFiles, they_are_what_they_are_in_memory) {
  Records there = records(), here(sizeof(std::int64_t), {}, block);
  for (Records* each : {&there, &here}) {
    add(*each, 21);
    each->drop_until(11);
    add(*each, 9);
    EXPECT_EQ(each->first(), 11);
    EXPECT_EQ(each->end(), 30);
    expect_their_numbers(*each);
  }
}

TEST_F(InFiles, a_checkpoint_names_them_with_their_lengths_and_holds_none) {
  Records written = records();
  add(written, 21);
  written.drop_until(11);
  const tensor::State state = copied(written);
  EXPECT_FALSE(state.tensors.contains("observations"));
  const at::Tensor segments = state.tensor("segments");
  EXPECT_EQ(segments.select(1, 0).sum().item<std::int64_t>(), 21 - 8);
}

TEST_F(InFiles, a_process_that_was_killed_goes_on_from_its_checkpoint_whatever_it_did_behind_it) {
  tensor::State state;
  {
    Records written = records();
    add(written, 21);
    written.drop_until(11);
    state = copied(written);
    add(written, 30);  // and then it is gone
    written.drop_until(40);
  }
  Records again = records();
  again.load(state, 11);
  EXPECT_EQ(again.first(), 11);
  EXPECT_EQ(again.end(), 21);
  expect_their_numbers(again);
  add(again, 12);
  expect_their_numbers(again);
}

TEST_F(InFiles, a_file_goes_when_no_checkpoint_that_may_be_the_newest_names_it) {
  Records written = records();
  add(written, 30);
  const tensor::State before = copied(written);
  written.drop_until(17);
  copied(written);  // this checkpoint may not have got its name: the one before it still counts
  EXPECT_EQ(files(folder_.path()),
            (std::vector<std::string>{"0.records", "16.records", "24.records", "8.records"}));
  Records from_before = records();
  from_before.load(before, 0);
  expect_their_numbers(from_before);
  copied(written);
  EXPECT_EQ(files(folder_.path()), (std::vector<std::string>{"16.records", "24.records"}));
}

TEST_F(InFiles, they_take_over_what_an_older_checkpoint_holds_itself) {
  Records here(sizeof(std::int64_t), {}, block);
  here.clear(11);
  add(here, 13);
  Records there = records();
  there.load(copied(here), 11);
  EXPECT_EQ(there.first(), 11);
  EXPECT_EQ(there.end(), 24);
  expect_their_numbers(there);
  Records again = records();
  again.load(copied(there), 11);
  expect_their_numbers(again);
}

TEST_F(InFiles, a_file_that_was_altered_cut_short_or_removed_is_refused_by_name) {
  tensor::State state;
  {
    Records written = records();
    add(written, 21);
    state = copied(written);
  }
  const auto refused = [&] {
    Records again = records();
    try {
      again.load(state, 0);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("8.records"), std::string::npos) << error.what();
      return true;
    }
    return false;
  };
  EXPECT_FALSE(refused());
  const std::filesystem::path file = folder_.path() / "8.records";
  {
    std::fstream altered(file, std::ios::in | std::ios::out | std::ios::binary);
    altered.seekp(17);
    altered.put(1);
  }
  EXPECT_TRUE(refused());
  std::filesystem::resize_file(file, 40);
  EXPECT_TRUE(refused());
  std::filesystem::remove(file);
  EXPECT_TRUE(refused());
}

TEST_F(InFiles, what_names_impossible_files_is_refused) {
  Records written = records();
  add(written, 21);
  for (const std::int64_t length : {std::int64_t{-1}, std::int64_t{5}, std::int64_t{9}}) {
    tensor::State state = copied(written);
    state.tensors["segments"][0][0] = length;
    Records again = records();
    EXPECT_THROW(again.load(state, 0), Error) << length;
  }
  tensor::State state = copied(written);
  state.tensors["segments"] = at::zeros({3}, at::kLong);
  Records again = records();
  EXPECT_THROW(again.load(state, 0), Error);
}

}  // namespace
}  // namespace crosstalk::replay
