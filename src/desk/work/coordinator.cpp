#include "work/coordinator.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "base/message.hpp"
#include "work/machine.hpp"
#include "work/post.hpp"

namespace crosstalk::work {
namespace {

constexpr int poll_milliseconds = 200;
constexpr double commit_seconds = 1;
constexpr double patience_seconds = 0.05;  // of one call, with one that reads in passing
constexpr int most_failed_starts = 3;

Answer timed(const Json& message) {
  Answer answer{.run = message.at("run"),
                .update_seconds = message.at("update_seconds"),
                .probe_seconds = message.at("probe_seconds"),
                .row_bytes = message.at("row_bytes"),
                .kept_bytes = message.value("kept_bytes", 0.0),
                .kept_once_bytes = message.value("kept_once_bytes", 0.0),
                .methods = message.value("methods", "")};
  if (message.contains("checkpoint_bytes"))
    answer.checkpoint = {message.at("checkpoint_bytes"), message.at("checkpoint_seconds")};
  return answer;
}

Answer described(const Json& message) {
  return {.run = message.at("run"), .network = {message.at("parameters"), message.at("multiply_adds")}};
}

}  // namespace

Coordinator::Coordinator(store::Store& store, Options options, Watcher& watcher, const Interrupts* interrupts)
    : store_(store),
      options_(std::move(options)),
      watcher_(watcher),
      interrupts_(interrupts),
      mending_(options_.data_again, [this](const std::string& what) { watcher_.said(what); }),
      awake_(options_.clock) {
  for (const store::RunRecord& record : store_.runs()) {
    if (record.machine.is_object()) machines_[record.run] = record.machine;
  }
}

Coordinator::~Coordinator() {
  for (const auto& post : posts_) {
    if (!post->assignment) post->worker.child().close_input();  // an idle one ends by itself
  }
  for (const auto& post : posts_) {
    if (!post->assignment) post->worker.child().ended(5);
  }
}

bool Coordinator::run(const std::vector<Assignment>& assignments) {
  queue_.assign(assignments.begin(), assignments.end());
  store_.set_patience(patience_seconds);
  work("run");
  while (!commit()) {  // whoever holds the store has the time it takes, unless we are told to end at once
    heed_interrupts();
    if (heeded_ > 1) {
      store_.roll_back();
      give_up();
      return false;
    }
    wait();
    watcher_.passed();
  }
  store_.set_patience(std::numeric_limits<double>::infinity());
  return heeded_ == 0;
}

std::vector<Answer> Coordinator::time(const std::vector<Assignment>& assignments) {
  return ask("time", assignments);
}

std::vector<Answer> Coordinator::describe(const std::vector<Assignment>& assignments) {
  return ask("describe", assignments);
}

std::vector<Answer> Coordinator::ask(const char* what, const std::vector<Assignment>& assignments) {
  queue_.assign(assignments.begin(), assignments.end());
  answers_.clear();
  work(what);
  return std::move(answers_);
}

void Coordinator::work(const char* what) {
  writes_ = std::string_view(what) == "run";
  while (!queue_.empty() || busy() > 0) {
    heed_interrupts();
    if (queue_.empty() && busy() == 0) break;
    if (heeded_ > 1 && !may_write()) return give_up();
    employ(queue_.size() + busy());
    for (const auto& post : posts_) {
      if (!queue_.empty() && !post->machine.is_null() && !post->assignment && may_write())
        hand_out(*post, what);
    }
    wait();
    for (const auto& post : posts_) listen(*post);
    std::erase_if(posts_, [](const auto& post) { return post->lost; });
    if (unable_) throw Error(ErrorKind::environment, *unable_);
    watcher_.passed();
    // Each second, so that `status` and `export` see what is going on; at once where somebody waits for it.
    if (writes_ && (is_awaited_ || steady_seconds() - committed_ > commit_seconds)) commit();
  }
}

/// Nobody waits any longer for the program that holds the store.
void Coordinator::give_up() {
  for (const auto& post : posts_) post->assignment.reset();
  posts_.clear();
  watcher_.said(
      "what came since another program took hold of the results is not stored; it is computed again");
}

std::size_t Coordinator::busy() const {
  return static_cast<std::size_t>(std::count_if(
      posts_.begin(), posts_.end(), [](const auto& post) { return post->assignment.has_value(); }));
}

void Coordinator::employ(std::size_t workers) {
  const std::size_t wanted =
      std::min<std::size_t>(static_cast<std::size_t>(std::max(1, options_.jobs)), workers);
  while (posts_.size() < wanted) {
    Command command = options_.worker;
    command.errors = options_.logs / ("worker-" + std::to_string(hired_++) + ".log");
    std::error_code ignored;
    std::filesystem::remove(command.errors, ignored);
    posts_.push_back(std::make_unique<Post>(command));
  }
}

void Coordinator::hand_out(Post& post, const char* what) {
  Assignment assignment = std::move(queue_.front());
  queue_.pop_front();
  post.asked = !writes_;
  if (!post.asked) prepare(assignment, machine_for(post.machine, *assignment.configuration));
  Json message = assignment.fields;
  message.update({{"do", what}, {"run", assignment.run}, {"configuration", *assignment.configuration}});
  post.worker.mark();
  post.since = steady_seconds();
  post.heard = false;
  post.worker.send(message);  // where it cannot be written to, listen() finds out why
  if (!post.asked) watcher_.began(assignment.run);
  post.assignment = std::move(assignment);
}

void Coordinator::wait() {
  std::vector<pollfd> descriptors;
  for (const auto& post : posts_) descriptors.push_back({post->worker.descriptor(), POLLIN, 0});
  if (interrupts_ != nullptr) descriptors.push_back({interrupts_->descriptor(), POLLIN, 0});
  ::poll(descriptors.data(), descriptors.size(), poll_milliseconds);
  if (interrupts_ != nullptr) interrupts_->drain();
  const double passed = awake_.pass();
  for (const auto& post : posts_) post->worker.waited(passed);
  if (heeded_ > 0) stopping_seconds_ += passed;
}

void Coordinator::listen(Post& post) {
  // What an environment has started may hold the worker's pipe open for longer than the worker lives.
  const bool has_ended = post.worker.child().ended().has_value();
  if (!post.ending) hear_all(post);
  if (post.lost) return;
  if (!post.ending && post.inbox.empty() && (post.worker.closed() || has_ended)) post.ending = "";
  const bool waited_for = (post.assignment && !post.waits) || post.machine.is_null();
  if (!post.ending && waited_for && post.worker.silent_seconds() > options_.silence_seconds) {
    post.ending = "the worker said nothing for " +
                  std::to_string(static_cast<long>(options_.silence_seconds)) + " seconds and was ended";
  }
  // What becomes of its run is stored: where that cannot be now, the next round sees to it.
  if (post.ending && (!post.assignment || may_write())) lose(post, *post.ending);
}

/// What it has sent, as far as it can be stored now.
void Coordinator::hear_all(Post& post) {
  try {
    for (Json& message : post.worker.receive()) post.inbox.push_back(std::move(message));
    while (!post.lost && !post.inbox.empty() && may_write()) {
      const Json message = std::move(post.inbox.front());
      post.inbox.pop_front();
      hear(post, message);
    }
  } catch (const store::RowConflict& conflict) {
    if (post.assignment) machines_[post.assignment->run]["conflict"] = true;
    post.ending = conflict.what();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::store) throw;
    post.ending = std::string("the worker is not understood: ") + error.what();
  } catch (const Json::exception& error) {
    post.ending = std::string("the worker is not understood: ") + error.what();
  }
}

