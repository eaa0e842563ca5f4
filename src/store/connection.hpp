#pragma once

#include <map>
#include <memory>
#include <string>

#include "store/sql.hpp"
#include "store/store.hpp"

namespace crosstalk::store {

constexpr std::int64_t application = 0x58546C6B;  // "XTlk" in the file's header: whose file it is

/// The open file and what is remembered of it between calls.
struct Store::Connection {
  Connection(const std::filesystem::path& file, int flags) : database(file, flags) {}

  void check_format();
  void forget();  // reads names anew: at the start, and after a transaction that was lost
  const std::string& name(std::int64_t number);

  Database database;
  std::map<std::string, std::int64_t, std::less<>> numbers;  // of measures, splits and arrays
  std::map<std::int64_t, std::string> names;
  std::map<std::string, std::int64_t> runs;
  std::unique_ptr<Statement> insert_row, select_row;
};

}  // namespace crosstalk::store
