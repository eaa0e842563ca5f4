#include <algorithm>
#include <fstream>
#include <tuple>

#include "base/error.hpp"
#include "store/connection.hpp"

namespace crosstalk::store {
namespace {

bool by_step_and_name(const Row& a, const Row& b) {
  return std::tie(a.step, a.measure, a.split) < std::tie(b.step, b.measure, b.split);
}

Json parsed(std::string_view text, const Database& database) {
  Json json = read_json(text);
  if (json.is_discarded()) database.fail(SQLITE_CORRUPT);
  return json;
}

}  // namespace

std::string_view to_string(Status status) {
  constexpr std::string_view names[] = {"pending", "running", "done", "diverged", "failed"};
  return names[static_cast<int>(status)];
}

Json Store::study() const {
  Statement statement(connection_->database, "SELECT value FROM meta WHERE key = 'study'");
  if (!statement.step()) return nullptr;
  return parsed(statement.text(0), connection_->database);
}

std::vector<RunRecord> Store::runs() const {
  Statement statement(
      connection_->database,
      "SELECT run, experiment, seed, configuration, status, named, message, machine, seconds, tries, "
      "place FROM runs ORDER BY experiment, run");
  std::vector<RunRecord> records;
  while (statement.step()) {
    records.push_back({.run = std::string(statement.text(0)),
                       .experiment = std::string(statement.text(1)),
                       .seed = static_cast<std::uint64_t>(statement.integer(2)),
                       .configuration = parsed(statement.text(3), connection_->database),
                       .status = static_cast<Status>(std::clamp<std::int64_t>(statement.integer(4), 0, 4)),
                       .named = statement.integer(5) != 0,
                       .message = std::string(statement.text(6)),
                       .machine = parsed(statement.text(7), connection_->database),
                       .seconds = statement.number(8),
                       .tries = static_cast<int>(statement.integer(9)),
                       .place = statement.integer(10)});
  }
  return records;
}

void Store::rows(const std::function<void(const StoredRow&)>& visit) const {
  std::vector<std::string> named;
  Statement runs(connection_->database, "SELECT run FROM runs WHERE named = 1 ORDER BY run");
  while (runs.step()) named.emplace_back(runs.text(0));
  StoredRow stored;
  for (const std::string& run : named) {
    stored.run = run;
    for (Row& row : rows_of(run)) {
      stored.row = std::move(row);
      visit(stored);
    }
  }
}

std::vector<Row> Store::rows_of(const std::string& run) const {
  Statement statement(connection_->database, "SELECT step, measure, split, value FROM rows WHERE run = ?");
  statement.bind(1, number_of(run));
  std::vector<Row> rows;
  while (statement.step()) {
    rows.push_back({statement.integer(0), connection_->name(statement.integer(1)),
                    connection_->name(statement.integer(2)), statement.number(3)});
  }
  std::sort(rows.begin(), rows.end(), by_step_and_name);
  return rows;
}

std::vector<Array> Store::arrays(const std::string& run, const std::string& name) const {
  Statement statement(
      connection_->database,
      "SELECT step, split, shape, value, axes FROM arrays WHERE run = ? AND name = (SELECT number FROM "
      "names WHERE name = ?) ORDER BY step");
  statement.bind(1, number_of(run)).bind(2, name);
  std::vector<Array> arrays;
  while (statement.step()) {
    const std::string_view bytes = statement.text(3);
    Array array{statement.integer(0),
                name,
                connection_->name(statement.integer(1)),
                parsed(statement.text(2), connection_->database).get<std::vector<std::int64_t>>(),
                std::vector<double>(bytes.size() / sizeof(double)),
                nullptr};
    std::copy_n(bytes.data(), array.values.size() * sizeof(double),
                reinterpret_cast<char*>(array.values.data()));
    array.axes = parsed(statement.text(4), connection_->database);
    arrays.push_back(std::move(array));
  }
  std::stable_sort(arrays.begin(), arrays.end(), [](const Array& a, const Array& b) {
    return std::tie(a.step, a.split) < std::tie(b.step, b.split);
  });
  return arrays;
}

std::vector<std::string> Store::array_names(const std::string& run) const {
  Statement statement(connection_->database, "SELECT DISTINCT name FROM arrays WHERE run = ?");
  statement.bind(1, number_of(run));
  std::vector<std::string> names;
  while (statement.step()) names.push_back(connection_->name(statement.integer(0)));
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t Store::count_rows() const { return connection_->database.integer("SELECT count(*) FROM rows"); }
std::int64_t Store::count_arrays() const {
  return connection_->database.integer("SELECT count(*) FROM arrays");
}

Json inspect(const std::filesystem::path& file) {
  std::ifstream bytes(file, std::ios::binary);
  char head[16] = {};
  if (!bytes) throw Error(ErrorKind::store, file.string() + " cannot be read.");
  bytes.read(head, sizeof head);
  Json found{{"bytes", std::filesystem::file_size(file)}, {"kind", "other"}};
  if (std::string_view(head, sizeof head) != std::string_view("SQLite format 3\0", 16)) return found;
  found["kind"] = "sqlite";
  Database database(file, SQLITE_OPEN_READONLY);
  if (database.integer("PRAGMA application_id") == application) found["kind"] = "crosstalk";
  found["format"] = database.integer("PRAGMA user_version");
  Json tables = Json::object();
  Statement names(database,
                  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  while (names.step()) {
    std::string quoted;
    for (const char c : names.text(0)) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    tables[std::string(names.text(0))] =
        database.integer(("SELECT count(*) FROM \"" + quoted + "\"").c_str());
  }
  found["tables"] = tables;
  return found;
}

}  // namespace crosstalk::store
