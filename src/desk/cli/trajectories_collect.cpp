#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/environments.hpp"
#include "base/error.hpp"
#include "base/temporary_folder.hpp"
#include "base/trajectory_set.hpp"
#include "cli/console.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "cli/source.hpp"
#include "cli/trajectories.hpp"
#include "study/counting.hpp"
#include "study/own_class.hpp"
#include "study/reading.hpp"
#include "study/toml.hpp"
#include "work/collecting.hpp"
#include "work/data.hpp"
#include "work/expert.hpp"
#include "work/lock.hpp"

namespace crosstalk::cli {
namespace {

constexpr double usual_epsilon = 0.01;
constexpr double redraw_seconds = 0.2, plain_seconds = 30;

/// How far it is: a bar on a terminal, a line now and then elsewhere.
class Bar final : public work::CollectingWatcher {
 public:
  ~Bar() override { clear(); }

  void progressed(std::int64_t steps, std::int64_t of, std::int64_t episodes) override {
    if (first_ < 0) first_ = steps;
    const double since = seconds(drawn_at_);
    if (since < (live_ ? redraw_seconds : plain_seconds)) return;
    drawn_at_ = Clock::now();
    std::string text = with_commas(steps) + " of " + with_commas(of) + " transitions, " +
                       with_commas(episodes) + (episodes == 1 ? " episode" : " episodes");
    const auto share = static_cast<double>(steps) / static_cast<double>(of);
    if (stopping_)
      text += ", stopping";
    else if (steps > first_)
      text +=
          ", about " +
          duration(seconds(begun_) * static_cast<double>(of - steps) / static_cast<double>(steps - first_)) +
          " left";
    if (!live_) return print_if_heard(text + '\n');
    print_if_heard("\r\033[K" + on_one_line(bar(share) + ' ' + text));
    drawn_ = true;
  }
  void remark(const std::string& what) override {
    clear();
    cli::remark("note: " + what);
  }
  void stopping(bool at_once) override {
    stopping_ = true;
    clear();
    print_if_heard(at_once ? "stopping at once\n"
                           : "stopping: whole episodes are stored first (once more stops at once)\n");
  }
  void clear() {
    if (drawn_) print_if_heard("\r\033[K");
    drawn_ = false;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds(Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
  }

  bool live_ = is_terminal(STDOUT_FILENO), drawn_ = false, stopping_ = false;
  std::int64_t first_ = -1;  // where it went on
  Clock::time_point begun_ = Clock::now(), drawn_at_ = begun_;
};

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorKind::config, what); }

/// Who acts, by what was said of it.
void check_policy(const CollectOptions& options) {
  if (!options.policy.empty() && options.policy != "random")
    refuse("--policy " + cut(options.policy) +
           ": there is random alone; who has learned is given by --expert.");
  if (options.policy.empty() == options.expert.empty())
    refuse("say who acts, one of both: --policy random, or --expert FILE");
  if (options.expert.empty() && options.epsilon >= 0)
    refuse("--epsilon goes with --expert alone: all actions of --policy random are random");
}

/// The keys of the environment, resolved as those of a study that names it.
study::Configuration task_of(const CollectOptions& options) {
  for (const std::string& set : options.sets) {
    const std::string key = set.substr(0, set.find_first_of("= "));
    if (!key.starts_with("task.") || key == "task.environment" || key == "task.kind")
      refuse("--set " + cut(set) + ": keys of the task can be set here, as task.episode-steps=1000" +
             (key == "task.environment" ? "; the environment is given by --env." : "."));
  }
  if (!is_learned_in(options.environment, "control"))
    refuse("--env " + cut(options.environment) +
           ": trajectories are collected in gym:NAME, gym:FILE.py:CLASS, minatar:NAME, atari:NAME, and in "
           "the exact environments gridworld and random-walk");
  const std::string text = "task.environment = " + study::to_toml(options.environment) + "\n";
  std::vector<std::string> sets = options.sets;
  sets.push_back("task.kind=control");
  try {
    const study::Reading reading = study::read_study("--env", "", [&](const std::string&) { return text; },
                                                     {.sets = sets, .device = options.device});
    if (!reading.study.swept.empty())
      refuse("--set " + reading.study.swept.front() + ": give one value, not a list of several");
    return reading.study.runs.front();
  } catch (const Error& error) {
    std::string message = error.what();
    for (std::size_t at; (at = message.find("--env:1:")) != message.npos;) message.erase(at + 5, 2);
    throw Error(error.kind(), message);
  }
}

/// The keys of the task that count for its environment.
Json task_keys_of(const study::Configuration& run) {
  const study::Lookup value = study::lookup_in(run.values);
  Json task = Json::object();
  for (const auto& [name, said] : run.values)
    if (const study::Key* key = study::find_key(name); name.starts_with("task.") &&
                                                       name != "task.environment" && name != "task.kind" &&
                                                       study::counts(*key, value))
      task[name] = said;
  return task;
}

/// Whether a whole set is there: nobody writes into one, so that it may lie on a disk that is read alone.
bool is_whole(const std::filesystem::path& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder / TrajectorySet::about_name, ignored) &&
         TrajectorySet::read(folder).complete;
}

