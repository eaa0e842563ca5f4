#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

/// What a fuzz target calls, its own entry among it. libFuzzer, AFL++, Honggfuzz and the tests
/// (corpus_test.cpp) drive it. It reads the bytes as the program would, and returns 0. An input is a finding
/// where it crashes, or throws anything but what its reader is to throw, or where `require` does not hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace crosstalk::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process where a claim does not hold: every engine counts that as a finding.
inline void require(bool holds, const char* claim) {
  if (holds) return;
  std::fprintf(stderr, "it does not hold that %s\n", claim);
  std::abort();
}

/// A message goes to terminals and into JSON.
inline void require_readable(std::string_view message) {
  require(message.size() > 10 && is_utf8(message), "a message is a text that says something");
}

/// Calls `read`; true where it took the input. An Error is how a reader refuses; anything else is a finding.
template <class Read>
bool is_taken(Read read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    require_readable(error.what());
    return false;
  }
}

/// A folder in memory where there is one, for readers that take a path; gone at the end.
class Scratch {
 public:
  Scratch() {
    const char* memory = "/dev/shm";
    std::string name = (std::filesystem::is_directory(memory) ? std::filesystem::path(memory)
                                                              : std::filesystem::temp_directory_path()) /
                       "crosstalk-fuzz-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "a folder can be made for the input");
    folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;

  std::filesystem::path path(const char* name) const { return folder_ / name; }
  /// Writes the bytes to a file of this name, over what was there.
  std::filesystem::path file(const char* name, std::string_view bytes) const {
    std::ofstream(path(name), std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace crosstalk::fuzz
