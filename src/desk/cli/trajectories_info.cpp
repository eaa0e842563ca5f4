#include <cmath>
#include <optional>

#include "base/contents.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/trajectory_set.hpp"
#include "cli/console.hpp"
#include "cli/session.hpp"
#include "cli/source.hpp"
#include "cli/trajectories.hpp"
#include "work/data.hpp"
#include "work/lock.hpp"

namespace crosstalk::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string shown(const Json& value) {
  return value.is_string() ? cut(value.get<std::string>())
                           : cut(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// "random", "expert (rainbow, run 0123), epsilon 0.01", "imported from ..."
std::string who_acted(const Json& policy) {
  if (!policy.is_object()) return "unknown";
  const std::string kind = shown(policy.value("kind", Json("unknown")));
  if (kind == "imported") return "imported from " + shown(policy.value("from", Json("elsewhere")));
  if (kind != "expert") return kind;
  std::string text = "an expert, epsilon " + shown(policy.value("epsilon", Json()));
  if (policy.contains("run")) text += "; run " + shown(policy["run"]);
  if (policy.contains("step")) text += " at step " + shown(policy["step"]);
  if (policy.contains("algorithm")) text += ", learned by " + shown(policy["algorithm"]);
  return text;
}

/// "1.62 (deviation 1.4; 0 to 7)"; empty where there is none.
std::string spread(const Json& summary) {
  const auto has = [&](const char* name) { return summary.contains(name) && summary[name].is_number(); };
  if (!summary.is_object() || !has("mean")) return "";
  std::string text = significant(summary["mean"].get<double>());
  std::string behind;
  if (has("deviation")) behind = "deviation " + significant(summary["deviation"].get<double>());
  if (has("least") && has("most"))
    behind += (behind.empty() ? "" : "; ") + significant(summary["least"].get<double>()) + " to " +
              significant(summary["most"].get<double>());
  return behind.empty() ? text : text + " (" + behind + ")";
}

/// Its segments, and what is gathered for the next.
std::vector<SegmentEntry> files_of(const TrajectorySet& set) {
  std::vector<SegmentEntry> files = set.segments;
  if (set.gathered) files.push_back(*set.gathered);
  return files;
}

std::uint64_t check_sizes(const TrajectorySet& set, const std::vector<SegmentEntry>& files, bool contents) {
  std::uint64_t bytes = 0;
  const auto refuse = [](const std::filesystem::path& file, const std::string& wrong) {
    throw Error(ErrorKind::data,
                file.string() + " " + wrong +
                    ". Get a whole copy of the folder, or collect the set again with another "
                    "--out.");
  };
  for (const SegmentEntry& segment : files) {
    const std::filesystem::path file = set.path_of(segment);
    std::error_code gone;
    const std::uintmax_t there = std::filesystem::file_size(file, gone);
    if (gone) refuse(file, "cannot be read: " + gone.message());
    if (there != segment.bytes)
      refuse(file, "is " + with_commas(static_cast<std::int64_t>(there)) + " bytes long where " +
                       with_commas(static_cast<std::int64_t>(segment.bytes)) + " are expected");
    if (contents && (!has_its_contents(file) || sha256_of_file(file) != segment.sha256))
      refuse(file, "does not have the contents that its digest stands for: it is damaged");
    bytes += there;
  }
  return bytes;
}

void check_expert(const TrajectorySet& set) {
  const Json policy = set.about.value("policy", Json());
  if (!policy.is_object() || policy.value("kind", Json()) != "expert" || !policy.contains("sha256")) return;
  const std::filesystem::path file = set.folder / TrajectorySet::expert_name;
  std::error_code gone;
  if (!std::filesystem::is_regular_file(file, gone) || sha256_of_file(file) != policy["sha256"])
    throw Error(ErrorKind::data,
                file.string() +
                    " is gone or damaged: it is not the expert that played. Copy it again from "
                    "where it was kept.");
}

void add_task(const TrajectorySet& set, Lines& lines) {
  const Json task = set.about.value("task", Json());
  if (!task.is_object()) return;
  std::string text;
  for (const auto& [key, value] : task.items())
    if (!value.is_null()) text += (text.empty() ? "" : ", ") + cut(key) + " = " + shown(value);
  if (!text.empty()) lines.emplace_back("task", text);
}

/// Of a folder in which collecting has begun and nothing is stored yet; nothing of any other.
std::optional<std::string> still_empty(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder / TrajectorySet::about_name, ignored)) return std::nullopt;
  const auto who = work::at_work(folder);
  if (!who) return std::nullopt;
  return "environment   not known yet: " + *who + " collects there, and no episode has ended\n";
}

