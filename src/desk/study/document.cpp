// A study as JSON, and back. The texts are what counts; how many runs follow from them, and digests of these,
// stand beside them, so that a change of this program shows. The runs themselves are the store's.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "study/load.hpp"
#include "study/reading.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"

namespace crosstalk::study {
namespace {

const char* const mend = "Run the study file itself, with another --out.";

std::string schema_in_words(const Json& json) {
  return schema_of(json) == 0 ? "no schema that can be read" : "schema " + std::to_string(schema_of(json));
}

std::vector<SourceFile> files_of(const Json& json) {
  std::vector<SourceFile> files;
  for (const Json& file : json.at("files"))
    files.push_back({file.at("path").get<std::string>(), file.at("text").get<std::string>()});
  if (files.empty()) throw Error(ErrorKind::store, std::string("the stored study holds no file. ") + mend);
  return files;
}

LoadOptions options_of(const Json& given) {
  const Json& offset = given.at("seed_offset");
  if (!offset.is_number_integer())
    throw Error(ErrorKind::store, std::string("the stored study's seed_offset is no integer. ") + mend);
  return {given.at("scale").get<std::string>(), given.at("sets").get<std::vector<std::string>>(),
          offset.get<std::int64_t>(), given.at("device").get<std::string>()};
}

Json digests_of(const std::vector<Configuration>& runs) {
  std::string identifiers, seeds;
  for (const Configuration& run : runs) {
    identifiers += run.run + '\n';
    seeds += run.experiment + ' ' + std::to_string(run.seed) + '\n';
  }
  return {{"number", runs.size()}, {"identifiers", sha256(identifiers)}, {"seeds", sha256(seeds)}};
}

/// Whether these are the runs that `json` tells of. Another schema has other identifiers, so that experiments
/// and seeds must do.
bool has_the_runs(const Study& study, const Json& json) {
  const Json& runs = json.at("runs");
  if (runs.is_object()) {
    const char* const which = schema_of(json) == schema_version ? "identifiers" : "seeds";
    const Json now = digests_of(study.runs);
    return runs.at("number") == now["number"] && runs.at(which) == now[which];
  }
  // As studies were stored before: each run by itself.
  bool same = runs.size() == study.runs.size();
  for (std::size_t i = 0; same && i < runs.size(); ++i) {
    same = schema_of(json) == schema_version ? runs[i].at("run") == study.runs[i].run
                                             : runs[i].at("experiment") == study.runs[i].experiment &&
                                                   runs[i].at("seed") == study.runs[i].seed;
  }
  return same;
}

std::string number_of_runs(const Json& runs) {
  return runs.is_object() ? runs.at("number").dump() : std::to_string(runs.size());
}

Study read_anew(const Json& json) {
  if (is_watched(json))
    throw Error(ErrorKind::config,
                json.value("name", "this") +
                    " was watched in a training loop of your own; there is nothing to run. That loop alone "
                    "makes its numbers again; `crosstalk report` and `crosstalk export` show them.");
  try {
    const std::vector<SourceFile> files = files_of(json);
    const LoadOptions options = options_of(json.at("options"));
    const Reader reader = [&](const std::string& path) -> std::string {
      for (const SourceFile& file : files)
        if (file.path == path) return file.text;
      throw Error(ErrorKind::config, std::string("the stored study does not hold this file. ") + mend);
    };
    Study study = read_study(files.front().path, "", reader, options).study;
    study.folder = json.at("folder").get<std::string>();
    if (!has_the_runs(study, json))
      throw Error(ErrorKind::store,
                  "the stored study " + study.name + " names " + number_of_runs(json.at("runs")) +
                      " runs that do not follow from its text (" + std::to_string(study.runs.size()) +
                      " do): it was edited, or made by a crosstalk whose defaults differ. " + mend);
    return study;
  } catch (const Json::exception&) {
    throw Error(ErrorKind::store,
                std::string("what is stored is no study of crosstalk, or a damaged one. ") + mend);
  }
}

}  // namespace

Json to_json(const Study& study) {
  Json files = Json::array();
  for (const SourceFile& file : study.files) files.push_back({{"path", file.path}, {"text", file.text}});
  return {{"schema", schema_version},
          {"name", study.name},
          {"title", study.title},
          {"description", study.description},
          {"scale", study.scale},
          {"text", study.text},
          {"swept", study.swept},
          {"folder", study.folder.generic_string()},
          {"files", files},
          {"options",
           {{"scale", study.options.scale},
            {"sets", study.options.sets},
            {"seed_offset", study.options.seed_offset},
            {"device", study.options.device}}},
          {"runs", digests_of(study.runs)}};
}

int schema_of(const Json& json) {
  const auto schema = json.is_object() ? json.find("schema") : json.end();
  return schema != json.end() && schema->is_number_integer() ? schema->get<int>() : 0;
}

std::string name_with_scale(const Json& json) {
  const std::string scale = json.value("scale", "");
  return json.value("name", "?") + (scale.empty() ? "" : " (scale " + scale + ")");
}

Study study_from_json(const Json& json) {
  if (json.is_object() && schema_of(json) != schema_version)
    throw Error(ErrorKind::store,
                "the study was made by " + schema_in_words(json) + "; this is schema " +
                    std::to_string(schema_version) +
                    ". Run it with the crosstalk that made it, or its file anew with this one and another "
                    "--out.");
  return read_anew(json);
}

Study study_anew(const Json& json) {
  if (json.is_object() && (schema_of(json) < 1 || schema_of(json) > schema_version))
    throw Error(ErrorKind::store, "the study was made by " + schema_in_words(json) + "; this is schema " +
                                      std::to_string(schema_version) +
                                      ", which does not know it. Run it with the crosstalk that made it.");
  return read_anew(json);
}

}  // namespace crosstalk::study
