#include "cli/completion.hpp"

#include <map>

#include "cli/console.hpp"
#include "cli/report_command.hpp"
#include "cli/source.hpp"
#include "study/datasets.hpp"
#include "study/find.hpp"
#include "study/schema.hpp"

namespace crosstalk::cli {
namespace {

std::vector<std::string> key_beginnings() {
  std::vector<std::string> words;
  for (const study::Key& key : study::keys()) words.push_back(key.name + '=');
  words.push_back("seeds=");
  return words;
}

/// What stands for a value in the help ("DIR", "KEY=VALUE"), and what it can be.
std::map<std::string, Offer> offers(const Context& context) {
  return {{"DIR", {.folders = true}},
          {"FILE", {.words = study::shipped_studies(shipped_studies(context)), .files = true}},
          {"EXPERT", {.files = true}},
          {"FROM", {.files = true}},
          {"POLICY", {.words = {"random"}}},
          {"KEY=VALUE", {.words = key_beginnings(), .goes_on = true}},
          {"DATASET", {.words = study::known_dataset_names()}},
          {"ENVIRONMENT", {.words = study::find_key("task.environment")->allowed}},
          {"DEVICE", {.words = study::find_key("runtime.device")->allowed}},
          {"LIST", {.words = {report_formats.begin(), report_formats.end()}}},
          {"FORMAT", {.words = {"csv"}}},
          {"SHELL", {.words = shells}}};
}

void add_levels(const CLI::App& app, const std::string& path, const std::map<std::string, Offer>& offers,
                std::vector<Level>& all) {
  const auto offered = [&](const std::string& what) {
    const auto found = offers.find(what);
    return found == offers.end() ? Offer{} : found->second;
  };
  Level level{.path = path, .help = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      level.words = offered(option->get_name(true));
      continue;
    }
    OfferedOption one{.help = option->get_description(), .takes_value = option->get_items_expected_max() > 0};
    for (const std::string& name : option->get_lnames()) one.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) one.names.push_back("-" + name);
    const std::string type = option->get_type_name();  // "FORMAT:{csv}", where a check says what can be given
    if (one.takes_value) one.values = offered(type.substr(0, type.find(':')));
    level.options.push_back(std::move(one));
  }
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) level.commands.push_back(command->get_name());
  all.push_back(std::move(level));
  for (const CLI::App* command : commands)
    add_levels(*command, path + (path.empty() ? "" : " ") + command->get_name(), offers, all);
}

}  // namespace

std::vector<Level> levels(const CLI::App& app, const Context& context) {
  std::vector<Level> all;
  add_levels(app, "", offers(context), all);
  return all;
}

void add_completion_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "completion", "print a script that completes commands, options and names in your shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember(shells));
  command->footer(
      "Examples:\n"
      "  eval \"$(crosstalk completion bash)\"       # for this shell; in ~/.bashrc for all\n"
      "  eval \"$(crosstalk completion zsh)\"        # in ~/.zshrc, after compinit\n"
      "  crosstalk completion fish | source        # in ~/.config/fish/config.fish");
  command->callback([shell, &app, &context] { print(completion(*shell, levels(app, context))); });
}

}  // namespace crosstalk::cli
