#include "work/data.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "study/datasets.hpp"
#include "study/own_class.hpp"
#include "work/stored.hpp"

namespace crosstalk::work {
namespace {

/// Hands on whole lines; keeps the last one, for a child that dies. A Python trace is not for the reader; the
/// last file in it may be.
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
  const std::string& last_file() const { return last_file_; }

 private:
  void line(const std::string& text) {
    constexpr std::string_view frame = "  File \"";
    if (text.starts_with("==== C stack trace")) in_stack_ = true;  // as Chromium's libraries write one
    if (text.empty() || text == "#" || in_stack_) return;
    last_ = text;
    if (text.starts_with("Traceback (most recent call last)")) in_trace_ = true;
    if (in_trace_ && text.starts_with(frame))
      last_file_ = text.substr(frame.size(), text.find('"', frame.size()) - frame.size());
    if (!in_trace_ && say_) say_(text);
  }
  const std::function<void(std::string_view)>& say_;
  std::string rest_, last_, last_file_;
  bool in_trace_ = false, in_stack_ = false;
};

void do_not_wait_at(int descriptor) {
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

/// Reads what is there; false at the end.
bool take(int descriptor, const std::function<void(std::string_view)>& to) {
  std::array<char, 1 << 14> block;
  const ssize_t came = ::read(descriptor, block.data(), block.size());
  if (came > 0) to({block.data(), static_cast<std::size_t>(came)});
  return came > 0 || (came < 0 && (errno == EINTR || errno == EAGAIN));
}

/// Writes what there is room for; false when all is written, or the child has died (its end tells how).
bool give(Child& child, std::string_view& text) {
  const ssize_t written = ::write(child.input(), text.data(), text.size());
  if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  const bool later = written < 0 && (errno == EINTR || errno == EAGAIN);
  if (!text.empty() && (written >= 0 || later)) return true;
  child.close_input();
  return false;
}

/// The first text in the value, or the first name, that is no UTF-8.
std::optional<std::string> not_utf8(const Json& value) {
  if (value.is_string() && !is_utf8(value.get_ref<const std::string&>())) return value.get<std::string>();
  if (!value.is_structured()) return std::nullopt;
  for (const auto& [name, item] : value.items()) {
    if (!is_utf8(name)) return name;
    if (auto found = not_utf8(item)) return found;
  }
  return std::nullopt;
}

std::string text_of(const Json& request) {
  if (const auto name = not_utf8(request)) throw not_text(*name);
  return request.dump();
}

bool stands_in_python_path(const std::string& file) {
  const char* folders = std::getenv("PYTHONPATH");
  const std::string parent = std::filesystem::path(file).parent_path().string();
  return folders != nullptr && !parent.empty() && parent != "." &&
         (':' + std::string(folders) + ':').find(':' + parent + ':') != std::string::npos;
}

/// A child that ended without an answer.
Error death(Child& child, const Lines& lines, const Json& request, const std::string& undone) {
  const std::string end = child.ended(10).value_or("does not end");
  const bool of_data = request.contains("dataset");
  std::string text = of_data ? request.value("dataset", "") + " cannot be read" : undone;
  text += ": the process that does it " + end;
  if (!lines.last().empty()) text += " (" + shortened(lines.last(), 200) + ")";
  if (stands_in_python_path(lines.last_file())) {
    return {ErrorKind::environment,
            text + ".\n" + lines.last_file() + " stands in a folder of PYTHONPATH: take that folder off it."};
  }
  if (of_data)
    return {ErrorKind::data, text + ".\nThe file is damaged, or there is too little memory for it."};
  return {ErrorKind::environment,
          text + (child.ended_by() != 0 ? ".\nThere may be too little memory for it."
                                        : ".\nIf that happens again, please report it.")};
}

/// A signal to all of us ends a child before it comes to us, now and then.
void heed(const Interrupts* interrupts, const Child& child) {
  if (interrupts == nullptr) return;
  pollfd descriptor{interrupts->descriptor(), POLLIN, 0};
  if (is_from_outside(child.ended_by())) ::poll(&descriptor, 1, 200);
  if (interrupts->count() > 0) throw Interrupted{interrupts->signal()};
}

/// What is kept of the file of a class of the user's own, as of a data set.
Json class_file(const study::OwnClass& own, const std::string& folder) {
  const std::filesystem::path file = std::filesystem::path(folder) / own.path;
  try {
    if (std::filesystem::exists(file) &&
        !std::filesystem::is_regular_file(file))  // a pipe might never be read
      throw Error(ErrorKind::data, file.string() + " cannot be read: it is no regular file");
    return {{"dataset", own.environment()},
            {"file", std::filesystem::absolute(file).lexically_normal().string()},
            {"sha256", sha256_of_file(file)}};
  } catch (const Error& error) {
    throw Error(ErrorKind::config,
                "task.environment = \"" + own.environment() + "\": " + error.what() +
                    ". The path of a class of your own begins at the study file's folder.");
  }
}

/// A file that has been changed since results were computed with it.
Error other_file(const Json& dataset, const std::string& now, const std::string& then) {
  const std::string name = dataset.value("dataset", "");
  const bool stored = dataset.contains("trajectories");
  if (stored || study::own_class(name)) {
    constexpr std::size_t digits = 16;
    const std::string what = stored ? "trajectories" : "file";
    return {ErrorKind::data, name + ": " + dataset.value("file", "") +
                                 " is not what these results were computed with: its SHA-256 begins with " +
                                 now.substr(0, digits) + ", then with " + then.substr(0, digits) +
                                 ".\nGive a new --out for runs of the " + what + " as " +
                                 (stored ? "they are" : "it is") + " now, or put the former " + what +
                                 " back."};
  }
  return {ErrorKind::data, name + " is not what these results were computed with: its source's SHA-256 is\n" +
                               now + ", then it was\n" + then + ".\nPut the former file back" +
                               (study::is_own(study::family_of(name)) ? "" : " (--data DIR)") +
                               ", or give a new --out."};
}

}  // namespace

Error not_text(const std::string& name) {
  return {ErrorKind::config, printable(name) +
                                 " is not UTF-8 text, as names must be here. Rename it, or work "
                                 "from a folder, or through a link, whose name is."};
}

Json ask(const Command& command, const Json& request, const std::function<void(std::string_view)>& say,
         const Interrupts* interrupts, const std::string& undone) {
  const std::string text = text_of(request);
  Child child(command);
  for (const int descriptor : {child.input(), child.errors()}) do_not_wait_at(descriptor);
  std::string_view to_give = text;
  std::string reply;
  Lines lines(say);
  std::array<pollfd, 4> descriptors{{{child.output(), POLLIN, 0},
                                     {child.errors(), POLLIN, 0},
                                     {interrupts == nullptr ? -1 : interrupts->descriptor(), POLLIN, 0},
                                     {child.input(), POLLOUT, 0}}};
  while (descriptors[0].fd >= 0 || descriptors[1].fd >= 0) {
    // What a user's module has started may hold the child's errors open for longer than the child lives.
    const bool over = descriptors[0].fd < 0 && child.ended();
    if (::poll(descriptors.data(), descriptors.size(),
               over                    ? 0
               : descriptors[0].fd < 0 ? 50
                                       : -1) == 0 &&
        over)
      break;
    if (descriptors[2].revents != 0) {
      interrupts->drain();
      child.signal(SIGTERM);
      child.ended(5);
      throw Interrupted{interrupts->signal()};
    }
    if (descriptors[3].revents != 0 && !give(child, to_give)) descriptors[3].fd = -1;
    if (descriptors[0].revents != 0 && !take(child.output(), [&](std::string_view came) { reply += came; })) {
      descriptors[0].fd = -1;
    }
    if (descriptors[1].revents != 0 &&
        !take(child.errors(), [&](std::string_view came) { lines.add(came); })) {
      descriptors[1].fd = -1;
    }
    for (pollfd& descriptor : descriptors) descriptor.revents = 0;
  }
  lines.end();
  child.ended(10);
  heed(interrupts, child);
  const Json answer = read_json(reply);
  if (answer.is_object() && answer.contains("error")) {
    const Json& error = answer["error"];
    throw Error(error_kind(error.value("kind", "data")), error.value("message", undone));
  }
  if (child.status() == 0 && !answer.is_discarded()) return answer;
  throw death(child, lines, request, undone);
}

Json data_request(const study::Configuration& run) {
  if (const auto path = study::trajectories_of(run))
    return {{"trajectories", *path}, {"base", study::makes_trajectories(run) ? "beside" : "base"}};
  if (study::own_class_of(run)) return {{"environment", run.values.at("task.environment")}};
  if (run.values.find("task.dataset") == run.values.end()) return nullptr;
  Json request = Json::object();
  for (const char* key : {"dataset", "kind", "source", "train-rows", "target", "test-share"}) {
    const auto value = run.values.find(std::string("task.") + key);
    if (value != run.values.end()) request[key] = value->second;
  }
  // An agent's images are a classifier's: both share one conversion.
  if (request.value("kind", "regress") != "regress") request["kind"] = "classify";
  return request;
}

std::string data_key(const study::Configuration& run) {
  const Json request = data_request(run);
  return request.is_null() ? "" : request.dump();
}

const Json* data_of(const study::Configuration& run, const Datasets& datasets) {
  const auto found = datasets.find(data_key(run));
  return found == datasets.end() ? nullptr : &found->second;
}

Datasets prepare_data(const std::vector<study::Configuration>& runs, const Command& command,
                      const Json& extra, const std::function<void(std::string_view)>& say,
                      const Interrupts* interrupts) {
  Datasets datasets;
  for (const study::Configuration& run : runs) {
    Json request = data_request(run);
    if (request.is_null()) continue;
    const std::string key = request.dump();
    if (datasets.contains(key)) continue;
    if (study::trajectories_of(run)) {
      datasets[key] = stored_trajectories(run, extra.value(request.at("base").get<std::string>(), ""));
      continue;
    }
    if (const auto own = study::own_class_of(run)) {
      datasets[key] = class_file(*own, extra.value("base", ""));
      continue;
    }
    request.update(extra);
    datasets[key] = ask(command, request, say, interrupts);
    datasets[key]["dataset"] = run.values.at("task.dataset");
  }
  return datasets;
}

Json data_field(const Json& dataset) {
  return {{"file", dataset.at("file")}, {"sha256", dataset.value("sha256", "")}};
}

void check_examples(const std::vector<study::Configuration>& runs, const Datasets& datasets) {
  std::map<std::string, std::set<std::int64_t>> wanted;
  for (const study::Configuration& run : runs) {
    const auto examples = run.values.find("task.examples");
    const std::string key = data_key(run);
    if (key.empty() || examples == run.values.end() || !examples->second.is_number_integer()) continue;
    if (examples->second > datasets.at(key).at("train_rows").get<std::int64_t>()) {
      wanted[key].insert(examples->second.get<std::int64_t>());
    }
  }
  std::string message;
  bool can_be_fetched = false;
  for (const auto& [key, sizes] : wanted) {
    const Json& dataset = datasets.at(key);
    std::string list;
    for (const std::int64_t size : sizes) list += (list.empty() ? "" : ", ") + with_commas(size);
    message += (message.empty() ? "" : "\n") + std::string("task.examples = ") + list + ": " +
               dataset.at("dataset").get<std::string>() + " has " +
               with_commas(dataset.at("train_rows").get<std::int64_t>()) + " training rows here.";
    const std::string family = study::family_of(dataset.at("dataset").get<std::string>());
    can_be_fetched = can_be_fetched || family == "sarcos" || family == "cifar10" || family == "svhn";
  }
  if (message.empty()) return;
  throw Error(ErrorKind::config,
              message + "\nAsk for fewer, or for \"all\": --set task.examples=all" +
                  (can_be_fetched ? ". `crosstalk data fetch` gets a whole data set." : "."));
}

void check_checksums(const Datasets& datasets, const Json& stored) {
  if (!stored.is_object()) return;
  for (const auto& [key, dataset] : datasets) {
    const auto before = stored.find(key);
    if (before == stored.end()) continue;
    const std::string now = dataset.value("sha256", ""), then = before->value("sha256", "");
    if (then != now) throw other_file(dataset, now, then);
  }
}

}  // namespace crosstalk::work
