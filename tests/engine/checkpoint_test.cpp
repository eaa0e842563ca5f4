// Which checkpoints are taken, and which are refused: cut, damaged, foreign, of another run or version.
#include "run/checkpoint.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.hpp"
#include "data/dataset.hpp"
#include "folder.hpp"
#include "runs.hpp"

namespace crosstalk::run {
namespace {

class Checkpoints : public ::testing::Test {
 protected:
  Folder folder;
  std::filesystem::path table = folder.path() / "table.safetensors",
                        kept = folder.path() / "checkpoint.safetensors";
  data::Dataset rows = [this] {
    write_table(table, 50, 20, 21, 7);
    return data::read_dataset(table);
  }();
  Json flat = keys();
  Identity who = identity("a", flat, 0, "d");
  std::string refused(const Identity& reader) {
    try {
      Checkpoint(kept, 30, reader).load(*begun({flat, &rows}, 0));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data);
      return error.what();
    }
    return "";
  }
  void write() {
    const auto run = begun({flat, &rows}, 0);
    run->advance();
    Checkpoint(kept, 30, who).save(*run);
  }
};

TEST_F(Checkpoints, are_refused_when_cut_foreign_or_of_another_run_or_configuration) {
  write();
  EXPECT_EQ(refused(who), "");
  EXPECT_NE(refused(identity("b", flat, 0, "d")).find("of run a, not of b"), std::string::npos);
  EXPECT_NE(refused(identity("a", keys({{"learner.rate", 0.1}}), 0, "d")).find("another configuration"),
            std::string::npos);
  EXPECT_NE(refused(identity("a", flat, 1, "d")), "");
  EXPECT_NE(refused(identity("a", flat, 0, "e")), "");

  for (const double share : {0.0, 0.1, 0.5, 0.99}) {
    write();
    std::filesystem::resize_file(
        kept, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(kept))));
    EXPECT_NE(refused(who).find("Remove it"), std::string::npos) << share;
  }
  tensor::write_safetensors(kept, {{"x", at::ones({3})}}, {});
  EXPECT_NE(refused(who).find("no checkpoint"), std::string::npos);
  const Json about = {{"what", "checkpoint"},
                      {"run", "a"},
                      {"identity", who.what},
                      {"step", 1},
                      {"positions", {{"batches", 4}}}};
  tensor::write_safetensors(kept, {{"theta", at::ones({3})}}, {{"crosstalk", about.dump()}});
  EXPECT_NE(refused(who).find("theta"), std::string::npos);
  for (const Json& what : {Json(5), Json::array({"checkpoint"}), Json()}) {
    tensor::write_safetensors(kept, {{"theta", at::ones({3})}},
                              {{"crosstalk", Json({{"what", what}}).dump()}});
    EXPECT_NE(refused(who).find("no checkpoint"), std::string::npos) << what;
  }
  std::filesystem::copy_file(table, kept, std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(refused(who).find("no checkpoint"), std::string::npos);
}

TEST_F(Checkpoints, that_are_damaged_are_told_from_those_that_are_anothers) {
  const auto is_damaged = [&](const Identity& reader) {
    try {
      Checkpoint(kept, 30, reader).load(*begun({flat, &rows}, 0));
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

TEST_F(Checkpoints, of_a_newer_format_are_refused_and_not_taken_for_damaged) {
  write();
  const tensor::SafetensorsFile file(kept);
  Json about = Json::parse(file.metadata().at("crosstalk"));
  EXPECT_EQ(about.at("format"), 1);
  std::map<std::string, at::Tensor> tensors;
  for (const std::string& name : file.names()) tensors[name] = file.tensor(name).clone();
  const auto with = [&](const Json& format) {
    about["format"] = format;
    tensor::write_safetensors(kept, tensors, {{"crosstalk", about.dump()}});
  };
  with(1);
  EXPECT_EQ(refused(who), "");
  with(2);
  try {
    Checkpoint(kept, 30, who).load(*begun({flat, &rows}, 0));
    ADD_FAILURE() << "it was taken";
  } catch (const tensor::FileError& error) {
    ADD_FAILURE() << "it would be removed: " << error.what();
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find(kept.string() + " is a checkpoint of format 2, which a newer crosstalk wrote"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("Go on with that crosstalk, or remove the file"), std::string::npos) << said;
  }
  with(0);
  EXPECT_NE(refused(who).find("of format 0, and this crosstalk reads format 1"), std::string::npos);
  with("2");
  EXPECT_NE(refused(who).find("says that its format is \"2\""), std::string::npos);
  about.erase("format");  // as earlier versions wrote them
  tensor::write_safetensors(kept, tensors, {{"crosstalk", about.dump()}});
  EXPECT_EQ(refused(who), "");
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

}  // namespace
}  // namespace crosstalk::run
