#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "store/store.hpp"
#include "work/awake.hpp"
#include "work/child.hpp"
#include "work/lock.hpp"
#include "work/mending.hpp"
#include "work/signals.hpp"

namespace crosstalk::work {

/// How a run ended in this call; status `running`: it was stopped and can be gone on with.
struct Finished {
  std::string run;
  store::Status status;
  std::string message;
  double seconds = 0;
  std::int64_t resumed_at = 0;
};

/// A checkpoint's size, and what it takes to write one.
struct CheckpointCost {
  double bytes, seconds;
};

/// How large a network is, and what one sample's forward pass costs; 0 where nobody has said.
struct NetworkSize {
  std::int64_t parameters = 0, multiply_adds = 0;
};

/// What a worker says of a run that it does not make: its network, or what one update and one probe take. A
/// message where it cannot say.
struct Answer {
  std::string run;
  NetworkSize network;                                          // of `describe`
  double update_seconds = 0, probe_seconds = 0, row_bytes = 0;  // of `time`
  std::optional<CheckpointCost> checkpoint;                     // where the worker says it
  double kept_bytes = 0, kept_once_bytes = 0;                   // of a measurement, of a run (probe.keep)
  std::string methods;  // of the probe's layers, for people; where the assignment asked `debug`
  std::string message;
  bool nowhere = false;  // this machine cannot do it at all (no such device): no other configuration either
  bool refused = false;  // its configuration is wrong: no try will do it
};

/// Is told what happens. Called from the coordinator's own thread.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void began(const std::string& /*run*/) {}
  virtual void progressed(const std::string& /*run*/, std::int64_t /*step*/, std::int64_t /*of*/) {}
  virtual void finished(const Finished& /*how*/) {}
  virtual void stopping(bool /*at_once*/) {}
  virtual void said(const std::string& /*line*/) {}  // a remark for people
  virtual void passed() {}                           // several times a second
};

struct Options {
  Command worker;              // `errors` is set for each worker, to LOGS/worker-N.log
  std::filesystem::path logs;  // a folder that is there
  int jobs = 1;
  bool strict = false;  // a run that would go on where other bits come (work/machine.hpp) is computed anew
  double silence_seconds = 3600;  // a worker that says nothing for so long is ended
  double stop_seconds = 60;       // to write a checkpoint after `stop`
  double (*clock)() = steady_seconds;
  DataAgain data_again;              // where data that were removed or damaged can be made again
  const FolderLock* lock = nullptr;  // of the folder that the store lies in: checked before each commit
};

/// Hands runs to N worker processes and puts what they send into the store; the only one that writes there. A
/// worker that dies, hangs or sends nonsense costs its run, not the study. While another program holds the
/// store, runs go on, what they send is kept, and only a checkpoint waits. SIGPIPE must be ignored in this
/// process.
class Coordinator {
 public:
  Coordinator(store::Store& store, Options options, Watcher& watcher, const Interrupts* interrupts = nullptr);
  ~Coordinator();  // ends the workers

  /// Starts workers until there are so many, or `jobs`: what is asked next need not wait for them to start.
  void employ(std::size_t workers);
  /// Runs all assignments, in this order; false when it was interrupted, be it during an earlier call: then
  /// nothing is begun. Error(environment) when no worker can be started or the first run to end finds this
  /// machine unable, Error(store) when the store fails or a checkpoint cannot be written.
  bool run(const std::vector<Assignment>& assignments);
  /// Times one update and one probe of each; fewer answers when it was interrupted.
  std::vector<Answer> time(const std::vector<Assignment>& assignments);
  /// Asks how large the network of each is, and what it costs; the same.
  std::vector<Answer> describe(const std::vector<Assignment>& assignments);

 private:
  struct Post;  // a worker and what it is doing
  void work(const char* what);
  std::vector<Answer> ask(const char* what, const std::vector<Assignment>& assignments);
  void hand_out(Post& post, const char* what);
  void prepare(const Assignment& assignment, Json here);
  bool is_played_otherwise(Post& post, const std::string& packages);
  void listen(Post& post);
  void hear_all(Post& post);
  void hear(Post& post, const Json& message);
  void remember(const std::string& run, const char* what, const std::string& why, const std::string& rest);
  void hear_end(Post& post, const Json& message);
  void finish(Post& post, store::Status status, const std::string& message, double seconds,
              std::int64_t resumed_at);
  void lose(Post& post, const std::string& reason);
  bool may_write();
  bool commit();
  void note_held();
  void give_up();
  void put_back(Post& post, double seconds);
  void wait();
  void heed_interrupts();
  std::size_t busy() const;
  bool told_to_stop() const { return interrupts_ != nullptr && interrupts_->count() > 0; }

  store::Store& store_;
  Options options_;
  Watcher& watcher_;
  const Interrupts* interrupts_;
  Mending mending_;
  std::vector<std::unique_ptr<Post>> posts_;
  std::deque<Assignment> queue_;
  std::vector<Answer> answers_;
  std::map<std::string, Json> machines_;         // where each run was last at work
  std::map<std::string, std::string> packages_;  // that play an environment, as workers have said
  std::set<std::string> remembered_;
  Awake awake_;
  int heeded_ = 0;
  double stopping_seconds_ = 0, committed_ = 0;
  int failed_starts_ = 0;  // since a worker last spoke of its run
  bool ever_ready_ = false;
  int hired_ = 0;
  int finished_ = 0;
  bool writes_ = false;                      // `run`, not `time` or `describe`
  bool is_awaited_ = false;                  // a commit: by a worker, or for the end of a run to be durable
  std::vector<std::filesystem::path> over_;  // checkpoints of runs that are, once that is durable
  std::optional<double> held_since_;         // another program holds the store
  bool held_said_ = false;
  std::optional<std::string> unable_;  // this machine can do none of the runs: why
};

}  // namespace crosstalk::work
