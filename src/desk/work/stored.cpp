#include "work/stored.hpp"

#include <algorithm>
#include <functional>
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

/// What is made as a study says: nobody knows yet of how many episodes, and of which discount.
Json to_be_made(const study::Configuration& run) {
  const study::Lookup said = study::lookup_in(run.values);
  return {{"environment", said("task.environment")},
          {"steps", said("trajectories.transitions")},
          {"values", said("trajectories.expert") != ""},
          {"memory", said("trajectories.ram") == "kept"}};
}

bool names(const Json& list, const char* word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Whether probe.measures names a measure that stands among the defaults, too.
bool asks_for(const study::Configuration& run, const char* measure) {
  const std::string key = "probe.measures";
  const Json& measures = run.values.at(key);
  return names(measures, measure) &&
         measures != study::default_of(*study::find_key(key), study::setup_of(run.values));
}

/// What of a run takes the values of an expert.
struct Asker {
  std::string word;  // "td-star"
  std::string said;  // as the study says it
};
std::vector<Asker> askers(const study::Configuration& run) {
  const study::Lookup said = study::lookup_in(run.values);
  std::vector<Asker> all;
  const std::string algorithm = said("learner.algorithm").get<std::string>();
  const std::vector<std::string> knowing = study::algorithms_that("knows");
  if (std::find(knowing.begin(), knowing.end(), algorithm) != knowing.end())
    all.push_back({algorithm, "learner.algorithm = \"" + algorithm + "\""});
  if (study::counts(*study::find_key("probe.losses"), said))
    for (const char* loss : {"td-star", "reg"})
      if (names(said("probe.losses"), loss))
        all.push_back({loss, std::string("probe.losses = [\"") + loss + "\"]"});
  for (const char* measure : {"value_error", "td_error.expert"})
    if (asks_for(run, measure))
      all.push_back({measure, std::string("probe.measures = [\"") + measure + "\"]"});
  return all;
}

/// What is wrong with the expert's values that a run takes; empty: nothing.
std::string fault_of_values(const study::Configuration& run, const Json& held, const std::string& name) {
  const Json& gamma = run.values.at("learner.gamma");
  for (const auto& [word, asker] : askers(run)) {
    if (!held.at("values").get<bool>())
      return asker + " takes the values of an expert, and " + name +
             " holds none, because no expert played it; collect with one, or leave that out";
    if (const Json discount = held.value("discount", gamma); word == "td-star" && gamma != discount)
      return "learner.gamma = " + gamma.dump() + ": the values that " + asker + " takes from " + name +
             " are of the discount " + discount.dump() + "; give that, or leave " + asker + " out";
  }
  return "";
}

/// What is wrong with a run's trajectories, of which `held` is known; empty: nothing.
std::string fault(const study::Configuration& run, const Json& held) {
  const study::Lookup said = study::lookup_in(run.values);
  const std::string name = "task.trajectories = " + said("task.trajectories").dump();
  if (const Json environment = said("task.environment");
      environment.is_string() && environment != held.at("environment"))
    return "task.environment = " + environment.dump() + ": " + name + " was played in " +
           held.at("environment").dump() +
           "; give that, or other trajectories, or leave task.environment out";
  if (held.value("episodes", std::int64_t{2}) < 2)
    return name + " holds one episode; training and test need one each";
  const auto steps = held.at("steps").get<std::int64_t>();
  const Json wanted = said("task.transitions");
  const bool is_made = held.contains("episodes");
  if (wanted.is_number() && (is_made ? wanted > steps : wanted >= steps))
    return "task.transitions = " + with_commas(wanted.get<std::int64_t>()) + ": " + name +
           (is_made ? " holds " : " will hold at most ") + with_commas(steps) +
           " transitions, those for testing among them; ask for fewer, or for \"all\"";
  if (names(said("probe.measures"), "cosine.ram") && !held.at("memory").get<bool>())
    return "probe.measures holds \"cosine.ram\", and " + name +
           " holds no console's memory; collect an atari: game with --ram (trajectories.ram = \"kept\"), or "
           "leave that measure out";
  return fault_of_values(run, held, name);
}

/// Error(config) of all that is wrong with the runs that learn from trajectories. `held`: what is known of
/// a run's, or null.
void refuse_faults(const std::vector<study::Configuration>& runs,
                   const std::function<Json(const study::Configuration&)>& held) {
  std::set<std::string> faults;
  for (const study::Configuration& run : runs) {
    if (!study::trajectories_of(run)) continue;
    const Json known = held(run);
    if (known.is_null()) continue;
    if (const std::string found = fault(run, known); !found.empty()) faults.insert(found);
  }
  if (faults.empty()) return;
  std::string message;
  for (const std::string& each : faults) message += (message.empty() ? "" : "\n") + each + ".";
  throw Error(ErrorKind::config, message);
}

/// Of a set's policy what a reader wants to know of it; how it was trained, its own folder tells.
Json played_by(const Json& policy) {
  Json played = Json::object();
  for (const char* part : {"kind", "epsilon", "algorithm", "run", "step", "from"}) {
    const auto value = policy.find(part);
    if (!policy.is_object() || value == policy.end() || value->is_structured()) continue;
    played[part] = value->is_string() ? Json(cut(value->get<std::string>())) : *value;
  }
  return played;
}

}  // namespace

