#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "study/configuration.hpp"
#include "study/problems.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {

/// What a file, a scale or an option says of one key: one value, or several of an axis. Checked and in one
/// form.
struct Setting {
  Place place;
  std::vector<Json> values;
};

struct Seeds {
  Place place;
  std::vector<std::uint64_t> values;
};

/// Things said together; a later layer replaces what an earlier one said of the same key.
struct Layer {
  std::map<std::string, Setting> settings;
  std::optional<Seeds> seeds;
  std::set<std::string> named;  // keys that something was said of, right or wrong
};

/// How many files a study may be joined from, at all depths.
inline constexpr std::size_t most_files = 1000;

struct Include {
  Place place;
  std::string path;  // relative to the file that has it
};

struct IncludeList {
  Place place;
  std::vector<Include> files;
};

/// One study file, parsed and checked alone.
struct File {
  bool broken = false;  // it could not be read or is no TOML: what it lacks is no second problem
  std::string title, description;
  std::optional<std::string> default_scale;
  Place default_scale_place;
  std::map<std::string, IncludeList> includes;  // by the scale that has it, "": the file's top
  Layer base;
  std::map<std::string, Layer> scales;
  std::vector<Claim> claims;

  /// What the file joins at a scale: its own list, or the top's. nullptr: it joins nothing.
  const IncludeList* joined_at(const std::string& scale) const;
};

/// Problems are added with `name` as their file.
File parse_file(const std::string& text, const std::string& name, Problems& problems);

/// The layer of --set and --device.
Layer parse_options(const LoadOptions& options, Problems& problems);

}  // namespace crosstalk::study
