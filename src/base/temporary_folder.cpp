#include "base/temporary_folder.hpp"

#include <stdlib.h>

#include <cstdlib>
#include <string>
#include <system_error>

#include "base/error.hpp"

namespace crosstalk {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  std::string pattern = (parent / "crosstalk-XXXXXX").string();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    const char* set = std::getenv("TMPDIR");
    throw Error(ErrorKind::environment,
                "no folder for temporary files can be made in " +
                    (error ? std::string(set == nullptr ? "/tmp" : set) : parent.string()) +
                    ". Set TMPDIR to a folder that may be written to.");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace crosstalk
