#include "replay/stored.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

TrajectorySet read_whole(const std::filesystem::path& folder) {
  TrajectorySet set = TrajectorySet::read(folder);
  set.refuse_incomplete();
  return set;
}

}  // namespace

Stored::Stored(const std::filesystem::path& folder, at::ScalarType type, at::Device device, bool shifted)
    : set_(read_whole(folder)),
      digest_(set_.digest()),
      form_(SegmentForm::of(set_)),
      drawing_(std::make_shared<env::ArrayDrawing>(form_.observation, type, device)),
      steps_(drawing_, {set_.actions}, type, {.shifted = shifted}) {
  std::int64_t record = 0;
  for (const SegmentEntry& entry : set_.segments) {
    parts_.push_back({steps_.end(), record, steps_.begun(), read_segment(set_.path_of(entry), entry, form_)});
    const Segment& segment = parts_.back().segment;
    record += segment.steps() + segment.episodes();
    steps_.lend(
        {.records = reinterpret_cast<const std::byte*>(segment.observations.const_data_ptr<std::uint8_t>()),
         .lengths = numbers<std::int64_t>(segment.lengths),
         .actions = numbers<std::int64_t>(segment.actions),
         .rewards = numbers<double>(segment.rewards),
         .terminated = numbers<std::uint8_t>(segment.terminations),
         .truncated = numbers<std::uint8_t>(segment.truncations)});
  }
}

const Stored::Part& Stored::part_of(data::Id row) const {
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), row,
                                      [](data::Id number, const Part& part) { return number < part.step; });
  return *(after - 1);
}

at::Tensor Stored::values(std::span<const data::Id> rows, data::At at) const {
  if (!has_values())
    throw Error(ErrorKind::config,
                set_.folder.string() +
                    " holds no values: none of an expert's are known of trajectories that it did not play. "
                    "Collect a set with --expert.");
  const at::Tensor all = at::empty({std::ssize(rows), set_.actions}, at::kFloat);
  auto* to = all.mutable_data_ptr<float>();
  for (const data::Id row : rows) {
    const Part& part = part_of(row);
    to = std::copy_n(part.segment.values.const_data_ptr<float>() + place(part, row, at) * set_.actions,
                     set_.actions, to);
  }
  return all;
}

std::span<const std::uint8_t> Stored::ram(data::Id row, data::At at) const {
  if (set_.ram == 0) return {};
  const Part& part = part_of(row);
  return numbers<std::uint8_t>(part.segment.ram)
      .subspan(static_cast<std::size_t>(place(part, row, at) * set_.ram), static_cast<std::size_t>(set_.ram));
}

std::span<const std::int64_t> Stored::executed(data::Id row) const {
  if (set_.frames == 0) return {};
  const Part& part = part_of(row);
  return numbers<std::int64_t>(part.segment.executed)
      .subspan(static_cast<std::size_t>((row - part.step) * set_.frames),
               static_cast<std::size_t>(set_.frames));
}

std::optional<double> Stored::score(data::Id row) const {
  if (!has_scores()) return std::nullopt;
  const Part& part = part_of(row);
  return numbers<double>(part.segment.scores)[static_cast<std::size_t>(row - part.step)];
}

std::optional<std::uint64_t> Stored::seed(data::Id row) const {
  const Part& part = part_of(row);
  const std::int64_t seed = numbers<std::int64_t>(
      part.segment.seeds)[static_cast<std::size_t>(steps_[row].episode - part.episode)];
  return seed < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(seed));
}

}  // namespace crosstalk::replay
