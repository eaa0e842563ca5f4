#include "study/load.hpp"

#include <fstream>

#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "study/reading.hpp"
#include "study/toml_limits.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

namespace fs = std::filesystem;

/// Only of a plain file: a device or a pipe may have no end.
std::string text_of(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (fs::is_directory(status)) throw Error(ErrorKind::config, "this is a folder; a study is a .toml file");
  if (!fs::exists(status)) throw Error(ErrorKind::config, "there is no such file");
  if (const std::string what = no_plain_file(path); !what.empty())
    throw Error(ErrorKind::config, "this is " + what + ", not a plain file; a study is a .toml file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw Error(ErrorKind::config, "the file cannot be opened; is it readable?");
  std::string text(most_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most_bytes)
    throw Error(ErrorKind::config,
                "this is too large for a study, which has at most " + with_commas(most_bytes) + " bytes");
  return text;
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
