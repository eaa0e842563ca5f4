#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/exports.hpp"
#include "work/kept.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t most_named = 8;

/// "a, b and 3 more".
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), most_named); ++i)
    text += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > most_named) text += " and " + std::to_string(words.size() - most_named) + " more";
  return text;
}

store::RunRecord the_run(const store::Store& store, const ExportOptions& options) {
  std::vector<store::RunRecord> fitting;
  for (const store::RunRecord& record : store.runs())
    if (record.run.starts_with(options.parameters)) fitting.push_back(record);
  if (fitting.size() == 1) return fitting.front();
  const std::string asked = "--parameters " + cut(options.parameters, 40);
  if (fitting.empty())
    throw Error(ErrorKind::config, asked + ": no run of " + options.folder +
                                       " begins so; `crosstalk export " + shell_word(options.folder) +
                                       "` has all of them in its first column.");
  const auto swept = store.study().value("swept", std::vector<std::string>());
  std::string text = asked + ": " + std::to_string(fitting.size()) + " runs of " + options.folder +
                     " begin so; give more of one's identifier:";
  for (std::size_t i = 0; i < std::min(fitting.size(), most_named); ++i)
    text += "\n" + fitting[i].run + "  " + fitting[i].experiment + "  " +
            describe(*fitting[i].configuration, swept, fitting[i].seed);
  if (fitting.size() > most_named) text += "\nand " + std::to_string(fitting.size() - most_named) + " more";
  throw Error(ErrorKind::config, text);
}

[[noreturn]] void refuse_nothing(const store::RunRecord& run) {
  if (!work::keeps(*run.configuration))
    throw Error(ErrorKind::config,
                "run " + run.run +
                    ": nothing was kept: set probe.keep (--set probe.keep=last, or all) and "
                    "run the study again with another --out.");
  throw Error(ErrorKind::config, "run " + run.run + ": nothing is kept yet; it is " +
                                     std::string(store::to_string(run.status)) +
                                     (run.configuration->value("probe.keep", "") == "last"
                                          ? ", and probe.keep = \"last\" keeps the measurement at its end."
                                          : "."));
}

/// What stays the same through the run, and the measurement asked for or all.
std::vector<work::KeptFile> chosen(const std::vector<work::KeptFile>& files, const store::RunRecord& run,
                                   const ExportOptions& options) {
  std::vector<work::KeptFile> some;
  std::vector<std::string> steps;
  for (const work::KeptFile& file : files) {
    if (file.step) steps.push_back(std::to_string(*file.step));
    if (!options.step || !file.step || file.step == options.step) some.push_back(file);
  }
  const bool found =
      std::any_of(some.begin(), some.end(), [](const auto& file) { return file.step.has_value(); });
  if (!found)
    throw Error(ErrorKind::config, "--step " + std::to_string(options.step.value_or(0)) + ": run " + run.run +
                                       " kept nothing then; it did at " +
                                       (steps.empty() ? "no step" : listed(steps)) + ".");
  return some;
}

/// Whole or not at all: under another name first.
void copy(const work::KeptFile& file, const std::filesystem::path& folder) {
  const std::filesystem::path to = folder / file.path.filename(), draft = to.string() + ".partial";
  std::error_code error;
  if (std::filesystem::exists(to, error) && !work::same_bytes(file.path, to))
    throw Error(ErrorKind::environment,
                to.string() + " is there and holds something else. Give another --out, or remove it.");
  if (!error)
    std::filesystem::copy_file(file.path, draft, std::filesystem::copy_options::overwrite_existing, error);
  if (!error) std::filesystem::rename(draft, to, error);
  if (!error) return;
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  throw Error(ErrorKind::environment,
              to.string() + " cannot be written: " + error.message() + ". Make room, or give another --out.");
}

}  // namespace

void export_kept(const store::Store& store, const work::ResultsFolder& results,
                 const ExportOptions& options) {
  const store::RunRecord run = the_run(store, options);
  const std::vector<work::KeptFile> all = work::kept_files(results.kept(run.run));
  if (all.empty()) refuse_nothing(run);
  const std::vector<work::KeptFile> files = chosen(all, run, options);
  for (const work::KeptFile& file : files)
    if (const std::string what = work::damage_of(file); !what.empty())
      throw Error(ErrorKind::store, file.path.string() + " " + what +
                                        ". Put back a copy, or run the study with another --out.");
  std::filesystem::path folder = results.kept(run.run);
  if (!options.out.empty()) {
    folder = options.out;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
      throw Error(ErrorKind::environment, folder.string() + " cannot be made: " + error.message() +
                                              ". Give another --out, or the permission to write there.");
    for (const work::KeptFile& file : files) copy(file, folder);
  }
  for (const work::KeptFile& file : files) say((folder / file.path.filename()).string() + '\n');
}

}  // namespace crosstalk::cli
