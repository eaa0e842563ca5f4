#pragma once

#include <string>
#include <vector>

namespace crosstalk::study {

/// Where something was said: a file and its line, or an option of the command line (line 0). No file:
/// nowhere, it is a default.
struct Place {
  std::string file;
  int line = 0;
  std::string scale;  // where it stood under [scale.NAME]
  bool said() const { return !file.empty(); }
};

/// "FILE:LINE" or the option.
std::string to_string(const Place& place);

/// All that is wrong, gathered so that one Error can say it.
class Problems {
 public:
  void add(const Place& place, const std::string& message);  // the same one is kept once, a long one is cut
  bool any() const { return !found_.empty(); }
  /// Error(config) with a line for each, a file's in the order of its lines, and how many more there are than
  /// anybody reads; nothing where all is well.
  void throw_if_any() const;

 private:
  struct Problem {
    Place place;
    std::string message;
  };
  std::vector<Problem> found_;
  std::size_t left_out_ = 0;
};

/// "is not a key of a study; did you mean ...?" for a name that is none.
std::string unknown_key(const std::string& name);

}  // namespace crosstalk::study
