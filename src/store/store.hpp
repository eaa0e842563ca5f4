#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/rows.hpp"

namespace crosstalk::store {

enum class Status { pending, running, done, diverged, failed };
std::string_view to_string(Status status);

/// A run as the store knows it.
struct RunRecord {
  std::string run, experiment;
  std::uint64_t seed = 0;
  Json configuration;  // flat object: every key with its value
  Status status = Status::pending;
  bool named = true;     // false: the study, since edited, no longer names it; kept, not reported
  std::string message;   // why it failed or diverged
  Json machine;          // host, torch, isa, crosstalk version, "mixed" if it moved
  double seconds = 0;    // worked on it, all tries together
  int tries = 0;
};

/// A stored row with its run.
struct StoredRow {
  std::string run;
  Row row;
};

/// One SQLite file: the study's own text, its runs, rows and arrays. One process writes; any may read meanwhile.
/// Every error is Error(store) and names the file and the mend.
class Store {
 public:
  static Store create(const std::filesystem::path& file, const Json& study);  // with the schema's version
  static Store open(const std::filesystem::path& file);                       // to read and write
  static Store open_to_read(const std::filesystem::path& file);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  Json study() const;                 // what `create` or `set_study` was given
  void set_study(const Json& study);

  /// Adds runs that are not there, marks those that `runs` lacks as not named; all or nothing.
  void name_runs(const std::vector<RunRecord>& runs);
  void set_status(const std::string& run, Status status, const std::string& message, const Json& machine, double seconds);

  /// Rows become durable at the next commit(). A row that is there already must be equal to the last bit:
  /// Error(store) otherwise, naming run, step, measure, both values.
  void append(const std::string& run, const std::vector<Row>& rows, const std::vector<Array>& arrays);
  void commit();

  std::vector<RunRecord> runs() const;  // sorted by experiment, run
  /// Calls `visit` for each row of the runs that are named, sorted by run, step, measure, split.
  void rows(const std::function<void(const StoredRow&)>& visit) const;
  std::vector<Array> arrays(const std::string& run, const std::string& name) const;

 private:
  struct Connection;
  explicit Store(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace crosstalk::store
