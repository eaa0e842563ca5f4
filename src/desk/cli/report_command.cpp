#include "cli/report_command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <sstream>

#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/source.hpp"
#include "figures/bundle.hpp"
#include "store/store.hpp"
#include "work/data.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

std::vector<std::string> arguments(const ReportOptions& options, const std::filesystem::path& out) {
  const auto plain = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return std::string(text);
  };
  return {"--bundle",    "-",
          "--out",       out.string(),
          "--formats",   options.formats,
          "--width",     plain(options.width_inches),
          "--font-size", plain(options.font_points)};
}

/// The words of a list with commas between, without the blanks around them.
std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream parts(text);
  for (std::string word; std::getline(parts, word, ',');) {
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

/// At least one, and all of them known.
void check_formats(const std::string& formats) {
  const std::vector<std::string> words = listed(formats);
  for (const std::string& word : words) {
    if (std::find(report_formats.begin(), report_formats.end(), word) == report_formats.end()) {
      throw Error(ErrorKind::config,
                  "--format " + cut(word, 40) +
                      " is none that a report has; there are html, svg, png, pdf, csv, latex.");
    }
  }
  if (words.empty()) {
    throw Error(
        ErrorKind::config,
        "--format names no format; a report has html, svg, png, pdf, csv, latex, with commas between.");
  }
}

/// A page of another study goes when this one is written.
void say_what_is_replaced(const std::filesystem::path& page, const Json& bundle) {
  const std::string before = study_in_report(page);
  if (before.empty()) return;
  for (const Json& study : bundle.at("studies"))
    if (study.at("json").is_object() && study["json"].value("name", "") == before) return;
  remark("note: " + page.string() + " was the report of another study, " + before + "; it is replaced");
}

void report(const ReportOptions& options, Context& context) {
  check_formats(options.formats);
  const std::filesystem::path out = report_folder(options);
  const Json bundle = report_bundle(options);
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) {
    throw Error(ErrorKind::environment, out.string() + " cannot be made: " + error.message() +
                                            ". Give another --out, or the permission to write there.");
  }
  say_what_is_replaced(out / "report.html", bundle);
  const work::Interrupts interrupts;
  const Json reply = work::ask(report_child(context, arguments(options, out)), bundle, remark, &interrupts,
                               "the report cannot be made");
  std::string text;
  for (const Json& file : reply.at("files")) text += (out / file.get<std::string>()).string() + '\n';
  say(text);
  if (reply.contains("incomplete"))
    throw Error(ErrorKind::environment, reply["incomplete"].get<std::string>());
  context.status = 0;
}

}  // namespace

std::filesystem::path report_folder(const ReportOptions& options) {
  if (!options.out.empty()) return options.out;
  if (options.folders.size() > 1) {
    throw Error(ErrorKind::config,
                "a report of several results belongs to none of their folders: --out DIR says where "
                "it is written.");
  }
  return options.folders.front();
}

figures::Choice choice_of(const ReportOptions& options) {
  figures::Choice choice{.by = {}, .panel = options.panel, .where = {}};
  if (!options.by.empty()) {
    choice.by.emplace();
    for (const std::string& key : listed(options.by == "none" ? "" : options.by)) {
      if (std::find(choice.by->begin(), choice.by->end(), key) == choice.by->end()) choice.by->push_back(key);
    }
    if (choice.by->empty() && options.by != "none")
      throw Error(ErrorKind::config, "--by names no key; `--by none` pools all.");
  }
  for (const std::string& test : options.where) {
    const std::size_t sign = test.find('=');
    if (sign == std::string::npos || sign == 0) {
      throw Error(ErrorKind::config,
                  "--where takes KEY=VALUE, as in --where learner.optimizer=adam, not " + cut(test) + ".");
    }
    choice.where.emplace_back(test.substr(0, sign), test.substr(sign + 1));
  }
  return choice;
}

Json report_bundle(const ReportOptions& options) {
  const std::vector<std::filesystem::path> folders(options.folders.begin(), options.folders.end());
  Json bundle = figures::bundle(folders, choice_of(options));
  for (std::size_t i = 0; i < folders.size(); ++i) {
    bundle["studies"][i]["json"] = store::Store::open_to_read(work::ResultsFolder{folders[i]}.file()).study();
  }
  return bundle;
}

void add_report_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("report", "write the report of a results folder: page, figures and numbers");
  auto options = std::make_shared<ReportOptions>();
  command
      ->add_option("DIR", options->folders,
                   "results folders of `crosstalk run`; two are also compared run by run")
      ->required()
      ->type_name("")
      ->check(some_text());
  command->add_option("--out", options->out, "where report.html and figures/ are written (default: DIR)")
      ->type_name("DIR")
      ->check(some_text());
  command
      ->add_option("--format", options->formats,
                   "any of html, svg, png, pdf, csv, latex, separated by commas")
      ->type_name("LIST")
      ->capture_default_str();
  command
      ->add_option(
          "--by", options->by,
          "swept keys, separated by commas; each of their values is a series with its own colour and its own "
          "r; none: pool all (default: every key that would be pooled otherwise)")
      ->type_name("KEYS")
      ->check(some_text());
  command
      ->add_option("--panel", options->panel,
                   "a swept key; each of its values has its own panel and its own series")
      ->type_name("KEY")
      ->check(some_text());
  command->add_option("--where", options->where, "only runs with this value of a key (repeatable)")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->check(some_text());
  command->add_option("--width", options->width_inches, "width of the figures for a paper")
      ->type_name("INCHES")
      ->check(number(1.5, 40))
      ->capture_default_str();
  command->add_option("--font-size", options->font_points, "font size of the figures for a paper")
      ->type_name("POINTS")
      ->check(number(4, 40))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  crosstalk report results/quickstart\n"
      "  crosstalk report results/rates --by learner.optimizer --where task.examples=500\n"
      "  crosstalk report results/a results/b --out results/a-and-b\n"
      "  crosstalk report results/quickstart --format pdf,latex --width 3.25 --font-size 8\n");
  command->callback([options, &context] { report(*options, context); });
}

}  // namespace crosstalk::cli
