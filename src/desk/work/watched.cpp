#include "work/watched.hpp"

#include <unistd.h>

#include <map>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "study/load.hpp"
#include "study/schema.hpp"
#include "study/watched.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::work {
namespace {

namespace fs = std::filesystem;

constexpr double patience_to_begin = 10, patience_to_commit = 0.25;  // seconds

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorKind::config, message); }

/// The commands' word for another place is one that Python does not have.
Error in_a_loop(const Error& error) {
  std::string text = error.what();
  for (const std::string word : {"another --out", "a new --out"})
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word))
      text.replace(at, word.size(), "another folder");
  return Error(error.kind(), text);
}

Json record_of(const std::string& name, const std::vector<store::RunRecord>& runs, const Json& former) {
  std::map<std::string, std::set<std::string>> values;
  for (const store::RunRecord& run : runs) {
    if (!run.named) continue;
    for (const auto& [key, value] : run.configuration->items()) values[key].insert(value.dump());
  }
  Json swept = Json::array();
  for (const auto& [key, found] : values)
    if (found.size() > 1) swept.push_back(key);
  study::Study study{.name = name,
                     .title = name,
                     .description =
                         "Watched in a training loop of its own: what was measured in the loop, by the "
                         "settings that it was given."};
  Json record = study_record(study, {}, Json(), former, {});
  record["kind"] = study::watched;
  record["swept"] = std::move(swept);
  return record;
}

std::set<std::string> names_of(const Json& configuration) {
  std::set<std::string> names;
  for (const auto& [name, _] : configuration.items())
    if (name != "task.kind") names.insert(name);
  return names;
}

/// A line of a figure is of one value of each setting: a run that lacks one would be in a line of others.
void check_same_settings(const std::string& folder, const WatchedRun& run,
                         const std::vector<store::RunRecord>& there) {
  const std::set<std::string> names = names_of(run.settings);
  for (const store::RunRecord& other : there) {
    const std::set<std::string> others = names_of(*other.configuration);
    for (const std::string& name : others)
      if (!names.contains(name))
        refuse("this run has no setting \"" + cut(name) + "\", which the runs in " + folder +
               " have. Give it, or another folder.");
    for (const std::string& name : names)
      if (!others.contains(name))
        refuse("the setting \"" + cut(name) + "\" is one that the runs in " + folder +
               " do not have. Leave it out, or give another folder.");
  }
}

}  // namespace

WatchedStore::WatchedStore(const fs::path& folder, WatchedRun run, bool replace)
    : folder_(folder), process_(::getpid()) {
  run = checked(std::move(run));
  run_ = identifier(run);
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error)
    throw Error(ErrorKind::store, folder_.string() + " cannot be made: " + error.message() +
                                      ". Give another folder, or the permission to write there.");
  if (at_work(folder_) == "process " + std::to_string(process_) + " on " + host())
    throw Error(ErrorKind::store,
                folder_.string() +
                    ": another watch of this process writes to it. Call finish() on that one "
                    "(or `del` it, in a notebook), or give another folder.");
  try {
    lock_ = std::make_unique<FolderLock>(folder_);
    open(run);
    begin(run, replace);
  } catch (const Error& caught) {
    throw in_a_loop(caught);
  }
  store_->set_patience(patience_to_commit);
  since_ = std::chrono::steady_clock::now();
}

WatchedStore::~WatchedStore() {
  if (::getpid() == process_) return;
  // In a child: to close the file, or to give up the lock, would be to do it for the parent.
  [[maybe_unused]] const auto* store = store_.release();
  [[maybe_unused]] const auto* lock = lock_.release();
}

/// One that is there must be of this kind, and of the same name.
void WatchedStore::open(const WatchedRun& run) {
  const fs::path file = ResultsFolder{folder_}.file();
  const bool is_there = fs::exists(file);
  store_ = std::make_unique<store::Store>(
      is_there ? store::Store::open(file) : store::Store::create(file, record_of(run.name, {}, Json())));
  store_->set_patience(patience_to_begin);
  const Json record = store_->study();
  if (!study::is_watched(record))
    throw Error(ErrorKind::store,
                folder_.string() +
                    " holds the results of a study that `crosstalk run` has run. Give another "
                    "folder.");
  if (study::schema_of(record) != study::schema_version)
    throw Error(ErrorKind::store, folder_.string() + " was made by schema " +
                                      std::to_string(study::schema_of(record)) + "; this is schema " +
                                      std::to_string(study::schema_version) + ". Give another folder.");
  if (const std::string name = record.value("name", ""); name != run.name)
    throw Error(ErrorKind::store,
                folder_.string() + " holds runs of \"" + cut(name) + "\", and this one is \"" +
                    cut(run.name) +
                    "\". Give another folder, or the same name and what differs as a setting.");
}

