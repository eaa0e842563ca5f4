#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exports.hpp"
#include "store/export.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

/// What goes with what is said whole before anything is read.
void check(const ExportOptions& options) {
  const bool parquet = options.format == "parquet", parameters = !options.parameters.empty();
  if (parameters && (options.arrays || parquet))
    throw Error(ErrorKind::config,
                "--parameters gives files as they were kept: it goes with neither --arrays nor --format.");
  if (parquet && options.out.empty())
    throw Error(ErrorKind::config, "--format parquet writes a file: --out FILE says which.");
  if (!parquet && !parameters && !options.out.empty())
    throw Error(ErrorKind::config,
                "--out goes with --parameters (a folder) or --format parquet (a file); a CSV is printed: "
                "crosstalk export DIR > FILE.");
}

void export_results(const ExportOptions& options, Context& context) {
  check(options);
  const work::ResultsFolder results{options.folder};
  const store::Store store = store::Store::open_to_read(results.file());
  if (!options.parameters.empty()) {
    export_kept(store, results, options);
  } else if (options.format == "parquet") {
    export_parquet(store, options, context);
  } else {
    const auto write = options.arrays ? store::export_arrays_csv : store::export_csv;
    write(store, store.study().value("swept", std::vector<std::string>()), print, store::Texts::guarded);
  }
  context.status = 0;
}

}  // namespace

void add_export_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "export", "print all rows or all arrays as one long table, or export the files that a run kept");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("DIR", options->folder, "a results folder")->required()->check(some_text());
  command
      ->add_option("--format", options->format, "csv is printed, parquet is written to --out (default: csv)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"csv", "parquet"}));
  command->add_flag("--arrays", options->arrays, "the arrays in place of the rows, one value a line");
  CLI::Option* parameters =
      command
          ->add_option(
              "--parameters", options->parameters,
              "list the files that a run with probe.keep has kept (parameters and samples), or copy them to "
              "--out; RUN is a run's identifier or its beginning")
          ->type_name("RUN")
          ->check(some_text());
  command->add_option("--step", options->step, "with --parameters: only the files of this measurement")
      ->type_name("N")
      ->check(whole_number(0, 1'000'000'000'000))
      ->needs(parameters);
  command->add_option("--out", options->out, "with --parameters: the folder; with --format parquet: the file")
      ->type_name("PATH")
      ->check(some_text());
  command->footer(
      "Columns: run,experiment,seed,step,measure,split,value and one for each swept key; rows sorted.\n"
      "With --arrays: run,experiment,seed,step,array,split,axis_0,axis_1,...,value and the swept keys.\n\n"
      "Examples:\n"
      "  crosstalk export results/quickstart --format csv > quickstart.csv\n"
      "  crosstalk export results/quickstart | head\n"
      "  crosstalk export results/quickstart --format parquet --out quickstart.parquet\n"
      "  crosstalk export results/kept --parameters 3f2a --out kept");
  command->callback([options, &context] { export_results(*options, context); });
}

}  // namespace crosstalk::cli
