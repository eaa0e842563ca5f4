#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace crosstalk::cli {

/// What `--format` can name.
inline constexpr std::array report_formats{"html", "svg", "png", "pdf", "csv", "latex"};

/// What a report is asked to be.
struct ReportOptions {
  std::vector<std::string> folders;
  std::string out, formats = "html,svg,png,pdf,csv";
  double width_inches = 6.5, font_points = 9;
  std::string by, panel;           // --by KEYS, "" where it is not given, "none"; --panel KEY
  std::vector<std::string> where;  // --where KEY=VALUE
};

/// The folder that is written to: --out, or the results' own folder. Error(config) where several folders are
/// given and none to write to.
std::filesystem::path report_folder(const ReportOptions& options);

/// The bundle of the folders' tables, with each study as its store keeps it ("json"): what `run report.html`
/// reads.
Json report_bundle(const ReportOptions& options);

}  // namespace crosstalk::cli
