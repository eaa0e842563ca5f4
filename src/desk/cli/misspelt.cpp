#include "cli/misspelt.hpp"

#include <algorithm>
#include <vector>

#include "base/ending.hpp"
#include "base/text.hpp"
#include "study/nearest.hpp"

namespace crosstalk::cli {
namespace {

using Words = std::vector<std::string>;

std::string shown(const std::string& word) { return cut(word, 40); }

Words command_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// The long ones, without their dashes.
Words option_names(const CLI::App& app) {
  Words names;
  for (const CLI::Option* option : app.get_options())
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  return names;
}

/// The one name that the word begins, or else the nearest.
std::string meant(const std::string& word, const Words& names) {
  if (word.size() < 2) return "";
  const auto begun = [&](const std::string& name) { return name.starts_with(word); };
  return std::count_if(names.begin(), names.end(), begun) == 1
             ? *std::find_if(names.begin(), names.end(), begun)
             : study::nearest(word, names);
}

std::string listed(const Words& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string about_command(const std::string& word, const CLI::App& app, const std::string& path) {
  const Words names = command_names(app);
  const std::string near = meant(word, names);
  std::string text = shown(path == "crosstalk" ? word : path.substr(path.find(' ') + 1) + ' ' + word) +
                     ": there is no such command; ";
  if (!near.empty()) return text + "did you mean " + near + "?";
  if (path == "crosstalk" && has_ending(word, ".toml"))
    return text + "to run a study: crosstalk run " + shell_word(word);
  return text + "there are " + listed(names);
}

std::string about_option(const std::string& word, const CLI::App& app, const std::string& path) {
  const std::string name = word.substr(0, word.find('='));
  const std::string near =
      meant(name.substr(std::min(name.find_first_not_of('-'), name.size())), option_names(app));
  return shown(name) + ": `" + path + "` has no such option" +
         (near.empty() ? "" : "; did you mean --" + near + "?");
}

}  // namespace

std::string misspelt(const CLI::App& app) {
  std::string path = app.get_name();
  for (const CLI::App* at = &app;;) {
    const Words words = at->remaining();
    const auto is_option = [](const std::string& word) {
      return word.size() > 1 && word[0] == '-' && word != "--";
    };
    const auto option = std::find_if(words.begin(), words.end(), is_option);
    const bool is_command = !words.empty() && option != words.begin() && !command_names(*at).empty();
    if (is_command) return about_command(words.front(), *at, path);
    if (option != words.end()) return about_option(*option, *at, path);
    const std::vector<CLI::App*> chosen = at->get_subcommands();
    if (chosen.empty()) return "";
    at = chosen.front();
    path += ' ' + at->get_name();
  }
}

}  // namespace crosstalk::cli
