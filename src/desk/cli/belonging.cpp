#include "cli/belonging.hpp"

#include <set>

#include "base/error.hpp"
#include "cli/console.hpp"
#include "study/watched.hpp"

namespace crosstalk::cli {
namespace {

namespace fs = std::filesystem;

/// Runs of a store that a study does not name.
struct Leaving {
  int finished = 0, begun = 0;  // begun: with rows, not finished
};

Leaving leaving(const store::Store& store, const study::Study& study) {
  std::set<std::string> named;
  for (const study::Configuration& run : study.runs) named.insert(run.run);
  Leaving leaving;
  for (const store::RunRecord& run : store.runs()) {
    if (!run.named || named.contains(run.run)) continue;
    if (is_over(run.status)) {
      ++leaving.finished;
    } else if (run.tries > 0 && !store.rows_of(run.run).empty()) {
      ++leaving.begun;
    }
  }
  return leaving;
}

std::string in_words(const Leaving& leaving) {
  const auto counted = [](int count, const char* what) {
    return count == 0 ? std::string() : with_commas(count) + ' ' + what;
  };
  const std::string finished = counted(leaving.finished, "finished"), begun = counted(leaving.begun, "begun");
  return finished + (finished.empty() || begun.empty() ? "" : " and ") + begun +
         (leaving.finished + leaving.begun == 1 ? " run" : " runs");
}

/// As the user would write it: from the folder where the user is, when it lies below that.
std::string from_here(const fs::path& file) {
  std::error_code error;
  const fs::path here = fs::current_path(error), near = error ? file : file.lexically_relative(here);
  return near.empty() || *near.begin() == ".." ? file.string() : near.string();
}

/// The study file whose results are in the folder; empty where the record does not say.
std::string file_of(const Json& record) {
  const Json files = record.value("files", Json::array());
  if (!files.is_array() || files.empty() || !files[0].is_object()) return "";
  return from_here(fs::path(record.value("folder", "")) / files[0].value("path", ""));
}

void refuse(const work::ResultsFolder& results, const Leaving& leaving, const Json& record,
            const Source& source, const RunOptions& options) {
  std::error_code ignored;
  const std::string file =
      source.file ? from_here(fs::absolute(*source.file, ignored).lexically_normal()) : "";
  const std::string former = file_of(record);
  const bool is_elsewhere = !file.empty() && !former.empty() && file != former;
  const fs::path other = free_folder(results.folder, source, is_elsewhere && options.out.empty());
  throw Error(
      ErrorKind::store,
      results.folder.string() + " holds " + in_words(leaving) + (is_elsewhere ? " of " + former : "") +
          " that " + (file.empty() ? "the study " + source.study.name : file) +
          (options.load.sets.empty() && options.load.seed_offset == 0 ? "" : ", with these options,") +
          " does not name: they would leave its report.\nGive --out " + shell_word(other.string()) +
          " for a folder of its own, or --retire to go on here: those runs stay stored and are no "
          "longer reported.");
}

}  // namespace

fs::path free_folder(const fs::path& taken, const Source& source, bool is_elsewhere) {
  std::error_code ignored;
  fs::path wanted = taken.has_filename() ? taken : taken.parent_path();
  if (is_elsewhere && source.file) {
    const fs::path parent = fs::absolute(*source.file, ignored).lexically_normal().parent_path().filename();
    if (!parent.empty()) {
      wanted = wanted.parent_path() / (parent.string() + '-' + wanted.filename().string());
      if (!fs::exists(wanted, ignored)) return wanted;
    }
  }
  for (int i = 2;; ++i) {
    const fs::path other = wanted.string() + '-' + std::to_string(i);
    if (!fs::exists(other, ignored)) return other;
  }
}

void check_belongs(const work::ResultsFolder& results, const store::Store& store, const Source& source,
                   const RunOptions& options) {
  const Json record = store.study();
  refuse_other_schema(results.folder, record);
  if (study::is_watched(record))
    throw Error(ErrorKind::store,
                results.folder.string() +
                    " holds what was watched in a training loop of your own, and no study's "
                    "runs. Give another --out.");
  const std::string name = record.is_object() ? record.value("name", "") : "";
  if (name != source.study.name) {
    throw Error(ErrorKind::store,
                results.folder.string() + " holds another study: " + name + ", and this one is " +
                    source.study.name + ". Give another --out, as --out " +
                    shell_word(free_folder(results.folder, source, options.out.empty()).string()) + ".");
  }
}

void check_leaving(const work::ResultsFolder& results, const store::Store& store, const Source& source,
                   const RunOptions& options) {
  std::error_code ignored;
  if (source.folder && (options.out.empty() || fs::equivalent(*source.folder, results.folder, ignored)))
    return;
  const Leaving gone = leaving(store, source.study);
  if (gone.finished + gone.begun == 0) return;
  if (!options.retire) refuse(results, gone, store.study(), source, options);
  remark("note: " + in_words(gone) + " in " + results.folder.string() +
         " stay stored and are no longer reported");
}

}  // namespace crosstalk::cli
