#include "work/data.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/error.hpp"

namespace crosstalk::work {
namespace {

/// Hands on whole lines; keeps the last one, for a child that dies. A Python trace is not for the reader.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& say) : say_(say) {}
  void add(std::string_view bytes) {
    rest_ += bytes;
    for (std::size_t end; (end = rest_.find_first_of("\r\n")) != std::string::npos; rest_.erase(0, end + 1)) {
      line(rest_.substr(0, end));
    }
  }
  void end() { line(std::exchange(rest_, "")); }
  const std::string& last() const { return last_; }

 private:
  void line(const std::string& text) {
    if (text.empty()) return;
    last_ = text;
    if (text.starts_with("Traceback (most recent call last)")) in_trace_ = true;
    if (!in_trace_ && say_) say_(text);
  }
  const std::function<void(std::string_view)>& say_;
  std::string rest_, last_;
  bool in_trace_ = false;
};

/// Reads what is there; false at the end.
bool take(int descriptor, const std::function<void(std::string_view)>& to) {
  std::array<char, 1 << 14> block;
  const ssize_t came = ::read(descriptor, block.data(), block.size());
  if (came > 0) to({block.data(), static_cast<std::size_t>(came)});
  return came > 0 || (came < 0 && errno == EINTR);
}

void give(Child& child, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(child.input(), text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;  // it has died: how, its end tells
    at += static_cast<std::size_t>(written);
  }
  child.close_input();
}

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

}  // namespace

Json ask(const Command& command, const Json& request, const std::function<void(std::string_view)>& say,
         const Interrupts* interrupts) {
  Child child(command);
  give(child, request.dump());
  std::string reply;
  Lines lines(say);
  std::array<pollfd, 3> descriptors{{{child.output(), POLLIN, 0},
                                     {child.errors(), POLLIN, 0},
                                     {interrupts == nullptr ? -1 : interrupts->descriptor(), POLLIN, 0}}};
  while (descriptors[0].fd >= 0 || descriptors[1].fd >= 0) {
    ::poll(descriptors.data(), descriptors.size(), -1);
    if (descriptors[2].revents != 0) {
      interrupts->drain();
      child.signal(SIGTERM);
      child.ended(5);
      throw Interrupted{interrupts->signal()};
    }
    if (descriptors[0].revents != 0 && !take(child.output(), [&](std::string_view text) { reply += text; })) {
      descriptors[0].fd = -1;
    }
    if (descriptors[1].revents != 0 &&
        !take(child.errors(), [&](std::string_view text) { lines.add(text); })) {
      descriptors[1].fd = -1;
    }
    for (pollfd& descriptor : descriptors) descriptor.revents = 0;
  }
  lines.end();
  const std::string end = child.ended(10).value_or("does not end");
  const Json answer = read_json(reply);
  if (answer.is_object() && answer.contains("error")) {
    const Json& error = answer["error"];
    throw Error(error_kind(error.value("kind", "data")), error.value("message", "the data cannot be read"));
  }
  if (child.status() == 0 && !answer.is_discarded()) return answer;
  std::string subject = request.value("dataset", std::string("the data"));
  throw Error(ErrorKind::data, subject + " cannot be read: the process that reads it " + end +
                                   (lines.last().empty() ? "" : " (" + lines.last() + ")") +
                                   ". The file is damaged, or there is too little memory for it.");
}

Json data_request(const study::Configuration& run) {
  Json request = Json::object();
  for (const char* key : {"dataset", "kind", "source", "train-rows", "target", "test-share"}) {
    const auto value = run.values.find(std::string("task.") + key);
    if (value != run.values.end()) request[key] = value->second;
  }
  // An agent's images are a classifier's: both share one conversion.
  if (request.value("kind", "") == "windowed") request["kind"] = "classify";
  return request;
}

std::string data_key(const study::Configuration& run) { return data_request(run).dump(); }

Datasets prepare_data(const std::vector<study::Configuration>& runs, const Command& command,
                      const Json& extra, const std::function<void(std::string_view)>& say,
                      const Interrupts* interrupts) {
  Datasets datasets;
  for (const study::Configuration& run : runs) {
    Json request = data_request(run);
    const std::string key = request.dump();
    if (datasets.contains(key)) continue;
    request.update(extra);
    datasets[key] = ask(command, request, say, interrupts);
    datasets[key]["dataset"] = run.values.at("task.dataset");
  }
  return datasets;
}

void check_examples(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  std::map<std::string, std::set<std::int64_t>> wanted;
  for (const study::Configuration& run : runs) {
    const auto examples = run.values.find("task.examples");
    if (examples == run.values.end() || !examples->second.is_number_integer()) continue;
    const std::string key = data_key(run);
    if (examples->second > datasets.at(key).at("train_rows").get<std::int64_t>()) {
      wanted[key].insert(examples->second.get<std::int64_t>());
    }
  }
  std::string message;
  for (const auto& [key, sizes] : wanted) {
    const Json& dataset = datasets.at(key);
    std::string list;
    for (const std::int64_t size : sizes) list += (list.empty() ? "" : ", ") + with_commas(size);
    message += (message.empty() ? "" : "\n") + std::string("task.examples = ") + list + ": " +
               dataset.at("dataset").get<std::string>() + " has " +
               with_commas(dataset.at("train_rows").get<std::int64_t>()) + " training rows here (" +
               dataset.value("file", "") + ").";
  }
  if (message.empty()) return;
  throw Error(ErrorKind::config,
              message +
                  "\nAsk for fewer, or for \"all\" (--set task.examples=...), or get the whole "
                  "data set: `crosstalk data fetch`.");
}

void check_checksums(const Datasets& datasets, const Json& stored) {
  if (!stored.is_object()) return;
  for (const auto& [key, dataset] : datasets) {
    const auto before = stored.find(key);
    if (before == stored.end() || before->value("sha256", "") == dataset.value("sha256", "")) continue;
    throw Error(ErrorKind::data, dataset.value("dataset", "") +
                                     " is not what these results were computed with: its "
                                     "source's SHA-256 is\n" +
                                     dataset.value("sha256", "") + ", then it was\n" +
                                     before->value("sha256", "") +
                                     ".\nPut the former file back (--data DIR), or give a "
                                     "new --out.");
  }
}

}  // namespace crosstalk::work
