// Studies and rules that chance has changed are read, or refused in lines that a person can read. A few by
// default; CROSSTALK_MUTATIONS=10 makes ten times as many: 900 studies and 700 rules.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "desk/memory_study.hpp"
#include "figures/claims/paper.hpp"
#include "study/describe.hpp"
#include "study/find.hpp"
#include "study/rule.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_line = 400;

std::size_t times() {
  const char* said = std::getenv("CROSSTALK_MUTATIONS");
  return said == nullptr ? 1 : static_cast<std::size_t>(std::max(1, std::atoi(said)));
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The shipped studies by their path below studies/.
const std::map<std::string, std::string>& shipped() {
  static const std::map<std::string, std::string> files = [] {
    const fs::path folder = fs::path(CROSSTALK_SOURCE_DIR) / "studies";
    std::map<std::string, std::string> texts;
    for (const std::string& name : shipped_studies(folder))
      texts[name + ".toml"] = text_of(folder / (name + ".toml"));
    return texts;
  }();
  return files;
}

/// One change at a time, drawn. Chance is seeded: a failure comes again.
class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::string operator()(std::string text) {
    for (std::size_t left = 1 + below(3); left > 0; --left) text = changed(std::move(text));
    return text;
  }
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  template <class List>
  const auto& one_of(const List& list) {
    return *std::next(std::begin(list), static_cast<std::ptrdiff_t>(below(std::size(list))));
  }

 private:
  std::string changed(std::string text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(9)) {
      case 0:  // a bit
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        return text;
      case 1:
        return text.substr(0, at);
      case 2:  // a piece again, or many times
        return text.insert(at, repeated(text.substr(below(text.size() + 1), below(40)), one_of(counts)));
      case 3:
        return text.erase(at, below(30));
      case 4:
        return text.insert(at, strange());
      case 5:
        return with_number(std::move(text), at);
      case 6:
        return text.insert(at, repeated(one_of(brackets), one_of(counts)));
      case 7:
        return swapped(text);
      default: {  // a value of something else
        const std::size_t equals = text.find('=', at);
        if (equals == std::string::npos) return text;
        return text.replace(equals + 1, std::min(text.find('\n', equals), text.size()) - equals - 1,
                            strange());
      }
    }
  }

  static std::string repeated(const std::string& piece, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count && all.size() < 300000; ++i) all += piece;
    return all;
  }

  std::string strange() {
    static const std::vector<std::string> pieces = {std::string(1, '\0'),
                                                    "\xff\xfe",
                                                    "\xef\xbb\xbf",
                                                    "\r",
                                                    "\t",
                                                    "\u00a0",
                                                    "\u201c",
                                                    "\uff14",
                                                    "\u202e",
                                                    "\"\"\"",
                                                    "'''",
                                                    "\\",
                                                    "\\uD800",
                                                    "\\u0000",
                                                    "nan",
                                                    "-inf",
                                                    "1e999",
                                                    "2026-01-01T00:00:00Z",
                                                    "[]",
                                                    "{}",
                                                    "[[]]",
                                                    "\"\"",
                                                    "true",
                                                    ".",
                                                    ",",
                                                    "=",
                                                    "#",
                                                    "[[claim]]\n",
                                                    "[scale.x]\n",
                                                    "include = [\"paper/figure1.toml\"]\n",
                                                    "seeds = 99999\n",
                                                    "[sweep]\n",
                                                    "task.dataset = \"/dev/zero\"\n",
                                                    "0x7fffffffffffffff",
                                                    "%s%n",
                                                    "-- for each where r(",
                                                    "\xc3"};
    return below(8) == 0 ? std::string(100000, one_of(std::string("x9[.(\"\xc3"))) : one_of(pieces);
  }

  std::string with_number(std::string text, std::size_t at) {
    static const std::vector<std::string> numbers = {"0",
                                                     "-1",
                                                     "1e30",
                                                     "4611686018427387904",
                                                     "9223372036854775807",
                                                     "9223372036854775808",
                                                     "99999",
                                                     "1e-320",
                                                     "0.1",
                                                     "65537",
                                                     "-0.0"};
    const std::size_t first = text.find_first_of("0123456789", at);
    if (first == std::string::npos) return text;
    const std::size_t end = std::min(text.find_first_not_of("0123456789.e", first), text.size());
    return text.replace(first, end - first, one_of(numbers));
  }

  std::string swapped(std::string text) {
    const std::size_t a = below(text.size()), b = below(text.size()), length = below(20);
    const std::string one = text.substr(a, length), other = text.substr(b, length);
    text.replace(std::min(b, text.size()), other.size(), one);
    return text.replace(std::min(a, text.size()), one.size(), other);
  }

  static constexpr std::array<std::size_t, 6> counts = {1, 2, 3, 50, 1000, 30000};
  const std::vector<std::string> brackets = {"[", "]", "{", "}", "(", ")", "[{", "a.", "\"", "'"};
  std::mt19937 random_;
};

