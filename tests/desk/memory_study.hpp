#pragma once

// Studies from texts in memory, for tests: {"a.toml": "..."}; the first file is a.toml unless said.
#include <map>
#include <string>

#include "base/error.hpp"
#include "study/reading.hpp"

namespace crosstalk::study {

inline Reading reading_of(const std::map<std::string, std::string>& files, const LoadOptions& options = {},
                          const std::string& first = "a.toml") {
  return read_study(
      first, "",
      [&](const std::string& path) {
        const auto found = files.find(path);
        if (found == files.end()) throw Error(ErrorKind::config, "there is no such file");
        return found->second;
      },
      options);
}

inline Study study_of(const std::string& text, const LoadOptions& options = {}) {
  return reading_of({{"a.toml", text}}, options).study;
}

/// What the error says, or "" where there is none.
inline std::string refusal(const std::map<std::string, std::string>& files, const LoadOptions& options = {}) {
  try {
    reading_of(files, options);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::config ? error.what() : std::string("another kind: ") + error.what();
  }
  return "";
}

inline std::string refusal(const std::string& text, const LoadOptions& options = {}) {
  return refusal(std::map<std::string, std::string>{{"a.toml", text}}, options);
}

}  // namespace crosstalk::study
