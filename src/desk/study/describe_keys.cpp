// All keys as text: a new study file, and the reference page.
#include <algorithm>
#include <map>
#include <sstream>

#include "study/counting.hpp"
#include "study/describe.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

/// "# ..." in lines of at most 110 characters.
std::string commented(const std::string& text) {
  std::istringstream words(text);
  std::string lines, line = "#", word;
  while (words >> word) {
    if (line.size() + 1 + word.size() > 110) {
      lines += line + "\n";
      line = "#";
    }
    line += " " + word;
  }
  return lines + line + "\n";
}

/// A key with its help: written out where it says what the study is about, else a comment with its default.
std::string new_line(const Key& key, const Setup& setup, const std::map<std::string, std::string>& subjects) {
  const std::string leaf = key.name.substr(key.name.find('.') + 1);
  const std::string where = in_words(key.counts);
  const std::string about = commented(key.help + " Takes " + expectation(key) + "." +
                                      (where.empty() ? "" : " Counts only " + where + "."));
  if (const auto subject = subjects.find(key.name); subject != subjects.end() && !subject->second.empty())
    return commented(key.help) + leaf + " = " + to_toml(subject->second) + "\n\n";
  const Json value = key.name == "task.kind" ? Json(setup.kind) : default_of(key, setup);
  return about +
         (value.is_null() ? "# " + leaf + ": none here\n" : "# " + leaf + " = " + to_toml(value) + "\n");
}

/// "\"max\" goes only with ...": what the words of a key go with, those that go with the same together.
std::string where_words_go(const Key& key) {
  std::vector<std::pair<std::string, std::string>> places;  // words, where
  for (const std::string& word : key.allowed) {
    const auto found = key.only.find(word);
    if (found == key.only.end()) continue;
    const std::string where = in_words(found->second);
    const auto same =
        std::find_if(places.begin(), places.end(), [&](const auto& one) { return one.second == where; });
    if (same == places.end())
      places.emplace_back(to_toml(word), where);
    else
      same->first += ", " + to_toml(word);
  }
  std::string text;
  for (const auto& [words, where] : places)
    text += (text.empty() ? " Only " : "; only ") + where + ": " + words;
  return text.empty() ? "" : text + ".";
}

}  // namespace

std::string new_study(const std::string& dataset, const std::string& environment,
                      const std::string& trajectories) {
  Setup setup = setup_of(dataset, environment);
  if (!trajectories.empty()) {
    setup.kind = "evaluate", setup.algorithm.clear(), setup.stored = true;
    setup.algorithm = default_of(*find_key("learner.algorithm"), setup).get<std::string>();
  }
  const std::map<std::string, std::string> subjects = {
      {"task.dataset", dataset}, {"task.environment", environment}, {"task.trajectories", trajectories}};
  std::string text =
      "# A study for crosstalk. What is commented out has the value that is shown. A value of your own takes "
      "the # away;\n"
      "# several values of a key go into [sweep]. `crosstalk study show FILE` tells what follows from it, "
      "`crosstalk\n"
      "# run FILE --plan` how long it takes.\n\n"
      "title = \"What this study asks\"\n"
      "description = \"\"\n"
      "seeds = 3  # 0, 1, 2; or a list: [1, 2, 3]\n";
  std::string table;
  for (const Key& key : keys()) {
    const std::string::size_type dot = key.name.find('.');
    if (key.name.substr(0, dot) != table) {
      table = key.name.substr(0, dot);
      text += "\n[" + table + "]\n";
    }
    text += new_line(key, setup, subjects);
  }
  const bool by_steps = setup.kind == "windowed" || setup.kind == "control";
  return text +
         "\n# Keys with several values, each combined with each. A key stands here or in its table, not in "
         "both.\n"
         "[sweep]\n" +
         (!trajectories.empty() ? "# \"learner.algorithm\" = [\"dqn\", \"mc\"]\n"
          : dataset.empty()     ? "# \"learner.gamma\" = [0.9, 0.99]\n"
                                : "# \"network.hidden\" = [8, 16, 32]\n"
                                  "# \"task.examples\" = [100, 500, 1000]\n") +
         "# \"learner.optimizer\" = [\"adam\", \"momentum\"]\n"
         "\n# `crosstalk run FILE --scale short` takes these values in place of those above.\n"
         "[scale.short]\n"
         "seeds = 1\n"
         "[scale.short.learner]\n"
         "# " +
         (by_steps ? "steps = 10000\n" : "updates = 100\n") + "[scale.short.sweep]\n" +
         (dataset.empty() ? "# \"learner.gamma\" = [0.9]\n" : "# \"network.hidden\" = [8, 16]\n");
}

std::string keys_as_markdown() {
  std::string text;
  std::string table;
  for (const Key& key : keys()) {
    const std::string::size_type dot = key.name.find('.');
    if (key.name.substr(0, dot) != table) {
      table = key.name.substr(0, dot);
      text += std::string(text.empty() ? "" : "\n") + "### [" + table +
              "]\n\n| key | takes | default | counts only | meaning |\n| --- | --- | --- | --- | --- |\n";
    }
    text += as_markdown(key);
  }
  return text;
}

std::string as_markdown(const Key& key) {
  std::string fallback = key.fallback.is_null() ? "none" : "`" + to_toml(key.fallback) + "`";
  for (const auto& [condition, value] : key.by_condition)
    fallback += "; " + condition + " `" + to_toml(value) + "`";
  return "| `" + key.name + "` | " + expectation(key) + " | " + fallback + " | " + in_words(key.counts) +
         " | " + key.help + where_words_go(key) + " |\n";
}

}  // namespace crosstalk::study
