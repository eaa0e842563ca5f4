#include "work/checkpoint.hpp"

#include "base/contents.hpp"
#include "base/json.hpp"
#include "base/replay_folder.hpp"
#include "base/safetensors_header.hpp"

namespace crosstalk::work {

std::optional<std::int64_t> checkpoint_step(const std::filesystem::path& file, const std::string& run) {
  if (!has_its_contents(file)) return std::nullopt;  // a flipped bit may stand in the step
  try {
    const Json about = about_file(file);
    if (about.at("run") != run) return std::nullopt;
    return integer_of(about.at("step"));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void remove_checkpoint(const std::filesystem::path& checkpoint, std::error_code& failure) {
  std::filesystem::remove(checkpoint, failure);
  std::error_code ignored;  // what stays is only space
  if (!failure && !checkpoint.empty()) std::filesystem::remove_all(replay_folder(checkpoint), ignored);
}

std::filesystem::path unfinished(const std::filesystem::path& checkpoint) {
  return checkpoint.string() + ".partial";
}

}  // namespace crosstalk::work
