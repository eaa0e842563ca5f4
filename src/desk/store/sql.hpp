#pragma once

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace crosstalk::store {

/// An open SQLite file. Failures become Error(store) with the file's name and what to do about them; Held
/// where another program holds the file for longer than `patience`.
class Database {
 public:
  /// `unlocked`: who may be at work on the file where no lock shows it, in words. It is read as it is then,
  /// for to put back a journal would be to undo what they write; a failure says that they may be the reason.
  Database(std::filesystem::path file, int flags, std::optional<std::string> unlocked = std::nullopt);
  Database(const Database&) = delete;  // SQLite has its address, to ask whether to wait

  const std::filesystem::path& file() const { return file_; }
  sqlite3* handle() const { return handle_.get(); }
  void execute(const char* sql);
  std::int64_t integer(const char* sql);  // the first column of the first row
  void begin();                           // a transaction, unless one is open
  void commit();                          // the open transaction, if any
  bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  void set_patience(double seconds) { patience_ = seconds; }  // at first without end
  /// What an error says at its end of those who may be at work on the file.
  std::string perhaps() const;
  [[noreturn]] void fail(int code) const;
  [[noreturn]] void damaged(const std::string& how) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  static int wait(void* self, int times);  // SQLite's busy handler: 0 gives up

  std::filesystem::path file_;
  std::optional<std::string> unlocked_;
  std::unique_ptr<sqlite3, Close> handle_;
  double patience_ = std::numeric_limits<double>::infinity();
  std::chrono::steady_clock::time_point waiting_since_;
};

/// Until the end of its block, what is read is of one moment: the one who writes waits meanwhile.
class Snapshot {
 public:
  explicit Snapshot(Database& database);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;

 private:
  Database* database_ = nullptr;  // null within a transaction, which is such a block itself
};

/// A prepared statement, bound and stepped by hand; `reset` gives it back for the next use.
class Statement {
 public:
  Statement(Database& database, const char* sql);

  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, std::string_view value);
  /// Doubles keep their bits: SQLite would turn NaN into NULL, so NaN is stored as a blob of its eight bytes.
  Statement& bind_double(int place, double value);
  Statement& bind_blob(int place, std::string_view bytes);

  bool step();  // true: a row is there
  void run();   // steps to the end and resets
  void reset();

  // A value of another type than that is damage: Error(store).
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string_view text(int column) const;  // valid until the next step, as is a blob
  std::string_view blob(int column) const;
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

 private:
  std::string_view bytes(int column) const;
  [[noreturn]] void refuse(int column, const char* wanted) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace crosstalk::store
