#include <algorithm>
#include <random>

#include "base/error.hpp"
#include "base/same_bits.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/session.hpp"
#include "study/load.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"
#include "work/estimate.hpp"
#include "work/kept.hpp"
#include "work/machine.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

constexpr int most = 1'000'000'000;

struct VerifyOptions {
  std::string folder, data;
  int runs = 3, jobs = 0;
};

std::string name_of(const Row& row) {
  return "step " + std::to_string(row.step) + ", " + row.measure + " (" + row.split + ")";
}

/// The first difference in words; empty when the rows are the same bit for bit.
std::string difference(const std::vector<Row>& stored, const std::vector<Row>& computed) {
  for (std::size_t i = 0; i < std::min(stored.size(), computed.size()); ++i) {
    const Row &a = stored[i], &b = computed[i];
    if (a.step != b.step || a.measure != b.measure || a.split != b.split) {
      return "stored has " + name_of(a) + " where " + name_of(b) + " was computed";
    }
    if (!same_bits(a.value, b.value)) {
      return name_of(a) + " is stored as " + exactly(a.value) + " and was computed as " + exactly(b.value);
    }
  }
  if (stored.size() == computed.size()) return "";
  return std::to_string(stored.size()) + " rows are stored, " + std::to_string(computed.size()) +
         " were computed";
}

bool same(const Array& a, const Array& b) {
  return a.step == b.step && a.split == b.split && a.shape == b.shape && a.axes == b.axes &&
         std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end(), same_bits);
}

/// The same for a run's arrays.
std::string difference_of_arrays(const std::string& run, const store::Store& stored,
                                 const store::Store& computed) {
  const std::vector<std::string> names = stored.array_names(run);
  if (names != computed.array_names(run)) return "other arrays are stored than were computed";
  for (const std::string& name : names) {
    const std::vector<Array> a = stored.arrays(run, name), b = computed.arrays(run, name);
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end(), same))
      return "the array " + name + " is stored otherwise than it was computed";
  }
  return "";
}

/// The same for the files of what a run has kept.
std::string difference_of_kept(const std::filesystem::path& stored, const std::filesystem::path& computed) {
  const std::vector<work::KeptFile> there = work::kept_files(stored), here = work::kept_files(computed);
  for (const work::KeptFile& file : here) {
    const std::filesystem::path name = stored / file.path.filename();
    const auto other = std::find_if(there.begin(), there.end(),
                                    [&](const work::KeptFile& each) { return each.step == file.step; });
    if (other == there.end()) return name.string() + " is not there";
    if (!work::damage_of(*other).empty()) return name.string() + " " + work::damage_of(*other);
    if (!work::same_bytes(file.path, other->path))
      return name.string() + " holds other bytes than came out now";
  }
  if (there.size() > here.size()) return stored.string() + " holds more files than the run keeps";
  return "";
}

/// Runs that are done, drawn at random.
std::vector<store::RunRecord> drawn(const store::Store& store, const work::ResultsFolder& results,
                                    int count) {
  std::vector<store::RunRecord> done;
  for (const store::RunRecord& run : store.runs()) {
    if (run.named && run.status == store::Status::done) done.push_back(run);
  }
  if (done.empty()) {
    throw Error(ErrorKind::store, results.folder.string() + " has no run that is done; `crosstalk run " +
                                      shell_word(results.folder.string()) + "` makes some.");
  }
  std::shuffle(done.begin(), done.end(), std::random_device());
  done.resize(std::min(done.size(), static_cast<std::size_t>(count)));
  return done;
}

/// What is damaged needs no computing to be found.
void refuse_damage(const store::Store& store, const work::ResultsFolder& results) {
  store.check_file();
  const std::vector<store::Damage> damage = store.damage();
  if (damage.empty()) return;
  throw Error(ErrorKind::store, results.file().string() + " is damaged: " + describe(damage) +
                                    ". `crosstalk run " + shell_word(results.folder.string()) +
                                    "` computes that anew.");
}

/// What is not the same, and what else differed when the run was made; empty when all is the same.
std::string verdict(const store::RunRecord& before, const store::RunRecord& now, const store::Store& store,
                    const store::Store& scratch) {
  std::string what = now.status != store::Status::done
                         ? std::string(store::to_string(now.status)) + ": " + now.message
                         : difference(store.rows_of(now.run), scratch.rows_of(now.run));
  if (what.empty()) what = difference_of_arrays(now.run, store, scratch);
  if (what.empty()) return what;
  for (const std::string& change : work::changes_of_bits(before.machine, now.machine))
    what += "\n  " + change;
  if (before.machine.contains("unrepeatable"))
    what += "\n  " + before.machine["unrepeatable"].get<std::string>();
  if (before.machine.contains("mixed")) what += "\n  the run was gone on with on another machine";
  return what;
}

