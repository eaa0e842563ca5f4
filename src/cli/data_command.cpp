#include "base/error.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/source.hpp"
#include "work/data.hpp"

namespace crosstalk::cli {
namespace {

struct DataOptions {
  std::vector<std::string> datasets;
  std::string data;
};

std::string in_words(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_integer()) return with_commas(value.get<long long>());
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

/// What the child answers: {"datasets": [{...}...]} as a table with the columns of `show`, then notices.
void show(const Json& reply, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> lines;
  for (const Json& dataset : reply.value("datasets", Json::array())) {
    if (lines.empty()) lines.push_back(columns);
    std::vector<std::string> line;
    for (const std::string& column : columns) line.push_back(in_words(dataset.value(column, Json())));
    lines.push_back(std::move(line));
  }
  print(aligned(lines));
  for (const Json& dataset : reply.value("datasets", Json::array())) {
    for (const Json& notice : dataset.value("notices", Json::array())) {
      remark("note: " + dataset.value("name", "") + ": " + notice.get<std::string>());
    }
  }
}

void add(CLI::App& data, Context& context, const std::string& what, const std::string& description,
         const std::vector<std::string>& columns, const std::string& examples) {
  CLI::App* command = data.add_subcommand(what, description);
  auto options = std::make_shared<DataOptions>();
  auto* names =
      command->add_option("DATASET", options->datasets, "digits, california, sarcos, cifar10, svhn");
  if (what == "fetch") names->required();
  command->add_option("--data", options->data, "a folder with california/, sarcos/, cifar10/, svhn/")
      ->type_name("DIR");
  command->footer("Examples:\n" + examples);
  command->callback([options, what, columns, &context] {
    const Json request{
        {"datasets", options->datasets},
        {"data", options->data.empty() ? Json() : Json(std::filesystem::absolute(options->data).string())},
        {"base", std::filesystem::current_path().string()}};
    const work::Interrupts interrupts;
    show(work::ask(data_command(context, what), request, remark, &interrupts), columns);
    context.status = 0;
  });
}

}  // namespace

void add_data_command(CLI::App& app, Context& context) {
  CLI::App* data = app.add_subcommand("data", "list, fetch or verify the data sets");
  data->require_subcommand(1);
  add(*data, context, "list", "what is there, where, how many rows",
      {"name", "train_rows", "test_rows", "verified", "where"},
      "  crosstalk data list\n  crosstalk data list --data ~/data");
  add(*data, context, "fetch", "download, check and convert; goes on where it stopped",
      {"name", "train_rows", "test_rows", "verified", "where"}, "  crosstalk data fetch sarcos cifar10");
  add(*data, context, "verify",
      "check the files against their checksums, and count rows that stand in both splits",
      {"name", "verified", "train_rows", "test_rows", "in_both", "where"},
      "  crosstalk data verify\n  crosstalk data verify sarcos --data ~/data");
  data->footer(
      "Examples:\n  crosstalk data list\n  crosstalk data fetch sarcos\n  crosstalk data verify --data "
      "~/data");
}

}  // namespace crosstalk::cli
