#include <algorithm>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "cli/source.hpp"
#include "cli/submitted.hpp"
#include "study/find.hpp"
#include "study/load.hpp"
#include "study/reading.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"
#include "work/lock.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t shown_troubles = 20;

void show(const work::ResultsFolder& results) {
  const store::Store store = store::Store::open_to_read(results.file());
  const Json record = store.study();
  const std::vector<std::string> swept = record.value("swept", std::vector<std::string>());
  const std::vector<store::RunRecord> runs = store.runs();
  const Counts counts = count(runs);
  const auto who = work::at_work(results.folder);
  const std::string folder = shell_word(results.folder.string());

  std::string text = study::name_with_scale(record) + ": " + of_all(counts.done, counts.all()) + " done";
  if (counts.running > 0) text += ", " + std::to_string(counts.running) + (who ? " running" : " interrupted");
  if (counts.pending > 0) text += ", " + std::to_string(counts.pending) + " waiting";
  text += ended_otherwise(counts);
  double seconds = 0;
  for (const store::RunRecord& run : runs) seconds += run.named ? run.seconds : 0;
  text += "\n" + duration(seconds) + " of work, " + with_commas(store.count_rows()) + " rows, " +
          size(static_cast<double>(std::filesystem::file_size(results.file()))) + '\n';
  text += remarks_on(runs);

  std::size_t troubles = 0;
  for (const store::RunRecord& run : runs) {
    if (!run.named || (run.status != store::Status::failed && run.status != store::Status::diverged))
      continue;
    if (++troubles > shown_troubles) continue;
    text += std::string(store::to_string(run.status)) + "  " + run.experiment + "  " +
            describe(*run.configuration, swept, run.seed) + ":  " +
            run.message.substr(0, run.message.find('\n')) + '\n';
  }
  if (troubles > shown_troubles) text += "and " + std::to_string(troubles - shown_troubles) + " more\n";
  const bool is_left = counts.pending + counts.running + counts.failed > 0;
  if (who) {
    text += "being worked on by " + *who + '\n';
  } else if (const int schema = study::schema_of(record); schema > 0 && schema != study::schema_version) {
    text += "made by schema " + std::to_string(schema) + ", this is schema " +
            std::to_string(study::schema_version) + ": it is not gone on with\nnext:  crosstalk report " +
            folder + '\n';
  } else if (is_left && !study::is_watched(record)) {
    text += "go on with:  crosstalk run " + folder + '\n';
  } else {
    text += "next:  crosstalk report " + folder + '\n';
  }
  say(text);
}

bool is_study(const std::string& word, const std::filesystem::path& shipped) {
  const std::vector<std::string> names = study::shipped_studies(shipped);
  return has_ending(word, ".toml") || std::find(names.begin(), names.end(), word) != names.end();
}

/// The results folder that is meant: the word itself, or for a study those of its scales that are there.
std::vector<std::filesystem::path> folders_of(const std::string& word, const std::filesystem::path& shipped) {
  std::error_code ignored;
  if (std::filesystem::is_directory(word, ignored) || !is_study(word, shipped)) return {word};
  const study::Reading reading = study::read_study(study::find_study(word, shipped), {});
  const std::filesystem::path first = default_folder(reading.study);
  std::vector<std::string> scales = reading.scales;
  scales.insert(scales.begin(), "");
  std::vector<std::filesystem::path> found;
  for (const std::string& scale : scales) {
    const std::filesystem::path folder = default_folder(reading.study.name, scale);
    if (std::filesystem::exists(work::ResultsFolder{folder}.file(), ignored) || cluster::has_plan({folder}))
      found.push_back(folder);
  }
  if (found.empty())
    throw Error(ErrorKind::store, word + " has no results in " + first.string() +
                                      ", where `crosstalk run` puts them. To run it:  crosstalk run " +
                                      shell_word(word) + "\nFor results elsewhere:  crosstalk status DIR");
  return found;
}

}  // namespace

void add_status_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("status", "show the progress of a study");
  auto word = std::make_shared<std::string>();
  command
      ->add_option("DIR", *word, "a results folder, or a study file whose results are in its default folder")
      ->required()
      ->type_name("")
      ->check(some_text());
  command->footer("Examples:\n  crosstalk status results/quickstart\n  crosstalk status my-study.toml");
  command->callback([word, &context] {
    for (const std::filesystem::path& folder : folders_of(*word, shipped_studies(context)))
      if (!show_submitted(folder)) show(work::ResultsFolder{folder});
    context.status = 0;
  });
}

}  // namespace crosstalk::cli
