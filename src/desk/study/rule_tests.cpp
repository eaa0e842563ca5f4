#include <algorithm>
#include <utility>

#include "base/environments.hpp"
#include "study/rule_reader.hpp"
#include "study/schema.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

using Kind = RuleToken::Kind;
using Words = RuleReader::Words;

const Words sizes{"examples", "capacity"};
const Words facts{"learned", "converged", "overfits"};  // true or false of a run

/// What a field can be equal to; empty: anything.
Words values_of(const std::string& field) {
  if (field == "panel") return {"supervised", "value-based", "policy gradient", "offline"};
  if (field == "learned") return {"true", "false", "unknown"};
  if (contains(facts, field)) return {"true", "false"};
  const Key* key = find_key(field == "kind"        ? "task.kind"
                            : field == "algorithm" ? "learner.algorithm"
                                                   : field);
  return key == nullptr ? Words{} : key->allowed;
}

/// As a rule has them: a name of a family stands in quotes, for its colon.
Words as_written(Words words) {
  for (std::string& word : words)
    if (is_family(word)) word = '"' + word + "NAME\"";
  return words;
}

bool is_numeric(const std::string& field) {
  if (contains(sizes, field)) return true;
  const Key* key = find_key(field);
  return key != nullptr &&
         (key->type == Type::integer || key->type == Type::number || key->type == Type::count_or_word);
}

bool is_field(const RuleToken& token, const Words& own) {
  return token.kind == Kind::word && (contains(own, token.text) || find_key(token.text) != nullptr);
}

std::string read_field(RuleReader& reader, const Words& own) {
  if (is_field(reader.at(), own)) return reader.next().text;
  Words known = own;
  for (const Key& key : keys()) known.push_back(key.name);
  reader.expected("a field (" + alternatives(own) + ") or a key of the configuration", known);
}

Json read_value(RuleReader& reader, const std::string& field, bool ordered) {
  const RuleToken& token = reader.at();
  if (token.kind == Kind::number && !contains(facts, field)) return reader.next().number;
  if (ordered || contains(sizes, field) || (token.kind != Kind::word && token.kind != Kind::quoted))
    reader.expected(ordered || contains(sizes, field) ? "a number" : "a value");
  const Words allowed = values_of(field);
  if (!allowed.empty() && std::none_of(allowed.begin(), allowed.end(),
                                       [&](const std::string& word) { return is_of(token.text, word); }))
    reader.expected(alternatives(as_written(allowed)), allowed);
  const std::string text = reader.next().text;
  if (text == "true" || text == "false") return text == "true";
  return text;
}

Test read_test(RuleReader& reader) {
  const std::string field = read_field(reader, test_fields());
  Test test{field, reader.at().text, {}};
  const bool is_sign = reader.at().kind == Kind::sign;
  const bool ordered = is_sign && contains({"<", "<=", ">", ">="}, test.comparison);
  if (reader.takes("in")) {
    test.comparison = "=";
    reader.take("[", "\"[\"");
    do test.values.push_back(read_value(reader, field, false));
    while (reader.takes(","));
    reader.take("]", "a comma or \"]\"");
    return test;
  }
  if (!ordered && !reader.is("=") && !reader.is("!=")) {
    if (contains(facts, field) && (!is_sign || reader.is(")"))) return {field, "=", {true}};
    reader.expected("=, !=, <, <=, >, >= or in");
  }
  if (ordered && !is_numeric(field)) reader.expected("= or !=, since " + field + " is no number");
  reader.next();
  test.values.push_back(read_value(reader, field, ordered));
  return test;
}

}  // namespace

const std::vector<std::string>& test_fields() {
  static const Words names{"experiment", "panel",    "kind",    "algorithm", "dataset",
                           "examples",   "capacity", "learned", "converged", "overfits"};
  return names;
}

const std::vector<std::string>& group_fields() {
  static const Words names{"experiment", "panel",    "kind",    "algorithm",    "dataset",
                           "examples",   "capacity", "network", "configuration"};
  return names;
}

std::vector<Test> read_tests(RuleReader& reader) {
  reader.show("mean(gap) < 0.1 where kind = classify and examples >= 500 and overfits");
  std::vector<Test> tests;
  do tests.push_back(read_test(reader));
  while (reader.takes("and"));
  return tests;
}

std::string read_group_field(RuleReader& reader) { return read_field(reader, group_fields()); }

bool begins_group_field(const RuleReader& reader) { return is_field(reader.at(), group_fields()); }

}  // namespace crosstalk::study
