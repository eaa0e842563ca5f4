#include "figures/claims/table.hpp"

#include <algorithm>
#include <set>
#include <variant>

#include "figures/claims/evaluate.hpp"
#include "figures/claims/paper.hpp"
#include "figures/claims/words.hpp"
#include "figures/results.hpp"
#include "figures/words.hpp"
#include "study/rule.hpp"

namespace crosstalk::figures {
namespace {

using Points = std::vector<const Point*>;

Points all_points(const Results& results) {
  Points points;
  for (const auto* list : {&results.experiments, &results.without_examples}) {
    for (const Experiment& experiment : *list) {
      for (const Point& point : experiment.points)
        if (!point.run->is_watched()) points.push_back(&point);  // no claim is about a loop that nobody knows
    }
  }
  return points;
}

/// The runs that a folder's study names, also those that stand in another folder and count there.
Points points_of(const Results& results, std::size_t folder) {
  Points points;
  for (const Point* point : all_points(results)) {
    if (results.folders[folder].runs.contains(point->run->record.run)) points.push_back(point);
  }
  return points;
}

void add_edges(Json& to, const stats::Interval& interval) {
  to["low"] = interval.defined() ? fact(interval.low) : Json();
  to["high"] = interval.defined() ? fact(interval.high) : Json();
}

Json group_of(const study::Rule& rule, const Group& group) {
  Json json{{"label", group.label},
            {"experiment", group.experiment},
            {"statistic", name_of(rule.value)},
            {"value", fact(group.value)},
            {"level", group.level},
            {"n", group.n},
            {"configurations", group.configurations},
            {"left_out", group.left_out},
            {"levels", group.levels},
            {"side", to_string(group.side)},
            {"undefined", group.value.defined() ? Json() : Json(group.value.undefined)},
            {"no_interval", group.interval.defined() ? Json() : Json(group.interval.undefined)}};
  add_edges(json, group.interval);
  return json;
}

Json within_of(const Within& within) {
  Json json{{"label", within.label}, {"r", fact(within.r)}, {"n", within.n}};
  json["undefined"] = within.r.defined() ? Json() : Json(within.r.undefined);
  json["no_interval"] = within.interval.defined() ? Json() : Json(within.interval.undefined);
  add_edges(json, within.interval);
  return json;
}

class Rows {
 public:
  explicit Rows(const Results& results) : results_(results) {}

  /// `row` says who claims what; the rest of it follows from the runs. `name` is what its facts are called
  /// by.
  void add(Json row, const std::string& rule_text, const Points& points, const std::string& name) {
    row["rule"] = rule_text;
    row["groups"] = row["within"] = row["left_out_groups"] = Json::array();
    row["selected"] = row["unlearned"] = row["unknown_learned"] = row["uncommon"] = 0;
    row["replication"] = nullptr;
    row["shows"] = row["decides"] = row["confounded"] = "";
    row["verdict"] = to_string(Verdict::not_tested);
    const auto parsed = study::parse_rule(rule_text);
    if (const auto* rule = std::get_if<study::Rule>(&parsed)) {
      judge(row, *rule, points, name);
    } else {
      row["decides"] =
          "This version cannot read the rule: " + std::get<study::RuleFault>(parsed).message + ".";
    }
    facts[name + "/verdict"] = row["verdict"];
    rows.push_back(std::move(row));
  }

  /// Leaves out those of the paper's that no run here can test.
  void keep_what_is_tested() {
    const auto is_kept = [](const Json& row) {
      return row["own"].get<bool>() || row["verdict"] != to_string(Verdict::not_tested);
    };
    Json kept = Json::array();
    for (Json& row : rows) {
      if (is_kept(row))
        kept.push_back(std::move(row));
      else
        facts.erase("paper/" + row["name"].get<std::string>() + "/verdict");
    }
    rows = std::move(kept);
  }

  Json rows = Json::array(), facts = Json::object();

