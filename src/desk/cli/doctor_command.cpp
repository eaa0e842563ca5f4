#include <algorithm>
#include <set>
#include <thread>

#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "base/trajectory_set.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/session.hpp"
#include "cli/trajectories.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"
#include "work/kept.hpp"
#include "work/lock.hpp"
#include "work/machine.hpp"
#include "work/results_folder.hpp"
#include "work/worker.hpp"

namespace crosstalk::cli {
namespace {

constexpr double patience_seconds = 60;

using Lines = std::vector<std::vector<std::string>>;

/// Starts one worker and says what it says of itself.
std::string worker_in_words(const Context& context) {
  const Scratch scratch;
  work::Command command = worker_command(context);
  command.errors = scratch.folder() / "worker.log";
  work::Awake awake;
  double seconds = 0;
  try {
    work::Worker worker(command);
    for (; seconds < patience_seconds && !worker.closed(); seconds += awake.pass()) {
      for (const Json& message : worker.receive()) {
        if (message.value("event", "") != "ready") continue;
        return work::bits_in_words(work::machine_of(message)) + ", ready after " + duration(seconds);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    worker.child().ended(2);
    const std::string complaint = worker.complaint();
    return "does not start: " + (complaint.empty() ? std::string("it says nothing") : complaint);
  } catch (const Error& error) {
    return std::string("does not start: ") + error.what();
  }
}

std::string free_space(const std::filesystem::path& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  return error ? "cannot be told" : size(static_cast<double>(space.available)) + " free";
}

std::string scratch_in_words() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  return error ? "TMPDIR is no folder" : folder.string() + ": " + free_space(folder);
}

/// Where the command is found, and who else has its name: the words of a child, which knows Python's folders.
Json namesakes(const Context& context) {
  try {
    return work::ask(namesakes_command(context), Json::object(), remark, nullptr,
                     "it cannot be told what else has the name");
  } catch (const Error& error) {
    return {{"command", error.what()}};
  }
}

void examine_machine(const Context& context) {
  const Json others = namesakes(context);
  Lines lines{{"crosstalk",
               std::string(CROSSTALK_VERSION) + ", store format " + std::to_string(store::Store::format)},
              {"command", others.value("command", "")},
              {"package", context.package.string()},
              {"python", context.python},
              {"worker", worker_in_words(context)},
              {"cores", std::to_string(work::physical_cores()) + " physical, " +
                            std::to_string(std::thread::hardware_concurrency()) + " processors"},
              {"disk", std::filesystem::current_path().string() + ": " + free_space(".")},
              {"scratch", scratch_in_words()}};
  say(aligned(lines));
  for (const Json& each : others.value("in_the_way", Json::array()))
    say("in the way: " + each.value("what", "") + "\n    mend it:  " + each.value("mend", "") + '\n');
}

/// What the file is, of whatever version; true where it is a store that this crosstalk can open.
bool describe_file(const work::ResultsFolder& results, Lines& lines) {
  const Json found = store::inspect(results.file());
  lines.push_back({"file", results.file().string() + ", " + size(found["bytes"].get<double>())});
  const bool ours = found["kind"] == "crosstalk";
  if (ours) {
    lines.push_back({"format", std::to_string(found["format"].get<int>()) +
                                   " (this crosstalk: " + std::to_string(store::Store::format) + ")"});
  }
  const Json tables = found.value("tables", Json::object());
  for (const auto& [table, rows] : tables.items()) {
    lines.push_back({"table " + table, with_commas(rows.get<long long>()) + " rows"});
  }
  if (!ours) {
    throw Error(ErrorKind::store,
                results.file().string() + " is " +
                    (found["kind"] == "sqlite" ? "a database of another program" : "not a database at all") +
                    ", or damaged. Put it back from a copy, or move it away.");
  }
  return found["format"] == store::Store::format;
}

void describe_study(const store::Store& store, Lines& lines) {
  const Json record = store.study();
  if (!record.is_object()) return;
  const std::string scale = record.value("scale", "");
  lines.push_back({"study", record.value("name", "?") + (scale.empty() ? "" : ", scale " + scale) +
                                ", schema " + (record.contains("schema") ? record["schema"].dump() : "?") +
                                " (this crosstalk: " + std::to_string(study::schema_version) + "), created " +
                                record.value("created", "?") + " by crosstalk " +
                                record.value("crosstalk", "?")});
  const Json datasets = record.value("data", Json::object());
  for (const auto& [key, dataset] : datasets.items()) {
    lines.push_back({"data", dataset.value("dataset", "?") + ", SHA-256 " + dataset.value("sha256", "?")});
  }
}

void describe_runs(const store::Store& store, Lines& lines) {
  const std::vector<store::RunRecord> runs = store.runs();
  const Counts counts = count(runs);
  lines.push_back({"runs", std::to_string(counts.done) + " done, " + std::to_string(counts.diverged) +
                               " diverged, " + std::to_string(counts.failed) + " failed, " +
                               std::to_string(counts.running) + " begun, " + std::to_string(counts.pending) +
                               " waiting, " + std::to_string(static_cast<int>(runs.size()) - counts.all()) +
                               " no longer named"});
  std::set<std::string> machines;
  for (const store::RunRecord& run : runs) {
    if (!run.machine.is_object()) continue;
    if (study::is_watched_run(*run.configuration)) {
      const std::string torch = run.machine.value("torch", "");
      machines.insert(run.machine.value("host", "?") + ": a training loop of its own, crosstalk " +
                      run.machine.value("crosstalk", "?") + (torch.empty() ? "" : ", torch " + torch));
      continue;
    }
    machines.insert(run.machine.value("host", "?") + ": " + work::bits_in_words(run.machine) +
                    (run.machine.contains("mixed") ? ", gone on with from elsewhere" : "") +
                    (run.machine.contains("unrepeatable") ? ", not to be computed again" : ""));
  }
  for (const std::string& machine : machines) lines.push_back({"computed on", machine});
}

/// Everything that is stored against the digests that were stored with it.
void check_contents(const store::Store& store, const work::ResultsFolder& results, Lines& lines) {
  store.check_file();
  const std::vector<store::Damage> damage = store.damage();
  for (const store::Damage& each : damage) {
    lines.push_back({"damaged", (each.run.empty() ? "" : "run " + each.run + ": ") + each.what});
  }
  if (const int without = store.without_contents(); without > 0) {
    lines.push_back({"unchecked", with_commas(without) + " runs without a digest of their rows (made before "
                                                         "crosstalk kept one)"});
  }
  if (damage.empty()) {
    lines.push_back({"contents", "sound"});
    return;
  }
  throw Error(
      ErrorKind::store,
      results.file().string() + " is damaged: " + describe(damage) +
          (study::is_watched(store.study())
               ? ". Put it back from a copy, or watch these runs anew in another folder."
               : ". `crosstalk run " + shell_word(results.folder.string()) + "` computes that anew."));
}

/// What runs have kept of their measurements, every file read.
void check_kept(const store::Store& store, const work::ResultsFolder& results, Lines& lines) {
  std::size_t files = 0, runs = 0;
  double bytes = 0;
  std::string damaged;
  for (const store::RunRecord& record : store.runs()) {
    const std::vector<work::KeptFile> kept = work::kept_files(results.kept(record.run));
    runs += !kept.empty();
    files += kept.size();
    for (const work::KeptFile& file : kept) {
      bytes += static_cast<double>(file.bytes);
      if (const std::string what = work::damage_of(file); !what.empty())
        damaged += (damaged.empty() ? "" : "\n") + file.path.string() + " " + what;
    }
    if (const auto lost = work::lost_step(store, record, kept))
      damaged += (damaged.empty() ? "" : "\n") + results.kept(record.run).string() + " lacks what step " +
                 with_commas(*lost) + " has kept";
  }
  if (files > 0)
    lines.push_back(
        {"kept", std::to_string(files) + " files of " + std::to_string(runs) + " runs, " + size(bytes)});
  if (!damaged.empty())
    throw Error(ErrorKind::store, damaged + ". Put back a copy, or run the study with another --out.");
}

bool holds_trajectories(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / TrajectorySet::about_name, ignored);
}

/// Prints what can be told; the exit code.
int examine_results(const std::filesystem::path& folder, const Context& context) {
  const work::ResultsFolder results{folder};
  if (!std::filesystem::exists(results.file()) && holds_trajectories(folder)) {
    say("what          a set of stored trajectories\n" + checked_trajectories(folder.string(), context));
    return 0;
  }
  if (!std::filesystem::exists(results.file())) {
    throw Error(ErrorKind::store, folder.string() + " holds no results: there is no study.sqlite in it.");
  }
  if (const std::string what = no_plain_file(results.file()); !what.empty()) {
    throw Error(ErrorKind::store, folder.string() + " holds no results: its study.sqlite is " + what + ".");
  }
  Lines lines;
  std::vector<std::string> troubles;  // one part that cannot be read does not hide the others
  const auto part = [&](const auto& examine) {
    try {
      examine();
    } catch (const Error& error) {
      if (std::find(troubles.begin(), troubles.end(), error.what()) == troubles.end())
        troubles.emplace_back(error.what());
    }
  };
  std::optional<store::Store> store;
  part([&] {
    if (describe_file(results, lines)) store = store::Store::open_to_read(results.file());
  });
  if (store) {
    part([&] { describe_study(*store, lines); });
    part([&] { describe_runs(*store, lines); });
    part([&] { check_contents(*store, results, lines); });
  }
  if (const auto who = work::at_work(folder)) lines.push_back({"at work", *who});
  std::error_code ignored;
  std::size_t checkpoints = 0;
  for (const auto& entry : std::filesystem::directory_iterator(results.checkpoints(), ignored))
    checkpoints += entry.is_regular_file(ignored);
  lines.push_back({"checkpoints", std::to_string(checkpoints) + " kept"});
  if (store) part([&] { check_kept(*store, results, lines); });
  lines.push_back({"disk", free_space(folder)});
  say(aligned(lines));
  for (const std::string& trouble : troubles) complain(trouble);
  return troubles.empty() ? 0 : Error(ErrorKind::store, "").exit_code();
}

}  // namespace

void add_doctor_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("doctor", "check the installation, a results folder, or stored trajectories");
  auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "a results folder, or a folder of stored trajectories")
      ->check(some_text());
  command->footer(
      "Examples:\n  crosstalk doctor\n  crosstalk doctor results/quickstart\n  crosstalk doctor pacman");
  command->callback([folder, &context] {
    if (folder->empty()) examine_machine(context);
    context.status = folder->empty() ? 0 : examine_results(*folder, context);
  });
}

}  // namespace crosstalk::cli
