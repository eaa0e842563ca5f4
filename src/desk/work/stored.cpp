#include "work/stored.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/trajectory_set.hpp"
#include "study/counting.hpp"
#include "study/learners.hpp"
#include "study/own_class.hpp"

namespace crosstalk::work {
namespace {

/// The engine maps the segments and looks at each number; here is seen what a copy that broke off leaves.
void check_files(const TrajectorySet& set) {
  for (const SegmentEntry& segment : set.segments) {
    std::error_code failure;
    const std::filesystem::path file = set.path_of(segment);
    const std::uintmax_t bytes = std::filesystem::file_size(file, failure);
    if (failure) throw Error(ErrorKind::data, file.string() + " cannot be read: " + failure.message());
    if (bytes != segment.bytes)
      throw Error(ErrorKind::data, file.string() + " has " + with_commas(bytes) + " bytes where " +
                                       with_commas(segment.bytes) +
                                       " are expected: it is cut short or another file");
  }
}

/// What is wrong with a run's trajectories; empty: nothing.
std::string fault(const study::Configuration& run, const Json& dataset) {
  const Json& held = dataset.at("trajectories");
  const std::string name = "task.trajectories = " + dataset.at("dataset").dump();
  const study::Lookup said = study::lookup_in(run.values);
  if (const Json environment = said("task.environment");
      environment.is_string() && environment != held.at("environment"))
    return "task.environment = " + environment.dump() + ": " + name + " was played in " +
           held.at("environment").dump() +
           "; give that, or other trajectories, or leave task.environment out";
  if (held.at("episodes").get<std::int64_t>() < 2)
    return name + " holds one episode; training and test need one each";
  const auto steps = held.at("steps").get<std::int64_t>();
  if (const Json wanted = said("task.transitions"); wanted.is_number() && wanted > steps)
    return "task.transitions = " + with_commas(wanted.get<std::int64_t>()) + ": " + name + " holds " +
           with_commas(steps) + " transitions; ask for fewer, or for \"all\"";
  const std::string algorithm = said("learner.algorithm").get<std::string>();
  const std::vector<std::string> knowing = study::algorithms_that("knows");
  if (!held.at("values").get<bool>() && std::find(knowing.begin(), knowing.end(), algorithm) != knowing.end())
    return "learner.algorithm = \"" + algorithm + "\" learns from the values of an expert, and " + name +
           " holds none: no expert played it; collect with --expert FILE, or give another algorithm";
  if (const Json gamma = said("learner.gamma"); algorithm == "td-star" && gamma != held.at("discount"))
    return "learner.gamma = " + gamma.dump() +
           ": the values that learner.algorithm = \"td-star\" takes from " + name + " are of the discount " +
           held.at("discount").dump() + "; give that, or another algorithm";
  return "";
}

}  // namespace

Json stored_trajectories(const std::string& path, const std::string& base) {
  const std::filesystem::path folder =
      std::filesystem::absolute(std::filesystem::path(base) / path).lexically_normal();
  try {
    const TrajectorySet set = TrajectorySet::read(folder);
    set.refuse_incomplete();
    check_files(set);
    return {{"dataset", path},
            {"file", folder.string()},
            {"sha256", set.digest()},
            {"trajectories",
             {{"environment", set.environment},
              {"steps", set.steps},
              {"episodes", set.episodes},
              {"values", set.has_values},
              {"discount", set.about.at("discount of values")}}}};
  } catch (const Error& error) {
    throw Error(ErrorKind::config, "task.trajectories = " + Json(path).dump() + ": " + error.what());
  }
}

void check_trajectories(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  std::set<std::string> faults;
  for (const study::Configuration& run : runs) {
    if (!study::trajectories_of(run)) continue;
    if (const std::string found = fault(run, datasets.at(data_key(run))); !found.empty())
      faults.insert(found);
  }
  if (faults.empty()) return;
  std::string message;
  for (const std::string& each : faults) message += (message.empty() ? "" : "\n") + each + ".";
  throw Error(ErrorKind::config, message);
}

}  // namespace crosstalk::work
