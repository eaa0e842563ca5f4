// A segment of stored trajectories, in a set whose trajectories.json fits it as far as one can. What is taken
// is drawn to its last step.
#include <ATen/core/Tensor.h>

#include "digest.hpp"
#include "replay/stored.hpp"
#include "target.hpp"
#include "tensor/safetensors.hpp"

using namespace crosstalk;

namespace {

/// What an observation of eight bytes can be.
struct Kind {
  const char* kept;
  std::vector<std::int64_t> extents;
};
const Kind kinds[] = {{"bits", {64}}, {"bytes", {2, 2, 2}}, {"single", {2}}, {"whole", {1}}, {"index", {3}}};

std::int64_t size_of(const tensor::SafetensorsFile& file, const char* name, std::int64_t dimension) {
  if (!file.has(name)) return 0;
  const at::Tensor column = file.tensor(name);
  return column.dim() > dimension ? std::min<std::int64_t>(column.size(dimension), 1000) : 0;
}

Json about(const tensor::SafetensorsFile& file, const std::string& bytes, const Json& observation) {
  const std::int64_t steps = size_of(file, "rewards", 0), episodes = size_of(file, "lengths", 0);
  const Json segment = {{"file", file.path().filename().string()},
                        {"steps", steps},
                        {"episodes", episodes},
                        {"bytes", bytes.size()},
                        {"contents", bytes.substr(*place_of_contents(bytes), no_contents.size())},
                        {"sha256", std::string(64, '0')}};
  return {{"what", TrajectorySet::what},
          {"format", TrajectorySet::format},
          {"environment", "gym:Hand-v0"},
          {"complete", true},
          {"steps", steps},
          {"episodes", episodes},
          {"actions", 3},
          {"frames", size_of(file, "executed", 1)},
          {"ram", size_of(file, "ram", 1)},
          {"scores", file.has("scores") ? Json::array() : Json()},
          {"discount of values", file.has("values") ? Json(0.9) : Json()},
          {"observation", observation},
          {"segments", {segment}}};
}

void draw_all(const std::filesystem::path& folder) {
  const replay::Stored stored(folder, at::kFloat, at::kCPU);
  std::vector<data::Id> rows(static_cast<std::size_t>(stored.set().steps));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = static_cast<data::Id>(i);
    fuzz::require(static_cast<std::int64_t>(stored.ram(rows[i], data::At::after).size()) == stored.set().ram,
                  "a step has its memory");
    stored.executed(rows[i]);
    stored.score(rows[i]);
    stored.seed(rows[i]);
  }
  if (stored.has_values())
    fuzz::require(stored.values(rows, data::At::after).size(0) == std::ssize(rows), "a step has its values");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::string bytes = fuzz::with_its_digest(std::string(fuzz::text_of(data, size)));
  if (!place_of_contents(bytes)) return 0;
  const std::filesystem::path path = scratch.file("segment.safetensors", bytes);
  for (const Kind& kind : kinds) {
    fuzz::is_taken([&] {
      const tensor::SafetensorsFile file(path);
      const Json observation = {{"kept", kind.kept},
                                {"extents", kind.extents},
                                {"channels_last", kind.extents.size() == 3},
                                {"history", 2}};
      scratch.file(TrajectorySet::about_name, about(file, bytes, observation).dump());
      draw_all(path.parent_path());
    });
  }
  return 0;
}
