// A study as JSON, and back. The texts are what counts; the runs stand beside them so that others can read
// them, and so that a change of this program shows.
#include "base/error.hpp"
#include "study/load.hpp"
#include "study/reading.hpp"
#include "study/schema.hpp"

namespace crosstalk::study {
namespace {
const char* const mend = "Run the study file itself, with another --out.";
}

Json to_json(const Study& study) {
  Json files = Json::array(), runs = Json::array();
  for (const SourceFile& file : study.files) files.push_back({{"path", file.path}, {"text", file.text}});
  for (const Configuration& run : study.runs)
    runs.push_back({{"run", run.run},
                    {"experiment", run.experiment},
                    {"seed", run.seed},
                    {"configuration", run.values}});
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
          {"runs", runs}};
}

Study study_from_json(const Json& json) {
  try {
    if (json.at("schema") != schema_version)
      throw Error(ErrorKind::store,
                  "the study was made by schema " + json.at("schema").dump() + "; this is schema " +
                      std::to_string(schema_version) +
                      ". Run it with the crosstalk that made it, or its file anew with this one and another "
                      "--out.");
    std::vector<SourceFile> files;
    for (const Json& file : json.at("files"))
      files.push_back({file.at("path").get<std::string>(), file.at("text").get<std::string>()});
    if (files.empty()) throw Error(ErrorKind::store, std::string("the stored study holds no file. ") + mend);
    const Json& given = json.at("options");
    const LoadOptions options{
        given.at("scale").get<std::string>(), given.at("sets").get<std::vector<std::string>>(),
        given.at("seed_offset").get<std::int64_t>(), given.at("device").get<std::string>()};
    const Reader reader = [&](const std::string& path) -> std::string {
      for (const SourceFile& file : files)
        if (file.path == path) return file.text;
      throw Error(ErrorKind::config, std::string("the stored study does not hold this file. ") + mend);
    };
    Study study = read_study(files.front().path, "", reader, options).study;
    study.folder = json.at("folder").get<std::string>();
    const Json& runs = json.at("runs");
    bool same = runs.size() == study.runs.size();
    for (std::size_t i = 0; same && i < runs.size(); ++i) same = runs[i].at("run") == study.runs[i].run;
    if (!same)
      throw Error(ErrorKind::store,
                  "the stored study " + study.name + " names " + std::to_string(runs.size()) +
                      " runs that do not follow from its text (" + std::to_string(study.runs.size()) +
                      " do): it was edited, or made by a crosstalk whose defaults differ. " + mend);
    return study;
  } catch (const Json::exception& error) {
    throw Error(ErrorKind::store,
                std::string("what is stored is no study of crosstalk (") + error.what() + "). " + mend);
  }
}

}  // namespace crosstalk::study