void Coordinator::hear(Post& post, const Json& message) {
  const std::string event = message.at("event");
  if (event == "ready") {
    post.machine = machine_of(message);
    ever_ready_ = true;
    return;
  }
  if (!post.assignment || message.at("run") != post.assignment->run) {
    throw Error(ErrorKind::environment, "it spoke of a run that it was not given");
  }
  post.heard = true;
  failed_starts_ = 0;
  const std::string& run = post.assignment->run;
  if (event == "progress") {
    watcher_.progressed(run, integer_of(message.at("step")), integer_of(message.at("of")));
  } else if (event == "rows") {
    const std::vector<Row> rows = rows_from_json(message.at("rows"));
    store_.append(run, rows, arrays_from_json(message.value("arrays", Json::array())));
  } else if (event == "flush") {
    store_.vouch(run, integer_of(message.at("step")));
    post.waits = is_awaited_ = true;
    commit();
  } else if (event == "network") {
    const Answer said = described(message);
    if (is_played_otherwise(post, message.contains("packages") ? text_from(message, "packages") : "")) return;
    Json& machine = machines_[run];
    machine["network"] = {{"parameters", said.network.parameters},
                          {"multiply_adds", said.network.multiply_adds}};
    store_.set_status(run, store::Status::running, "", machine, 0);
  } else if (event == "unrepeatable") {
    store_.forget_rows(run, integer_of(message.at("step")));  // what follows comes otherwise now
    remember(run, "unrepeatable", text_from(message, "why"), "");
  } else if (event == "cut") {
    const std::string why = text_from(message, "why"), place = text_from(message, "place");
    remember(run, "cut", why, ", first at " + place + ": their return is what was earned until then");
  } else if (event == "timed" || event == "described") {
    answers_.push_back(event == "timed" ? timed(message) : described(message));
    post.assignment.reset();
  } else if (event == "finished") {
    hear_end(post, message);
  } else {
    throw Error(ErrorKind::environment, "it sent the unknown event " + event);
  }
}

