#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "base/digest.hpp"
#include "folder.hpp"
#include "replay/storing.hpp"
#include "tensor/random.hpp"
#include "tensor/safetensors.hpp"

/// Small sets of trajectories made by hand, of everything that a set can hold.
namespace crosstalk::replay {

/// Two numbers are seen, of two moments; three actions; memory of 3 bytes; 2 frames a step; values.
inline Json small_recipe() {
  return {{"environment", "gym:Hand-v0"},
          {"task", {{"task.episode-steps", 100}}},
          {"policy", {{"kind", "random"}}},
          {"seed", 1},
          {"requested", 1000},
          {"versions", {{"crosstalk", CROSSTALK_VERSION}}},
          {"observation", {{"kept", "single"}, {"extents", {2}}, {"channels_last", false}, {"history", 2}}},
          {"actions", 3},
          {"discount of values", 0.9},
          {"frames", 2},
          {"ram", 3},
          {"lossy", false}};
}

/// What is seen at a moment and done there, numbers of (episode, moment) that no other moment has.
struct Moment {
  std::array<float, 2> record;
  std::array<std::uint8_t, 3> ram;
  std::array<float, 3> values;

  Moment(int episode, int at)
      : record{static_cast<float>(episode), static_cast<float>(at) + 0.5f},
        ram{static_cast<std::uint8_t>(episode), static_cast<std::uint8_t>(at), 7},
        values{static_cast<float>(episode * 100 + at), -1, 0.25f} {}
  Gathered::Seen seen() const { return {std::as_bytes(std::span(record)), ram, values}; }
};
inline int length_of(int episode) { return 1 + (episode * 5) % 7; }
inline std::int64_t action_of(int episode, int at) { return (episode + at) % 3; }
inline env::Outcome outcome_of(int episode, int at) {
  const bool last = at + 1 == length_of(episode);
  return {.reward = episode + 0.1 * at,
          .terminated = last && episode % 3 != 0,
          .truncated = last && episode % 3 == 0,
          .score = 10.0 * episode + at};
}

inline Gathered small_episode(const SegmentForm& form, int episode) {
  Gathered all(form);
  all.begin(static_cast<std::uint64_t>(1000 + episode), Moment(episode, 0).seen());
  for (int at = 0; at < length_of(episode); ++at) {
    const std::array<std::int64_t, 2> executed{at, at + 1};
    all.add(action_of(episode, at), outcome_of(episode, at), Moment(episode, at + 1).seen(),
            std::span(executed).first(at + 1 == length_of(episode) ? 1 : 2));
  }
  return all;
}

constexpr int small_episodes = 12;
constexpr std::uint64_t small_segment = 600;  // bytes: some episodes each

/// Adds those from `first` on and ends.
inline void store_rest(Storing& storing, int first) {
  for (int episode = first; episode < small_episodes; ++episode)
    storing.add(small_episode(storing.form(), episode), {{"episode", episode + 1}});
  storing.finish();
}
inline void store_small_set(const std::filesystem::path& folder) {
  Storing storing(folder, small_recipe(), /*scores=*/true, small_segment);
  store_rest(storing, 0);
}

inline std::string bytes_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
/// The contents of all files, by name.
inline std::map<std::string, std::string> contents_of_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    all[entry.path().filename().string()] = bytes_of_file(entry.path());
  return all;
}

inline Json about_of(const std::filesystem::path& folder) {
  return read_json(bytes_of_file(folder / TrajectorySet::about_name));
}
inline void set_about(const std::filesystem::path& folder, const Json& about) {
  std::ofstream(folder / TrajectorySet::about_name) << about.dump();
}

/// Writes a segment anew with another column, digests and all, so that only what stands in it can be wrong.
inline void replace_column(const std::filesystem::path& folder, std::size_t segment, const std::string& name,
                           const at::Tensor& column) {
  Json about = about_of(folder);
  Json& entry = about["segments"][segment];
  const std::filesystem::path path = folder / entry["file"].get<std::string>();
  std::map<std::string, at::Tensor> all;
  {
    const tensor::SafetensorsFile file(path);
    for (const std::string& each : file.names()) all[each] = file.tensor(each).clone();
  }
  all[name] = column;
  tensor::write_safetensors(path, all, {});
  entry["bytes"] = std::filesystem::file_size(path);
  entry["contents"] = tensor::SafetensorsFile(path).metadata().at("contents");
  entry["sha256"] = sha256_of_file(path);
  set_about(folder, about);
}
inline at::Tensor column_of(const std::filesystem::path& folder, std::size_t segment,
                            const std::string& name) {
  const std::filesystem::path path =
      folder / about_of(folder)["segments"][segment]["file"].get<std::string>();
  return tensor::SafetensorsFile(path).tensor(name).clone();
}

}  // namespace crosstalk::replay
