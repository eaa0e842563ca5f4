#include "cli/session.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "cli/belonging.hpp"
#include "cli/console.hpp"
#include "study/load.hpp"
#include "study/reading.hpp"
#include "work/estimate.hpp"
#include "work/results_folder.hpp"
#include "work/stored.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t timed_runs = 5;
constexpr double much_shorter = 0.5;

/// The command at another scale. Its results go to that scale's own folder; where options vary the study and
/// that folder is there, to a new one.
std::string command_at(const study::Study& study, const Source& source, const RunOptions& options) {
  const bool varies =
      !options.load.sets.empty() || options.load.seed_offset != 0 || !options.load.device.empty();
  const std::filesystem::path folder = default_folder(study);
  std::error_code ignored;
  const bool is_taken = varies && std::filesystem::exists(folder, ignored);
  std::string command = "crosstalk run " + shell_word(options.source) + " --scale " + shell_word(study.scale);
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) command += std::string(" --") + name + ' ' + shell_word(value);
  };
  for (const std::string& set : options.load.sets) add("set", set);
  add("seed-offset", options.load.seed_offset == 0 ? "" : std::to_string(options.load.seed_offset));
  add("device", options.load.device);
  add("data", options.data);
  add("out", is_taken ? free_folder(folder, source, false).string() : "");
  add("jobs", options.jobs == 0 ? "" : std::to_string(options.jobs));
  return command;
}

/// Whether the data of all these runs are prepared.
bool are_known(const std::vector<study::Configuration>& runs, const work::Datasets& datasets) {
  return std::all_of(runs.begin(), runs.end(), [&](const study::Configuration& run) {
    return work::data_key(run).empty() || work::data_of(run, datasets) != nullptr;
  });
}

/// Where the data child looks for data, and for files that a study names by a relative path.
Json folders(const study::Study& study, const DataPlaces& places) {
  return {{"data", places.data.empty() ? Json() : Json(std::filesystem::absolute(places.data).string())},
          {"base", study.folder.string()},
          {"beside", std::filesystem::absolute(places.beside).string()}};
}

}  // namespace

Forecast forecast(work::Coordinator& coordinator, const std::vector<study::Configuration>& runs,
                  const work::Datasets& datasets, int jobs) {
  coordinator.employ(std::min(runs.size(), timed_runs));
  Forecast forecast{runs, {}, work::describe_networks(coordinator, runs, datasets), 0};
  const std::vector<study::Configuration> some =
      work::representatives(runs, datasets, forecast.networks, timed_runs);
  std::vector<work::Assignment> assignments;
  for (const study::Configuration& run : some) assignments.push_back(work::assignment(run, datasets, ""));
  const std::vector<work::Answer> timings = coordinator.time(assignments);
  for (const work::Answer& timing : timings) {
    if (timing.nowhere) throw Error(ErrorKind::environment, timing.message);
    if (timing.refused) throw Error(ErrorKind::config, timing.message);  // rather than fail run by run
  }
  forecast.seconds = work::estimate(runs, datasets, forecast.networks, some, timings);
  forecast.elapsed = work::elapsed(forecast.seconds, jobs);
  return forecast;
}

std::string whole_path(const std::string& path) {
  const std::string whole = std::filesystem::absolute(path).string();
  if (!is_utf8(whole)) throw work::not_text(whole);
  return whole;
}

work::ResultsFolder results_folder(const Source& source, const RunOptions& options) {
  return {!options.out.empty() ? std::filesystem::path(options.out)
                               : source.folder.value_or(default_folder(source.study))};
}

std::filesystem::path beside(const work::ResultsFolder& results) {
  return (std::filesystem::absolute(results.folder) / "").lexically_normal().parent_path().parent_path();
}

work::Datasets prepare(const study::Study& study, const std::vector<study::Configuration>& runs,
                       const DataPlaces& places, const Context& context, const work::Interrupts& interrupts) {
  const work::Datasets datasets =
      work::prepare_data(runs, data_command(context, "prepare"), folders(study, places), remark, &interrupts);
  for (const auto& [key, dataset] : datasets) {
    for (const Json& notice : dataset.value("notices", Json::array())) {
      remark("note: " + dataset.at("dataset").get<std::string>() + ": " + notice.get<std::string>());
    }
  }
  work::check_examples(runs, datasets);
  work::check_trajectories(runs, datasets);
  for (const std::string& notice : work::without_value_error(runs, datasets)) remark("note: " + notice);
  return datasets;
}

work::DataAgain data_again(const study::Study& study, const std::vector<study::Configuration>& runs,
                           const work::Datasets& datasets, const DataPlaces& places, const Context& context,
                           const work::Interrupts& interrupts) {
  const Json before = datasets;
  return [=, &context, &interrupts, extra = folders(study, places)](const std::string& name) -> Json {
    const auto run =
        std::find_if(runs.begin(), runs.end(), [&](const auto& each) { return each.run == name; });
    try {
      const work::Datasets again =
          work::prepare_data({*run}, data_command(context, "prepare"), extra, remark, &interrupts);
      work::check_checksums(again, before);
      return work::data_field(again.at(work::data_key(*run)));
    } catch (const work::Interrupted&) {
      return nullptr;  // the coordinator heeds it
    }
  };
}

std::optional<std::string> shorter_command(work::Coordinator& coordinator, const Source& source,
                                           const RunOptions& options, const Forecast& forecast,
                                           const work::Datasets& datasets) {
  if (!source.file || source.study.files.empty()) return std::nullopt;
  work::Networks networks = forecast.networks;
  const auto work_of = [&](const std::vector<study::Configuration>& runs) {
    const std::vector<double> each = work::totals(runs, datasets, networks);
    return std::accumulate(each.begin(), each.end(), 0.0);
  };
  const double work = work_of(forecast.runs);
  std::optional<std::string> best;
  double least = work * much_shorter;
  for (const std::string& scale : study::read_study(*source.file, options.load).scales) {
    study::LoadOptions other = options.load;
    other.scale = scale;
    try {
      const study::Study study = study::load(*source.file, other);
      if (!are_known(study.runs, datasets)) continue;  // what is to be learned there is not prepared
      networks = work::describe_networks(coordinator, study.runs, datasets, std::move(networks));
      const double total = work_of(study.runs);
      if (total >= least) continue;
      least = total;
      best =
          command_at(study, source, options) + "   (about " + duration(forecast.elapsed * total / work) + ")";
    } catch (const Error&) {
      continue;  // that scale does not go with these --set
    }
  }
  return best;
}

void Remarks::said(const std::string& what) { remark(what); }

Scratch::Scratch() : store_(store::Store::create(folder() / "study.sqlite", nullptr)) {}

}  // namespace crosstalk::cli
