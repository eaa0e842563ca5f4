#include "cli/source.hpp"

#include <cstdlib>
#include <fstream>

#include "base/ending.hpp"
#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "cli/console.hpp"
#include "store/store.hpp"
#include "study/load.hpp"
#include "study/schema.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

constexpr std::uintmax_t largest_report = std::uintmax_t{1} << 28;

std::string schemas(int schema) {
  return (schema == 0 ? "no schema that can be read" : "schema " + std::to_string(schema)) +
         "; this is schema " + std::to_string(study::schema_version);
}

/// The study inside a report: the text of <script type="application/json" id="crosstalk-study">, read as data
/// only. Discarded, with `why` not, where there is none.
Json record_of_report(const std::filesystem::path& file, std::string& why) {
  const auto none = [&](std::string reason) {
    why = std::move(reason);
    return Json(Json::value_t::discarded);
  };
  if (const std::string what = no_plain_file(file); !what.empty())
    return none("is " + what + ", not a plain file");
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) return none("cannot be read");
  if (size > largest_report) return none("is too large for a report");
  std::ifstream stream(file, std::ios::binary);
  const std::string page(std::istreambuf_iterator<char>(stream), {});
  const std::size_t mark = page.find("id=\"crosstalk-study\"");
  const std::size_t begin = mark == std::string::npos ? mark : page.find('>', mark);
  const std::size_t end = begin == std::string::npos ? begin : page.find("</script>", begin);
  if (end == std::string::npos) return none("has no study inside");
  Json json = read_json(std::string_view(page).substr(begin + 1, end - begin - 1));
  return json.is_object() ? json : none("has a damaged study inside");
}

study::Study study_of_report(const std::filesystem::path& file) {
  std::string why;
  const Json json = record_of_report(file, why);
  if (json.is_discarded()) {
    throw Error(ErrorKind::config, file.string() + " " + why +
                                       ". Give a report that `crosstalk report` has written, a "
                                       "study file or a results folder.");
  }
  if (const int schema = study::schema_of(json); 0 < schema && schema < study::schema_version) {
    remark("note: " + file.string() + " was made by " + schemas(schema) +
           ". Its study is run anew: its runs get other identifiers, and their numbers may differ.");
  }
  try {
    return study::study_anew(json);
  } catch (const Error& error) {
    throw Error(error.kind(), file.string() + ": " + error.what());
  }
}

/// What is stored with its study goes on as it began.
void refuse_options(const std::string& what, const study::LoadOptions& options) {
  if (options.scale.empty() && options.sets.empty() && options.seed_offset == 0 && options.device.empty())
    return;
  throw Error(ErrorKind::config,
              what + ": --scale, --set, --seed-offset and --device belong to a study file.");
}

work::Command with_package(const Context& context, work::Command command) {
  command.environment["PYTHONINSPECT"] = "";  // a child must end when it has answered
  // A package that is no installed one (a source tree on PYTHONPATH) must be found by the child too.
  const std::filesystem::path home = context.package.parent_path();
  if (home.filename() != "site-packages" && home.filename() != "dist-packages") {
    const char* before = std::getenv("PYTHONPATH");
    command.environment["PYTHONPATH"] =
        home.string() + (before != nullptr && *before != '\0' ? ':' + std::string(before) : "");
  }
  return command;
}

}  // namespace

void refuse_other_schema(const std::filesystem::path& folder, const Json& record) {
  const int schema = study::schema_of(record);
  if (!record.is_object() || schema == study::schema_version) return;
  throw Error(ErrorKind::store, folder.string() + " was made by " + schemas(schema) +
                                    ". Give a new --out, or `crosstalk doctor " +
                                    shell_word(folder.string()) + "` says what is in it.");
}

study::Study stored_study(const std::filesystem::path& folder, const Json& record) {
  try {
    return study::study_from_json(record);
  } catch (const Error& error) {
    throw Error(error.kind(), work::ResultsFolder{folder}.file().string() + ": " + error.what());
  }
}

std::string study_in_report(const std::filesystem::path& file) {
  std::string why;
  const Json json = record_of_report(file, why);
  if (json.is_discarded() || !json.contains("name") || !json["name"].is_string()) return "";
  return json["name"].get<std::string>();
}

std::filesystem::path shipped_studies(const Context& context) {
  const std::filesystem::path inside = context.package / "studies";
  return std::filesystem::is_directory(inside) ? inside
                                               : context.package.parent_path().parent_path() / "studies";
}

Source find_source(const std::string& word, const study::LoadOptions& options, const Context& context) {
  const std::filesystem::path path = word;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    refuse_options(word + " is a results folder, which goes on as it began", options);
    const Json record = store::Store::open_to_read(work::ResultsFolder{path}.file()).study();
    refuse_other_schema(path, record);
    return {.study = stored_study(path, record), .folder = path};
  }
  if (has_ending(word, ".html") && std::filesystem::exists(path, ignored)) {
    refuse_options(word + " is a report, whose study is run as it was", options);
    return {.study = study_of_report(path)};
  }
  const std::filesystem::path file = study::find_study(word, shipped_studies(context));
  return {.study = study::load(file, options), .file = file};
}

std::filesystem::path default_folder(const std::string& study, const std::string& scale) {
  return std::filesystem::path("results") / (scale.empty() ? study : study + '-' + scale);
}

std::filesystem::path default_folder(const study::Study& study) {
  return default_folder(study.name, study.scale);
}

work::Command worker_command(const Context& context) {
  return with_package(context, {.arguments = python_module(context, "crosstalk._worker")});
}

work::Command data_command(const Context& context, const std::string& what) {
  return with_package(context, {.arguments = python_module(context, "crosstalk.data", {what})});
}

work::Command trajectories_command(const Context& context, const std::string& what) {
  return with_package(context, {.arguments = python_module(context, "crosstalk.trajectories", {what})});
}

work::Command namesakes_command(const Context& context) {
  return with_package(context, {.arguments = python_module(context, "crosstalk._namesakes")});
}

work::Command report_child(const Context& context, const std::vector<std::string>& arguments) {
  return with_package(context, {.arguments = python_module(context, "crosstalk.report", arguments)});
}

work::Command parquet_child(const Context& context) {
  return with_package(context, {.arguments = python_module(context, "crosstalk._parquet")});
}

}  // namespace crosstalk::cli