/// What is wrong with a message; empty where a person can read it.
std::string fault_of(const std::string& message) {
  std::size_t begin = 0;
  while (begin <= message.size()) {
    const std::size_t end = std::min(message.find('\n', begin), message.size());
    if (end - begin >= longest_line) return "a line of " + std::to_string(end - begin) + " bytes";
    begin = end + 1;
  }
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t length = character_at(message, at);
    if (length == 0) return "it is no UTF-8";
    if (static_cast<unsigned char>(message[at]) < 0x20 && message[at] != '\n')
      return "it has a control character";
    at += length;
  }
  for (const char* inner :
       {"json.exception", "std::", "basic_string", "vector::", "map::at", "bad_alloc", "stoi"})
    if (message.find(inner) != std::string::npos) return std::string("it is the program's own: ") + inner;
  return message.empty() ? "it says nothing" : "";
}

struct Figures {
  int read = 0, refused = 0;
  std::size_t longest = 0;
};

/// Reads and shows a study of several files; a message must be one for people, anything but Error is a fault.
void read(const std::string& first, const std::map<std::string, std::string>& files,
          const LoadOptions& options, Figures& figures) {
  try {
    const Reading reading = reading_of(files, options, first);
    for (const Experiment& experiment : reading.experiments) {
      described_keys(experiment);
      described_runs(experiment);
    }
    ++figures.read;
  } catch (const Error& error) {
    ++figures.refused;
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::config) << message;
    EXPECT_EQ(fault_of(message), "") << message.substr(0, 3000);
    for (std::size_t begin = 0; begin < message.size(); begin = message.find('\n', begin) + 1) {
      const std::size_t end = std::min(message.find('\n', begin), message.size());
      figures.longest = std::max(figures.longest, end - begin);
      if (end == message.size()) break;
    }
  }
}

TEST(StudyMutations, are_read_or_refused_in_lines_that_a_person_can_read) {
  Figures figures;
  for (std::size_t i = 0; i < 90 * times(); ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    Mutator mutate(static_cast<std::uint32_t>(i));
    std::map<std::string, std::string> files = shipped();
    const std::string first = mutate.one_of(files).first;
    LoadOptions options;
    if (i % 3 == 0) {
      options.sets = {mutate(mutate.one_of(
          std::vector<std::string>{"learner.rate=[1e-3, 1e-2]",
                                   "network.layers=[[flatten, linear out], [conv 4 3, flatten, linear out]]",
                                   "seeds=[1,2,3]", "task.target=a column", "probe.measures=[loss, gap]"}))};
    } else {
      files[first] = mutate(files[first]);
    }
    if (i % 7 == 0) options.scale = mutate("reduced");
    if (i % 11 == 0) options.seed_offset = static_cast<std::int64_t>(mutate.below(~std::size_t{0}));
    read(first, files, options, figures);
    if (HasFailure()) break;
  }
  std::cout << figures.read << " read, " << figures.refused << " refused, the longest line has "
            << figures.longest << " bytes\n";
  EXPECT_GT(figures.read, 0);
  EXPECT_GT(figures.refused, 0);
}

TEST(RuleMutations, are_read_or_refused_with_their_column) {
  std::vector<std::string> rules;
  for (const figures::PaperClaim& claim : figures::paper_claims()) rules.emplace_back(claim.rule);
  ASSERT_GT(rules.size(), 10u);
  int read = 0, refused = 0;
  for (std::size_t i = 0; i < 70 * times(); ++i) {
    Mutator mutate(static_cast<std::uint32_t>(i));
    const std::string rule = mutate(mutate.one_of(rules));
    const auto parsed = parse_rule(rule);
    const auto* fault = std::get_if<RuleFault>(&parsed);
    ++(fault == nullptr ? read : refused);
    if (fault == nullptr) continue;
    EXPECT_GE(fault->column, 1);
    EXPECT_LE(static_cast<std::size_t>(fault->column), rule.size() + 1);
    EXPECT_EQ(fault_of(fault->message), "") << fault->message.substr(0, 3000);
  }
  std::cout << read << " read, " << refused << " refused\n";
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace crosstalk::study
