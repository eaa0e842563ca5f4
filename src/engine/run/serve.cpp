#include "run/serve.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/util/Exception.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <map>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/replay_folder.hpp"
#include "env/foreign.hpp"
#include "nn/cost.hpp"
#include "run/collect.hpp"
#include "run/loop.hpp"
#include "run/reporting.hpp"
#include "run/run_data.hpp"
#include "run/stop.hpp"
#include "run/timing.hpp"
#include "tensor/arithmetic.hpp"
#include "tensor/device.hpp"
#include "tensor/safetensors.hpp"

namespace crosstalk::run {
namespace {

constexpr std::int64_t brief_life = 200;  // steps of an agent that is timed

/// This machine lacks the device that the run is to be done on, and with it any other run of its study.
struct NoDevice : Error {
  explicit NoDevice(const Error& error) : Error(error) {}
};

void check_device(const std::string& name) {
  try {
    tensor::device(name);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::environment) throw NoDevice(error);
    throw;
  }
}

/// What a message asks for, made ready.
struct Order {
  std::string run;
  Settings settings;
  std::unique_ptr<Data> data;  // nullptr: the run has none
  std::unique_ptr<Run> work;
  Checkpoint checkpoint;
  Keeper keeper;
};

Order read_order(const Json& message) {
  const Json& flat = message.at("configuration");
  Settings settings(flat);
  check_device(settings.text("runtime.device"));
  const auto seed = message.at("seed").get<std::uint64_t>();
  const std::string run = message.at("run");
  at::set_num_threads(static_cast<int>(std::clamp<std::int64_t>(settings.count("runtime.threads"), 1, 1024)));
  std::unique_ptr<Data> data;
  std::string checksum;
  if (const auto named = message.find("data"); named != message.end() && !named->is_null()) {
    data = std::make_unique<Data>(named->at("file").get<std::string>());
    checksum = named->value("sha256", "");
  }
  OwnFile file;
  for (const char* field : {"environment", "trajectories"}) {
    const auto own = message.find(field);
    if (own == message.end()) continue;
    file = {own->at("file").get<std::string>(), own->at("sha256").get<std::string>()};
    checksum = file.sha256;
  }
  // What is to be kept is said by a key; where, by who asks for a run.
  const std::string folder = message.value("kept", "");
  const Keep keep = settings.word("probe.keep", keeps);
  const std::string checkpoint = message.value("checkpoint", "");
  auto work = std::make_unique<Run>(settings, seed, data ? &data->dataset() : nullptr, file,
                                    Places{replay_folder(checkpoint), lives_folder(checkpoint)});
  return {
      run,
      std::move(settings),
      std::move(data),
      std::move(work),
      Checkpoint(checkpoint, message.value("checkpoint_seconds", 30.0), identity(run, flat, seed, checksum)),
      Keeper(folder, keep, {{"run", run}, {"seed", seed}, {"configuration", flat}})};
}

Json about_network(const char* event, const Order& order) {
  Json message = nn::described(order.work->network());
  message["event"] = event;
  message["run"] = order.run;
  return message;
}

/// The packages that play a run's environment, "ale-py 0.12.1 + numpy 2.4.6"; empty for one of the engine's.
/// Those that this process has loaded: what is installed meanwhile plays in others.
std::string packages(const Json& configuration) {
  const auto environment = configuration.find("task.environment");
  if (environment == configuration.end() || !environment->is_string()) return "";
  static std::map<std::string, std::string> loaded;
  std::string text;
  for (const auto& [package, version] : env::versions_of(*environment))
    text += (text.empty() ? "" : " + ") + package + ' ' + loaded.try_emplace(package, version).first->second;
  return text;
}

/// What torch says when memory is short, and the mend. It throws a plain error where the processor's memory
/// is.
std::string too_little_memory(const std::string& whose, const std::string& said) {
  const std::size_t from = std::min(said.find("you tried to allocate"), said.find("Tried to allocate"));
  return whose + " has too little memory for this run" +
         (from == std::string::npos ? ""
                                    : " (torch: " + said.substr(from, said.find('.', from) - from) + ")") +
         ". Give fewer --jobs, a smaller network, or a smaller learner.batch or probe.samples.";
}

/// Calls `work`; an exception becomes the answer's status "failed", its kind and message.
template <class Work>
void answer_failures(Json& answer, Work work) {
  const auto fail = [&](ErrorKind kind, const std::string& message) {
    answer["status"] = "failed";
    answer["kind"] = to_string(kind);
    answer["message"] = message;
  };
  try {
    work();
  } catch (const NoDevice& error) {
    fail(error.kind(), error.what());
    answer["nowhere"] = true;
  } catch (const env::NotInstalled& error) {
    fail(error.kind(), error.what());
    answer["nowhere"] = true;
  } catch (const Unwritten& error) {
    fail(error.kind(), error.what());
    answer["unwritten"] = true;
  } catch (const Unusable& error) {
    fail(error.kind(), error.what());
    answer["unusable"] = error.file;
    answer["wrong"] = error.wrong;
  } catch (const Error& error) {
    fail(error.kind(), error.what());
  } catch (const Json::exception& error) {
    fail(ErrorKind::environment,
         std::string("the worker was given a message that it does not understand: ") + error.what());
  } catch (const c10::OutOfMemoryError& error) {
    fail(ErrorKind::environment, too_little_memory("the device", error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    const std::string said = error.what_without_backtrace();
    tensor::is_of_memory(error) ? fail(ErrorKind::environment, too_little_memory("this machine", said))
                                : fail(ErrorKind::numeric, "torch: " + said);
  } catch (const std::bad_alloc&) {
    fail(ErrorKind::environment, too_little_memory("this machine", ""));
  } catch (const std::exception& error) {
    fail(ErrorKind::environment, std::string("the worker cannot do this run: ") + error.what());
  }
}

/// The whole run; Unusable where what went wrong is a file's.
Outcome go_through(Order& order, Sink& sink) {
  try {
    const Outcome outcome = carry_out(*order.work, sink, order.checkpoint, &order.keeper);
    check(order.data.get());  // a number may be infinite because of a flipped bit
    return outcome;
  } catch (const tensor::FileError& error) {
    if (!error.opened) throw;  // nobody knows what is in it
    throw Unusable("checkpoint", error);
  } catch (...) {
    check(order.data.get());  // or a class may be none
    throw;
  }
}

/// A run that failed stands in the worker's log, below what its environment said.
void note_failure(const Json& answer) {
  if (answer.value("status", "") != "failed") return;
  const std::string text =
      "run " + answer.value("run", "") + " failed: " + answer.value("message", "") + '\n';
  std::fputs(text.c_str(), stderr);
}

/// True when the worker is to end.
bool work(Line& line, const StopSignal& signal, const Json& message) {
  const double begin = steady_seconds();
  Json answer = {{"event", "finished"}, {"run", message.value("run", "")}, {"resumed_at", 0}};
  bool stopped = false;
  answer_failures(answer, [&] {
    Order order = read_order(message);
    Json network = about_network("network", order);
    network["packages"] = packages(message.at("configuration"));
    line.send(network);
    LineSink sink(line, signal, order.data.get(), order.run);
    const Outcome outcome = go_through(order, sink);
    stopped = outcome.ending == Ending::stopped;
    answer["status"] = stopped ? "stopped" : outcome.ending == Ending::done ? "done" : "diverged";
    answer["resumed_at"] = outcome.resumed_at;
    if (outcome.ending == Ending::diverged) {
      answer["kind"] = to_string(ErrorKind::numeric);
      answer["message"] = outcome.message;
    }
  });
  answer["seconds"] = steady_seconds() - begin;
  note_failure(answer);
  line.send(answer);
  return stopped;
}

/// The answer where a message that asks for no run cannot be heeded.
Json nothing_done(const Json& message) {
  return {{"event", "finished"}, {"run", message.value("run", "")}, {"resumed_at", 0}, {"seconds", 0.0}};
}

void describe(Line& line, const Json& message) {
  Json answer = nothing_done(message);
  answer_failures(answer, [&] { answer = about_network("described", read_order(message)); });
  line.send(answer);
}

/// The same, to be learned from as soon as there are as many steps as are measured: an update costs as much
/// after few as after a million. For the same reason another agent, whose steps are learned from, lives
/// briefly.
Json without_waiting(Json message) {
  Json& configuration = message.at("configuration");
  const auto start = configuration.find("learner.start");
  if (start != configuration.end() && *start > configuration.at("probe.samples"))
    *start = configuration.at("probe.samples");
  if (const auto agent = configuration.find("agent"); agent != configuration.end())
    (*agent)["learner.steps"] = std::min(agent->at("learner.steps").get<std::int64_t>(),
                                         brief_life + agent->at("probe.samples").get<std::int64_t>());
  return message;
}

/// True when the worker is to end.
bool collect(Line& line, const StopSignal& signal, const Json& message) {
  Json answer = {{"event", "collected"}};
  answer_failures(answer, [&] {
    const CollectOrder order = CollectOrder::read(message);
    check_device(order.settings.text("runtime.device"));
    CollectLine watcher(line, signal, order.transitions);
    const Collected collected = collect(order, watcher);
    answer["status"] = collected.ending == Ending::stopped ? "stopped" : "done";
    answer["steps"] = collected.steps;
    answer["episodes"] = collected.episodes;
    answer["was_complete"] = collected.was_complete;
  });
  line.send(answer);
  return answer.value("status", "") == "stopped";
}

void time(Line& line, const Json& message) {
  Json answer = nothing_done(message);
  answer_failures(answer, [&] {
    Order order = read_order(without_waiting(message));
    const Timing timing = time_run(*order.work, order.settings.word("probe.keep", keeps) != Keep::none);
    answer = {{"event", "timed"},
              {"run", order.run},
              {"update_seconds", timing.update_seconds},
              {"probe_seconds", timing.probe_seconds},
              {"row_bytes", timing.row_bytes}};
    if (timing.checkpoint) {
      answer["checkpoint_bytes"] = timing.checkpoint->bytes;
      answer["checkpoint_seconds"] = timing.checkpoint->seconds;
    }
    if (timing.kept) {
      answer["kept_bytes"] = timing.kept->measurement;
      answer["kept_once_bytes"] = timing.kept->once;
    }
    if (message.value("debug", false)) answer["methods"] = order.work->probe_methods();
  });
  line.send(answer);
}

}  // namespace

void serve(int in, int out) {
  // Probes take and give back matrices of some hundred kilobytes; fetching each anew from the system cost a
  // small network's run a tenth of its time in page faults. A worker keeps up to 128 MB for the next one.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 128 << 20);
  const StopSignal signal;
  Line line(in, out);
  try {
    line.send({{"event", "ready"},
               {"torch", CROSSTALK_TORCH_VERSION},
               {"isa", at::get_cpu_capability()},
               {"arithmetic", tensor::arithmetic()},
               {"pid", static_cast<std::int64_t>(::getpid())}});
    while (line.wait(signal.descriptor())) {
      const std::optional<Json> message = line.receive();
      if (!message) return;
      const std::string what = message->value("do", "");
      if (what == "stop") return;
      if (what == "run" && work(line, signal, *message)) return;
      if (what == "collect" && collect(line, signal, *message)) return;
      if (what == "time") time(line, *message);
      if (what == "describe") describe(line, *message);
    }
  } catch (const LineClosed&) {
    // The coordinator is gone: there is nobody to tell, and its next one goes on from the checkpoint.
  }
}

}  // namespace crosstalk::run
