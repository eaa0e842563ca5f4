#include <algorithm>

#include "base/error.hpp"
#include "cli/belonging.hpp"
#include "cli/cautions.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/progress.hpp"
#include "cli/resuming.hpp"
#include "cli/session.hpp"
#include "cli/trajectories_made.hpp"
#include "cli/waiting.hpp"
#include "cluster/plan.hpp"
#include "figures/experiment.hpp"
#include "figures/notes.hpp"
#include "figures/results.hpp"
#include "store/store.hpp"
#include "study/datasets.hpp"
#include "study/differing.hpp"
#include "study/own_class.hpp"
#include "study/schema.hpp"
#include "work/changed_class.hpp"
#include "work/estimate.hpp"
#include "work/lock.hpp"
#include "work/networks.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

constexpr double long_seconds = 600;
constexpr int most = 1'000'000'000;  // jobs, and seconds: more are a slip of the pen

/// The store of the folder, where there is one that belongs to this study; what is damaged in it
/// is forgotten with the next commit.
std::optional<store::Store> open_store(const work::ResultsFolder& results, const Source& source,
                                       const RunOptions& options) {
  if (!has_store(results)) return std::nullopt;
  store::Store store = store::Store::open(results.file());
  check_belongs(results, store, source, options);
  mend(store);
  check_leaving(results, store, source, options);
  return store;
}

/// The runs whose data must be what it was: those to do, and those that are done on a file of the user's,
/// which may have been changed since, or be another one by the same name where the study file now lies. A
/// file that is gone is missed only where a run still needs it.
std::vector<study::Configuration> to_check(const study::Study& study, std::vector<study::Configuration> runs,
                                           const Json& former, const DataPlaces& places) {
  if (!former.is_object()) return runs;
  for (const study::Configuration& run : study.runs) {
    if (work::data_key(run).empty()) continue;
    const auto own = study::own_class_of(run);
    const auto stored = study::trajectories_of(run);
    const std::string file = stored ? *stored
                             : own  ? own->path
                                    : run.values.at("task.dataset").get<std::string>();
    std::error_code ignored;
    if ((stored || own || study::is_own(study::family_of(file))) &&
        std::filesystem::exists((study::makes_trajectories(run) ? places.beside : study.folder) / file,
                                ignored))
      runs.push_back(run);
  }
  return runs;
}

void say_what_differs(const study::Study& study) {
  for (const study::Differing& differing : study::differing_with_algorithm(study.runs, study.swept)) {
    remark("note: " + differing.heading);
    for (const std::string& key : differing.keys) remark("  " + key);
  }
}

void say_what_is_ahead(work::Coordinator& coordinator, const Source& source, const RunOptions& options,
                       const Forecast& ahead, const work::Datasets& datasets, int jobs) {
  const std::size_t all = source.study.runs.size(), left = ahead.runs.size();
  std::string text =
      source.study.name + ": " + with_commas(static_cast<long long>(left)) + (left == 1 ? " run" : " runs");
  if (left < all) text += " to do of " + with_commas(static_cast<long long>(all));
  text += ", " + std::to_string(jobs) + (jobs == 1 ? " job" : " jobs");
  const bool at_most = std::ranges::any_of(source.study.runs, study::may_end_early);
  if (ahead.elapsed > 0) text += (at_most ? ", at most about " : ", about ") + duration(ahead.elapsed);
  say_if_heard(text + '\n');
  if (ahead.elapsed < long_seconds) return;
  if (const auto shorter = shorter_command(coordinator, source, options, ahead, datasets)) {
    say_if_heard("A shorter one:  " + *shorter + '\n');
  }
}

/// Who learned nothing, before anyone looks at what follows from it.
std::string on_learning(const store::Store& store) {
  std::string text;
  const figures::Results results = figures::results_of(store);
  for (const auto* experiments : {&results.experiments, &results.without_examples})
    for (const figures::Experiment& experiment : *experiments)
      for (const std::string& note : figures::notes_on_learning(experiment)) text += note + '\n';
  return text;
}

