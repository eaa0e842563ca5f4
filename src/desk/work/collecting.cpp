#include "work/collecting.hpp"

#include <poll.h>
#include <signal.h>

#include <optional>

#include "base/error.hpp"
#include "work/awake.hpp"
#include "work/worker.hpp"

namespace crosstalk::work {
namespace {

constexpr int poll_milliseconds = 200;
constexpr double silence_seconds = 3600, stop_seconds = 60;  // as of runs

class Collecting {
 public:
  Collecting(const Command& command, Json order, CollectingWatcher& watcher, const Interrupts& interrupts)
      : worker_(command), order_(std::move(order)), watcher_(watcher), interrupts_(interrupts) {
    order_["do"] = "collect";
  }

  Json go() {
    while (!answer_) {
      wait();
      heed_interrupts();
      // Looked at first: what it has sent before its end is all there once it has ended.
      const bool has_ended = worker_.child().ended().has_value();
      for (const Json& message : worker_.receive()) hear(message);
      if (!answer_ && (has_ended || worker_.closed())) mourn();
      if (!answer_ && worker_.silent_seconds() > silence_seconds) {
        worker_.child().signal(SIGKILL);
        throw Error(ErrorKind::environment, "the worker said nothing for an hour and was ended");
      }
    }
    worker_.child().close_input();
    worker_.child().ended(5);
    return *answer_;
  }

 private:
  void wait() {
    pollfd descriptors[] = {{worker_.descriptor(), POLLIN, 0}, {interrupts_.descriptor(), POLLIN, 0}};
    ::poll(descriptors, 2, poll_milliseconds);
    interrupts_.drain();
    const double passed = awake_.pass();
    worker_.waited(passed);
    if (heeded_ > 0) stopping_seconds_ += passed;
  }

  void heed_interrupts() {
    const int count = interrupts_.count();
    if (count > 0 && heeded_ == 0) {
      heeded_ = 1;
      watcher_.stopping(false);
      worker_.send({{"do", "stop"}});
    }
    if (heeded_ == 1 && (count > 1 || stopping_seconds_ > stop_seconds)) {
      heeded_ = 2;
      watcher_.stopping(true);
      worker_.child().signal(SIGKILL);
    }
  }

  void hear(const Json& message) {
    const std::string event = message.value("event", "");
    if (event == "ready") {
      worker_.send(order_);
    } else if (event == "collecting") {
      watcher_.progressed(message.at("steps"), message.at("of"), message.at("episodes"));
    } else if (event == "remark") {
      watcher_.remark(message.at("what"));
    } else if (event == "collected") {
      if (message.at("status") == "failed")
        throw Error(error_kind(message.at("kind")), message.at("message").get<std::string>());
      answer_ = message;
    }
  }

  /// It is gone without an answer.
  void mourn() {
    const std::string end = worker_.child().ended(5).value_or("closed its pipe");
    if (heeded_ > 0) {
      answer_ = Json{{"status", "stopped"}};
      return;
    }
    const std::string complaint = worker_.complaint();
    throw Error(ErrorKind::environment, "the worker process " + end +
                                            (complaint.empty() ? "" : "; it wrote:\n" + complaint) +
                                            "\nThe same command goes on from what is stored.");
  }

  Worker worker_;
  Json order_;
  CollectingWatcher& watcher_;
  const Interrupts& interrupts_;
  Awake awake_;
  std::optional<Json> answer_;
  int heeded_ = 0;
  double stopping_seconds_ = 0;
};

}  // namespace

Json collect(const Command& worker, Json order, CollectingWatcher& watcher, const Interrupts& interrupts) {
  return Collecting(worker, std::move(order), watcher, interrupts).go();
}

}  // namespace crosstalk::work
