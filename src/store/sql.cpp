#include "store/sql.hpp"

#include <cmath>
#include <cstring>

#include "base/error.hpp"

namespace crosstalk::store {
namespace {

constexpr int wait_milliseconds = 60'000;  // a reader (`export`, `report`) may hold the file for a while

std::string mend(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "there is no room left on its disk. Free some and run the same command again: what was stored "
             "before is "
             "kept";
    case SQLITE_IOERR:
      return "its disk fails to read or write (full, over a limit, or broken). What was stored before is "
             "kept; run the "
             "same command again when there is room";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "it may not be written to. Give another --out, or the permission to write to the file and its "
             "folder";
    case SQLITE_CANTOPEN:
      return "it cannot be opened. Is the folder there, and may it be written to?";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "it is damaged or no results file at all. Give another --out, or put the file back from a copy";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program has held it for a minute. End that one, then run the same command again";
    default:
      return "it cannot be used";
  }
}

}  // namespace

Database::Database(std::filesystem::path file, int flags) : file_(std::move(file)) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file_.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_busy_timeout(handle, wait_milliseconds);
}

void Database::fail(int code) const {
  const std::string why = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  throw Error(ErrorKind::store, file_.string() + ": " + mend(code) + " (SQLite: " + why + ").");
}

void Database::execute(const char* sql) {
  if (const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::begin() {
  if (sqlite3_get_autocommit(handle())) execute("BEGIN IMMEDIATE");
}

void Database::commit() {
  if (!sqlite3_get_autocommit(handle())) execute("COMMIT");
}

Statement::Statement(Database& database, const char* sql) : database_(&database) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (code != SQLITE_OK) database.fail(code);
}

Statement& Statement::bind(int place, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), place, value);
  return *this;
}

Statement& Statement::bind(int place, std::string_view value) {
  sqlite3_bind_text64(statement_.get(), place, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_double(int place, double value) {
  if (!std::isnan(value)) {
    sqlite3_bind_double(statement_.get(), place, value);
    return *this;
  }
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return bind_blob(place, {bytes, sizeof bytes});
}

Statement& Statement::bind_blob(int place, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3_reset(statement_.get());
  database_->fail(code);
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

double Statement::number(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) {
    return sqlite3_column_double(statement_.get(), column);
  }
  double value = std::nan("");
  if (const std::string_view bytes = text(column); bytes.size() == sizeof value) {
    std::memcpy(&value, bytes.data(), sizeof value);
  }
  return value;
}

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(bytes), length);
}

}  // namespace crosstalk::store
