#include "base/contents.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "folder.hpp"

namespace crosstalk {
namespace {

/// A safetensors file of one tensor of bytes, with room for its digest.
std::string small_file() {
  std::string header = R"({"__metadata__":{"about":"{\"contents\":\"x\"}","contents":")" +
                       std::string(no_contents) +
                       R"("},"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})";
  const std::size_t length = header.size();
  std::string file(8, '\0');
  file[0] = static_cast<char>(length & 0xff);
  file[1] = static_cast<char>(length >> 8);
  file += header + "ninebytes";
  return file.replace(*place_of_contents(file), no_contents.size(), *contents_of(file));
}

std::string hex(std::string_view bytes, std::size_t piece) {
  ContentsDigest digest;
  for (std::size_t at = 0; at < bytes.size(); at += piece) digest.add(bytes.substr(at, piece));
  return digest.hex();
}

TEST(Contents, have_the_digest_that_xxhash_publishes) {
  EXPECT_EQ(ContentsDigest().hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Contents, have_one_digest_in_whatever_pieces_they_come) {
  std::string bytes(100'003, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i % 251);
  for (const std::size_t piece : {1, 7, 64, 1000, 1 << 16})
    EXPECT_EQ(hex(bytes, piece), hex(bytes, bytes.size()));
}

TEST(Contents, are_no_longer_those_of_the_digest_when_any_bit_is_flipped) {
  const Folder folder;
  const std::filesystem::path path = folder.path() / "a";
  std::string file = small_file();
  ASSERT_TRUE(have_their_digest(file));
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(have_their_digest(file)) << bit;
    std::ofstream(path, std::ios::binary) << file;
    EXPECT_FALSE(has_its_contents(path)) << bit;
    file[bit / 8] = static_cast<char>(file[bit / 8] ^ (1 << bit % 8));
  }
  std::ofstream(path, std::ios::binary) << file;
  EXPECT_TRUE(has_its_contents(path));
}

TEST(Contents, that_are_cut_or_absent_have_no_digest) {
  const Folder folder;
  const std::string file = small_file();
  for (std::size_t size = 0; size < file.size(); ++size) {
    std::ofstream(folder.path() / "a", std::ios::binary) << file.substr(0, size);
    EXPECT_FALSE(has_its_contents(folder.path() / "a")) << size;
    EXPECT_FALSE(have_their_digest(std::string_view(file).substr(0, size))) << size;
  }
  EXPECT_FALSE(has_its_contents(folder.path() / "none"));
  EXPECT_FALSE(has_its_contents(folder.path()));
}

}  // namespace
}  // namespace crosstalk
