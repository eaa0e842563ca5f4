#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "work/lock.hpp"

namespace crosstalk::work {

/// A run of a training loop that is not crosstalk's.
struct WatchedRun {
  std::string name;                // of the experiment; all runs of a folder have the same
  std::uint64_t seed = 0;          // runs that differ in it alone are seeds of one configuration
  Json settings = Json::object();  // flat: numbers, texts and truths; all runs of a folder name the same
  std::string torch;               // its version, where there is one
};

/// The settings in their one form: 1.0 is 1. Error(config) names a setting whose name or value cannot be.
Json checked_settings(const Json& settings);

/// The run's identifier, from its name, settings and seed.
std::string identifier(const WatchedRun& run);

/// A results folder that a training loop writes into, a run after the other. It has the store of a study
/// whose record says "kind": "watched", and in which each run's configuration is its settings and task.kind =
/// "watched": figures, export and status read it as they read any other, and `crosstalk run` refuses it.
///
/// The folder is locked from here to the run's end. What was added is durable, all or nothing, at the next
/// commit(). A run that neither finish() nor fail() has ended was interrupted.
class WatchedStore {
 public:
  /// Makes the folder and its store where there is none, and begins the run. Error(store) where the folder
  /// holds something else, or is in use, or holds this run and `replace` is false; Error(config) for a name,
  /// a seed or a setting that cannot be.
  WatchedStore(const std::filesystem::path& folder, WatchedRun run, bool replace);
  ~WatchedStore();
  WatchedStore(const WatchedStore&) = delete;

  const std::string& run() const { return run_; }
  void add(const Row& row);
  void add(const Array& array);
  /// store::Held where another program holds the file: all is kept, and the call may be made again. A number
  /// that the run has already with another value is not stored, and all else is: Error(store) names it.
  void commit();
  void finish();
  void fail(const std::string& message);

 private:
  void refuse_another_process() const;
  void refuse_what_is_over() const;
  void open(const WatchedRun& run);
  void begin(const WatchedRun& run, bool replace);
  void append();
  void write(store::Status status, const std::string& message);
  void end(store::Status status, const std::string& message);

  std::filesystem::path folder_;
  std::string run_;
  int process_;  // another one, forked from it, has no part in its file
  std::mutex turn_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<store::Store> store_;  // none once the run is over
  std::vector<Row> rows_;
  std::vector<Array> arrays_;
  bool appended_ = false;  // they are in the transaction that waits for its commit
  std::string repeated_;   // the first number of them that was there with another value
  std::chrono::steady_clock::time_point since_;
};

}  // namespace crosstalk::work
