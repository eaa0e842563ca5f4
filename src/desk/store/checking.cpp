#include <algorithm>

#include "base/text.hpp"
#include "store/record.hpp"

namespace crosstalk::store {
namespace {

/// A run as its record says, and what the tables have of it.
struct Examined {
  std::string run, how;
  std::optional<Stated> stated;
  Contents found;
};

Tally of_arrays(const Contents& contents, const std::string& name) {
  const auto there = contents.arrays.find(name);
  return there == contents.arrays.end() ? Tally() : there->second;
}

std::string difference(const Contents& expected, const Contents& found) {
  if (std::string how = difference(expected.rows, found.rows, "rows"); !how.empty()) return how;
  for (const auto* side : {&expected, &found}) {
    for (const auto& [name, tally] : side->arrays) {
      std::string how = difference(of_arrays(expected, name), of_arrays(found, name), "arrays " + cut(name));
      if (!how.empty()) return how;
    }
  }
  return "";
}

using Runs = std::map<std::int64_t, Examined>;

Runs records(Database& database, bool keeps_contents) {
  Runs runs;
  Configurations configurations;
  Statement select(database, (std::string("SELECT ") + record_columns).c_str());
  while (select.step()) {
    Examined one{std::string(select.text(0)), damage_of_record(select, keeps_contents), {}, {}};
    try {
      if (one.how.empty())
        record_of(select, database, configurations);  // where nothing is stated, it can at least be read
    } catch (const Error&) {
      one.how = "its record cannot be read";
    }
    if (one.how.empty() && !select.is_null(record_stated))
      one.stated = stated_from(select.text(record_stated));
    runs.emplace(select.integer(record_number), std::move(one));
  }
  return runs;
}

/// Reads a whole table; `add` gives what stands in the statement's row to the run. Returns how many rows are
/// nobody's.
template <class Add>
std::int64_t read_all(Database& database, const char* sql, Runs& runs, Add add) {
  std::int64_t nobodys = 0;
  Statement select(database, sql);
  while (select.step()) {
    const auto owner = runs.find(select.integer(0));
    if (owner == runs.end()) {
      ++nobodys;
      continue;
    }
    try {
      add(owner->second.found, select);
    } catch (const Error&) {
      if (owner->second.how.empty()) owner->second.how = "a value of it cannot be read";
    }
  }
  return nobodys;
}

/// What SQLite's check finds first, without what follows a colon, which only its makers can read: its lines
/// are
/// "*** in database main ***", then "Tree 4 page 5: btreeInitPage() returns error code 11".
std::string first_clause(std::string_view said) {
  while (said.starts_with("***") && said.find('\n') != said.npos) said.remove_prefix(said.find('\n') + 1);
  return cut(said.substr(0, said.find_first_of(":\n")));
}

}  // namespace

void Store::check_file() const {
  Statement check(connection_->database, "PRAGMA integrity_check(1)");
  const std::string said = check.step() ? std::string(check.text(0)) : "";
  if (said == "ok") return;
  const std::string fault = first_clause(said);
  connection_->database.damaged("SQLite's check of the whole file finds fault" +
                                (fault.empty() ? "" : " (" + fault + ")"));
}

std::vector<Damage> Store::damage() const {
  connection_->settle();
  Database& database = connection_->database;
  const Snapshot snapshot(database);
  Runs runs = records(database, connection_->keeps_contents);
  std::int64_t nobodys = read_all(database, "SELECT run, step, measure, split, value FROM rows", runs,
                                  [&](Contents& found, const Statement& row) {
                                    found.add(Row{row.integer(1), connection_->name(row.integer(2)),
                                                  connection_->name(row.integer(3)), row.number(4)});
                                  });
  nobodys +=
      read_all(database, "SELECT run, step, name, split, shape, value, axes FROM arrays", runs,
               [&](Contents& found, const Statement& array) { found.add(connection_->array_of(array, 1)); });
  std::vector<Damage> damage;
  for (auto& [number, one] : runs) {
    if (one.how.empty() && one.stated) one.how = difference(one.stated->contents, one.found);
    if (!one.how.empty()) damage.push_back({one.run, one.how});
  }
  for (const std::string& run : connection_->runs_without_record())
    damage.push_back({run, "its record is gone"});
  std::sort(damage.begin(), damage.end(), [](const auto& a, const auto& b) { return a.run < b.run; });
  if (nobodys > 0) damage.push_back({"", std::to_string(nobodys) + " rows belong to no run"});
  return damage;
}

void Store::forget(const std::vector<Damage>& damage) {
  Database& database = connection_->database;
  database.begin();
  for (const Damage& each : damage) {
    if (each.run.empty()) continue;
    for (const std::string& key : {contents_key_of(each.run), "rows before " + each.run}) {
      Statement(database, "DELETE FROM meta WHERE key = ?").bind(1, key).run();
    }
    Statement(database, "DELETE FROM runs WHERE run = ?").bind(1, each.run).run();
    connection_->runs.erase(each.run);
    connection_->contents.erase(each.run);
    connection_->changed.erase(each.run);
  }
  database.execute(
      "DELETE FROM rows WHERE run NOT IN (SELECT number FROM runs); "
      "DELETE FROM arrays WHERE run NOT IN (SELECT number FROM runs)");
}

int Store::without_contents() const {
  return static_cast<int>(
      connection_->database.integer("SELECT count(*) FROM runs LEFT JOIN meta ON key = 'contents of ' || run "
                                    "WHERE key IS NULL AND tries > 0"));
}

std::int64_t Store::count_rows() const {
  connection_->settle();
  Database& database = connection_->database;
  const Snapshot snapshot(database);
  std::map<std::int64_t, std::int64_t> counts;
  Statement count(database, "SELECT run, count(*) FROM rows GROUP BY run");
  while (count.step()) counts[count.integer(0)] = count.integer(1);
  std::int64_t all = 0;
  for (const auto& [run, rows] : counts) all += rows;
  for (const auto& [number, one] : records(database, connection_->keeps_contents)) {
    if (!one.stated) continue;
    Tally found = one.stated->contents.rows;
    found.count = counts[number];
    if (const std::string how = difference(one.stated->contents.rows, found, "rows"); !how.empty())
      connection_->run_is_damaged(one.run, how);
  }
  return all;
}

}  // namespace crosstalk::store
