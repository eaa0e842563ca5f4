#include <algorithm>
#include <fstream>
#include <tuple>

#include "base/error.hpp"
#include "base/lock_file.hpp"
#include "store/connection.hpp"
#include "store/record.hpp"

namespace crosstalk::store {
namespace {

bool by_step_and_name(const Row& a, const Row& b) {
  return std::tie(a.step, a.measure, a.split) < std::tie(b.step, b.measure, b.split);
}

Json parsed(std::string_view text, const Database& database, const char* what) {
  Json json = read_json(text);
  if (json.is_discarded()) database.damaged(std::string(what) + " cannot be read");
  return json;
}

}  // namespace

std::string_view to_string(Status status) {
  constexpr std::string_view names[] = {"pending", "running", "done", "diverged", "failed"};
  return names[static_cast<int>(status)];
}

Json Store::study() const {
  Database& database = connection_->database;
  const Snapshot snapshot(database);
  Statement select(database, "SELECT value FROM meta WHERE key = ?");
  if (!select.bind(1, std::string_view("study")).step()) database.damaged("the study's own text is gone");
  const std::string text(select.text(0));
  select.reset();
  const bool stated = select.bind(1, std::string_view(study_contents_key)).step();
  if (stated ? select.text(0) != digest(text) : connection_->keeps_contents)
    database.damaged("the study's own text is not what was stored");
  return checked_study(parsed(text, database, "the study's own text"), database);
}

std::vector<RunRecord> Store::runs() const {
  connection_->settle();
  const Snapshot snapshot(connection_->database);
  for (const std::string& run : connection_->runs_without_record())
    connection_->run_is_damaged(run, "its record is gone");
  Statement statement(connection_->database, (std::string("SELECT ") + record_columns).c_str());
  std::vector<RunRecord> records;
  Configurations configurations;
  while (statement.step()) {
    const std::string how = damage_of_record(statement, connection_->keeps_contents);
    if (!how.empty()) connection_->run_is_damaged(std::string(statement.text(0)), how);
    records.push_back(record_of(statement, connection_->database, configurations));
  }
  std::sort(records.begin(), records.end(), [](const RunRecord& a, const RunRecord& b) {
    return std::tie(a.experiment, a.run) < std::tie(b.experiment, b.run);
  });
  return records;
}

void Store::rows(const std::function<void(const StoredRow&)>& visit) const {
  std::vector<std::string> named;
  for (RunRecord& record : runs()) {
    if (record.named) named.push_back(std::move(record.run));
  }
  std::sort(named.begin(), named.end());
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
  const Snapshot snapshot(connection_->database);
  std::vector<Row> rows;
  Contents found;
  connection_->each_row(number_of(run), first_step, [&](Row row) {
    found.add(row);
    rows.push_back(std::move(row));
  });
  if (const auto stated = connection_->stated(run)) {
    const std::string how = difference(stated->contents.rows, found.rows, "rows");
    if (!how.empty()) connection_->run_is_damaged(run, how);
  }
  std::sort(rows.begin(), rows.end(), by_step_and_name);
  return rows;
}

std::vector<Array> Store::arrays(const std::string& run, const std::string& name) const {
  const Snapshot snapshot(connection_->database);
  Statement statement(
      connection_->database,
      "SELECT step, name, split, shape, value, axes FROM arrays WHERE run = ? AND name = (SELECT number FROM "
      "names WHERE name = ?) ORDER BY step");
  statement.bind(1, number_of(run)).bind(2, name);
  std::vector<Array> arrays;
  Contents found;
  while (statement.step()) {
    arrays.push_back(connection_->array_of(statement));
    found.add(arrays.back());
  }
  if (const auto stated = connection_->stated(run)) {
    const auto expected = stated->contents.arrays.find(name);
    const std::string how = difference(expected == stated->contents.arrays.end() ? Tally() : expected->second,
                                       found.arrays[name], "arrays " + name);
    if (!how.empty()) connection_->run_is_damaged(run, how);
  }
  std::stable_sort(arrays.begin(), arrays.end(), [](const Array& a, const Array& b) {
    return std::tie(a.step, a.split) < std::tie(b.step, b.split);
  });
  return arrays;
}

std::vector<std::string> Store::array_names(const std::string& run) const {
  const Snapshot snapshot(connection_->database);
  Statement statement(connection_->database, "SELECT DISTINCT name FROM arrays WHERE run = ?");
  statement.bind(1, number_of(run));
  std::vector<std::string> names;
  while (statement.step()) names.push_back(connection_->name(statement.integer(0)));
  std::sort(names.begin(), names.end());
  if (const auto stated = connection_->stated(run)) {
    std::vector<std::string> expected;
    for (const auto& [name, tally] : stated->contents.arrays) expected.push_back(name);
    if (names != expected) connection_->run_is_damaged(run, "its arrays are not those that were stored");
  }
  return names;
}

std::vector<ArrayForm> Store::array_forms() const {
  const Snapshot snapshot(connection_->database);
  Statement statement(
      connection_->database,
      "SELECT DISTINCT runs.run, name, split, shape FROM arrays JOIN runs ON number = arrays.run "
      "WHERE named");
  std::vector<ArrayForm> forms;
  while (statement.step()) {
    const std::string name = connection_->name(statement.integer(1));
    forms.push_back({std::string(statement.text(0)), name, connection_->name(statement.integer(2)),
                     connection_->shape_from(statement.text(3), name)});
  }
  std::sort(forms.begin(), forms.end());
  return forms;
}

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
  Database database(file, flags_to_read(file), perhaps_at_work_elsewhere(file.parent_path()));
  database.execute("PRAGMA query_only = 1");
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
