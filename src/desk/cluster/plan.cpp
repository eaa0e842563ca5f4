#include "cluster/plan.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/digest.hpp"
#include "base/draft.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "cluster/script.hpp"
#include "study/load.hpp"

namespace crosstalk::cluster {
namespace {

constexpr int format = 1;
constexpr std::size_t id_digits = 16, most_letters = 32;
constexpr int largest = 1'000'000'000;

Json to_json(const Resources& resources) {
  return {{"partition", resources.partition},
          {"time", resources.time},
          {"constraint", resources.constraint},
          {"cpus", resources.cpus},
          {"gpus", resources.gpus},
          {"array_limit", resources.array_limit},
          {"more", resources.more},
          {"signal_seconds", resources.signal_seconds}};
}

/// What is wrong with a plan that can be read.
struct Broken {
  std::string how;
};

/// A whole number that is no larger than a batch script takes.
int count_from(const Json& json, const char* what, int least) {
  const Json& value = json.at(what);
  if (!value.is_number_integer() || value < least || value > largest)
    throw Broken{std::string(what) + " is no whole number from " + std::to_string(least) + " to " +
                 std::to_string(largest)};
  return value;
}

Resources resources_from(const Json& json) {
  return {.partition = json.at("partition"),
          .time = json.at("time"),
          .constraint = json.at("constraint"),
          .cpus = count_from(json, "cpus", 1),
          .gpus = count_from(json, "gpus", 0),
          .array_limit = count_from(json, "array_limit", 0),
          .more = json.at("more").get<std::vector<std::string>>(),
          .signal_seconds = count_from(json, "signal_seconds", 0)};
}

Json tasks_to_json(const std::vector<Task>& tasks) {
  Json all = Json::array();
  for (const Task& task : tasks)
    all.push_back({{"runs", task.runs}, {"run_seconds", task.run_seconds}, {"seconds", task.seconds}});
  return all;
}

/// A batch script is made of these: nothing else than what `submit` itself would write may get into one.
void check_words(const Plan& plan) {
  if (plan.id.size() != id_digits || plan.id.find_first_not_of("0123456789abcdef") != plan.id.npos)
    throw Broken{"its id is not " + std::to_string(id_digits) + " hexadecimal digits"};
  try {
    for (const std::string& option : plan.resources.more) check_option(option);
  } catch (const Error& error) {
    throw Broken{error.what()};
  }
  const auto is_of_a_time = [](unsigned char c) { return std::isalnum(c) != 0 || c == ':' || c == '-'; };
  if (!std::ranges::all_of(plan.resources.time, is_of_a_time)) throw Broken{"its time limit is none"};
}

Plan plan_from(const Json& json) {
  Plan plan{.id = json.at("id"),
            .crosstalk = json.at("crosstalk"),
            .study = json.at("study"),
            .runs = json.at("runs").get<std::vector<std::string>>(),
            .data = json.at("data"),
            .data_folder = json.at("data_folder"),
            .jobs = count_from(json, "jobs", 1),
            .checkpoint_seconds = json.at("checkpoint_seconds"),
            .makes_trajectories = json.at("makes_trajectories"),
            .resources = resources_from(json.at("resources")),
            .over = json.at("over").get<std::set<std::string>>()};
  check_words(plan);
  if (!(plan.data.is_null() || plan.data.is_object()) || !std::ranges::all_of(plan.data, &Json::is_object))
    throw Broken{"what it says of data is not of that kind"};
  std::vector<bool> seen(plan.runs.size());
  for (const Json& task : json.at("tasks")) {
    plan.tasks.push_back({{}, task.at("run_seconds").get<std::vector<double>>(), task.at("seconds")});
    for (const Json& place : task.at("runs")) {
      if (!place.is_number_unsigned() || place.get<std::size_t>() >= plan.runs.size())
        throw Broken{"a task names a run that the study has not"};
      plan.tasks.back().runs.push_back(place);
      if (seen[plan.tasks.back().runs.back()]) throw Broken{"a run is in two tasks, or twice in one"};
      seen[plan.tasks.back().runs.back()] = true;
    }
    if (plan.tasks.back().run_seconds.size() != plan.tasks.back().runs.size())
      throw Broken{"a task has not as many times as runs"};
  }
  if (plan.tasks.empty()) throw Broken{"it has no task"};
  plan.study_name();  // of another kind where its study has no name
  return plan;
}

Error damaged(const ClusterFolder& folder, const std::string& why) {
  return {ErrorKind::store,
          folder.plan().string() + " is damaged (" + why +
              "). Its shards are of use with it alone: put it back from a copy, or submit the "
              "study anew with another --out."};
}

}  // namespace

std::filesystem::path ClusterFolder::shard(std::size_t task) const {
  std::string number = std::to_string(task);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return shards() / number;
}

std::string Plan::study_name() const { return study::name_with_scale(study); }

std::string Plan::job_name() const {
  std::string name = study.value("name", "").substr(0, most_letters);
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return name + "-crosstalk-" + id;
}

std::string id_of(const Plan& plan, const std::string& made) {
  return sha256(plan.crosstalk + plan.study.dump() + tasks_to_json(plan.tasks).dump() + made)
      .substr(0, id_digits);
}

bool has_plan(const ClusterFolder& folder) {
  std::error_code ignored;  // one that cannot be looked at is there
  return std::filesystem::symlink_status(folder.plan(), ignored).type() !=
         std::filesystem::file_type::not_found;
}

void write_plan(const ClusterFolder& folder, const Plan& plan) {
  const Json json{{"what", "crosstalk tasks"},
                  {"format", format},
                  {"id", plan.id},
                  {"crosstalk", plan.crosstalk},
                  {"study", plan.study},
                  {"runs", plan.runs},
                  {"data", plan.data},
                  {"data_folder", plan.data_folder},
                  {"tasks", tasks_to_json(plan.tasks)},
                  {"jobs", plan.jobs},
                  {"checkpoint_seconds", plan.checkpoint_seconds},
                  {"makes_trajectories", plan.makes_trajectories},
                  {"resources", to_json(plan.resources)},
                  {"over", plan.over}};
  write_draft(folder.plan(), json.dump() + '\n');
}

Plan read_plan(const ClusterFolder& folder) {
  std::ifstream stream(folder.plan(), std::ios::binary);
  if (!stream && errno != ENOENT && errno != ENOTDIR)
    throw Error(ErrorKind::store, folder.plan().string() +
                                      " cannot be read: " + std::generic_category().message(errno) +
                                      ". See to the permissions, or to the file system.");
  if (!stream)
    throw Error(ErrorKind::store, folder.results.string() + " was not submitted to a cluster: there is no " +
                                      folder.plan().string() +
                                      ". `crosstalk submit STUDY.toml --slurm --out DIR` makes one.");
  const Json json = read_json(std::string(std::istreambuf_iterator<char>(stream), {}));
  if (!json.is_object() || json.value("what", Json()) != "crosstalk tasks")
    throw damaged(folder, "it is no plan of tasks");
  try {
    if (const Json& there = json.at("format"); there != format || !there.is_number_integer())
      throw Error(ErrorKind::store, folder.plan().string() + " has format " + cut(there.dump()) +
                                        "; this crosstalk has format " + std::to_string(format) +
                                        ". Use the crosstalk that made it (" +
                                        json.at("crosstalk").get<std::string>() +
                                        "), or submit the study anew with another --out.");
    if (const std::string version = json.at("crosstalk"); version != CROSSTALK_VERSION)
      throw Error(ErrorKind::store, folder.results.string() + " was submitted by crosstalk " + version +
                                        ", and this is crosstalk " + CROSSTALK_VERSION +
                                        ", which may compute other numbers. Use that version, or submit the "
                                        "study anew with another --out.");
    return plan_from(json);
  } catch (const Json::exception&) {
    throw damaged(folder, "a part of it is missing or of another kind");
  } catch (const Broken& broken) {
    throw damaged(folder, broken.how);
  }
}

std::string ranges(const std::vector<std::size_t>& numbers, const std::string& separator) {
  std::vector<std::size_t> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t last = i;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    text += (text.empty() ? "" : separator) + std::to_string(sorted[i]);
    if (last > i) text += (last == i + 1 ? separator : "-") + std::to_string(sorted[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace crosstalk::cluster
