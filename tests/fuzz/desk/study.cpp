// A study file, and what it includes: further files stand behind it in the same input, each below a line
// "# ==== NAME". What is read is stored and read again as the same study.
#include <map>

#include "study/load.hpp"
#include "study/reading.hpp"
#include "target.hpp"

using namespace crosstalk;

namespace {

constexpr std::string_view mark = "\n# ==== ";
constexpr std::size_t few = 200;  // runs of a study that is read a second time

std::map<std::string, std::string> files_of(std::string_view text) {
  std::map<std::string, std::string> files;
  std::string name = "study.toml";
  for (;;) {
    const std::size_t end = text.find(mark);
    files.emplace(name, text.substr(0, end));
    if (end == text.npos) return files;
    text.remove_prefix(end + mark.size());
    const std::size_t line = std::min(text.find('\n'), text.size());
    name = text.substr(0, line);
    text.remove_prefix(line);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::map<std::string, std::string> files = files_of(fuzz::text_of(data, size));
  const study::Reader reader = [&](const std::string& path) {
    const auto found = files.find(path);
    if (found == files.end()) throw Error(ErrorKind::config, "there is no such file");
    return found->second;
  };
  study::Study study;
  if (!fuzz::is_taken([&] { study = study::read_study("study.toml", "", reader, {}).study; })) return 0;
  if (study.runs.size() > few) return 0;
  const study::Study again = study::study_from_json(read_json(study::to_json(study).dump()));
  fuzz::require(study::to_json(again) == study::to_json(study), "a stored study reads as what was stored");
  return 0;
}
