#include "cli/study_command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/source.hpp"
#include "study/datasets.hpp"
#include "study/describe.hpp"
#include "study/find.hpp"
#include "study/load.hpp"
#include "study/reading.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::cli {
namespace {

/// Key, value, origin, all to the left; a value that is long pushes its own line's origin alone.
std::string columns(const study::Lines& lines) {
  constexpr std::size_t widest = 44;
  std::vector<std::size_t> widths(2, 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < 2; ++i) widths[i] = std::max(widths[i], std::min(line[i].size(), widest));
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < 2; ++i)
      text += line[i] + std::string(2 + widths[i] - std::min(line[i].size(), widths[i]), ' ');
    text += line[2] + "\n";
  }
  return text;
}

struct ShowOptions {
  std::string file;
  study::LoadOptions load;
  bool all = false;
};

void add_show(CLI::App& app, Context& context) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* show = app.add_subcommand(
      "show", "the keys that have an effect in a study, their values and where each value comes from");
  show->add_option("FILE", options->file, "a study file, or the name of one that came with crosstalk")
      ->required()
      ->type_name("");
  show->add_option("--scale", options->load.scale, "one of the study's scales")->type_name("NAME");
  show->add_option("--set", options->load.sets,
                   "replaces the value of a key; a list becomes a sweep axis (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_seed_offset(*show, options->load.seed_offset);
  show->add_flag("--all", options->all, "also the keys that have no effect in this study");
  show->footer(
      "Examples:\n"
      "  crosstalk study show paper/sarcos --scale reduced --set network.hidden=[32,64]\n"
      "  crosstalk study show digits/digits-ddqn --all");
  show->callback([options, &context] {
    say(shown_study(study::find_study(options->file, shipped_studies(context)), options->load, options->all));
  });
}

void add_list(CLI::App& app, Context& context) {
  CLI::App* list = app.add_subcommand("list", "the studies that came with crosstalk");
  list->footer("Examples:\n  crosstalk study list\n  crosstalk study list | grep reduced");
  list->callback([&context] { say(listed_studies(shipped_studies(context))); });
}

void add_new(CLI::App& app) {
  auto file = std::make_shared<std::string>("study.toml");
  auto dataset = std::make_shared<std::string>(), environment = std::make_shared<std::string>(),
       trajectories = std::make_shared<std::string>();
  CLI::App* fresh =
      app.add_subcommand("new", "writes a study file with every key, its default and its meaning");
  fresh->add_option("NAME", *file, "the file to write (default: study.toml)")
      ->type_name("")
      ->check(some_text());
  fresh->add_option("--dataset", *dataset, study::listed_datasets() + ", or a path of your own")
      ->type_name("DATASET")
      ->check(some_text());
  fresh
      ->add_option("--environment", *environment,
                   "in place of data (windowed: of a data set of images): " +
                       study::alternatives(study::find_key("task.environment")->allowed))
      ->type_name("ENVIRONMENT")
      ->check(some_text());
  fresh
      ->add_option("--trajectories", *trajectories,
                   "in place of data: a folder that `crosstalk trajectories collect` or `import` made")
      ->type_name("DIR")
      ->check(some_text());
  fresh->footer(
      "Examples:\n"
      "  crosstalk study new mine.toml --dataset california\n"
      "  crosstalk study new wine.toml --dataset wine.csv\n"
      "  crosstalk study new walk.toml --environment random-walk\n"
      "  crosstalk study new values.toml --trajectories breakout");
  fresh->callback([file, dataset, environment, trajectories] {
    const bool none_said =
        dataset->empty() && trajectories->empty() && (environment->empty() || *environment == "windowed");
    say(write_new_study(*file, none_said ? "digits" : *dataset, *environment, *trajectories));
  });
}

}  // namespace

std::string shown_study(const std::filesystem::path& file, const study::LoadOptions& options, bool idle_too) {
  const study::Reading reading = study::read_study(file, options);
  const study::Study& study = reading.study;
  std::string text = (study.title.empty() ? study.name : study.title) + "\n" + file.generic_string();
  if (!study.scale.empty()) text += ", scale " + study.scale;
  std::string others;
  for (const std::string& scale : reading.scales)
    if (scale != study.scale) others += (others.empty() ? "" : ", ") + scale;
  if (!others.empty()) text += (study.scale.empty() ? ", no scale; there is " : "; there is also ") + others;
  text += "\n";
  if (!study.description.empty())
    text += "\n" + study.description + (study.description.back() == '\n' ? "" : "\n");
  std::size_t left_out = 0;
  for (const study::Experiment& experiment : reading.experiments) {
    text += "\n";
    if (reading.experiments.size() > 1) text += experiment.name + " (" + experiment.file + ")\n\n";
    const study::Lines lines = study::described_keys(experiment, idle_too);
    left_out += study::keys().size() + 2 - lines.size();  // a heading and the seeds are lines too
    text += columns(lines) + "\n" + study::described_runs(experiment) + "\n";
  }
  if (reading.experiments.size() > 1)
    text += "\n" + with_commas(static_cast<long long>(study.runs.size())) + " runs in all\n";
  if (left_out > 0) text += "\nKeys that count for no run are left out; --all shows them.\n";
  return text;
}

