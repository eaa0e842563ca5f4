#include <algorithm>

#include "base/text.hpp"
#include "cli/completion.hpp"

namespace crosstalk::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string last_word(const std::string& path) { return path.substr(path.rfind(' ') + 1); }

/// Lines of a `case` that follow the words which were typed to the command that they name.
std::string followed_commands(const std::vector<Level>& levels) {
  std::string text;
  for (const Level& level : levels) {
    for (const std::string& command : level.commands)
      text += "      (\"" + level.path + "|" + command + "\") command=\"" + level.path +
              (level.path.empty() ? "" : " ") + command + "\" ;;\n";
  }
  return text;
}

/// "run|--out"|"run|--data": the options of all commands that take the same.
std::string option_patterns(const Level& level, const OfferedOption& option) {
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) patterns.push_back('"' + level.path + '|' + name + '"');
  return joined(patterns, "|");
}

/// The call that offers it; bash and zsh have a function `_crosstalk_offer HOW WORDS` each.
std::string offering(const Offer& offer, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words = more;
  words.insert(words.end(), offer.words.begin(), offer.words.end());
  const char* how = offer.files     ? "files"
                    : offer.folders ? "folders"
                    : offer.goes_on ? "beginnings"
                                    : "words";
  return std::string("_crosstalk_offer ") + how + " '" + joined(words) + "'";
}

/// What bash and zsh have in common: which command it is, then what its options take, then its words.
std::string cases(const std::vector<Level>& levels) {
  std::string values, options, words;
  for (const Level& level : levels) {
    std::vector<std::string> names;
    for (const OfferedOption& option : level.options) {
      names.insert(names.end(), option.names.begin(), option.names.end());
      if (option.takes_value)
        values += "    (" + option_patterns(level, option) + ") " + offering(option.values) + "; return ;;\n";
    }
    options += "      (\"" + level.path + "\") _crosstalk_offer words '" + joined(names) + "' ;;\n";
    words += "    (\"" + level.path + "\") " + offering(level.words, level.commands) + " ;;\n";
  }
  return "  case \"$command|$previous\" in\n" + values + "  esac\n" +
         "  if [[ $current == -* ]]; then\n    case \"$command\" in\n" + options +
         "    esac\n    return\n  fi\n" + "  case \"$command\" in\n" + words + "  esac\n";
}

std::string bash(const std::vector<Level>& levels) {
  return R"(_crosstalk_offer() {
  local how=$1 words=$2
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  case $how in
    (files) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
    (folders) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
    (beginnings) compopt -o nospace 2>/dev/null ;;
  esac
  if [[ $how == files || $how == folders ]]; then compopt -o filenames 2>/dev/null; fi
}
_crosstalk() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command="" at
  COMPREPLY=()
  # bash makes words of their own of "--out", "=" and "DIR", and of "key", "=" and "value".
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ ${COMP_WORDS[COMP_CWORD]} == "=" || ${COMP_WORDS[COMP_CWORD-1]} == "=" ]] && [[ $previous != -* ]]; then return; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$command|${COMP_WORDS[at]}" in
)" + followed_commands(levels) +
         "    esac\n  done\n" + cases(levels) + "}\ncomplete -F _crosstalk crosstalk\n";
}

std::string zsh(const std::vector<Level>& levels) {
  return R"(#compdef crosstalk
_crosstalk_offer() {
  local how=$1
  local -a offered=(${=2})
  if [[ $how == beginnings ]]; then compadd -S '' -- $offered; else compadd -- $offered; fi
  if [[ $how == files ]]; then _files; fi
  if [[ $how == folders ]]; then _files -/; fi
}
_crosstalk() {
  local current=${words[CURRENT]} previous=${words[CURRENT-1]} command="" at
  if [[ $current == --*=* ]]; then previous=${current%%=*}; compset -P 1 '*='; current=$PREFIX; fi
  for ((at = 2; at < CURRENT; at++)); do
    case "$command|${words[at]}" in
)" + followed_commands(levels) +
         "    esac\n  done\n" + cases(levels) +
         "}\nif [[ ${funcstack[1]} == _crosstalk ]]; then _crosstalk \"$@\"; else compdef _crosstalk "
         "crosstalk; fi\n";
}

/// fish asks a condition of each line: that these commands were typed and none of their subcommands.
std::string fish_condition(const Level& level) {
  if (level.path.empty()) return "__fish_use_subcommand";
  const std::string parent = level.path.substr(0, level.path.find(' '));
  std::string text = "__fish_seen_subcommand_from " + parent;
  if (parent != level.path) text += "; and __fish_seen_subcommand_from " + last_word(level.path);
  if (!level.commands.empty()) text += "; and not __fish_seen_subcommand_from " + joined(level.commands);
  return text;
}

std::string fish_values(const Offer& offer) {
  if (offer.folders) return " -x -a '(__fish_complete_directories)'";
  const std::string words = offer.words.empty() ? "" : " -a '" + joined(offer.words) + "'";
  return (offer.files ? " -r -F" : " -x") + words;
}

std::string fish(const std::vector<Level>& levels) {
  std::string text = "complete -c crosstalk -e\ncomplete -c crosstalk -f\n";
  for (const Level& level : levels) {
    const std::string begin = "complete -c crosstalk -n '" + fish_condition(level) + "'";
    for (const std::string& command : level.commands) {
      const std::string path = level.path + (level.path.empty() ? "" : " ") + command;
      const auto found =
          std::find_if(levels.begin(), levels.end(), [&](const Level& each) { return each.path == path; });
      text += begin + " -a " + command + " -d " + shell_word(found->help) + '\n';
    }
    for (const OfferedOption& option : level.options) {
      text += begin;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      text +=
          (option.takes_value ? fish_values(option.values) : "") + " -d " + shell_word(option.help) + '\n';
    }
    if (level.words.files) text += begin + " -F\n";
    if (level.words.folders) text += begin + " -a '(__fish_complete_directories)'\n";
    if (!level.words.words.empty()) text += begin + " -a '" + joined(level.words.words) + "'\n";
  }
  return text;
}

}  // namespace

std::string completion(std::string_view shell, const std::vector<Level>& levels) {
  return shell == "bash" ? bash(levels) : shell == "zsh" ? zsh(levels) : fish(levels);
}

}  // namespace crosstalk::cli
