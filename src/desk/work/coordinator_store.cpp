// The coordinator's side towards the store: when a run may go on from what is there, and when what came is
// durable.
#include <signal.h>

#include <utility>

#include "base/error.hpp"
#include "base/plain_file.hpp"
#include "work/checkpoint.hpp"
#include "work/kept.hpp"
#include "work/machine.hpp"
#include "work/post.hpp"

namespace crosstalk::work {
namespace {

constexpr double held_seconds = 5;  // before it is said that another program holds the store

std::string environment_of(const Assignment& assignment) {
  return assignment.configuration->value("task.environment", "");
}

}  // namespace

/// The store's side of a run's beginning: where it is at work, and whether what is there of it fits that
/// machine and this store.
void Coordinator::prepare(const Assignment& assignment, Json here) {
  const std::filesystem::path checkpoint = assignment.fields.value("checkpoint", "");
  const auto before = machines_.find(assignment.run);
  const bool begun = before != machines_.end();
  if (begun && before->second.contains("packages")) {  // until a worker says others, they are the same
    const auto known = packages_.find(environment_of(assignment));
    here["packages"] = known == packages_.end() ? before->second["packages"] : Json(known->second);
  }
  const bool moved = begun && (!give_same_bits(before->second, here) || before->second.contains("mixed"));
  const std::optional<std::int64_t> step = checkpoint_step(checkpoint, assignment.run);
  // The store was moved away or put back from a copy: going on would leave out the rows it lacks.
  const bool of_another_store = !begun || step.value_or(0) > store_.vouched(assignment.run);
  // Two computations did not agree, and which one was wrong cannot be told: neither is kept.
  const bool conflicting = begun && before->second.contains("conflict");
  if (conflicting) {
    watcher_.said("run " + assignment.run +
                  " came out otherwise than before: it is computed anew from its beginning; "
                  "`crosstalk verify` says whether this machine gives the same bits twice");
  }
  std::error_code failed, ignored;
  if (of_another_store || conflicting || (options_.strict && moved)) remove_checkpoint(checkpoint, failed);
  if (failed) {
    const std::string what = no_plain_file(checkpoint);
    throw Error(ErrorKind::store, checkpoint.string() +
                                      (what.empty() ? " does not belong to what is stored"
                                                    : " is " + what + ", where a checkpoint is expected") +
                                      ", and cannot be removed: " + failed.message() +
                                      ". Remove it to begin its run anew.");
  }
  const bool goes_on = std::filesystem::exists(checkpoint, ignored);
  // What is computed again comes with this machine's arithmetic: the former rows would not match.
  const std::filesystem::path kept = assignment.fields.value("kept", "");
  if ((moved && !goes_on) || conflicting) store_.forget_rows(assignment.run);
  if (!begun || (moved && !goes_on) || conflicting) forget_kept(kept);
  if (moved && goes_on && step) {
    store_.forget_rows(assignment.run, *step);
    forget_kept(kept, *step);
  }
  if (moved && goes_on) here["mixed"] = true;
  if (goes_on && before->second.contains("cut")) here["cut"] = before->second["cut"];
  machines_[assignment.run] = here;
  store_.begin_try(assignment.run);
  store_.set_status(assignment.run, store::Status::running, "", here, 0);
}

/// Which packages play a run's environment is known when a worker has loaded them. Where they are not those
/// that played it before, the run is handed out again, so that prepare() heeds it.
bool Coordinator::is_played_otherwise(Post& post, const std::string& packages) {
  Json& machine = machines_[post.assignment->run];
  packages_[environment_of(*post.assignment)] = packages;
  if (machine.value("packages", packages) == packages) {
    if (!packages.empty()) machine["packages"] = packages;
    return false;
  }
  post.worker.child().signal(SIGKILL);
  post.lost = true;
  put_back(post, 0);
  return true;
}

void Coordinator::finish(Post& post, store::Status status, const std::string& message, double seconds,
                         std::int64_t resumed_at) {
  const Assignment assignment = std::move(*post.assignment);
  post.assignment.reset();
  if (post.asked) {
    answers_.push_back(
        {.run = assignment.run, .message = message.empty() ? "nothing is known of it" : message});
    return;
  }
  ++finished_;
  const Json& machine = machines_[assignment.run];
  store_.set_status(assignment.run, status, message, machine.contains("conflict") ? machine : Json(),
                    seconds);
  const std::filesystem::path checkpoint = assignment.fields.value("checkpoint", "");
  std::error_code ignored;  // what stays is only space
  if (!checkpoint.empty()) std::filesystem::remove(unfinished(checkpoint), ignored);
  if (is_over(status)) over_.push_back(checkpoint);
  watcher_.finished({assignment.run, status, message, seconds, resumed_at});  // reads what is not yet durable
  is_awaited_ = true;
  commit();
}

/// Begins a transaction, unless one is open. Where another program writes, it cannot be begun, and what
/// the workers send waits to be looked at.
bool Coordinator::may_write() {
  if (!writes_) return true;
  try {
    store_.begin();
    return true;
  } catch (const store::Held&) {
    note_held();
    return false;
  }
}

/// What waits for it happens when what was stored is durable. Where another program reads, the transaction
/// stays open: rows keep coming into it, and the next round tries again.
bool Coordinator::commit() {
  if (options_.lock != nullptr) options_.lock->check();
  try {
    store_.commit();
  } catch (const store::Held&) {
    note_held();
    return false;
  }
  committed_ = steady_seconds();
  held_since_.reset();
  held_said_ = false;
  is_awaited_ = false;
  for (const auto& post : posts_) {
    if (std::exchange(post->waits, false) && post->assignment)
      post->worker.send({{"do", "durable"}, {"run", post->assignment->run}});
  }
  for (const std::filesystem::path& checkpoint : std::exchange(over_, {})) {
    std::error_code ignored;  // a checkpoint that stays is only space
    remove_checkpoint(checkpoint, ignored);
  }
  return true;
}

void Coordinator::note_held() {
  if (!held_since_) held_since_ = steady_seconds();
  if (steady_seconds() - *held_since_ < held_seconds || held_said_) return;
  held_said_ = true;
  watcher_.said("waiting: another program holds the results; what runs send is stored when it lets go");
}

}  // namespace crosstalk::work
