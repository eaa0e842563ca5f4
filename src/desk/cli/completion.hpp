#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace crosstalk::cli {

/// What can stand in one place of a command line.
struct Offer {
  std::vector<std::string> words;
  bool files = false, folders = false;  // and what is on the disk
  bool goes_on = false;                 // a word is a beginning ("learner.rate="): no blank comes after it
};

struct OfferedOption {
  std::vector<std::string> names;  // "--jobs", "-j"
  std::string help;
  bool takes_value = false;
  Offer values;
};

/// One command with what can come after it.
struct Level {
  std::string path;  // "study new"; empty: crosstalk itself
  std::string help;
  std::vector<OfferedOption> options;
  std::vector<std::string> commands;  // its subcommands, by their last word
  Offer words;                        // what else can come
};

/// All commands, as CLI11 has them: crosstalk itself, then each before its subcommands.
std::vector<Level> levels(const CLI::App& app, const Context& context);

inline const std::vector<std::string> shells{"bash", "zsh", "fish"};

/// The text that a shell reads to complete the command's words.
std::string completion(std::string_view shell, const std::vector<Level>& levels);

}  // namespace crosstalk::cli
