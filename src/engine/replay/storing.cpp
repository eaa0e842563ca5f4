#include "replay/storing.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::replay {
namespace {

constexpr const char* gathered_name = "gathered-";

/// Mean, deviation over one less than there are, least and most; null where the task has none.
Json summary(const std::vector<double>& all) {
  if (all.empty()) return nullptr;
  const auto count = static_cast<double>(all.size());
  const double mean = std::accumulate(all.begin(), all.end(), 0.0) / count;
  double squares = 0;
  for (const double each : all) squares += (each - mean) * (each - mean);
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  return {{"mean", mean},
          {"deviation", all.size() < 2 ? Json() : Json(std::sqrt(squares / (count - 1)))},
          {"least", *least},
          {"most", *most}};
}

std::string shown(const Json& value) {
  return cut(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

SegmentForm form_of(const Json& recipe, bool scores) {
  return {.observation = env::array_form(recipe.at("observation")),
          .actions = recipe.at("actions").get<std::int64_t>(),
          .frames = recipe.at("frames").get<std::int64_t>(),
          .ram = recipe.at("ram").get<std::int64_t>(),
          .scores = scores,
          .values = !recipe.at("discount of values").is_null()};
}

/// Whether a file of this name is what is put down on the way, of which others may be removed:
/// gathered-N.safetensors, or a segment, it, or the expert that is not finished (.partial).
bool is_on_the_way(std::string_view name) {
  constexpr std::string_view gathered = gathered_name, ending = ".safetensors", partial = ".partial";
  const bool unfinished = name.ends_with(partial);
  if (unfinished) name.remove_suffix(partial.size());
  if (!name.ends_with(ending)) return false;
  name.remove_suffix(ending.size());
  if (unfinished && name == "expert") return true;
  const bool was_gathered = name.starts_with(gathered);
  if (was_gathered) name.remove_prefix(gathered.size());
  return (was_gathered || unfinished) && !name.empty() &&
         name.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string stated_contents(const std::filesystem::path& file) {
  return tensor::SafetensorsFile(file).metadata().at("contents");
}

}  // namespace

Storing::Storing(std::filesystem::path folder, Json recipe, bool scores, std::uint64_t cut_at)
    : folder_(std::move(folder)),
      recipe_(std::move(recipe)),
      form_(form_of(recipe_, scores)),
      cut_at_(cut_at),
      gathered_(form_) {
  std::error_code failure;
  if (std::filesystem::exists(folder_ / TrajectorySet::about_name, failure)) {
    go_on(TrajectorySet::read(folder_));
  } else {
    std::filesystem::create_directories(folder_, failure);
    if (failure)
      throw Unwritten(folder_.string() + " cannot be made: " + failure.message() +
                      ". Make room and see to the permissions, or give another --out.");
  }
}

void Storing::refuse_other(const Json& there) const {
  std::string differs;
  const auto compare = [&](const std::string& name, const Json& now, const Json& then) {
    if (now == then) return;
    differs += "\n" + name + " is " + shown(now) + ", and was " + shown(then);
  };
  for (const auto& [name, now] : recipe_.items()) {
    if (name == "versions" && complete_) continue;  // it is there, whoever would make it now
    const Json then = there.value(name, Json());
    if (!now.is_object() || !then.is_object()) {
      compare(name, now, then);
      continue;
    }
    for (const auto& [key, value] : now.items()) compare(key, value, then.value(key, Json()));
    for (const auto& [key, value] : then.items())
      if (!now.contains(key)) compare(key, Json(), value);
  }
  if (differs.empty()) return;
  throw Error(ErrorKind::config, folder_.string() +
                                     " holds trajectories that were made otherwise. Give another folder, or "
                                     "what they were made by:" +
                                     differs);
}

void Storing::go_on(const TrajectorySet& there) {
  complete_ = there.complete;
  refuse_other(there.about);
  const auto read = [&](const SegmentEntry& entry) {
    Segment segment = read_segment(there.path_of(entry), entry, form_);
    sums(segment, returns_, scores_);
    return segment;
  };
  segments_ = there.segments;
  for (const SegmentEntry& entry : segments_) read(entry);
  stored_steps_ = there.steps;
  if (complete_) return remove_others_than("");
  const Json collector = there.about.value("collector", Json());
  const bool has_begun = !segments_.empty() || there.gathered;
  if (!collector.is_object() || (has_begun && !collector.value("goes on", Json()).is_object()))
    throw Error(ErrorKind::data,
                (folder_ / TrajectorySet::about_name).string() +
                    " does not say where its collecting goes on (\"collector\"): it is damaged. "
                    "Make the set again in another folder.");
  pending_ = there.gathered;
  if (pending_) gathered_.append(read(*pending_));
  collector_ = collector.value("goes on", Json());
}

std::int64_t Storing::steps() const { return stored_steps_ + gathered_.steps(); }

void Storing::add(const Gathered& episode, Json collector) {
  // Before any of its files: those that stand without it have lost it, and are nobody's to overwrite.
  if (episodes() == 0) write_about();
  gathered_.append(episode);
  sums(episode, returns_, scores_);
  collector_ = std::move(collector);
  pending_is_old_ = true;
  if (gathered_.bytes() >= cut_at_) cut();
}

SegmentEntry Storing::write(const std::string& file) const {
  const std::filesystem::path path = folder_ / file;
  tensor::write_safetensors(path, gathered_.tensors(), {{"what", TrajectorySet::what}});
  return {file,
          gathered_.steps(),
          gathered_.episodes(),
          static_cast<std::uint64_t>(std::filesystem::file_size(path)),
          stated_contents(path),
          sha256_of_file(path)};
}

void Storing::cut() {
  const std::string number = std::to_string(segments_.size());
  segments_.push_back(
      write(std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number + ".safetensors"));
  stored_steps_ += gathered_.steps();
  gathered_.clear();
  pending_.reset();
  pending_is_old_ = false;
  write_about();
}

void Storing::keep() {
  if (complete_ || !pending_is_old_) return;
  pending_ = write(gathered_name + std::to_string(episodes()) + ".safetensors");
  pending_is_old_ = false;
  write_about();
}

void Storing::finish() {
  if (complete_) return;
  if (episodes() == 0)
    throw Error(ErrorKind::config,
                folder_.string() + " would hold no episode: not one that came is whole. Ask for more.");
  complete_ = true;
  collector_ = nullptr;
  if (gathered_.episodes() > 0)
    cut();
  else
    write_about();
}

void Storing::write_about() {
  Json about = recipe_;
  about["what"] = TrajectorySet::what;
  about["format"] = TrajectorySet::format;
  about["complete"] = complete_;
  about["segments"] = Json::array();
  std::int64_t episodes = 0;
  for (const SegmentEntry& segment : segments_) {
    about["segments"].push_back(to_json(segment));
    episodes += segment.episodes;
  }
  about["steps"] = stored_steps_;
  about["episodes"] = episodes;
  about["returns"] = summary(returns_);
  about["scores"] = summary(scores_);
  if (!complete_)
    about["collector"] = {{"goes on", collector_}, {"gathered", pending_ ? to_json(*pending_) : Json()}};
  write_draft(folder_ / TrajectorySet::about_name,
              about.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  remove_others_than(pending_ ? pending_->file : "");
}

void Storing::remove_others_than(const std::string& gathered) const {
  std::error_code ignored;
  std::vector<std::filesystem::path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (is_on_the_way(name) && name != gathered) old.push_back(entry.path());
  }
  for (const std::filesystem::path& path : old) std::filesystem::remove(path, ignored);
}

}  // namespace crosstalk::replay
