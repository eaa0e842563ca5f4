#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/shared_json.hpp"

namespace crosstalk::study {

/// The keys of a configuration with their values. Its runs, one for each seed, share them: a study of a
/// hundred thousand runs has few configurations.
class KeyValues {
 public:
  using Map = std::map<std::string, Json>;
  KeyValues() : KeyValues(Map()) {}
  KeyValues(Map values) : values_(std::make_shared<const Map>(std::move(values))), json_(Json(*values_)) {}
  KeyValues(std::initializer_list<Map::value_type> values) : KeyValues(Map(values)) {}
  operator const Map&() const { return *values_; }
  const Json& at(const std::string& key) const { return values_->at(key); }
  Map::const_iterator find(const std::string& key) const { return values_->find(key); }
  Map::const_iterator begin() const { return values_->begin(); }
  Map::const_iterator end() const { return values_->end(); }
  std::size_t size() const { return values_->size(); }
  const SharedJson& json() const { return json_; }  // the same as an object
  friend bool operator==(const KeyValues& a, const KeyValues& b) { return *a.values_ == *b.values_; }
  friend void to_json(Json& json, const KeyValues& values) { json = *values.json_; }

 private:
  std::shared_ptr<const Map> values_;
  SharedJson json_;
};

/// One run, resolved: every key of the schema with its value ("network.hidden": 16), and who it is.
struct Configuration {
  std::string run;  // identifier: 16 hexadecimal digits of the SHA-256 of (schema version, keys that differ
                    // from their defaults, seed); the same on every machine
  std::string experiment;  // the stem of the study file (of the included one, where studies are joined)
  std::uint64_t seed = 0;
  KeyValues values;
};

/// Whether it may end before its length, by what it measures (probe.until): its time is then a most.
inline bool may_end_early(const Configuration& run) {
  const auto until = run.values.find("probe.until");
  return until != run.values.end() && until->second.is_string() && until->second != "never";
}

/// What the command line adds to a study file.
struct LoadOptions {
  std::string scale;              // --scale; empty: the file's own default
  std::vector<std::string> sets;  // --set, each "key=value", the last of a key wins
  std::int64_t seed_offset = 0;   // --seed-offset
  std::string device;             // --device; empty: as the file has it
};

/// What a study says it will find (docs/claims.md). The rule is known to be sound.
struct Claim {
  std::string name;  // given, or "claim-2" by its place in its file
  std::string sentence, rule;
  std::string source;  // where it comes from, may be empty
  std::string file;    // with its line
  int line = 0;
  std::vector<std::string> experiments;  // of its file and those that it includes: what it is about
};

/// The text of one file that a study was read from. `path` is relative to the study file's folder.
struct SourceFile {
  std::string path;
  std::string text;
};

/// A study, resolved. What `run` works through and the store remembers.
struct Study {
  std::string name;                 // the stem of the file
  std::string title, description;   // as the file has them, may be empty
  std::string scale;                // as chosen, or the file's default; empty where there is none
  std::string text;                 // what a reader is shown: the file's own text, included files' behind it
  std::vector<std::string> swept;   // full names of keys that take more than one value, sorted
  std::vector<Configuration> runs;  // in the order in which they are to be run
  std::vector<Claim> claims;        // of the file, then of those it includes
  std::filesystem::path folder;     // of the study file, absolute: relative paths of own data start here
  std::vector<SourceFile> files;    // all that was read, the study file first: `load` can be repeated from it
  LoadOptions options;              // as given
};

}  // namespace crosstalk::study
