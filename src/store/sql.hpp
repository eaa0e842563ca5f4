#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::store {

/// An open SQLite file. Failures become Error(store) with the file's name and what to do about them.
class Database {
 public:
  Database(std::filesystem::path file, int flags);

  const std::filesystem::path& file() const { return file_; }
  sqlite3* handle() const { return handle_.get(); }
  void execute(const char* sql);
  std::int64_t integer(const char* sql);  // the first column of the first row
  void begin();                           // a transaction, unless one is open
  void commit();                          // the open transaction, if any
  [[noreturn]] void fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
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

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double number(int column) const;
  std::string_view text(int column) const;  // of a text or a blob, valid until the next step

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace crosstalk::store
