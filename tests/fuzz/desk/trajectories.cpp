// trajectories.json, which says what a folder of stored trajectories holds.
#include "base/trajectory_set.hpp"
#include "target.hpp"

using namespace crosstalk;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  const std::filesystem::path file = scratch.file(TrajectorySet::about_name, fuzz::text_of(data, size));
  fuzz::is_taken([&] {
    const TrajectorySet set = TrajectorySet::read(file.parent_path());
    std::int64_t steps = 0;
    for (const SegmentEntry& segment : set.segments) steps += segment.steps;
    fuzz::require(steps == set.steps, "a set has the steps of its segments");
    fuzz::require(set.digest().size() == 64, "a set has a digest");
    set.refuse_incomplete();
  });
  return 0;
}
