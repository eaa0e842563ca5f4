// Each fuzz target reads its corpus: the seeds, and every input that was ever found at fault. One that
// crashes ends this program, and the last name that was printed is its name.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#define TARGET(name) extern "C" int read_##name(const std::uint8_t* data, std::size_t size);
#include "targets.def"
#undef TARGET

namespace crosstalk {
namespace {

using Read = int (*)(const std::uint8_t*, std::size_t);

std::vector<std::filesystem::path> corpus(const std::string& target) {
  const auto folder = std::filesystem::path(CROSSTALK_SOURCE_DIR) / "tests/fuzz/corpus" / target;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void read_corpus(const char* target, Read read) {
  const std::vector<std::filesystem::path> files = corpus(target);
  ASSERT_GE(files.size(), 3u) << "a corpus has seeds";
  for (const std::filesystem::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    ASSERT_TRUE(stream) << file << " cannot be read";
    std::fprintf(stderr, "%s/%s\n", target, file.filename().c_str());
    EXPECT_EQ(read(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
  }
}

#define TARGET(name) \
  TEST(Corpus, of_##name##_is_read_or_refused) { read_corpus(#name, read_##name); }
#include "targets.def"
#undef TARGET

}  // namespace
}  // namespace crosstalk