/// The file of the expert; that of a set's own copy where the set is complete and its expert is gone.
std::string expert_of(const CollectOptions& options, const std::string& environment, const Json& task) {
  std::error_code ignored;
  const std::filesystem::path folder = options.out, copy = folder / TrajectorySet::expert_name;
  if (options.expert.empty()) return "";
  if (!std::filesystem::exists(options.expert, ignored) && std::filesystem::exists(copy, ignored) &&
      is_whole(folder))
    return copy.string();
  const std::filesystem::path file = work::expert_in(options.expert, environment, task);
  if (file != options.expert) say_if_heard("the expert is " + file.string() + '\n');
  return file.string();
}

Json order_of(const CollectOptions& options, const study::Configuration& run, const std::string& folder) {
  const Json task = task_keys_of(run);
  const std::string expert = expert_of(options, run.values.at("task.environment"), task);
  Json order = {{"folder", folder},
                {"configuration", run.values},
                {"task", task},
                {"seed", options.seed},
                {"transitions", options.transitions},
                {"expert", expert.empty() ? Json() : Json(whole_path(expert))},
                {"epsilon", options.epsilon < 0 ? usual_epsilon : options.epsilon},
                {"checkpoint_seconds", options.checkpoint_seconds},
                {"ram", options.ram}};
  if (const auto own = study::own_class_of(run)) {
    const std::filesystem::path base = options.base.empty() ? std::filesystem::current_path() : options.base;
    const work::Datasets files = work::prepare_data({run}, {}, {{"base", base.string()}}, remark, nullptr);
    order["environment"] = work::data_field(*work::data_of(run, files));
  }
  return order;
}

/// Whether a name is one that collecting makes before it writes trajectories.json.
bool comes_first(const std::string& name) {
  return name == ".lock" || name == TrajectorySet::expert_name || name.ends_with(".partial");
}

/// Makes the folder; what lies there already must be a set, or the beginning of one. Whether it was made now.
bool make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  const bool is_new = !std::filesystem::exists(folder, failure);
  std::filesystem::create_directories(folder, failure);
  if (failure)
    throw Error(ErrorKind::store, folder.string() + " cannot be made: " + failure.message() +
                                      ". Give another --out, or the permission to write there.");
  if (std::filesystem::exists(folder / TrajectorySet::about_name, failure)) return is_new;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!comes_first(name))
      throw Error(ErrorKind::store, folder.string() + " holds " + cut(printable(name)) + ", and no " +
                                        TrajectorySet::about_name +
                                        ": it is no set of trajectories, or has lost that file. Put it back, "
                                        "or give another --out.");
  }
  return is_new;
}

/// What a refused call has made goes again, where nothing has begun there.
void remove_unbegun(const std::filesystem::path& folder, bool is_new) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename() != ".lock") return;
  std::filesystem::remove(folder / ".lock", ignored);
  if (is_new) std::filesystem::remove(folder, ignored);
}

int say_how_it_ended(const Json& answer, const std::string& folder, const work::Interrupts& interrupts) {
  const std::string name = shell_word(folder);
  if (answer.at("status") == "stopped") {
    const auto stored = answer.value("steps", std::int64_t{-1});
    say_if_heard((stored < 0    ? std::string("stopped")
                  : stored == 0 ? std::string("stopped: no episode had ended, so that nothing is stored yet")
                                : "stopped: " + with_commas(stored) + " transitions are stored") +
                 "\nthe same command goes on\n");
    return 128 + (interrupts.signal() != 0 ? interrupts.signal() : 15);
  }
  const auto steps = answer.at("steps").get<std::int64_t>(),
             episodes = answer.at("episodes").get<std::int64_t>();
  say_if_heard((answer.at("was_complete") == true ? "there already: " : "done: ") + with_commas(steps) +
               " transitions of " + with_commas(episodes) + (episodes == 1 ? " episode" : " episodes") +
               "\nnext:  crosstalk trajectories info " + name + '\n');
  return 0;
}

}  // namespace

Json collected(const CollectOptions& options, const Context& context, const work::Interrupts& interrupts) {
  check_policy(options);
  const study::Configuration run = task_of(options);
  const std::string folder = whole_path(options.out);
  const Json order = order_of(options, run, folder);
  const bool is_new = make_folder(options.out);
  std::optional<work::FolderLock> lock;
  if (!is_whole(options.out)) lock.emplace(options.out, "crosstalk trajectories info");
  try {
    const TemporaryFolder logs;
    work::Command worker = worker_command(context);
    worker.errors = logs.path() / "worker.log";
    Bar bar;
    return work::collect(worker, order, bar, interrupts);
  } catch (...) {
    remove_unbegun(options.out, is_new);
    throw;
  }
}

int collect_trajectories(const CollectOptions& options, const Context& context) {
  const work::Interrupts interrupts;
  return say_how_it_ended(collected(options, context, interrupts), options.out, interrupts);
}

}  // namespace crosstalk::cli
