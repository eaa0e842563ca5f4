#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/rows.hpp"
#include "base/shared_json.hpp"

namespace crosstalk::store {

/// Where a run stands. `running` without a coordinator at work means interrupted: it goes on from its
/// checkpoint.
enum class Status { pending, running, done, diverged, failed };
std::string_view to_string(Status status);
/// Whether it has ended for good: no call computes it again.
constexpr bool is_over(Status status) { return status == Status::done || status == Status::diverged; }

/// A run as the store knows it.
struct RunRecord {
  std::string run, experiment;
  std::uint64_t seed = 0;
  SharedJson configuration;  // flat object: every key with its value
  Status status = Status::pending;
  bool named = true;    // false: the study, since edited, no longer names it; kept, not reported
  std::string message;  // why it failed or diverged
  /// host, torch, isa, crosstalk version, "mixed" if it moved; "network": {"parameters", "multiply_adds"} as
  /// the worker said it, which older stores lack. Null before it began.
  Json machine;
  double seconds = 0;      // worked on it, all tries together
  int tries = 0;           // how often it was begun or gone on with
  std::int64_t place = 0;  // in the study's order of running

  /// Whether `machine` says this of it: "mixed", "unrepeatable", "cut".
  bool has(const char* remark) const { return machine.is_object() && machine.contains(remark); }
};

/// A stored row with its run.
struct StoredRow {
  std::string run;
  Row row;
};

/// That a run has arrays of a name, a split and a shape, at whatever steps.
struct ArrayForm {
  std::string run, name, split;
  std::vector<std::int64_t> shape;
  auto operator<=>(const ArrayForm&) const = default;
};

/// A row came again with another value: this run is at fault, not the store.
class RowConflict : public Error {
 public:
  explicit RowConflict(const std::string& message) : Error(ErrorKind::store, message) {}
};

/// Another program holds the file. What was to be stored is not lost: the same call may be made again.
class Held : public Error {
 public:
  explicit Held(const std::string& message) : Error(ErrorKind::store, message) {}
};

/// Called every now and then while another program holds a store's file, with how long it has done so; false
/// gives up: Held. Of the whole process; without one it waits without a word.
using WaitCall = std::function<bool(const std::filesystem::path& file, double seconds)>;
void set_wait_call(WaitCall call);

/// What is wrong with a run, or (`run` empty) with rows that belong to none.
struct Damage {
  std::string run, what;
};

/// One SQLite file: the study's own text, its runs, rows and arrays. One process writes; any may read
/// meanwhile. What is changed becomes durable, all or nothing, at the next commit(); what is not committed is
/// lost with the object. Every error is Error(store) and names the file and the mend.
///
/// With each change of a run the store notes a digest of the run's record, rows and arrays. Whatever is read
/// is compared with it: a run that has lost rows, or one of whose rows has another bit than was stored, is
/// Error(store), naming the run.
class Store {
 public:
  static constexpr int format = 1;  // of the tables; another one is refused

  static Store create(const std::filesystem::path& file,
                      const Json& study);                // the file appears whole or not at all
  static Store open(const std::filesystem::path& file);  // to read and write
  static Store open_to_read(const std::filesystem::path& file);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  Json study() const;  // what `create` or `set_study` was given
  void set_study(const Json& study);

  /// Adds runs that are not there, marks those that `runs` lacks as not named.
  void name_runs(const std::vector<RunRecord>& runs);
  /// Adds `seconds` to what the run has taken; null `machine` leaves the one stored.
  void set_status(const std::string& run, Status status, const std::string& message, const Json& machine,
                  double seconds);
  /// Counts a try and sets `running`.
  void begin_try(const std::string& run);
  /// Forgets the run's rows and arrays from `step` on, to have them computed anew.
  void forget_rows(const std::string& run, std::int64_t step = 0);
  /// Notes that the run's rows before `step` are all here, so that it may go on from there; `vouched`: the
  /// last such step, 0 where none was noted.
  void vouch(const std::string& run, std::int64_t step);
  std::int64_t vouched(const std::string& run) const;

  /// A row that is there already must be equal to the last bit: RowConflict otherwise, naming run, step,
  /// measure and both values. A refused call stores nothing.
  void append(const std::string& run, const std::vector<Row>& rows, const std::vector<Array>& arrays);
  /// Begins the transaction that the next call would begin; Held where another program writes.
  void begin();
  /// Held where another program reads: everything is kept, and commit() may be called again.
  void commit();
  void roll_back();  // what was not committed is gone
  /// A run as another store has it, in the place of what is here of it: how it stands, with rows and arrays.
  /// Its name, experiment and place stay. `name_runs` must have named it.
  void take_over(const RunRecord& record, const std::vector<Row>& rows, const std::vector<Array>& arrays);
  /// How long each call waits for another program before it is Held; at first without end.
  void set_patience(double seconds);

  /// Error(store) where SQLite's own check of the whole file finds fault.
  void check_file() const;
  /// All runs whose record, rows or arrays are not those that were stored.
  std::vector<Damage> damage() const;
  /// Forgets these runs altogether, to have them computed anew, and rows that belong to no run.
  void forget(const std::vector<Damage>& damage);
  /// Runs with rows that were made before contents were noted: what is wrong with them is not found.
  int without_contents() const;
  /// A text that is equal for two stores that hold the same rows and arrays of a run.
  std::string contents_of(const std::string& run) const;
  /// Writes all that is committed into a file of its own, which appears whole or not at all, in the place of
  /// one that is there. Held where another program writes.
  void copy_to(const std::filesystem::path& file) const;

  std::vector<RunRecord> runs() const;  // sorted by experiment, run; also those no longer named
  /// Calls `visit` for each row of the runs that are named, sorted by run, step, measure, split.
  void rows(const std::function<void(const StoredRow&)>& visit) const;
  std::vector<Row> rows_of(const std::string& run) const;  // sorted by step, measure, split
  std::vector<Array> arrays(const std::string& run, const std::string& name) const;  // sorted by step, split
  std::vector<std::string> array_names(const std::string& run) const;                // sorted
  std::vector<ArrayForm> array_forms() const;  // of the runs that are named, sorted; values are not read
  std::int64_t count_rows() const;             // of all runs; each must have as many as were stored
  std::int64_t count_arrays() const;

 private:
  struct Connection;
  explicit Store(std::unique_ptr<Connection> connection);
  std::int64_t number_of(const std::string& run) const;
  std::int64_t number_of_name(const std::string& name);
  void insert(const std::string& run, const std::vector<Row>& rows);
  void insert(const std::string& run, const std::vector<Array>& arrays);
  std::unique_ptr<Connection> connection_;
};

/// What any file holds, as far as it can be told, for `doctor`: {"kind": "crosstalk" | "sqlite" | "other",
/// "format", "bytes", "tables": {name: rows}}. Error(store) only when the file cannot be read at all.
Json inspect(const std::filesystem::path& file);

}  // namespace crosstalk::store