void WatchedStore::begin(const WatchedRun& run, bool replace) {
  std::vector<store::RunRecord> runs = store_->runs();
  const auto there =
      std::find_if(runs.begin(), runs.end(), [&](const auto& each) { return each.run == run_; });
  if (there != runs.end()) {
    if (!replace)
      throw Error(ErrorKind::store,
                  folder_.string() + " holds this run already (" + in_words(run) + "): " +
                      (there->status == store::Status::running ? std::string("interrupted")
                                                               : std::string(to_string(there->status))) +
                      ", with " + with_commas(std::ssize(store_->rows_of(run_))) +
                      " numbers. Give replace=True to measure it anew, or another seed, setting or folder.");
    store_->forget({{run_, ""}});
    runs.erase(there);
  }
  check_same_settings(folder_.string(), run, runs);
  std::int64_t place = 0;
  for (const store::RunRecord& other : runs) place = std::max(place, other.place + 1);
  runs.push_back({.run = run_,
                  .experiment = run.name,
                  .seed = run.seed,
                  .configuration = configuration_of(run),
                  .place = place});
  Json machine{{"host", host()}, {"crosstalk", CROSSTALK_VERSION}};
  if (!run.torch.empty()) machine["torch"] = run.torch;
  store_->set_study(record_of(run.name, runs, store_->study()));
  store_->name_runs(runs);
  for (const store::RunRecord& other : runs)  // the folder is locked: nobody goes on with it
    if (other.status == store::Status::running)
      store_->set_status(other.run, store::Status::failed,
                         "interrupted: its process ended before the run did", Json(), 0);
  store_->begin_try(run_);
  store_->set_status(run_, store::Status::running, "", machine, 0);
  lock_->check();
  store_->commit();
}

void WatchedStore::refuse_another_process() const {
  if (::getpid() != process_)
    throw Error(ErrorKind::store, folder_.string() + " is written to by process " + std::to_string(process_) +
                                      " alone, from which this one was forked. Add the numbers there.");
}

void WatchedStore::refuse_what_is_over() const {
  refuse_another_process();
  if (!store_)
    throw Error(ErrorKind::store,
                "run " + run_ + " in " + folder_.string() + " has ended: nothing can be added to it.");
}

void WatchedStore::add(const Row& row) {
  const std::lock_guard turn(turn_);
  refuse_what_is_over();
  check(row);
  rows_.push_back(row);
}

void WatchedStore::add(const Array& array) {
  const std::lock_guard turn(turn_);
  refuse_what_is_over();
  check(array);
  arrays_.push_back(array);
}

/// One by one: a number that is refused leaves the others.
void WatchedStore::append() {
  const auto put = [&](const std::vector<Row>& rows, const std::vector<Array>& arrays, std::int64_t step,
                       const std::string& measure, const std::string& split) {
    try {
      store_->append(run_, rows, arrays);
    } catch (const store::RowConflict&) {
      if (repeated_.empty())
        repeated_ = "step " + std::to_string(step) + ": " + measure +
                    (split.empty() ? "" : " (" + split + ")") +
                    " was added already, with another value, which stays. Add each number once a step.";
    }
  };
  repeated_.clear();
  store_->begin();
  for (const Row& row : rows_) put({row}, {}, row.step, row.measure, row.split);
  for (const Array& array : arrays_) put({}, {array}, array.step, array.name, array.split);
}

void WatchedStore::write(store::Status status, const std::string& message) {
  const auto now = std::chrono::steady_clock::now();
  try {
    append();
    store_->set_status(run_, status, message, Json(), std::chrono::duration<double>(now - since_).count());
    lock_->check();
    store_->commit();
  } catch (...) {
    store_->roll_back();  // what was added is still here
    throw;
  }
  since_ = now;
  rows_.clear();
  arrays_.clear();
}

void WatchedStore::commit() {
  const std::lock_guard turn(turn_);
  refuse_what_is_over();
  write(store::Status::running, "");
  if (!repeated_.empty()) throw Error(ErrorKind::store, folder_.string() + ": " + repeated_);
}

void WatchedStore::end(store::Status status, const std::string& message) {
  const std::lock_guard turn(turn_);
  refuse_what_is_over();
  write(status, message);
  store_.reset();
  lock_.reset();
  if (!repeated_.empty()) throw Error(ErrorKind::store, folder_.string() + ": " + repeated_);
}

void WatchedStore::finish() { end(store::Status::done, ""); }
void WatchedStore::fail(const std::string& message) { end(store::Status::failed, message); }

}  // namespace crosstalk::work
