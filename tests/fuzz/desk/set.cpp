// The words of the command line that change a study: each line is one --set, or begins "device=", "scale=" or
// "offset=" for the options of these names.
#include <charconv>

#include "study/reading.hpp"
#include "target.hpp"

using namespace crosstalk;

namespace {

const char* const study_text = R"(
title = "One to be changed"
seeds = 2
[task]
kind = "control"
environment = "gridworld"
[learner]
algorithm = "dqn"
[network]
hidden = 8
[scale.small]
learner.updates = 10
)";

study::LoadOptions options_of(std::string_view text) {
  study::LoadOptions options;
  const auto takes = [](std::string_view& line, std::string_view word) {
    if (!line.starts_with(word)) return false;
    line.remove_prefix(word.size());
    return true;
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (takes(line, "device="))
      options.device = line;
    else if (takes(line, "scale="))
      options.scale = line;
    else if (takes(line, "offset="))
      std::from_chars(line.data(), line.data() + line.size(), options.seed_offset);
    else
      options.sets.emplace_back(line);
  }
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const study::LoadOptions options = options_of(fuzz::text_of(data, size));
  fuzz::is_taken(
      [&] { study::read_study("study.toml", "", [](const std::string&) { return study_text; }, options); });
  return 0;
}