std::string listed_studies(const std::filesystem::path& shipped) {
  study::Lines lines = {{"study", "runs", "title"}};
  for (const std::string& name : study::shipped_studies(shipped)) {
    const std::filesystem::path file = shipped / (name + ".toml");
    const study::Reading reading = study::read_study(file, {});
    std::string runs = (reading.study.scale.empty() ? "" : reading.study.scale + " ") +
                       with_commas(static_cast<long long>(reading.study.runs.size()));
    for (const std::string& scale : reading.scales) {
      if (scale == reading.study.scale) continue;
      const auto count = study::load(file, {.scale = scale}).runs.size();
      runs += ", " + scale + " " + with_commas(static_cast<long long>(count));
    }
    lines.push_back({name, runs, reading.study.title});
  }
  if (lines.size() == 1)
    throw Error(ErrorKind::environment,
                shipped.generic_string() +
                    " has no studies; they come with crosstalk, so its installation is "
                    "incomplete: `pip install` it again");
  return aligned(lines) +
         "\nTo run one: crosstalk run NAME [--scale SCALE]. To see its keys: crosstalk study show NAME.\n";
}

std::string write_new_study(std::filesystem::path file, const std::string& dataset,
                            const std::string& environment, const std::string& trajectories) {
  if (!file.has_filename() || file.filename() == "." || file.filename() == "..")
    throw Error(ErrorKind::config, printable(file.string()) +
                                       " is a folder; give the name of the file to write in it, as " +
                                       shell_word((file / "study.toml").generic_string()) + ".");
  if (!has_ending(file.native(), ".toml")) file += ".toml";
  for (const auto& [option, value] :
       {std::pair{"dataset", dataset}, {"environment", environment}, {"trajectories", trajectories}}) {
    if (value.empty()) continue;
    const study::Checked checked = study::check(*study::find_key(std::string("task.") + option), value);
    if (!checked.problem.empty())
      throw Error(ErrorKind::config, std::string("--") + option + ": " + checked.problem);
  }
  if (!dataset.empty() && !environment.empty() && environment != "windowed")
    throw Error(ErrorKind::config, "--environment " + environment + " needs no data, and --dataset " +
                                       shortened(printable(dataset), 60) + " was given too; leave one out");
  if (!trajectories.empty() && (!dataset.empty() || environment == "windowed"))
    throw Error(
        ErrorKind::config,
        "--trajectories " + shortened(printable(trajectories), 60) + " needs no data, and " +
            (dataset.empty() ? "--environment windowed" : "--dataset " + shortened(printable(dataset), 60)) +
            " was given too; leave one out");
  const std::string text = study::new_study(dataset, environment, trajectories);
  // "x": a file that is there stays what it is, even when it appears between a test and the writing.
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "wx"), &std::fclose);
  if (!stream && errno == EEXIST)
    throw Error(ErrorKind::config,
                file.generic_string() + " is there already and stays as it is; give another name");
  const bool written = stream && std::fwrite(text.data(), 1, text.size(), stream.get()) == text.size() &&
                       std::fflush(stream.get()) == 0;
  if (!written)
    throw Error(ErrorKind::environment,
                file.generic_string() + " cannot be written: " + std::strerror(errno));
  return "Wrote " + file.generic_string() + ". Edit it, then: crosstalk run " +
         shell_word(file.generic_string()) + "\n";
}

void add_study_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("study", "list, show and write study files");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  crosstalk study list\n"
      "  crosstalk study show quickstart\n"
      "  crosstalk study new mine.toml --dataset california");
  add_list(*command, context);
  add_show(*command, context);
  add_new(*command);
  CLI::App* table =
      command->add_subcommand("keys", "every key with its values, defaults and meaning (Markdown)");
  table->footer("Examples:\n  crosstalk study keys\n  crosstalk study keys | grep learner.rate");
  table->callback([] { print(study::keys_as_markdown()); });
}

}  // namespace crosstalk::cli
