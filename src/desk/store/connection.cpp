#include "store/connection.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::store {
namespace {

constexpr std::int64_t largest_array = std::int64_t{1} << 31;  // numbers; SQLite keeps no larger value

/// The statement that makes each table, blanks aside: an SQLite file keeps its text.
std::map<std::string, std::string> tables_of(Database& database) {
  std::map<std::string, std::string> found;
  Statement select(database, "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL");
  while (select.step()) {
    std::string text(select.text(1));
    text.erase(std::remove_if(text.begin(), text.end(), [](unsigned char c) { return std::isspace(c) != 0; }),
               text.end());
    found[std::string(select.text(0))] = text;
  }
  return found;
}

}  // namespace

const char* const tables = R"(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (number INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, experiment TEXT NOT NULL, seed INTEGER NOT NULL,
                   configuration TEXT NOT NULL, status INTEGER NOT NULL, named INTEGER NOT NULL, message TEXT NOT NULL,
                   machine TEXT NOT NULL, seconds REAL NOT NULL, tries INTEGER NOT NULL, place INTEGER NOT NULL);
CREATE TABLE names (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE rows (run INTEGER NOT NULL, step INTEGER NOT NULL, measure INTEGER NOT NULL, split INTEGER NOT NULL,
                   value NOT NULL, PRIMARY KEY (run, step, measure, split)) WITHOUT ROWID;
CREATE TABLE arrays (run INTEGER NOT NULL, step INTEGER NOT NULL, name INTEGER NOT NULL, split INTEGER NOT NULL,
                     shape TEXT NOT NULL, value BLOB NOT NULL, axes TEXT NOT NULL,
                     PRIMARY KEY (run, name, step, split));
)";

std::string contents_key_of(const std::string& run) { return "contents of " + run; }

std::string digest_of_record(const Statement& record) {
  std::string bytes;
  for (const int text : {0, 1, 3, 6, 7}) bytes.append(record.text(text)).append(1, '\0');
  for (const int whole : {2, 4, 5, 9, 10}) bytes += std::to_string(record.integer(whole)) + ',';
  const double seconds = record.number(8);
  bytes.append(reinterpret_cast<const char*>(&seconds), sizeof seconds);
  if (!record.is_null(record_vouched)) bytes += record.text(record_vouched);
  return digest(bytes);
}

bool is_readable(std::string_view text) {
  try {
    return !Json(text).dump().empty();
  } catch (const Json::exception&) {  // it is no UTF-8
    return false;
  }
}

void Store::Connection::check_format() {
  const std::int64_t whose = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  const std::string file = database.file().string();
  if (whose != application) {
    throw Error(ErrorKind::store,
                file + " is not a store of crosstalk's. Give another --out, or move it away.");
  }
  if (version != format) {
    const bool newer = version > format;
    throw Error(ErrorKind::store,
                file + " is a store of format " + std::to_string(version) +
                    (newer ? ", which a newer crosstalk made" : "") + "; this one reads format " +
                    std::to_string(format) +
                    (newer ? ". Use that crosstalk, or give another --out" : ". Give another --out") +
                    "; `crosstalk doctor " + shell_word(database.file().parent_path().string()) +
                    "` says what is in it.");
  }
}