Json stored_trajectories(const study::Configuration& run, const std::string& base) {
  const std::string path = *study::trajectories_of(run);
  const std::filesystem::path folder =
      std::filesystem::absolute(std::filesystem::path(base) / path).lexically_normal();
  try {
    if (std::error_code ignored; study::makes_trajectories(run) && !std::filesystem::exists(folder, ignored))
      throw Error(ErrorKind::config, folder.string() +
                                         " is not there yet. `crosstalk run` collects it before the runs, as "
                                         "[trajectories] says; then it can be planned.");
    const TrajectorySet set = TrajectorySet::read(folder);
    set.refuse_incomplete();
    check_files(set);
    return {{"dataset", path},
            {"file", folder.string()},
            {"sha256", set.digest()},
            {"trajectories",
             {{"environment", set.environment},
              {"policy", played_by(set.about.value("policy", Json()))},
              {"steps", set.steps},
              {"episodes", set.episodes},
              {"values", set.has_values},
              {"memory", set.ram > 0},
              {"discount", set.about.at("discount of values")}}}};
  } catch (const Error& error) {
    throw Error(ErrorKind::config, "task.trajectories = " + Json(path).dump() + ": " + error.what());
  }
}

void check_trajectories(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  refuse_faults(
      runs, [&](const study::Configuration& run) { return datasets.at(data_key(run)).at("trajectories"); });
}

std::vector<std::string> without_value_error(const std::vector<study::Configuration>& runs,
                                             const Datasets& datasets) {
  std::set<std::string> notices;
  for (const study::Configuration& run : runs) {
    if (!study::trajectories_of(run)) continue;
    const study::Lookup said = study::lookup_in(run.values);
    const Json& held = datasets.at(data_key(run)).at("trajectories");
    if (!held.at("values").get<bool>() || said("learner.algorithm") == "reg" ||
        said("learner.gamma") == held.at("discount") || !names(said("probe.measures"), "value_error"))
      continue;
    notices.insert("task.trajectories = " + said("task.trajectories").dump() +
                   ": value_error is not measured where learner.gamma = " + said("learner.gamma").dump() +
                   ", because the expert's values are of the discount " + held.at("discount").dump());
  }
  return {notices.begin(), notices.end()};
}

void check_trajectories_to_make(const std::vector<study::Configuration>& runs) {
  refuse_faults(runs, [](const study::Configuration& run) {
    return study::makes_trajectories(run) ? to_be_made(run) : Json();
  });
}

}  // namespace crosstalk::work
