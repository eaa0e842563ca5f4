#include "figures/bundle.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "figures/claims/table.hpp"
#include "figures/compare.hpp"
#include "figures/figure.hpp"
#include "figures/lines.hpp"
#include "figures/matrices.hpp"
#include "figures/notes.hpp"
#include "figures/registry.hpp"
#include "figures/results.hpp"
#include "figures/series.hpp"
#include "figures/words.hpp"
#include "figures/worsened.hpp"
#include "study/differing.hpp"

namespace crosstalk::figures {
namespace {

Json text_of(const Json& study, const char* field) {
  const auto value = study.is_object() ? study.find(field) : study.end();
  return !study.is_object() || value == study.end() ? Json("") : *value;
}

Json study_of(const Results::Folder& folder) {
  // The folder's own name, in whatever way it was given: ".", "x/", a link.
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::canonical(folder.path, error);
  Json study{{"folder", (error ? folder.path : whole).filename().string()}};
  for (const char* field : {"name", "scale", "text", "texts", "created", "options"}) {
    study[field] = text_of(folder.study, field);
  }
  return study;
}

/// The keys that are stated as swept, and those in which runs of one experiment differ over several folders.
/// Keys in which joined experiments differ from each other (their dataset, their kind) are not swept.
Json swept_keys(const Results& results) {
  std::map<std::string, std::vector<const MeasuredRun*>> experiments;
  for (const MeasuredRun& run : results.runs) experiments[run.record.experiment].push_back(&run);
  std::set<std::string> swept = stated_as_swept(results);
  for (const auto& [_, runs] : experiments) {
    for (const auto& [key, values] : varying(runs)) swept.insert(key);
  }
  return swept;
}

Json run_of(const MeasuredRun& run) {
  Json machine = run.record.machine.is_null() ? Json::object() : run.record.machine;
  machine.erase("network");  // of which `capacity` in the tables tells
  return {{"run", run.record.run},          {"experiment", run.experiment},
          {"seed", run.record.seed},        {"status", store::to_string(run.record.status)},
          {"message", run.record.message},  {"seconds", fact(run.record.seconds)},
          {"configuration", *run.counting}, {"machine", std::move(machine)},
          {"folder", run.folder},           {"data", run.data < 0 ? Json() : Json(run.data)}};
}

Json figure_of(const Figure& figure, const FigureData& data) {
  Json tables = Json::object();
  for (const auto& [name, table] : data.tables) tables[name] = to_json(table);
  return {{"name", figure.name()},
          {"title", figure.title()},
          {"caption", figure.caption()},
          {"alternative", data.alternative},
          {"alternatives", data.alternatives},
          {"tables", std::move(tables)},
          {"facts", data.facts},
          {"notes", data.notes}};
}

/// "digits: learner.rate", for each series in which a swept key is pooled.
Json pooled_in(const Results& results) {
  Json pooled = Json::array();
  for (const Experiment& experiment : results.experiments) {
    if (!experiment.pooled.empty()) pooled.push_back(experiment.name + ": " + joined(experiment.pooled));
  }
  for (const LinePanel& panel : line_panels(results)) {
    const bool is_pooled = panel.lines.size() == 1 && panel.lines[0].label.empty() && !panel.key.empty();
    if (is_pooled) pooled.push_back(panel.title + ": " + panel.key);
  }
  return pooled;
}

/// What the algorithms of a study differ in beside what it sweeps, as `run` said it.
std::vector<std::string> differences(const Results& results) {
  const std::set<std::string> swept = stated_as_swept(results);
  std::vector<study::Configuration> one_of_each;
  std::set<int> seen;
  for (const MeasuredRun& run : results.runs) {
    if (!seen.insert(run.configuration).second) continue;
    one_of_each.push_back({.run = run.record.run,
                           .experiment = run.record.experiment,
                           .values = run.record.configuration->get<study::KeyValues::Map>()});
  }
  std::vector<std::string> sentences;
  for (const study::Differing& differing :
       study::differing_with_algorithm(one_of_each, {swept.begin(), swept.end()})) {
    std::string text = differing.heading;
    for (const std::string& key : differing.keys)
      text += (&key == &differing.keys.front() ? " " : "; ") + key;
    sentences.push_back(text + ".");
  }
  return sentences;
}

Json where_of(const Choice& choice) {
  Json where = Json::array();
  for (const auto& [key, value] : choice.where) where.push_back(key + " " + value);
  return where;
}

/// Claims are judged by all runs, each experiment divided as it is when nothing else is asked: what a reader
/// wants drawn is no part of a rule, and would be another test than the one that was announced.
Json claims_whatever_is_drawn(const std::vector<std::filesystem::path>& folders, const Choice& choice,
                              const Results& results) {
  const bool is_usual = !choice.by && choice.panel.empty() && choice.where.empty();
  return is_usual ? claims_of(results) : claims_of(load_results(folders));
}

}  // namespace

Json bundle(const std::vector<std::filesystem::path>& folders, const Choice& choice) {
  const Results results = load_results(folders, choice);
  Json studies = Json::array(), runs = Json::array(), figures = Json::array();
  for (const Results::Folder& folder : results.folders) studies.push_back(study_of(folder));
  for (const MeasuredRun& run : results.runs) runs.push_back(run_of(run));
  for (const auto& figure : all_figures()) {
    if (figure->applies(results)) figures.push_back(figure_of(*figure, figure->compute(results)));
  }
  std::vector<std::string> notes = results.notes;
  for (const std::string& sentence : differences(results)) notes.push_back(sentence);
  Json grams = Json::array(), matrices = Json::array();
  for (Json& matrix : matrices_of(results, notes))
    (matrix["rows"].empty() ? matrices : grams)
        .push_back(std::move(matrix));  // a Gram is of rows of the data
  Json whole{{"crosstalk", CROSSTALK_VERSION},  {"study", studies[0]},
             {"studies", std::move(studies)},   {"swept", swept_keys(results)},
             {"runs", std::move(runs)},         {"data", results.data},
             {"figures", std::move(figures)},   {"grams", std::move(grams)},
             {"matrices", std::move(matrices)}, {"notes", notes}};
  whole["by"] = results.by;
  whole["pooled"] = pooled_in(results);
  whole["where"] = where_of(choice);
  if (folders.size() == 2 && !choice.where.empty())
    whole["notes"].push_back("Of a part of their runs two studies are not compared run by run.");
  whole["cautions"] = cautions_on(results.experiments);
  for (const std::string& caution : cautions_on_worsened(results)) whole["cautions"].push_back(caution);
  whole["claims"] = claims_whatever_is_drawn(folders, choice, results);
  if (folders.size() != 2 || !choice.where.empty()) return whole;
  if (results.experiments.empty())
    whole["notes"].push_back(
        "These runs are not compared one by one: they stand beside each other in the figures.");
  else
    whole["comparison"] = comparison(folders[0], folders[1]);
  return whole;
}

}  // namespace crosstalk::figures
