#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "store/contents.hpp"
#include "store/sql.hpp"
#include "store/store.hpp"

namespace crosstalk::store {

constexpr std::int64_t application = 0x58546C6B;  // "XTlk" in the file's header: whose file it is

constexpr std::int64_t first_step = std::numeric_limits<std::int64_t>::min();

// Keys of `meta` beside "study" and, for a run, "rows before RUN".
constexpr const char* contents_key = "contents";  // there: every run has its contents stated
constexpr const char* study_contents_key = "contents of the study";
std::string contents_key_of(const std::string& run);

/// The tables as `create` makes them.
extern const char* const tables;

/// What a run's record is read from, in this order: a digest is over all of it.
constexpr const char* record_columns =
    "runs.run, experiment, seed, configuration, status, named, message, machine, seconds, tries, place, "
    "number, vouched.value, stated.value FROM runs LEFT JOIN meta AS vouched ON vouched.key = 'rows before ' "
    "|| "
    "runs.run LEFT JOIN meta AS stated ON stated.key = 'contents of ' || runs.run";
constexpr int record_number = 11, record_vouched = 12, record_stated = 13;
std::string digest_of_record(const Statement& record);

/// After a kill the first reader puts the journal back, which needs writing; where that is not allowed, read
/// only.
int flags_to_read(const std::filesystem::path& file);

bool is_readable(std::string_view text);  // it is UTF-8

/// The open file and what is remembered of it between calls.
struct Store::Connection {
  Connection(const std::filesystem::path& file, int flags, std::optional<std::string> unlocked = std::nullopt)
      : database(file, flags, std::move(unlocked)) {}

  void check_format();
  void check_tables();
  void forget();  // reads names anew: at the start, and after a transaction that was lost
  void read_names();
  const std::string& name(std::int64_t number);

  /// What the run has stored, to be changed together with it; `settle` writes it down.
  Contents& changing(const std::string& run);
  void settle();
  /// What `meta` says; nothing where it says nothing and may (a store that was made before it did).
  std::optional<Stated> stated(const std::string& run);
  std::vector<std::string> runs_without_record();  // whose contents are stated all the same
  [[noreturn]] void run_is_damaged(const std::string& run, const std::string& how) const;
  /// In whatever order the table has them.
  template <class Visit>
  void each_row(std::int64_t run, std::int64_t from_step, Visit visit);
  template <class Visit>
  void each_array(std::int64_t run, std::int64_t from_step, Visit visit);
  std::vector<std::int64_t> shape_from(std::string_view text, const std::string& name) const;
  /// From the columns step, name, split, shape, value, axes.
  Array array_of(const Statement& statement, int column = 0);

  Database database;
  std::map<std::string, std::int64_t, std::less<>> numbers;  // of measures, splits and arrays
  std::map<std::int64_t, std::string> names;
  std::map<std::string, std::int64_t> runs;
  std::unique_ptr<Statement> insert_row, select_row;
  bool keeps_contents = false;               // of every run
  std::map<std::string, Contents> contents;  // of the runs that were written to
  std::set<std::string> changed;             // those of which `meta` does not say it yet
};

template <class Visit>
void Store::Connection::each_row(std::int64_t run, std::int64_t from_step, Visit visit) {
  Statement rows(database, "SELECT step, measure, split, value FROM rows WHERE run = ? AND step >= ?");
  rows.bind(1, run).bind(2, from_step);
  while (rows.step())
    visit(Row{rows.integer(0), name(rows.integer(1)), name(rows.integer(2)), rows.number(3)});
}

template <class Visit>
void Store::Connection::each_array(std::int64_t run, std::int64_t from_step, Visit visit) {
  Statement arrays(database,
                   "SELECT step, name, split, shape, value, axes FROM arrays WHERE run = ? AND step >= ?");
  arrays.bind(1, run).bind(2, from_step);
  while (arrays.step()) visit(array_of(arrays));
}

}  // namespace crosstalk::store
