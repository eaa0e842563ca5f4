#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "store/export.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {

void add_export_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("export", "print all rows, or all arrays, as one long table");
  auto folder = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("csv");
  command->add_option("DIR", *folder, "a results folder")->required()->check(some_text());
  command->add_option("--format", *format, "csv")->type_name("FORMAT")->check(CLI::IsMember({"csv"}));
  auto arrays = std::make_shared<bool>(false);
  command->add_flag("--arrays", *arrays, "the arrays in place of the rows, a line a value");
  command->footer(
      "Columns: run,experiment,seed,step,measure,split,value and one for each swept key; rows sorted.\n"
      "With --arrays: run,experiment,seed,step,array,split,axis_0,axis_1,...,value and the swept keys.\n\n"
      "Examples:\n"
      "  crosstalk export results/quickstart --format csv > quickstart.csv\n"
      "  crosstalk export results/quickstart | head");
  command->callback([folder, arrays, &context] {
    const store::Store store = store::Store::open_to_read(work::ResultsFolder{*folder}.file());
    const Json record = store.study();
    const auto write = *arrays ? store::export_arrays_csv : store::export_csv;
    write(store, record.value("swept", std::vector<std::string>()), print);
    context.status = 0;
  });
}

}  // namespace crosstalk::cli
