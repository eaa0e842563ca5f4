// What a run keeps of its measurements: it changes nothing, it is what was measured, and it comes out the
// same again.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/error.hpp"
#include "base/vocabulary.hpp"
#include "data/dataset.hpp"
#include "folder.hpp"
#include "runs.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {
namespace {

struct Keeping : testing::Test {
  const Folder folder;
  const std::filesystem::path files = folder.path() / "kept" / "0123456789abcdef";
  const std::filesystem::path table = folder.path() / "table.safetensors",
                              images = folder.path() / "images.safetensors";
  const data::Dataset rows = [this] {
    at::set_num_threads(1);
    write_table(table, 50, 20, 21, 7);
    return data::read_dataset(table);
  }();
  const data::Dataset pictures = [this] {
    write_images(images, 30, 12, 10);
    return data::read_dataset(images);
  }();

  std::vector<Kind> kinds() const {
    return {{keys(), &rows},
            {image_keys({{"probe.samples", 5}}), &pictures},
            {agent_keys("double-dqn"), &pictures},
            {exact_keys("gridworld", "dqn", {{"learner.approximation", "network"}})},
            {exact_keys("gridworld", "dqn", {{"learner.target-copies", 3}})},
            {exact_keys("boyan", "td-lambda",
                        {{"learner.view", "backward"},
                         {"learner.lambda", 0.0},
                         {"learner.rate", 0.01},
                         {"learner.source", "expected"}})}};
  }
  Keeper keeper(Keep when = Keep::all) const {
    return {files, when, {{"run", "0123456789abcdef"}, {"seed", 3}}};
  }
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(files)) {
      std::ifstream file(entry.path(), std::ios::binary);
      all[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
    }
    return all;
  }
  void carried_out_again(const Kind& kind) {
    Heard heard;
    Checkpoint none("", 1e9, {});
    Keeper again = keeper();
    carry_out(*begun(kind), heard, none, &again);
  }
};

TEST_F(Keeping, leaves_theta_and_rows_the_same_to_the_last_bit) {
  for (const Kind& kind : kinds()) {
    std::filesystem::remove_all(files);
    const auto kept = begun(kind), bare = begun(kind);
    Heard with, without;
    Checkpoint none("", 1e9, {});
    Keeper keeping = keeper();
    EXPECT_EQ(carry_out(*kept, with, none, &keeping).ending, Ending::done);
    EXPECT_EQ(carried_out(*bare, without).ending, Ending::done);
    EXPECT_TRUE(at::equal(kept->theta(), bare->theta())) << kind.flat.dump();
    EXPECT_EQ(by_key(with.rows), by_key(without.rows)) << kind.flat.dump();
    EXPECT_GE(contents().size(), 2u) << kind.flat.dump();
  }
}

TEST_F(Keeping, writes_the_same_files_when_measurements_are_made_again) {
  for (const Kind& kind : kinds()) {
    std::filesystem::remove_all(files);
    carried_out_again(kind);
    const auto first = contents();
    carried_out_again(kind);
    EXPECT_EQ(contents(), first);
    std::filesystem::remove_all(files);
    carried_out_again(kind);
    EXPECT_EQ(contents(), first) << "from nothing";
  }
}

TEST_F(Keeping, refuses_a_file_with_other_numbers_and_writes_a_damaged_one_again) {
  carried_out_again(kinds()[0]);
  const auto first = contents();
  const std::filesystem::path file = files / "5.safetensors";
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 9);
  carried_out_again(kinds()[0]);
  EXPECT_EQ(contents(), first) << "cut short";
  std::filesystem::copy_file(files / "10.safetensors", file,
                             std::filesystem::copy_options::overwrite_existing);
  try {
    carried_out_again(kinds()[0]);
    FAIL() << "another measurement's file stood there";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::store);
    EXPECT_NE(std::string(error.what()).find("5.safetensors holds other numbers"), std::string::npos);
  }
}

TEST_F(Keeping, of_the_last_measurement_is_one_file_beside_what_stays_the_same) {
  Heard heard;
  Checkpoint none("", 1e9, {});
  Keeper last = keeper(Keep::last);
  carry_out(*begun(kinds()[0]), heard, none, &last);
  std::set<std::string> names;
  for (const auto& [name, bytes] : contents()) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"12.safetensors", "rows.safetensors"}));
}

TEST_F(Keeping, of_the_last_measurement_is_that_which_ended_the_run) {
  for (Kind kind : {Kind{agent_keys("double-dqn", {{"probe.measures", {"loss", "value_churn"}}}), &pictures},
                    Kind{keys(), &rows}}) {
    std::filesystem::remove_all(files);
    kind.flat["probe.until"] = "loss train >= 0";
    Heard heard;
    Checkpoint none("", 1e9, {});
    Keeper last = keeper(Keep::last);
    carry_out(*begun(kind), heard, none, &last);
    ASSERT_FALSE(heard.rows.empty());
    EXPECT_TRUE(contents().contains(std::to_string(heard.rows.back().step) + ".safetensors"));
  }
}

TEST_F(Keeping, is_told_its_size_before) {
  const auto bytes = [](const Kept& kept) {
    double sum = 0;
    for (const auto& [name, tensor] : kept) sum += static_cast<double>(tensor.nbytes());
    return sum;
  };
  for (const Kind& kind : kinds()) {
    const auto run = begun(kind);
    while (!run->finished()) run->advance();
    run->measure();
    const KeptSize told = kept_size(*run);
    EXPECT_EQ(told.measurement, bytes(kept_of_measurement(*run)));
    EXPECT_EQ(told.once, bytes(kept_once(*run))) << kind.flat.dump();
  }
}

TEST_F(Keeping, is_told_the_size_of_copies_that_are_still_to_be_made) {
  const auto run =
      begun({exact_keys("gridworld", "dqn", {{"learner.target-every", 1}, {"learner.target-copies", 4}})});
  const double theta = static_cast<double>(run->theta().nbytes());
  while (run->subject().networks().updates() < 2) run->advance();
  const double few = kept_size(*run).measurement;
  EXPECT_EQ(kept_of_measurement(*run).count("target-2/0.weight"), 1u);
  EXPECT_EQ(kept_of_measurement(*run).count("target-3/0.weight"), 0u);
  double held = 0;
  for (const auto& [name, tensor] : kept_of_measurement(*run)) held += static_cast<double>(tensor.nbytes());
  EXPECT_EQ(few, held + theta);
}

TEST_F(Keeping, says_where_it_cannot_write) {
  std::ofstream(folder.path() / "kept") << "no folder";
  try {
    carried_out_again(kinds()[0]);
    FAIL();
  } catch (const Unwritten& error) {
    EXPECT_NE(std::string(error.what()).find("cannot be made"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace crosstalk::run
