#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

/// A set of trajectories on disk is a folder: trajectories.json says what made it and what it holds, and the
/// segments beside it hold the steps (engine/replay/stored.hpp). Both halves read the one, the engine the
/// others.
namespace crosstalk {

/// One file of whole episodes.
struct SegmentEntry {
  std::string file;  // its name in the folder
  std::int64_t steps, episodes;
  std::uint64_t bytes;   // of the file
  std::string contents;  // the digest that the file states of itself (base/contents.hpp)
  std::string sha256;    // of the file
};

/// trajectories.json, read and checked.
struct TrajectorySet {
  static constexpr const char* about_name = "trajectories.json";
  static constexpr const char* expert_name = "expert.safetensors";  // a copy of the parameters of who played
  static constexpr const char* what = "crosstalk trajectories";
  static constexpr std::int64_t format = 1;

  std::filesystem::path folder;
  Json about;  // all of it
  std::string environment;
  std::int64_t steps, episodes;
  std::int64_t actions;      // how many there are to choose from
  std::int64_t frames, ram;  // of a step and bytes of an observation; 0 where they were not kept
  bool complete, has_scores, has_values;
  std::vector<SegmentEntry> segments;
  std::optional<SegmentEntry> gathered;  // of a set that is not complete: what will stand in the next segment

  /// SHA-256 of what it holds, whoever made it and under whatever names: the form of its observations, how
  /// many actions there are, the discount of an expert's values, and its segments. It is part of the identity
  /// of a run that learns from it.
  std::string digest() const;

  /// Error(data) names the folder or the file, what is wrong, and the mend.
  static TrajectorySet read(const std::filesystem::path& folder);
  /// Error(data) for a set that is still being collected.
  void refuse_incomplete() const;
  std::filesystem::path path_of(const SegmentEntry& segment) const { return folder / segment.file; }
};

/// The entry of a segment as trajectories.json has it.
Json to_json(const SegmentEntry& segment);

}  // namespace crosstalk
