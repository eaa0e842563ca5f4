#include "work/kept.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <set>

#include "base/contents.hpp"
#include "base/error.hpp"
#include "base/safetensors_header.hpp"
#include "base/vocabulary.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::work {
namespace {

constexpr std::string_view ending = ".safetensors";

std::optional<KeptFile> kept_file(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  std::error_code ignored;
  if (!name.ends_with(ending) || !entry.is_regular_file(ignored)) return std::nullopt;
  const std::string stem = name.substr(0, name.size() - ending.size());
  KeptFile file{entry.path(), std::nullopt, entry.file_size(ignored)};
  if (stem == "rows") return file;
  std::int64_t step = 0;
  const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), step);
  if (read.ec != std::errc() || step < 0 || std::to_string(step) != stem) return std::nullopt;
  file.step = step;
  return file;
}

void take_away(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::remove(path, failure);
  if (failure)
    throw Error(ErrorKind::store, path.string() +
                                      " belongs to what is computed anew, and cannot be removed: " +
                                      failure.message() + ". Remove it and run the same command again.");
}

}  // namespace

std::vector<KeptFile> kept_files(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<KeptFile> files;
  if (!std::filesystem::exists(folder, failure) && !failure) return files;
  for (std::filesystem::directory_iterator each(folder, failure), end; !failure && each != end;
       each.increment(failure)) {
    if (std::optional<KeptFile> file = kept_file(*each)) files.push_back(std::move(*file));
  }
  if (failure)
    throw Error(ErrorKind::store, folder.string() + " cannot be read: " + failure.message() +
                                      ". See to the folder's permissions.");
  std::sort(files.begin(), files.end(), [](const KeptFile& a, const KeptFile& b) { return a.step < b.step; });
  return files;
}

void forget_kept(const std::filesystem::path& folder, std::int64_t step) {
  if (folder.empty()) return;
  for (const KeptFile& file : kept_files(folder))
    if (step <= 0 || file.step >= step) take_away(file.path);
}

std::string damage_of(const KeptFile& file) {
  if (!has_its_contents(file.path)) return "is cut short or damaged";
  const Json about = about_file(file.path);
  const auto says = [&](const char* what, const Json& value) {
    return about.is_object() && about.contains(what) && about[what] == value;
  };
  const bool is_its = says("run", file.path.parent_path().filename().string()) &&
                      says("what", file.step ? "measurement" : "rows") &&
                      (!file.step || says("step", *file.step));
  return is_its ? "" : "is another one: it was written for another run or step";
}

std::optional<std::int64_t> lost_step(const store::Store& store, const store::RunRecord& run,
                                      const std::vector<KeptFile>& files) {
  if (!is_over(run.status) || !keeps(*run.configuration)) return {};
  std::set<std::int64_t> there, measured;
  for (const KeptFile& file : files)
    if (file.step) there.insert(*file.step);
  for (const Row& row : store.rows_of(run.run)) measured.insert(row.step);
  if (measured.empty()) return {};
  if (run.configuration->at("probe.keep") == word_for(crosstalk::keeps, Keep::last))
    return run.status == store::Status::done && there.empty() ? std::optional(*measured.rbegin())
                                                              : std::nullopt;
  const auto lost = std::ranges::find_if(measured, [&](std::int64_t step) { return !there.contains(step); });
  return lost == measured.end() ? std::nullopt : std::optional(*lost);
}

bool same_bytes(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::ifstream here(a, std::ios::binary), there(b, std::ios::binary);
  std::array<char, 1 << 16> mine, other;
  while (here && there) {
    here.read(mine.data(), mine.size());
    there.read(other.data(), other.size());
    if (here.gcount() != there.gcount() ||
        std::memcmp(mine.data(), other.data(), static_cast<std::size_t>(here.gcount())) != 0)
      return false;
  }
  return here.eof() && there.eof();
}

}  // namespace crosstalk::work