/// Stands beside the run's results from here on, as it was heard first. It is said once a study, with the
/// `rest` of the run that says it first.
void Coordinator::remember(const std::string& run, const char* what, const std::string& why,
                           const std::string& rest) {
  Json& machine = machines_[run];
  if (!machine.contains(what)) machine[what] = why + rest;
  store_.set_status(run, store::Status::running, "", machine, 0);
  if (remembered_.insert(why).second) watcher_.said("note: " + machine[what].get<std::string>());
}

void Coordinator::hear_end(Post& post, const Json& message) {
  const std::string status = message.at("status");
  std::string text = message.value("message", "");
  const double seconds = message.value("seconds", steady_seconds() - post.since);
  if (status == "stopped" && !told_to_stop()) {
    // It was told to end by others: another one goes on, unless we were told too and clear the queue.
    put_back(post, seconds);
    post.lost = true;
    return;
  }
  if (!told_to_stop() && mending_.mended(*post.assignment, message, text)) return put_back(post, seconds);
  const store::Status kept = status == "done"       ? store::Status::done
                             : status == "diverged" ? store::Status::diverged
                             : status == "stopped"  ? store::Status::running
                                                    : store::Status::failed;
  finish(post, kept, text, seconds, message.value("resumed_at", std::int64_t{0}));
  // What one worker cannot write, no other can: the study ends as when the store itself cannot be written.
  if (message.value("unwritten", false) && !told_to_stop()) throw Error(ErrorKind::store, text);
  if (!answers_.empty() && message.value("kind", "") == "config") answers_.back().refused = true;
  if (!message.value("nowhere", false)) return;
  if (!answers_.empty()) answers_.back().nowhere = true;
  if (finished_ == 1) unable_ = text;
}

/// Its run is handed out again.
void Coordinator::put_back(Post& post, double seconds) {
  if (!post.asked) store_.set_status(post.assignment->run, store::Status::running, "", nullptr, seconds);
  queue_.push_front(std::move(*post.assignment));
  post.assignment.reset();
}

/// The worker is of no more use: it died (no reason given: its end is the reason), hangs, or sent nonsense.
void Coordinator::lose(Post& post, const std::string& reason) {
  post.lost = true;
  if (!reason.empty()) post.worker.child().signal(SIGKILL);
  std::optional<std::string> end = post.worker.child().ended(2);
  if (!end) {
    post.worker.child().signal(SIGKILL);
    end = "closed its pipe and was ended";
    post.worker.child().ended(10);
  }
  const std::string complaint = post.worker.complaint();
  std::string message = reason.empty() ? "the worker process " + *end : reason;
  if (!complaint.empty()) message += "; it wrote:\n" + complaint;
  if (post.machine.is_null()) {
    if (told_to_stop()) return;
    // One that others ended while it started is no sign that none can be started.
    const bool unable = !ever_ready_ && !(reason.empty() && is_from_outside(post.worker.child().ended_by()));
    if (unable || ++failed_starts_ >= most_failed_starts) {
      throw Error(ErrorKind::environment, "no worker can be started: " + message);
    }
    return;
  }
  if (!post.assignment) return;  // an idle one: the next is hired when there is work
  if (reason.empty() && !post.heard && post.worker.child().status() == 0 && !told_to_stop() &&
      ++failed_starts_ < most_failed_starts) {
    // It was told to end by others before it had read what to do.
    return put_back(post, steady_seconds() - post.since);
  }
  const bool asked_to_stop = told_to_stop();
  if (!asked_to_stop && reason.empty() && mending_.mended_after_death(*post.assignment, message)) {
    return put_back(post, steady_seconds() - post.since);
  }
  finish(post, asked_to_stop ? store::Status::running : store::Status::failed, asked_to_stop ? "" : message,
         steady_seconds() - post.since, 0);
}

/// The first interrupt asks the workers to stop, the second ends them; so does a worker that takes too long
/// to stop.
void Coordinator::heed_interrupts() {
  const int count = interrupts_ == nullptr ? 0 : interrupts_->count();
  if (count > 0) queue_.clear();  // also of what was asked after an earlier call was interrupted
  if (count > 0 && heeded_ == 0) {
    heeded_ = 1;
    watcher_.stopping(false);
    for (const auto& post : posts_) {
      if (post->assignment) post->worker.send({{"do", "stop"}});
    }
  }
  const bool too_long = heeded_ == 1 && stopping_seconds_ > options_.stop_seconds;
  if ((count > 1 || too_long) && heeded_ == 1) {
    heeded_ = 2;
    watcher_.stopping(true);
    for (const auto& post : posts_) post->worker.child().signal(SIGKILL);
  }
}

}  // namespace crosstalk::work
