#include "store/sql.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstring>
#include <thread>

#include "base/text.hpp"
#include "store/store.hpp"

namespace crosstalk::store {
namespace {

using Clock = std::chrono::steady_clock;

WaitCall& wait_call() {
  static WaitCall call;
  return call;
}

/// Why the last lock was refused, other than that another program has it: a file system without locks. SQLite
/// takes that for a lock that is held, and keeps the reason to itself.
thread_local int lock_refused = 0;

/// fcntl, as SQLite calls it.
int noting_refusals(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  const int result = ::fcntl(descriptor, command, argument);
  if (command != F_SETLK && command != F_SETLKW) return result;
  const int code = result < 0 ? errno : 0;
  const bool held = code == EAGAIN || code == EACCES || code == EINTR || code == EBUSY || code == ETIMEDOUT;
  if (code != 0) lock_refused = held ? 0 : code;
  if (code == 0 && static_cast<const struct flock*>(argument)->l_type != F_UNLCK) lock_refused = 0;
  errno = code != 0 ? code : errno;
  return result;
}

void note_refusals() {
  sqlite3_vfs* const files = sqlite3_vfs_find(nullptr);
  files->xSetSystemCall(files, "fcntl", reinterpret_cast<sqlite3_syscall_ptr>(noting_refusals));
}

/// The file's name for SQLite that makes it neither lock nor write, nor look for a journal
/// (sqlite.org/uri.html).
std::string as_it_is(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : file.string())
    uri += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
  return uri + "?immutable=1";
}

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
    case SQLITE_ERROR:
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return "it is damaged, or another program has changed it. Give another --out, or put the file back "
             "from "
             "a copy";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds it. End that one, then run the same command again";
    default:
      return "it cannot be used";
  }
}

}  // namespace

void set_wait_call(WaitCall call) { wait_call() = std::move(call); }

Database::Database(std::filesystem::path file, int flags, std::optional<std::string> unlocked)
    : file_(std::move(file)), unlocked_(std::move(unlocked)) {
  [[maybe_unused]] static const bool once = (note_refusals(), true);
  lock_refused = 0;
  sqlite3* handle = nullptr;
  const std::string name = unlocked_ ? as_it_is(file_) : file_.string();
  if (unlocked_) flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  sqlite3_busy_handler(handle, wait, this);
}

int Database::wait(void* self, int times) {
  Database& database = *static_cast<Database*>(self);
  if (lock_refused != 0) return 0;
  if (times == 0) database.waiting_since_ = Clock::now();
  const double seconds = std::chrono::duration<double>(Clock::now() - database.waiting_since_).count();
  if (seconds >= database.patience_) return 0;
  if (wait_call() && !wait_call()(database.file_, seconds)) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(std::min(50, 1 + 2 * times)));
  return 1;
}

std::string Database::perhaps() const {
  if (!unlocked_) return "";
  const std::string folder = shell_word(file_.parent_path().string());
  return " Or nothing is wrong: " + *unlocked_ +
         " was working on it last. If it still is, run the same command again, or run it there; if it was "
         "killed, `crosstalk run " +
         folder + "` puts in order what it left.";
}

void Database::fail(int code) const {
  // It quotes a damaged file's schema, which may hold any bytes.
  const std::string why = cut(handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code), 200);
  const int kind = code & 0xff;
  const bool of_a_lock = kind == SQLITE_BUSY || code == SQLITE_IOERR_LOCK || code == SQLITE_IOERR_RDLOCK ||
                         code == SQLITE_IOERR_CHECKRESERVEDLOCK;
  if (of_a_lock && lock_refused != 0) {
    throw Error(ErrorKind::store, file_.string() + " cannot be locked: " + std::strerror(lock_refused) +
                                      ". Its file system has no locks. Put the results on one that has "
                                      "(--out, or a copy of the folder).");
  }
  const std::string message = file_.string() + ": " + mend(code) + " (SQLite: " + why + ")." + perhaps();
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) throw Held(message);
  throw Error(ErrorKind::store, message);
}

void Database::damaged(const std::string& how) const {
  throw Error(ErrorKind::store, file_.string() + " is damaged: " + how +
                                    ". Put it back from a copy, or run the study's file with another --out." +
                                    perhaps());
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

Snapshot::Snapshot(Database& database) {
  if (database.in_transaction()) return;
  database.execute("BEGIN");
  database_ = &database;
}

Snapshot::~Snapshot() {
  // What was read is read: an error of the end has nothing to say.
  if (database_ != nullptr) sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
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

void Statement::refuse(int column, const char* wanted) const {
  const char* const name = sqlite3_column_name(statement_.get(), column);
  database_->damaged(std::string("a value of ") + (name == nullptr ? "a column" : name) + " is no " + wanted);
}

std::int64_t Statement::integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) refuse(column, "whole number");
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type == SQLITE_FLOAT || type == SQLITE_INTEGER) return sqlite3_column_double(statement_.get(), column);
  double value = std::nan("");
  if (type != SQLITE_BLOB || bytes(column).size() != sizeof value) refuse(column, "number");
  std::memcpy(&value, bytes(column).data(), sizeof value);
  return value;
}

std::string_view Statement::text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) refuse(column, "text");
  return bytes(column);
}

std::string_view Statement::blob(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) refuse(column, "array of bytes");
  return bytes(column);
}

std::string_view Statement::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
  return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(bytes), length);
}

}  // namespace crosstalk::store
