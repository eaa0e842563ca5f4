#include "base/trajectory_set.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "base/text.hpp"

namespace crosstalk {
namespace {

constexpr std::uint64_t most = std::uint64_t{1} << 48;  // of anything that is counted
constexpr std::uintmax_t longest = 1 << 28;             // bytes of trajectories.json

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& wrong) {
  throw Error(ErrorKind::data, file.string() + " " + wrong +
                                   ". It is damaged or no set of trajectories: give a folder that `crosstalk "
                                   "trajectories collect` or `import` made, or make it again with another "
                                   "--out.");
}

/// Takes an object's parts by name and refuses those that are not what they must be.
class Reader {
 public:
  Reader(const Json& object, const std::filesystem::path& file) : object_(object), file_(file) {}

  const Json& at(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) refuse(file_, std::string("does not say \"") + name + "\"");
    return *found;
  }
  std::int64_t count(const char* name) const {
    const Json& value = at(name);
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) wrong(name, "a count is expected");
    return value.get<std::int64_t>();
  }
  std::string text(const char* name) const {
    const Json& value = at(name);
    if (!value.is_string()) wrong(name, "a text is expected");
    return value.get<std::string>();
  }
  std::string digits(const char* name, std::size_t length) const {
    std::string value = text(name);
    if (value.size() != length || value.find_first_not_of("0123456789abcdef") != value.npos)
      wrong(name, std::to_string(length) + " hexadecimal digits are expected");
    return value;
  }
  bool is_true(const char* name) const {
    const Json& value = at(name);
    if (!value.is_boolean()) wrong(name, "true or false is expected");
    return value.get<bool>();
  }
  [[noreturn]] void wrong(const char* name, const std::string& expected) const {
    refuse(file_, std::string("says \"") + name + "\" is " +
                      cut(at(name).dump(-1, ' ', false, Json::error_handler_t::replace)) + ", where " +
                      expected);
  }

 private:
  const Json& object_;
  const std::filesystem::path& file_;
};

std::string all_of(const std::filesystem::path& folder, const std::filesystem::path& file) {
  const auto unreadable = [&](const std::filesystem::path& path, const std::string& why) {
    throw Error(ErrorKind::data,
                path.string() + " " + why +
                    ". Give a folder that `crosstalk trajectories collect` or `import` made.");
  };
  std::error_code failure;
  if (!std::filesystem::exists(folder, failure)) unreadable(folder, "is not there");
  if (!std::filesystem::is_directory(folder, failure)) unreadable(folder, "is no folder");
  if (!std::filesystem::exists(file, failure)) unreadable(folder, "holds no trajectories.json");
  if (const std::string other = no_plain_file(file); !other.empty())
    unreadable(file, "is " + other + ", where a file is expected");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) unreadable(file, std::string("cannot be read: ") + std::strerror(errno));
  if (std::filesystem::file_size(file, failure) > longest) refuse(file, "is over 256 MiB long");
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.size() <= 200 && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

void check_totals(const TrajectorySet& set, const std::filesystem::path& file) {
  std::int64_t steps = 0, episodes = 0;
  std::vector<std::string> names;
  for (const SegmentEntry& segment : set.segments) {
    if (__builtin_add_overflow(steps, segment.steps, &steps) ||
        __builtin_add_overflow(episodes, segment.episodes, &episodes))
      refuse(file, "counts more steps than there can be");
    names.push_back(segment.file);
  }
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    refuse(file, "names the segment " + cut(*twice) + " twice");
  if (steps != set.steps || episodes != set.episodes)
    refuse(file, "counts " + with_commas(set.steps) + " steps and " + with_commas(set.episodes) +
                     " episodes where its segments have " + with_commas(steps) + " and " +
                     with_commas(episodes));
  if (set.complete && set.episodes == 0) refuse(file, "holds no episode");
}

