#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "work/lock.hpp"
#include "work/watched_run.hpp"

namespace crosstalk::work {

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
  /// store::Held where another program holds the file: all is kept, and the call may be made again, as after
  /// any error of the disk. A number
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
  std::vector<Row> rows_;                // added since the last commit
  std::vector<Array> arrays_;
  std::string repeated_;  // the first number of them that was there with another value
  std::chrono::steady_clock::time_point since_;
};

}  // namespace crosstalk::work
