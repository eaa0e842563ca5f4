#include "study/claim.hpp"

#include <algorithm>
#include <variant>

#include "study/nearest.hpp"
#include "study/rule.hpp"
#include "study/words.hpp"

namespace crosstalk::study {
namespace {

constexpr std::size_t most_claims = 1000, most_of_a_text = 2000;
// docs/claims.md has the whole language.
const std::string right_rule = "r(log interference, gap) > 0 for each examples";

std::string for_example(const std::string& rule) { return " (a right rule: " + rule + ")"; }

const std::vector<std::string> fields{"sentence", "rule", "name", "source"};

std::string* field_of(Claim& claim, const std::string& name) {
  std::string* const places[] = {&claim.sentence, &claim.rule, &claim.name, &claim.source};
  const auto found = std::find(fields.begin(), fields.end(), name);
  return found == fields.end() ? nullptr : places[found - fields.begin()];
}

void check_rule(const Claim& claim, const Place& place, Problems& problems) {
  const auto parsed = parse_rule(claim.rule);
  if (const auto* fault = std::get_if<RuleFault>(&parsed))
    problems.add(place, "claim: rule = " + cut_value(claim.rule) + ", column " +
                            std::to_string(fault->column) + ": " + fault->message +
                            for_example(fault->example));
}

void read_claim(const TomlEntry& entry, const std::string& file, std::vector<Claim>& claims,
                Problems& problems) {
  Claim claim{.file = file, .line = entry.line};
  bool sound = true;
  for (const TomlEntry& inner : entry.entries) {
    const Place place{file, inner.line};
    std::string* const field = field_of(claim, inner.name);
    const std::size_t bytes = inner.value.is_string() ? inner.value.get_ref<const std::string&>().size() : 0;
    sound = sound && field != nullptr && bytes > 0 && bytes <= most_of_a_text;
    if (field == nullptr) {
      const std::string near = nearest(inner.name, fields);
      problems.add(place, "claim." + cut(inner.name) + " is not a key of a claim; " +
                              (near.empty() ? "there are sentence, rule, name and source"
                                            : "did you mean " + near + "?"));
    } else if (bytes == 0) {
      problems.add(place, "claim." + inner.name + " is a text in quotes, and not an empty one");
    } else if (bytes > most_of_a_text) {
      problems.add(place, "claim." + inner.name + " has " + with_commas(bytes) + " bytes, where at most " +
                              with_commas(most_of_a_text) + " are expected");
    } else {
      *field = inner.value.get<std::string>();
      if (inner.name == "rule") check_rule(claim, place, problems);
    }
  }
  if (!sound) return;
  for (const char* needed : {"sentence", "rule"})
    if (field_of(claim, needed)->empty())
      problems.add({file, entry.line}, "a claim has a sentence and a rule; this one has no " +
                                           std::string(needed) + for_example(right_rule));
  if (claim.name.empty()) claim.name = "claim-" + std::to_string(claims.size() + 1);
  const auto twin = std::find_if(claims.begin(), claims.end(),
                                 [&](const Claim& other) { return other.name == claim.name; });
  if (twin != claims.end())
    problems.add({file, entry.line}, "a claim named " + cut(claim.name) + " stands in line " +
                                         std::to_string(twin->line) +
                                         " already; a name stands for one claim");
  claims.push_back(std::move(claim));
}

}  // namespace

void read_claims(const TomlEntry& entry, const std::string& file, std::vector<Claim>& claims,
                 Problems& problems) {
  if (!entry.is_list_of_tables)
    return problems.add(
        {file, entry.line},
        "claim is a list of tables: [[claim]], then sentence = \"...\" and rule = '" + right_rule + "'");
  if (entry.entries.size() > most_claims)
    return problems.add({file, entry.line}, with_commas(entry.entries.size()) +
                                                " claims stand in this file, where " + "at most " +
                                                with_commas(most_claims) + " are expected");
  for (const TomlEntry& one : entry.entries) read_claim(one, file, claims, problems);
}

Json record_of(const std::vector<Claim>& claims, const Json& former, const std::string& now, int begun,
               int done, int runs) {
  Json record = Json::array();
  for (const Claim& claim : claims) {
    Json one{{"recorded", now}, {"begun", begun}, {"done", done}, {"runs", runs}};
    if (former.is_array()) {
      for (const Json& before : former)
        if (before.value("sentence", "") == claim.sentence && before.value("rule", "") == claim.rule)
          for (const char* kept : {"recorded", "begun", "done", "runs"})
            one[kept] = before.value(kept, one[kept]);
    }
    one.update({{"name", claim.name},
                {"sentence", claim.sentence},
                {"rule", claim.rule},
                {"source", claim.source},
                {"file", claim.file},
                {"line", claim.line},
                {"experiments", claim.experiments}});
    record.push_back(std::move(one));
  }
  return record;
}

}  // namespace crosstalk::study
