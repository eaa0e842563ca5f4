#include "study/load.hpp"

#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "study/reading.hpp"

namespace crosstalk::study {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    throw Error(ErrorKind::config, "this is a folder; a study is a .toml file");
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  if (!stream)
    throw Error(ErrorKind::config, fs::exists(path, ignored) ? "the file cannot be opened; is it readable?"
                                                             : "there is no such file");
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

Reading read_study(const fs::path& file, const LoadOptions& options) {
  const fs::path folder = file.parent_path();
  Reading reading = read_study(
      file.filename().string(), folder, [&](const std::string& path) { return text_of(folder / path); },
      options);
  std::error_code failed;
  const fs::path absolute = fs::absolute(folder.empty() ? fs::path(".") : folder, failed);
  reading.study.folder = (failed ? folder : absolute).lexically_normal();
  return reading;
}

Study load(const fs::path& file, const LoadOptions& options) { return read_study(file, options).study; }

}  // namespace crosstalk::study