int say_how_it_ended(const store::Store& store, const work::ResultsFolder& results, bool interrupted,
                     int signal) {
  const Counts counts = count(store.runs());
  std::string text = of_all(counts.done, counts.all()) + (counts.all() == 1 ? " is done" : " are done");
  text += ended_otherwise(counts);
  const std::string folder = shell_word(results.folder.string());
  if (interrupted) {
    say_if_heard("stopped: " + text + "\ngo on with:  crosstalk run " + folder + '\n');
    return 128 + signal;
  }
  say_if_heard(on_learning(store) + text +
               (counts.failed > 0 ? "; the same command tries the failed ones again (their words are in " +
                                        (results.logs()).string() + ")"
                                  : std::string()) +
               "\nnext:  crosstalk report " + folder + '\n');
  return counts.done + counts.diverged < counts.all() ? 1 : 0;
}

int run(const RunOptions& options, const Context& context, const work::Interrupts& interrupts) {
  const Source source = find_source(options.source, options.load, context);
  const study::Study& study = source.study;
  if (options.plan) {
    say_what_differs(study);
    print_plan(source, options, context, interrupts);
    return 0;
  }
  const work::ResultsFolder results = results_folder(source, options);
  std::optional<work::FolderLock> lock;
  if (has_store(results)) lock.emplace(results.folder);
  std::optional<store::Store> store = open_store(results, source, options);
  const std::vector<study::Configuration> runs = to_do(study.runs, store ? &*store : nullptr);
  const Json former = store ? store->study() : Json();
  const std::string data_folder = !options.data.empty() || !former.is_object() ||
                                          !former.contains("data_folder") || former["data_folder"].is_null()
                                      ? options.data
                                      : former["data_folder"].get<std::string>();
  const DataPlaces places{data_folder, beside(results)};
  make_trajectories(study, runs, places.beside, context, interrupts);
  work::Datasets datasets;
  if (const auto checked = to_check(study, runs, former, places); !checked.empty()) {
    datasets = prepare(study, checked, places, context, interrupts);
    work::check_networks(runs, datasets);
    if (store) {
      Json before = former.value("data", Json());
      for (const std::string& line : work::take_changed_classes(*store, datasets, before, results))
        remark("note: " + line);
      work::check_checksums(datasets, before);
    }
  }

  make_folders(results);
  if (!lock) {
    lock.emplace(results.folder);
    if (has_store(results)) {
      throw Error(ErrorKind::store, results.folder.string() +
                                        " was begun by another `crosstalk run` in the meantime. Run the same "
                                        "command again: it goes on there, or says why it does not.");
    }
  }
  remove_unfinished(results);
  const Json record =
      work::study_record(study, datasets, data_folder.empty() ? Json() : Json(whole_path(data_folder)),
                         former, store ? store->runs() : std::vector<store::RunRecord>());
  const bool is_new = !store;
  if (is_new) store = store::Store::create(results.file(), record);
  store->set_study(record);
  store->name_runs(work::run_records(study));
  lock->check();
  store->commit();
  if (runs.empty()) {
    const Counts counts = count(store->runs());
    say_if_heard(
        on_learning(*store) + study.name + ": " +
        (counts.all() == 1 ? "its one run is done" : "all " + with_commas(counts.all()) + " runs are done") +
        (counts.diverged > 0 ? " (" + std::to_string(counts.diverged) + " diverged)" : std::string()) +
        ", nothing to do\nnext:  crosstalk report " + shell_word(results.folder.string()) + '\n');
    return 0;
  }

  say_what_differs(study);
  say_cautions(study);
  if (cluster::has_plan({results.folder}))
    remark(
        "note: this study was submitted to a cluster. What is in its queue is computed there, too: "
        "`crosstalk status " +
        shell_word(results.folder.string()) + "` says what that is");
  const int jobs = work::jobs_for(runs.size(), options.jobs);
  Progress progress(*store, study.swept, jobs);
  work::Coordinator coordinator(*store,
                                {.worker = worker_command(context),
                                 .logs = results.logs(),
                                 .jobs = jobs,
                                 .strict = options.strict,
                                 .data_again = data_again(study, runs, datasets, places, context, interrupts),
                                 .lock = &*lock},
                                progress, &interrupts);
  const Forecast ahead = [&] {
    try {
      return forecast(coordinator, runs, datasets, jobs);
    } catch (const Error&) {
      if (is_new) remove_unbegun(results);  // a study that is refused leaves no runs that wait
      throw;
    }
  }();
  if (interrupts.count() > 0) return say_how_it_ended(*store, results, true, interrupts.signal());
  say_what_is_ahead(coordinator, source, options, ahead, datasets, jobs);
  std::map<std::string, double> expected;
  for (std::size_t i = 0; i < ahead.runs.size(); ++i) expected[ahead.runs[i].run] = ahead.seconds[i];
  progress.open(std::move(expected));
  const bool whole = coordinator.run(
      in_order(ahead.runs, ahead.seconds, datasets, results, jobs, options.checkpoint_seconds));
  progress.close();
  return say_how_it_ended(*store, results, !whole, interrupts.signal());
}