 private:
  void judge(Json& row, const study::Rule& rule, const Points& points, const std::string& name) {
    const Evaluation evaluation = evaluate(results_, points, rule);
    row["verdict"] = to_string(evaluation.verdict);
    row["shows"] = shown(rule, evaluation);
    row["decides"] = what_decides(rule, evaluation, !points.empty());
    row["confounded"] = in_words_confounded(evaluation);
    row["selected"] = evaluation.selected;
    row["unlearned"] = evaluation.unlearned;
    row["unknown_learned"] = evaluation.unknown;
    row["uncommon"] = evaluation.uncommon;
    if (const int configurations = replication(rule, evaluation); configurations > 0)
      row["replication"] = configurations;
    for (const LeftOut& one : evaluation.left_out)
      row["left_out_groups"].push_back({{"label", one.label}, {"reason", one.reason}});
    for (const Within& within : evaluation.within) row["within"].push_back(within_of(within));
    for (const Group& group : evaluation.groups) {
      row["groups"].push_back(group_of(rule, group));
      const std::string key = name + "/" + group.label;
      facts[key + "/value"] = fact(group.value);
      facts[key + "/low"] = row["groups"].back()["low"];
      facts[key + "/high"] = row["groups"].back()["high"];
      facts[key + "/n"] = group.n;
      facts[key + "/configurations"] = group.configurations;
    }
  }

  const Results& results_;
};

/// Whether the claim was there before anyone could have known.
std::string when_recorded(const Json& claim) {
  if (!claim.contains("begun") || !claim["begun"].is_number())
    return "The store does not say since when it stands.";
  const int begun = claim["begun"].get<int>(), done = claim.value("done", 0), runs = claim.value("runs", 0);
  if (begun == 0) return "Stood in the file before the runs began.";
  if (done == 0) return "Added after the runs began, before any was done.";
  return "Added after " + with_commas(done) + (done <= runs ? " of " + counted(runs, "run") : " runs") +
         (done == 1 ? " was done." : " were done.");
}

/// Those of the experiments that the claim is about, which an included file's are fewer than the study's.
Points about(const Points& points, const Json& claim) {
  const auto found = claim.find("experiments");
  if (found == claim.end() || !found->is_array() || found->empty()) return points;
  Points kept;
  for (const Point* point : points) {
    if (std::find(found->begin(), found->end(), point->run->record.experiment) != found->end())
      kept.push_back(point);
  }
  return kept;
}

void add_own(const Results& results, std::size_t folder, Rows& rows) {
  const Json& study = results.folders[folder].study;
  if (!study.is_object() || !study.contains("claims") || !study["claims"].is_array()) return;
  const Points points = points_of(results, folder);
  const std::string name = study.value("name", "study");
  for (const Json& claim : study["claims"]) {
    const bool before = claim.contains("begun") && claim["begun"] == 0;
    const std::string given = claim.value("source", "");
    rows.add({{"name", claim.value("name", "")},
              {"own", true},
              {"folder", folder},
              {"source", given.empty() ? name : name + ", " + given},
              {"sentence", claim.value("sentence", "")},
              {"recorded", claim.value("recorded", "")},
              {"before", before},
              {"when", when_recorded(claim)}},
             claim.value("rule", ""), about(points, claim), name + "/" + claim.value("name", ""));
  }
}

}  // namespace

Json claims_of(const Results& results) {
  Rows rows(results);
  for (std::size_t folder = 0; folder < results.folders.size(); ++folder) add_own(results, folder, rows);
  const Points points = all_points(results);
  for (const PaperClaim& claim : paper_claims()) {
    rows.add({{"name", claim.name},
              {"own", false},
              {"source", std::string(claim.where)},
              {"sentence", claim.sentence}},
             std::string(claim.rule), points, "paper/" + std::string(claim.name));
  }
  if (results.experiments.empty()) rows.keep_what_is_tested();  // most of the paper's need examples
  return {{"rows", std::move(rows.rows)}, {"facts", std::move(rows.facts)}};
}

}  // namespace crosstalk::figures
