#include "base/error.hpp"
#include "cli/checks.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/source.hpp"
#include "study/datasets.hpp"
#include "work/data.hpp"

namespace crosstalk::cli {
namespace {

struct DataOptions {
  std::vector<std::string> datasets;
  std::string data;
};

/// The data child knows the data sets; it answers with the text to print.
void add(CLI::App& data, Context& context, const std::string& what, const std::string& description,
         const std::string& examples) {
  CLI::App* command = data.add_subcommand(what, description);
  auto options = std::make_shared<DataOptions>();
  command->add_option("DATASET", options->datasets, study::listed_datasets() + " (default: all)")
      ->check(some_text());
  command->add_option("--data", options->data, "a folder with california/, sarcos/, cifar10/, svhn/")
      ->type_name("DIR")
      ->check(some_text());
  command->footer("Examples:\n" + examples);
  command->callback([options, what, &context] {
    Json request{{"datasets", options->datasets}};
    if (!options->data.empty()) request["data"] = std::filesystem::absolute(options->data).string();
    const work::Interrupts interrupts;
    say(work::ask(data_command(context, what), request, remark, &interrupts).at("text").get<std::string>());
    context.status = 0;
  });
}

}  // namespace

void add_data_command(CLI::App& app, Context& context) {
  CLI::App* data = app.add_subcommand("data", "list, fetch or verify the data sets");
  data->require_subcommand(1);
  add(*data, context, "list", "list the data sets: where their files are, how many rows",
      "  crosstalk data list\n  crosstalk data list --data ~/data");
  add(*data, context, "fetch", "download, check and unpack; resumes where it stopped",
      "  crosstalk data fetch sarcos cifar10");
  add(*data, context, "verify", "check files against their checksums, and count rows that are in both splits",
      "  crosstalk data verify\n  crosstalk data verify sarcos --data ~/data");
  data->footer(
      "Examples:\n  crosstalk data list\n  crosstalk data fetch sarcos\n  crosstalk data verify --data "
      "~/data");
}

}  // namespace crosstalk::cli
