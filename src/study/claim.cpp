#include "study/claim.hpp"

#include <algorithm>
#include <variant>

#include "study/nearest.hpp"
#include "study/rule.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {

const std::vector<std::string> fields{"sentence", "rule", "name", "source"};

std::string* field_of(Claim& claim, const std::string& name) {
  std::string* const places[] = {&claim.sentence, &claim.rule, &claim.name, &claim.source};
  const auto found = std::find(fields.begin(), fields.end(), name);
  return found == fields.end() ? nullptr : places[found - fields.begin()];
}

void check_rule(const Claim& claim, const Place& place, Problems& problems) {
  const auto parsed = parse_rule(claim.rule);
  if (const auto* fault = std::get_if<RuleFault>(&parsed))
    problems.add(place, "claim: rule = " + to_toml(claim.rule) + ", column " + std::to_string(fault->column) +
                            ": " + fault->message);
}

void read_claim(const TomlEntry& entry, const std::string& file, std::vector<Claim>& claims,
                Problems& problems) {
  Claim claim{.file = file, .line = entry.line};
  bool sound = true;
  for (const TomlEntry& inner : entry.entries) {
    const Place place{file, inner.line};
    std::string* const field = field_of(claim, inner.name);
    const bool is_text = inner.value.is_string() && !inner.value.get_ref<const std::string&>().empty();
    sound = sound && field != nullptr && is_text;
    if (field == nullptr) {
      const std::string near = nearest(inner.name, fields);
      problems.add(place, "claim." + inner.name + " is not a key of a claim; " +
                              (near.empty() ? "there are sentence, rule, name and source"
                                            : "did you mean " + near + "?"));
    } else if (!is_text) {
      problems.add(place, "claim." + inner.name + " is a text in quotes, and not an empty one");
    } else {
      *field = inner.value.get<std::string>();
      if (inner.name == "rule") check_rule(claim, place, problems);
    }
  }
  if (!sound) return;
  for (const char* needed : {"sentence", "rule"})
    if (field_of(claim, needed)->empty())
      problems.add({file, entry.line},
                   "a claim has a sentence and a rule; this one has no " + std::string(needed));
  if (claim.name.empty()) claim.name = "claim-" + std::to_string(claims.size() + 1);
  const auto twin = std::find_if(claims.begin(), claims.end(),
                                 [&](const Claim& other) { return other.name == claim.name; });
  if (twin != claims.end())
    problems.add({file, entry.line}, "a claim named " + claim.name + " stands in line " +
                                         std::to_string(twin->line) +
                                         " already; a name stands for one claim");
  claims.push_back(std::move(claim));
}

}  // namespace

void read_claims(const TomlEntry& entry, const std::string& file, std::vector<Claim>& claims,
                 Problems& problems) {
  if (!entry.is_list_of_tables)
    return problems.add({file, entry.line},
                        "claim is a list of tables: [[claim]], then sentence = \"...\" and rule = \"...\"");
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
          for (const char* kept : {"recorded", "begun", "done", "runs"}) one[kept] = before.at(kept);
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
