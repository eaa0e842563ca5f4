#include "store/store.hpp"

#include <unistd.h>

#include <charconv>
#include <system_error>

#include "base/error.hpp"
#include "base/lock_file.hpp"
#include "base/same_bits.hpp"
#include "base/text.hpp"
#include "store/connection.hpp"

namespace crosstalk::store {
namespace {

std::string_view bytes_of(const std::vector<double>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

void write_study(Database& database, const Json& study) {
  const std::string text = study.dump(), contents = digest(text);
  Statement insert(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
  insert.bind(1, std::string_view("study")).bind(2, std::string_view(text)).run();
  insert.bind(1, std::string_view(study_contents_key)).bind(2, std::string_view(contents)).run();
}

/// What is stored came again with another value.
[[noreturn]] void refuse_again(const Database& database, const std::string& run, std::int64_t step,
                               const std::string& measure, const std::string& split,
                               const std::string& before, const std::string& now) {
  throw RowConflict(database.file().string() + ": run " + run + ", step " + std::to_string(step) + ", " +
                    measure + " (" + split + ") is stored as " + before + " and came again as " + now +
                    ". The two were computed by different programs or machines: give a new --out to compute "
                    "the study anew.");
}

}  // namespace

Store::Store(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const std::filesystem::path& file, const Json& study) {
  if (std::filesystem::exists(file)) {
    throw Error(ErrorKind::store, file.string() + " is there already. Give another --out.");
  }
  const std::filesystem::path unfinished =
      file.string() + ".new";  // a kill in between leaves this, never half a store
  std::error_code ignored;
  std::filesystem::remove(unfinished, ignored);
  {
    Database database(unfinished, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    database.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
    database.begin();
    database.execute(("PRAGMA application_id = " + std::to_string(application) +
                      "; PRAGMA user_version = " + std::to_string(format))
                         .c_str());
    database.execute(tables);
    Statement insert(database, "INSERT INTO meta VALUES (?, ?)");
    insert.bind(1, std::string_view(contents_key)).bind(2, std::string_view("of every run")).run();
    write_study(database, study);
    database.commit();
  }
  std::error_code error;
  std::filesystem::rename(unfinished, file, error);
  if (error) throw Error(ErrorKind::store, file.string() + " cannot be made: " + error.message());
  return open(file);
}

Store Store::open(const std::filesystem::path& file) {
  auto connection = std::make_unique<Connection>(file, SQLITE_OPEN_READWRITE);
  connection->check_format();
  connection->database.execute(
      "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
  connection->check_tables();
  connection->forget();
  return Store(std::move(connection));
}

int flags_to_read(const std::filesystem::path& file) {
  return ::access(file.c_str(), W_OK) == 0 ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
}

Store Store::open_to_read(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) {
    throw Error(ErrorKind::store, file.parent_path().string() + " holds no results: there is no " +
                                      file.filename().string() +
                                      " in it. `crosstalk run STUDY.toml` makes one; of a study that was "
                                      "submitted to a cluster, `crosstalk merge` joins what its tasks have "
                                      "done.");
  }
  auto connection =
      std::make_unique<Connection>(file, flags_to_read(file), perhaps_at_work_elsewhere(file.parent_path()));
  connection->check_format();
  connection->database.execute("PRAGMA query_only = 1");
  connection->check_tables();
  connection->forget();
  return Store(std::move(connection));
}

void Store::set_study(const Json& study) {
  connection_->database.begin();
  write_study(connection_->database, study);
}

void Store::name_runs(const std::vector<RunRecord>& runs) {
  Database& database = connection_->database;
  database.begin();
  struct Place {
    std::string experiment;
    std::int64_t named, place;
    bool operator==(const Place&) const = default;
  };
  std::map<std::string, Place> there;
  Statement select(database, "SELECT run, experiment, named, place FROM runs");
  while (select.step()) {
    there[std::string(select.text(0))] = {std::string(select.text(1)), select.integer(2), select.integer(3)};
  }
  Statement insert(
      database,
      "INSERT INTO runs (run, experiment, seed, configuration, status, named, message, machine, seconds, "
      "tries, place) VALUES (?, ?, ?, ?, 0, 1, '', 'null', 0, 0, ?) ON CONFLICT (run) DO UPDATE SET "
      "named = 1, place = excluded.place, experiment = excluded.experiment");
  // A record that stays as it is is not touched: its digest stays that of the time when it was written.
  for (const RunRecord& record : runs) {
    const auto before = there.find(record.run);
    const bool same = before != there.end() && before->second == Place{record.experiment, 1, record.place};
    if (before != there.end()) there.erase(before);
    if (same) continue;
    insert.bind(1, record.run).bind(2, record.experiment).bind(3, static_cast<std::int64_t>(record.seed));
    insert.bind(4, std::string_view(record.configuration->dump())).bind(5, record.place).run();
    connection_->changing(record.run);
  }
  Statement retire(database, "UPDATE runs SET named = 0 WHERE run = ?");
  for (const auto& [run, place] : there) {
    if (place.named == 0) continue;
    retire.bind(1, run).run();
    connection_->changing(run);
  }
}

void Store::set_status(const std::string& run, Status status, const std::string& message, const Json& machine,
                       double seconds) {
  Database& database = connection_->database;
  database.begin();
  Statement update(
      database,
      "UPDATE runs SET status = ?, message = ?, seconds = seconds + ?, machine = CASE WHEN ?4 = 'null' "
      "THEN machine ELSE ?4 END WHERE number = ?5");
  const std::string text = printable(message);  // a worker's last words may be no text
  update.bind(1, static_cast<std::int64_t>(status)).bind(2, std::string_view(text)).bind_double(3, seconds);
  update.bind(4, std::string_view(machine.dump())).bind(5, number_of(run)).run();
  connection_->changing(run);
}

void Store::begin_try(const std::string& run) {
  connection_->database.begin();
  Statement(connection_->database,
            "UPDATE runs SET status = 1, message = '', tries = tries + 1 WHERE number = ?")
      .bind(1, number_of(run))
      .run();
  connection_->changing(run);
}

void Store::forget_rows(const std::string& run, std::int64_t step) {
  Database& database = connection_->database;
  database.begin();
  const std::int64_t number = number_of(run);
  Contents& contents = connection_->changing(run);
  if (step <= 0) {
    contents = {};
  } else {
    connection_->each_row(number, step, [&](const Row& row) { contents.remove(row); });
    connection_->each_array(number, step, [&](const Array& array) { contents.remove(array); });
  }
  for (const char* sql :
       {"DELETE FROM rows WHERE run = ? AND step >= ?", "DELETE FROM arrays WHERE run = ? AND step >= ?"}) {
    Statement(database, sql).bind(1, number).bind(2, step <= 0 ? first_step : step).run();
  }
  if (step < vouched(run)) vouch(run, step);
}

void Store::vouch(const std::string& run, std::int64_t step) {
  connection_->database.begin();
  Statement(connection_->database, "INSERT OR REPLACE INTO meta VALUES (?, ?)")
      .bind(1, std::string_view("rows before " + run))
      .bind(2, std::string_view(std::to_string(step)))
      .run();
  connection_->changing(run);
}

std::int64_t Store::vouched(const std::string& run) const {
  Statement select(connection_->database, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?");
  return select.bind(1, std::string_view("rows before " + run)).step() ? select.integer(0) : 0;
}

std::int64_t Store::number_of(const std::string& run) const {
  if (const auto known = connection_->runs.find(run); known != connection_->runs.end()) return known->second;
  Statement select(connection_->database, "SELECT number FROM runs WHERE run = ?");
  if (!select.bind(1, run).step()) {
    throw Error(ErrorKind::store, connection_->database.file().string() + " has no run " + run + ".");
  }
  return connection_->runs[run] = select.integer(0);
}

std::int64_t Store::number_of_name(const std::string& name) {
  if (const auto known = connection_->numbers.find(name); known != connection_->numbers.end())
    return known->second;
  Statement insert(connection_->database, "INSERT INTO names (name) VALUES (?)");
  insert.bind(1, name).run();
  const std::int64_t number = sqlite3_last_insert_rowid(connection_->database.handle());
  connection_->numbers.emplace(name, number);
  connection_->names.emplace(number, name);
  return number;
}

void Store::append(const std::string& run, const std::vector<Row>& rows, const std::vector<Array>& arrays) {
  Database& database = connection_->database;
  database.begin();
  for (const Row& row : rows) {
    number_of_name(row.measure);  // outside the savepoint: a name that stays without rows does no harm
    number_of_name(row.split);
  }
  for (const Array& array : arrays) {
    number_of_name(array.name);
    number_of_name(array.split);
  }
  Contents& contents = connection_->changing(run);
  const Contents before = contents;
  database.execute("SAVEPOINT appending");
  try {
    insert(run, rows);
    insert(run, arrays);
  } catch (...) {
    // A full disk may have ended the whole transaction already; then there is no savepoint to go back to.
    sqlite3_exec(database.handle(), "ROLLBACK TO appending; RELEASE appending", nullptr, nullptr, nullptr);
    contents = before;
    if (!database.in_transaction()) connection_->forget();
    throw;
  }
  database.execute("RELEASE appending");
}

void Store::insert(const std::string& run, const std::vector<Row>& rows) {
  Database& database = connection_->database;
  if (!connection_->insert_row) {
    connection_->insert_row = std::make_unique<Statement>(
        database, "INSERT INTO rows VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    connection_->select_row = std::make_unique<Statement>(
        database, "SELECT value FROM rows WHERE run = ? AND step = ? AND measure = ? AND split = ?");
  }
  Statement &insert = *connection_->insert_row, &select = *connection_->select_row;
  const std::int64_t number = number_of(run);
  Contents& contents = connection_->changing(run);
  for (const Row& row : rows) {
    const std::int64_t measure = number_of_name(row.measure), split = number_of_name(row.split);
    insert.bind(1, number).bind(2, row.step).bind(3, measure).bind(4, split).bind_double(5, row.value).run();
    if (sqlite3_changes64(database.handle()) == 1) {
      contents.add(row);
      continue;
    }
    select.bind(1, number).bind(2, row.step).bind(3, measure).bind(4, split).step();
    const double before = select.number(0);
    select.reset();
    if (!same_bits(before, row.value))
      refuse_again(database, run, row.step, row.measure, row.split, exactly(before), exactly(row.value));
  }
}

void Store::insert(const std::string& run, const std::vector<Array>& arrays) {
  Database& database = connection_->database;
  Statement insert(database, "INSERT INTO arrays VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  Statement select(database,
                   "SELECT shape, value FROM arrays WHERE run = ? AND step = ? AND name = ? AND split = ?");
  const std::int64_t number = number_of(run);
  Contents& contents = connection_->changing(run);
  for (const Array& array : arrays) {
    const std::int64_t name = number_of_name(array.name), split = number_of_name(array.split);
    const std::string shape = Json(array.shape).dump();
    insert.bind(1, number).bind(2, array.step).bind(3, name).bind(4, split).bind(5, std::string_view(shape));
    insert.bind_blob(6, bytes_of(array.values)).bind(7, std::string_view(array.axes.dump())).run();
    if (sqlite3_changes64(database.handle()) == 1) {
      contents.add(array);
      continue;
    }
    select.bind(1, number).bind(2, array.step).bind(3, name).bind(4, split).step();
    const bool same = select.text(0) == shape && select.blob(1) == bytes_of(array.values);
    select.reset();
    if (!same) refuse_again(database, run, array.step, array.name, array.split, "one array", "another");
  }
}

void Store::begin() { connection_->database.begin(); }
void Store::set_patience(double seconds) { connection_->database.set_patience(seconds); }

void Store::commit() {
  try {
    connection_->settle();
    connection_->database.commit();
  } catch (const Held&) {
    throw;
  } catch (...) {
    roll_back();
    throw;
  }
}

void Store::roll_back() {
  sqlite3_exec(connection_->database.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  connection_->forget();
}

}  // namespace crosstalk::store