/// `check`: the files' contents are read and compared with their digests.
std::string told(const TrajectorySet& set, bool check) {
  const std::vector<SegmentEntry> files = files_of(set);
  const std::uint64_t bytes = check_sizes(set, files, check);
  if (check) check_expert(set);
  Lines lines{{"environment", cut(set.environment)}};
  add_task(set, lines);
  if (const Json own = set.about.value("class", Json()); own.is_string())
    lines.emplace_back("class file", "SHA-256 " + cut(own.get<std::string>(), 16));
  lines.emplace_back("policy", who_acted(set.about.value("policy", Json())));
  lines.emplace_back("seed", shown(set.about.value("seed", Json())));
  const std::int64_t more = set.gathered ? set.gathered->steps : 0,
                     more_episodes = set.gathered ? set.gathered->episodes : 0;
  std::string transitions = with_commas(set.steps + more);
  if (const Json asked = set.about.value("requested", Json()); asked.is_number_unsigned())
    transitions += " of " + with_commas(asked.get<std::int64_t>()) + " asked for";
  lines.emplace_back("transitions", transitions);
  lines.emplace_back("episodes", with_commas(set.episodes + more_episodes));
  if (const std::string score = spread(set.about.value("scores", Json())); !score.empty())
    lines.emplace_back("score", score);
  if (const std::string sum = spread(set.about.value("returns", Json())); !sum.empty())
    lines.emplace_back("return", sum);
  lines.emplace_back("actions", with_commas(set.actions));
  lines.emplace_back("values", set.has_values ? "of each action at each observation, discount " +
                                                    shown(set.about.at("discount of values"))
                                              : "none");
  lines.emplace_back("memory",
                     set.ram > 0 ? with_commas(set.ram) + " bytes of the console an observation" : "none");
  if (const Json lossy = set.about.value("lossy", Json()); lossy == true)
    lines.emplace_back("lossy", "yes: its images were stored as JPEG");
  lines.emplace_back("on disk", size(static_cast<double>(bytes)) + " in " + with_commas(std::ssize(files)) +
                                    (files.size() == 1 ? " file" : " files") +
                                    (check ? ", as their digests say" : ""));
  const auto who = work::at_work(set.folder);
  lines.emplace_back("complete", set.complete ? "yes"
                                 : who        ? "no; " + *who + " is working on it"
                                              : "no; the command that began it goes on where it stopped");
  lines.emplace_back("digest", set.digest());
  std::string text;
  for (const auto& [name, value] : lines) text += name + std::string(14 - name.size(), ' ') + value + '\n';
  return text;
}

}  // namespace

std::string info_on_trajectories(const std::string& folder) {
  if (const auto text = still_empty(folder)) return *text;
  return told(TrajectorySet::read(folder), /*check=*/false);
}

std::string checked_trajectories(const std::string& folder, const Context& context) {
  if (const auto text = still_empty(folder)) return *text;
  const TrajectorySet set = TrajectorySet::read(folder);
  const std::string text = told(set, /*check=*/true);
  if (!set.complete) return text;
  const work::Interrupts interrupts;
  work::ask(trajectories_command(context, "check"), {{"folder", whole_path(folder)}}, remark, &interrupts,
            "the trajectories cannot be checked");
  return text;
}

}  // namespace crosstalk::cli
