#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/describe.hpp"
#include "study/load.hpp"
#include "study/schema.hpp"
#include "work/lock.hpp"
#include "work/results.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::size_t shown_troubles = 20;

void show(const work::Results& results) {
  const store::Store store = store::Store::open_to_read(results.file());
  const Json record = store.study();
  const std::vector<std::string> swept = record.value("swept", std::vector<std::string>());
  const std::vector<store::RunRecord> runs = store.runs();
  const Counts counts = count(runs);
  const auto who = work::at_work(results.folder);

  const std::string scale = record.value("scale", "");
  std::string text = record.value("name", "?") + (scale.empty() ? "" : " (scale " + scale + ")") + ": " +
                     std::to_string(counts.done) + " of " + std::to_string(counts.all()) + " runs done";
  if (counts.running > 0) text += ", " + std::to_string(counts.running) + (who ? " running" : " interrupted");
  if (counts.pending > 0) text += ", " + std::to_string(counts.pending) + " waiting";
  if (counts.diverged > 0) text += ", " + std::to_string(counts.diverged) + " diverged";
  if (counts.failed > 0) text += ", " + std::to_string(counts.failed) + " failed";
  double seconds = 0;
  int unnamed = 0, mixed = 0;
  for (const store::RunRecord& run : runs) {
    seconds += run.named ? run.seconds : 0;
    unnamed += run.named ? 0 : 1;
    mixed += run.named && run.machine.is_object() && run.machine.contains("mixed") ? 1 : 0;
  }
  text += "\n" + duration(seconds) + " of work, " + with_commas(store.count_rows()) + " rows, " +
          size(static_cast<double>(std::filesystem::file_size(results.file()))) + '\n';
  if (mixed > 0)
    text += std::to_string(mixed) +
            " were gone on with under another torch version or instruction set, or on another processor\n";
  if (unnamed > 0)
    text += std::to_string(unnamed) + " older runs, which the study no longer names, are kept\n";

  std::size_t troubles = 0;
  for (const store::RunRecord& run : runs) {
    if (!run.named || (run.status != store::Status::failed && run.status != store::Status::diverged))
      continue;
    if (++troubles > shown_troubles) continue;
    text += std::string(store::to_string(run.status)) + "  " + run.experiment + "  " +
            describe(run.configuration, swept, run.seed) + ":  " +
            run.message.substr(0, run.message.find('\n')) + '\n';
  }
  if (troubles > shown_troubles) text += "and " + std::to_string(troubles - shown_troubles) + " more\n";
  const bool is_left = counts.pending + counts.running + counts.failed > 0;
  if (who) {
    text += "being worked on by " + *who + '\n';
  } else if (const int schema = study::schema_of(record); schema > 0 && schema != study::schema_version) {
    text += "made by schema " + std::to_string(schema) + ", this is schema " +
            std::to_string(study::schema_version) + ": it is not gone on with\nnext:  crosstalk report " +
            results.folder.string() + '\n';
  } else if (is_left) {
    text += "go on with:  crosstalk run " + shell_word(results.folder.string()) + '\n';
  } else {
    text += "next:  crosstalk report " + shell_word(results.folder.string()) + '\n';
  }
  print(text);
}

}  // namespace

void add_status_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("status", "say how far a study is");
  auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "a results folder")->required()->check(some_text());
  command->footer("Examples:\n  crosstalk status results/quickstart");
  command->callback([folder, &context] {
    show(work::Results{*folder});
    context.status = 0;
  });
}

}  // namespace crosstalk::cli
