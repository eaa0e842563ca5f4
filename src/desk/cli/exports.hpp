#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "store/store.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {

/// What `crosstalk export` was asked.
struct ExportOptions {
  std::string folder, format = "csv", parameters, out;
  std::optional<std::int64_t> step;
  bool arrays = false;
};

/// The files that a run has kept: their names, a line each, or copies of them in --out. Each is read whole
/// and checked. Error(config) for a run or a step that is not there, or where nothing was kept; Error(store)
/// for a damaged file; Error(environment) where --out cannot be written.
void export_kept(const store::Store& store, const work::ResultsFolder& results, const ExportOptions& options);

/// Rows or arrays as a Parquet file, by pyarrow in a child (python/crosstalk/parquet.py).
void export_parquet(const store::Store& store, const ExportOptions& options, const Context& context);

}  // namespace crosstalk::cli
