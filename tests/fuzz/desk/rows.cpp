// The values in a store's tables, each of any type and any bytes, in a store that states no digests (as those
// of the first crosstalks do not): the readers of each column are reached. An input is a list of changes: a
// byte for the column, one for the type, one for the length, and so many bytes.
#include <sqlite3.h>

#include <array>
#include <cstring>
#include <iterator>

#include "store_reading.hpp"

using namespace crosstalk;

namespace {

struct Column {
  const char* table;
  const char* name;
};
constexpr Column columns[] = {
    {"meta", "value"},         {"runs", "run"},     {"runs", "experiment"}, {"runs", "seed"},
    {"runs", "configuration"}, {"runs", "status"},  {"runs", "named"},      {"runs", "message"},
    {"runs", "machine"},       {"runs", "seconds"}, {"runs", "tries"},      {"runs", "place"},
    {"names", "name"},         {"rows", "step"},    {"rows", "measure"},    {"rows", "split"},
    {"rows", "value"},         {"arrays", "step"},  {"arrays", "name"},     {"arrays", "split"},
    {"arrays", "shape"},       {"arrays", "value"}, {"arrays", "axes"},     {"rows", "run"},
    {"arrays", "run"}};

/// The file without digests, as bytes.
std::string store_without_digests(const std::filesystem::path& file) {
  fuzz::small_store(file);
  sqlite3* database = nullptr;
  sqlite3_open(file.c_str(), &database);
  sqlite3_exec(database, "DELETE FROM meta WHERE key LIKE 'contents%'", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void bind(sqlite3_stmt* statement, int type, std::string_view value) {
  std::array<char, 8> whole{};
  std::memcpy(whole.data(), value.data(), std::min(value.size(), whole.size()));
  const int length = static_cast<int>(value.size());
  switch (type) {
    case 0:
      sqlite3_bind_text(statement, 1, value.data(), length, SQLITE_TRANSIENT);
      break;
    case 1:
      sqlite3_bind_blob(statement, 1, value.data(), length, SQLITE_TRANSIENT);
      break;
    case 2: {
      sqlite3_int64 number = 0;
      std::memcpy(&number, whole.data(), sizeof number);
      sqlite3_bind_int64(statement, 1, number);
      break;
    }
    case 3: {
      double number = 0;
      std::memcpy(&number, whole.data(), sizeof number);
      sqlite3_bind_double(statement, 1, number);
      break;
    }
    default:
      sqlite3_bind_null(statement, 1);
  }
}

/// The first row of its table is changed; what the table refuses stays as it is.
void change(sqlite3* database, const Column& column, int type, std::string_view value) {
  const std::string sql = std::string("UPDATE ") + column.table + " SET " + column.name + " = ?" +
                          (std::string_view(column.table) == "rows" ? "" : " WHERE rowid = 1");
  const bool of_meta = std::string_view(column.table) == "meta";
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, of_meta ? "UPDATE meta SET value = ? WHERE key = 'study'" : sql.c_str(), -1,
                     &statement, nullptr);
  fuzz::require(statement != nullptr, "each column is there");
  bind(statement, type, value);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Scratch scratch;
  static const std::string whole = store_without_digests(scratch.path("whole.sqlite"));
  const std::filesystem::path file = scratch.file("study.sqlite", whole);
  std::string_view left = fuzz::text_of(data, size);
  sqlite3* database = nullptr;
  sqlite3_open(file.c_str(), &database);
  sqlite3_exec(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", nullptr, nullptr,
               nullptr);
  while (left.size() >= 3) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(left[at]); };
    const Column& column = columns[byte(0) % std::size(columns)];
    const int type = byte(1) % 5;
    const std::size_t length = std::min<std::size_t>(byte(2), left.size() - 3);
    change(database, column, type, left.substr(3, length));
    left.remove_prefix(3 + length);
  }
  sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  fuzz::read_all_of_store(file);
  return 0;
}