int verify(const VerifyOptions& options, const Context& context) {
  const work::ResultsFolder results{options.folder};
  const store::Store store = store::Store::open_to_read(results.file());
  const Json record = store.study();
  if (study::is_watched(record))
    throw Error(ErrorKind::store, options.folder +
                                      " was watched in a training loop of your own, which alone computes its "
                                      "numbers again: there is nothing to compare. `crosstalk doctor " +
                                      shell_word(options.folder) +
                                      "` says whether they are as they were stored.");
  refuse_damage(store, results);
  if (const int schema = study::schema_of(record); schema > 0 && schema != study::schema_version) {
    throw Error(ErrorKind::store, options.folder + " was made by schema " + std::to_string(schema) +
                                      "; this is schema " + std::to_string(study::schema_version) +
                                      ", which gives other numbers, so that nothing can be compared to the "
                                      "last bit. Verify it with the crosstalk that made it, which `crosstalk "
                                      "doctor " +
                                      shell_word(options.folder) + "` names.");
  }
  const study::Study study = stored_study(results.folder, record);
  const std::vector<store::RunRecord> done = drawn(store, results, options.runs);
  std::vector<study::Configuration> runs;
  for (const study::Configuration& run : study.runs) {
    if (std::any_of(done.begin(), done.end(), [&](const auto& each) { return each.run == run.run; }))
      runs.push_back(run);
  }
  const work::Interrupts interrupts;
  const Json folder = record.value("data_folder", Json());
  const DataPlaces places{
      options.data.empty() && folder.is_string() ? folder.get<std::string>() : options.data, beside(results)};
  const work::Datasets datasets = prepare(study, runs, places, context, interrupts);
  work::check_checksums(datasets, record.value("data", Json()));

  Scratch scratch;
  study::Study some = study;
  some.runs = runs;
  scratch.store().name_runs(work::run_records(some));
  Remarks remarks;
  const int jobs = work::jobs_for(runs.size(), options.jobs);
  work::Coordinator coordinator(
      scratch.store(),
      {.worker = worker_command(context),
       .logs = scratch.folder(),
       .jobs = jobs,
       .data_again = data_again(study, runs, datasets, places, context, interrupts)},
      remarks, &interrupts);
  std::vector<work::Assignment> assignments;
  for (const study::Configuration& run : runs) {
    const work::ResultsFolder there{scratch.folder()};
    assignments.push_back(work::assignment(run, datasets, scratch.folder() / (run.run + ".safetensors"), 30,
                                           there.kept(run.run)));
  }
  if (!coordinator.run(assignments)) throw work::Interrupted{interrupts.signal()};

  int different = 0;
  for (const store::RunRecord& now : scratch.store().runs()) {
    const auto before =
        std::find_if(done.begin(), done.end(), [&](const auto& each) { return each.run == now.run; });
    std::string what = verdict(*before, now, store, scratch.store());
    if (what.empty()) what = difference_of_kept(results.kept(now.run), scratch.folder() / "kept" / now.run);
    different += !what.empty();
    // Who reads the first lines only is still told by the exit status.
    say_if_heard((what.empty() ? "the same      " : "DIFFERENT     ") + now.experiment + "  " +
                 describe(*now.configuration, study.swept, now.seed) + (what.empty() ? "" : ":  " + what) +
                 '\n');
  }
  say_if_heard(std::to_string(runs.size() - static_cast<std::size_t>(different)) + " of " +
               std::to_string(runs.size()) + " runs came out the same to the last bit\n");
  return different == 0 ? 0 : 1;
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("verify", "recompute randomly drawn runs and compare rows and arrays bit for bit");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("DIR", options->folder, "a results folder")->required()->check(some_text());
  command->add_option("--runs", options->runs, "how many runs to draw")
      ->check(whole_number(1, most))
      ->capture_default_str();
  command->add_option("--jobs,-j", options->jobs, "runs at a time (default: the physical cores)")
      ->check(whole_number(1, most));
  command
      ->add_option("--data", options->data, "the data folder (default: the one that the study was run with)")
      ->type_name("DIR")
      ->check(some_text());
  command->footer("Examples:\n  crosstalk verify results/quickstart --runs 3");
  command->callback([options, &context] { context.status = verify(*options, context); });
}

}  // namespace crosstalk::cli