/// The same; an interrupt also ends the waiting for another program that holds the results.
int run(const RunOptions& options, const Context& context) {
  const work::Interrupts interrupts;
  const Waiting waiting([&] { return interrupts.count() == 0; });
  try {
    return run(options, context, interrupts);
  } catch (const store::Held&) {
    if (interrupts.count() > 0) throw work::Interrupted{interrupts.signal()};
    throw;
  }
}

}  // namespace

void add_run_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("run", "run a study, or resume it");
  auto options = std::make_shared<RunOptions>();
  command
      ->add_option("FILE", options->source,
                   "a study file, a shipped study's name, a results folder, or a report.html")
      ->required()
      ->check(some_text());
  command->add_option("--out", options->out, "the results folder (default: results/STEM-SCALE)")
      ->type_name("DIR")
      ->check(some_text());
  command->add_option("--jobs,-j", options->jobs, "runs at a time (default: the physical cores)")
      ->type_name("N")
      ->check(whole_number(1, most));
  command->add_option("--scale", options->load.scale, "one of the file's [scale.NAME] tables")
      ->type_name("NAME")
      ->check(some_text());
  command
      ->add_option("--set", options->load.sets,
                   "replaces the value of a key; a list becomes a sweep axis (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_seed_offset(*command, options->load.seed_offset);
  command->add_option("--data", options->data, "a folder with california/, sarcos/, cifar10/, svhn/")
      ->type_name("DIR")
      ->check(some_text());
  command->add_option("--device", options->load.device, "cpu or cuda")
      ->type_name("DEVICE")
      ->check(some_text());
  CLI::Option* plan = command->add_flag(
      "--plan", options->plan, "times each configuration and predicts runs, hours and disk; runs nothing");
  command
      ->add_flag("--debug", options->debug,
                 "with --plan: also prints how the part of each layer in a probe is computed, and its "
                 "predicted cost")
      ->needs(plan);
  command->add_flag("--retire", options->retire,
                    "resumes in a folder that has finished runs which are no longer in the study: they stay "
                    "stored, and are not reported");
  command->add_flag(
      "--strict", options->strict,
      "recomputes runs that were begun with other versions of torch or of an environment's packages, or on a "
      "machine that computes differently");
  command
      ->add_option("--checkpoint-seconds", options->checkpoint_seconds,
                   "seconds between two checkpoints of a run")
      ->type_name("S")
      ->check(number(0, most))
      ->capture_default_str();
  command->footer(
      "Ctrl-C stops a study cleanly. The same command resumes it where it stopped.\n\n"
      "Examples:\n"
      "  crosstalk run studies/quickstart.toml\n"
      "  crosstalk run paper/sarcos --scale reduced --jobs 4\n"
      "  crosstalk run my.toml --set network.hidden=[8,16] --set seeds=5 --out results/wide\n"
      "  crosstalk run paper/svhn-classify --plan\n"
      "  crosstalk run results/wide");
  command->callback([options, &context] { context.status = run(*options, context); });
}

}  // namespace crosstalk::cli
