#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.hpp"
#include "base/temporary_folder.hpp"
#include "cli/console.hpp"
#include "cli/exports.hpp"
#include "cli/session.hpp"
#include "store/export.hpp"
#include "work/data.hpp"
#include "work/signals.hpp"

namespace crosstalk::cli {

void export_parquet(const store::Store& store, const ExportOptions& options, const Context& context) {
  const auto swept = store.study().value("swept", std::vector<std::string>());
  if (options.arrays && store.count_arrays() == 0)
    throw Error(ErrorKind::config,
                options.folder +
                    " has no arrays, so nothing was written. Without --arrays its rows are "
                    "exported.");
  const TemporaryFolder scratch;
  const std::filesystem::path table = scratch.path() / "table.csv";
  std::ofstream file(table, std::ios::binary);
  const auto write = options.arrays ? store::export_arrays_csv : store::export_csv;
  write(store, swept, [&](std::string_view text) { file << text; }, store::Texts::plain);
  file.close();
  if (!file)
    throw Error(ErrorKind::environment, table.string() + " cannot be written: " + std::strerror(errno) +
                                            ". Make room there, or set TMPDIR to another folder.");
  const auto columns = options.arrays ? store::arrays_columns : store::rows_columns;
  const work::Interrupts interrupts;
  const std::string out = whole_path(options.out);
  work::ask(parquet_child(context),
            {{"table", table.string()}, {"out", out}, {"columns", columns(store, swept)}}, remark,
            &interrupts, "the Parquet file cannot be made");
  say(options.out + '\n');
}

}  // namespace crosstalk::cli