/// The entry of a segment; `file`: trajectories.json.
SegmentEntry segment_entry(const Json& entry, const std::filesystem::path& file) {
  if (!entry.is_object()) refuse(file, "lists a segment that is no JSON object");
  const Reader reader(entry, file);
  SegmentEntry segment{reader.text("file"),           reader.count("steps"),
                       reader.count("episodes"),      static_cast<std::uint64_t>(reader.count("bytes")),
                       reader.digits("contents", 32), reader.digits("sha256", 64)};
  if (!is_plain_name(segment.file)) reader.wrong("file", "the name of a file in the same folder is expected");
  if (segment.episodes == 0) reader.wrong("episodes", "one or more are expected");
  if (segment.steps < segment.episodes) reader.wrong("steps", "each episode has one or more");
  return segment;
}

}  // namespace

Json to_json(const SegmentEntry& segment) {
  return {{"file", segment.file},   {"steps", segment.steps},       {"episodes", segment.episodes},
          {"bytes", segment.bytes}, {"contents", segment.contents}, {"sha256", segment.sha256}};
}

TrajectorySet TrajectorySet::read(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / about_name;
  TrajectorySet set;
  set.folder = folder;
  set.about = read_json(all_of(folder, file));
  if (!set.about.is_object()) refuse(file, "is no JSON object");
  const Reader reader(set.about, file);
  if (reader.at("what") != what) reader.wrong("what", std::string("\"") + what + "\" is expected");
  if (const std::int64_t its = reader.count("format"); its != format)
    throw Error(ErrorKind::data, file.string() + " is of format " + std::to_string(its) +
                                     (its > format ? ", which a newer crosstalk wrote" : "") +
                                     "; this one reads format " + std::to_string(format) +
                                     ". Use the version of crosstalk that wrote it (\"versions\"), or make "
                                     "the set again with another --out.");
  set.environment = reader.text("environment");
  set.complete = reader.is_true("complete");
  set.steps = reader.count("steps");
  set.episodes = reader.count("episodes");
  set.actions = reader.count("actions");
  if (set.actions < 1 || set.actions > 1'000'000) reader.wrong("actions", "1 to 1,000,000 are expected");
  set.frames = reader.count("frames");
  set.ram = reader.count("ram");
  if (set.frames > 1000) reader.wrong("frames", "at most 1,000 are expected");
  if (set.ram > 1 << 20) reader.wrong("ram", "at most 1,048,576 bytes are expected");
  set.has_scores = !reader.at("scores").is_null();
  const Json& discount = reader.at("discount of values");
  set.has_values = !discount.is_null();
  if (set.has_values && (!discount.is_number() || discount < 0 || discount > 1))
    reader.wrong("discount of values", "a number from 0 to 1, or null, is expected");
  if (!reader.at("segments").is_array()) reader.wrong("segments", "a list is expected");
  if (!reader.at("observation").is_object()) reader.wrong("observation", "an object is expected");
  for (const Json& entry : reader.at("segments")) set.segments.push_back(segment_entry(entry, file));
  const auto collector = set.about.find("collector");
  if (collector != set.about.end() && collector->is_object() && collector->contains("gathered") &&
      !collector->at("gathered").is_null())
    set.gathered = segment_entry(collector->at("gathered"), file);
  check_totals(set, file);
  return set;
}

void TrajectorySet::refuse_incomplete() const {
  if (complete) return;
  throw Error(ErrorKind::data, folder.string() + " is not complete: it holds " +
                                   with_commas(steps + (gathered ? gathered->steps : 0)) +
                                   " steps, and its collecting has not ended. The `crosstalk trajectories "
                                   "collect` that began it goes on where it stopped.");
}

std::string TrajectorySet::digest() const {
  Json held = {{"observation", about.at("observation")},
               {"actions", actions},
               {"discount of values", about.at("discount of values")},
               {"segments", Json::array()}};
  for (const SegmentEntry& segment : segments) held["segments"].push_back(segment.sha256);
  return sha256(held.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace crosstalk