void Store::Connection::check_tables() {
  Database fresh(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  fresh.execute(tables);
  const std::map<std::string, std::string> found = tables_of(database);
  for (const auto& [name, text] : tables_of(fresh)) {
    const auto table = found.find(name);
    if (table == found.end()) database.damaged("it has no table " + name);
    if (table->second != text) database.damaged("its table " + name + " is not as crosstalk makes it");
  }
  Statement select(database, "SELECT 1 FROM meta WHERE key = ?");
  keeps_contents = select.bind(1, std::string_view(contents_key)).step();
}

void Store::Connection::forget() {
  numbers.clear();
  names.clear();
  runs.clear();
  contents.clear();
  changed.clear();
  read_names();
}

void Store::Connection::read_names() {
  Statement statement(database, "SELECT number, name FROM names");
  while (statement.step()) {
    const std::string name(statement.text(1));
    if (!is_readable(name)) database.damaged("a name in it is no text");
    numbers.emplace(name, statement.integer(0));
    names.emplace(statement.integer(0), name);
  }
}

const std::string& Store::Connection::name(std::int64_t number) {
  if (!names.contains(number)) read_names();  // the one who writes has added it since
  const auto found = names.find(number);
  if (found == names.end()) database.damaged("it has no name " + std::to_string(number));
  return found->second;
}

Contents& Store::Connection::changing(const std::string& run) {
  if (const auto known = contents.find(run); known != contents.end()) {
    changed.insert(run);
    return known->second;
  }
  Contents now;
  Statement select(database, "SELECT value FROM meta WHERE key = ?");
  if (select.bind(1, std::string_view(contents_key_of(run))).step()) {
    const std::optional<Stated> stated = stated_from(select.text(0));
    if (!stated) run_is_damaged(run, "the digest of its contents cannot be read");
    now = stated->contents;
  } else if (!keeps_contents) {  // begun by a crosstalk that did not state them
    Statement number(database, "SELECT number FROM runs WHERE run = ?");
    if (number.bind(1, run).step()) {
      each_row(number.integer(0), 0, [&](const Row& row) { now.add(row); });
      each_array(number.integer(0), 0, [&](const Array& array) { now.add(array); });
    }
  }
  changed.insert(run);  // only now: nothing above may leave it half changed
  return contents[run] = std::move(now);
}

void Store::Connection::settle() {
  if (changed.empty()) return;
  // In the table's order: records of many runs are more than the page cache holds.
  std::vector<std::pair<std::int64_t, const std::string*>> numbered;
  Statement number(database, "SELECT number FROM runs WHERE run = ?");
  for (const std::string& run : changed) {
    if (number.bind(1, run).step()) numbered.emplace_back(number.integer(0), &run);
    number.reset();
  }
  std::sort(numbered.begin(), numbered.end());
  Statement select(database, (std::string("SELECT ") + record_columns + " WHERE number = ?").c_str());
  Statement insert(database, "INSERT OR REPLACE INTO meta VALUES (?, ?)");
  for (const auto& [place, run] : numbered) {
    select.bind(1, place).step();
    const std::string text = to_text(contents.at(*run), digest_of_record(select));
    select.reset();
    insert.bind(1, std::string_view(contents_key_of(*run))).bind(2, std::string_view(text)).run();
  }
  changed.clear();
}

std::optional<Stated> Store::Connection::stated(const std::string& run) {
  if (changed.contains(run)) settle();
  Statement select(database, "SELECT value FROM meta WHERE key = ?");
  if (!select.bind(1, std::string_view(contents_key_of(run))).step()) {
    if (keeps_contents) run_is_damaged(run, "there is no digest of its contents");
    return std::nullopt;
  }
  std::optional<Stated> stated = stated_from(select.text(0));
  if (!stated) run_is_damaged(run, "the digest of its contents cannot be read");
  return stated;
}

std::vector<std::string> Store::Connection::runs_without_record() {
  std::vector<std::string> lost;
  Statement select(
      database,
      "SELECT substr(key, length('contents of ') + 1) AS run FROM meta WHERE key LIKE 'contents of %' "
      "AND key <> 'contents of the study' AND run NOT IN (SELECT run FROM runs)");
  while (select.step()) lost.emplace_back(select.text(0));
  return lost;
}

void Store::Connection::run_is_damaged(const std::string& run, const std::string& how) const {
  const std::string folder = shell_word(database.file().parent_path().string());
  throw Error(ErrorKind::store, database.file().string() + ": run " + cut(run) + " is damaged: " + how +
                                    ". `crosstalk run " + folder + "` computes it anew; `crosstalk doctor " +
                                    folder + "` names all that is damaged." + database.perhaps());
}

std::vector<std::int64_t> Store::Connection::shape_from(std::string_view text,
                                                        const std::string& name) const {
  const Json lengths = read_json(text);
  std::vector<std::int64_t> shape;
  for (const Json& length : lengths.is_array() ? lengths : Json{-1}) {
    if (!length.is_number_integer() || length < 0 || length > largest_array)
      database.damaged("the shape of the array " + name + " cannot be read");
    shape.push_back(length.get<std::int64_t>());
  }
  return shape;
}

Array Store::Connection::array_of(const Statement& statement, int column) {
  const std::string_view bytes = statement.blob(column + 4);
  Array array{statement.integer(column),
              name(statement.integer(column + 1)),
              name(statement.integer(column + 2)),
              {},
              {},
              nullptr};
  array.shape = shape_from(statement.text(column + 3), array.name);
  std::int64_t size = 1;
  for (const std::int64_t length : array.shape) size = std::min(largest_array, size * length);
  if (bytes.size() != static_cast<std::size_t>(size) * sizeof(double))
    database.damaged("the array " + array.name + " has not as many values as its shape says");
  array.values.resize(static_cast<std::size_t>(size));
  std::memcpy(array.values.data(), bytes.data(), bytes.size());
  array.axes = read_json(statement.text(column + 5));
  if (array.axes.is_discarded()) database.damaged("the axes of the array " + array.name + " cannot be read");
  return array;
}

}  // namespace crosstalk::store
