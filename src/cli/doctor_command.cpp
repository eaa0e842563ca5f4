#include <chrono>
#include <set>
#include <thread>

#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/session.hpp"
#include "study/schema.hpp"
#include "work/estimate.hpp"
#include "work/lock.hpp"
#include "work/results.hpp"
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
  const auto begun = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  try {
    work::Worker worker(command);
    while (seconds() < patience_seconds && !worker.closed()) {
      for (const Json& message : worker.receive()) {
        if (message.value("event", "") != "ready") continue;
        return "torch " + message.value("torch", "?") + ", instruction set " + message.value("isa", "?") +
               ", ready after " + duration(seconds());
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

void examine_machine(const Context& context) {
  Lines lines{{"crosstalk",
               std::string(CROSSTALK_VERSION) + ", store format " + std::to_string(store::Store::format)},
              {"package", context.package.string()},
              {"python", context.python},
              {"worker", worker_in_words(context)},
              {"cores", std::to_string(work::physical_cores()) + " physical, " +
                            std::to_string(std::thread::hardware_concurrency()) + " processors"},
              {"disk", std::filesystem::current_path().string() + ": " + free_space(".")},
              {"scratch", scratch_in_words()}};
  print(aligned(lines));
}

void examine_results(const std::filesystem::path& folder) {
  const work::Results results{folder};
  if (!std::filesystem::exists(results.file())) {
    throw Error(ErrorKind::store, folder.string() + " holds no results: there is no study.sqlite in it.");
  }
  const Json found = store::inspect(results.file());
  Lines lines{{"file", results.file().string() + ", " + size(found["bytes"].get<double>())}};
  if (found["kind"] != "crosstalk") {
    lines.push_back(
        {"kind", found["kind"] == "sqlite" ? "a database of another program" : "not a database at all"});
  } else {
    lines.push_back({"format", std::to_string(found["format"].get<int>()) +
                                   " (this crosstalk: " + std::to_string(store::Store::format) + ")"});
  }
  if (found.contains("tables")) {
    for (const auto& [table, rows] : found["tables"].items()) {
      lines.push_back({"table " + table, with_commas(rows.get<long long>()) + " rows"});
    }
  }
  if (found["kind"] == "crosstalk" && found["format"] == store::Store::format) {
    const store::Store store = store::Store::open_to_read(results.file());
    const Json record = store.study();
    lines.push_back({"study", record.value("name", "?") + ", scale " + record.value("scale", "") +
                                  ", schema " + (record.contains("schema") ? record["schema"].dump() : "?") +
                                  " (this crosstalk: " + std::to_string(study::schema_version) +
                                  "), created " + record.value("created", "?") + " by crosstalk " +
                                  record.value("crosstalk", "?")});
    const std::vector<store::RunRecord> runs = store.runs();
    const Counts counts = count(runs);
    lines.push_back(
        {"runs", std::to_string(counts.done) + " done, " + std::to_string(counts.diverged) + " diverged, " +
                     std::to_string(counts.failed) + " failed, " + std::to_string(counts.running) +
                     " begun, " + std::to_string(counts.pending) + " waiting, " +
                     std::to_string(static_cast<int>(runs.size()) - counts.all()) + " no longer named"});
    std::set<std::string> machines;
    for (const store::RunRecord& run : runs) {
      if (!run.machine.is_object()) continue;
      machines.insert(run.machine.value("host", "?") + ": crosstalk " + run.machine.value("crosstalk", "?") +
                      ", torch " + run.machine.value("torch", "?") + ", " + run.machine.value("isa", "?") +
                      (run.machine.contains("mixed") ? ", gone on with from elsewhere" : ""));
    }
    for (const std::string& machine : machines) lines.push_back({"computed on", machine});
    const Json datasets = record.value("data", Json::object());
    for (const auto& [key, dataset] : datasets.items()) {
      lines.push_back({"data", dataset.value("dataset", "?") + ", SHA-256 " + dataset.value("sha256", "?")});
    }
  }
  if (const auto who = work::at_work(folder)) lines.push_back({"at work", *who});
  std::error_code ignored;
  std::size_t checkpoints = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(results.checkpoints(), ignored)) {
    ++checkpoints;
  }
  lines.push_back({"checkpoints", std::to_string(checkpoints) + " kept"});
  lines.push_back({"disk", free_space(folder)});
  print(aligned(lines));
}

}  // namespace

void add_doctor_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("doctor", "say what is installed, or what a results folder holds");
  auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "a results folder");
  command->footer("Examples:\n  crosstalk doctor\n  crosstalk doctor results/quickstart");
  command->callback([folder, &context] {
    folder->empty() ? examine_machine(context) : examine_results(*folder);
    context.status = 0;
  });
}

}  // namespace crosstalk::cli
