#include "study/find.hpp"

#include <algorithm>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "study/load.hpp"
#include "study/nearest.hpp"
#include "study/words.hpp"

namespace crosstalk::study {

namespace fs = std::filesystem;

std::vector<std::string> shipped_studies(const fs::path& shipped) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(shipped, failed), end; !failed && at != end; at.increment(failed))
    if (at->is_regular_file(failed) && at->path().extension() == ".toml")
      names.push_back(at->path().lexically_relative(shipped).replace_extension().generic_string());
  std::sort(names.begin(), names.end());
  return names;
}

fs::path find_study(const std::string& word, const fs::path& shipped) {
  std::error_code ignored;
  if (fs::exists(word, ignored) && !fs::is_directory(word, ignored)) return word;
  const std::string name = has_ending(word, ".toml") ? word.substr(0, word.size() - 5) : word;
  const std::vector<std::string> names = shipped_studies(shipped);
  if (std::find(names.begin(), names.end(), name) != names.end()) return shipped / (name + ".toml");
  if (fs::is_directory(word, ignored))
    throw Error(ErrorKind::config, cut(word, 200) +
                                       " is a folder; a study is a .toml file. `crosstalk status DIR` tells "
                                       "what results are in a folder.");
  const std::string near = nearest(name, names);
  throw Error(
      ErrorKind::config,
      cut(word, 200) + ": there is no such file, and no study of that name came with crosstalk" +
          (near.empty() ? "; `crosstalk study list` names those that did" : "; did you mean " + near + "?"));
}

}  // namespace crosstalk::study
