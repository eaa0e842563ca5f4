#include "cli/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/console.hpp"
#include "cli/describe.hpp"

namespace crosstalk::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double redraw_seconds = 0.2, plain_seconds = 30;
constexpr int bar_width = 24;

double since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

}  // namespace

std::string bar(double share) {
  const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * bar_width));
  return '[' + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(bar_width - full), '.') + ']';
}

std::string on_one_line(std::string line) {
  line.resize(
      std::min<std::size_t>(line.size(), static_cast<std::size_t>(std::max(1, terminal_columns() - 1))));
  return line;
}

Progress::Progress(const store::Store& store, std::vector<std::string> swept, int jobs)
    : store_(store),
      swept_(std::move(swept)),
      jobs_(jobs),
      live_(is_terminal(STDOUT_FILENO)),
      colour_(may_colour()) {}

void Progress::open(std::map<std::string, double> expected) {
  expected_ = std::move(expected);
  total_ = static_cast<int>(expected_.size());
  for (store::RunRecord& record : store_.runs()) records_[record.run] = std::move(record);
  for (auto& [run, seconds] : expected_) all_ += seconds = std::max(seconds, 1e-3);
  drawn_at_ = said_at_ = Clock::now();
  awake_.pass();
  open_ = true;
}

Progress::~Progress() { close(); }

void Progress::began(const std::string& run) { running_[run] = 0; }

void Progress::progressed(const std::string& run, std::int64_t step, std::int64_t of) {
  if (of > 0) running_[run] = static_cast<double>(step) / static_cast<double>(of);
}

void Progress::finished(const work::Finished& how) {
  running_.erase(how.run);
  if (how.status == store::Status::running) return;  // stopped, to be gone on with
  ++done_;
  past_ += expected_[how.run];
  const store::RunRecord& record = records_.at(how.run);
  std::string line = how.status == store::Status::done ? "done      " : "";
  std::string what, where;
  if (how.status == store::Status::done) {
    const std::vector<Row> rows = store_.rows_of(how.run);
    what = last_results(rows);
    if (!rows.empty() && record.configuration->value("probe.until", "never") != "never")
      where = ", ended at step " + std::to_string(rows.back().step);
  } else {
    const bool failed = how.status == store::Status::failed;
    ++(failed ? failed_ : diverged_);
    line = failed ? "failed    " : "diverged  ";
    if (colour_) line = "\033[33m" + line + "\033[0m";
    what = how.message.substr(0, how.message.find('\n'));
  }
  say(line +
      printable(record.experiment + "  " + describe(*record.configuration, swept_, record.seed) + ":  " +
                what) +
      "  (" + duration(how.seconds) +
      (how.resumed_at > 0 ? ", from step " + std::to_string(how.resumed_at) : "") + where + ")");
}

void Progress::stopping(bool at_once) {
  asked_to_stop_ = true;
  say(at_once ? "stopping at once"
      : open_ ? "stopping: running runs write a checkpoint first (once more stops at once)"
              : "stopping: what is being timed ends first (once more stops at once)");
}

void Progress::said(const std::string& what) {
  if (drawn_) print_if_heard("\r\033[K");
  drawn_ = false;
  remark(what);
}

void Progress::say(const std::string& line) {
  print_if_heard((drawn_ ? "\r\033[K" : "") + line + '\n');
  drawn_ = false;
  if (live_ && open_) draw();
}

double Progress::share() const {
  double done = past_;
  for (const auto& [run, part] : running_) done += part * expected_.at(run);
  return all_ > 0 ? done / all_ : 1;
}

/// What is left, at the speed so far; before there is one, at the speed that was expected.
double Progress::left() const {
  const double part = share();
  if (part > 0.02) return worked_seconds_ * (1 - part) / part;
  return all_ * (1 - part) / std::max(1, jobs_);
}

std::string Progress::state() const {
  std::string text = std::to_string(done_) + " of " + std::to_string(total_) + " runs, " +
                     std::to_string(running_.size()) + " running";
  if (failed_ > 0) text += ", " + std::to_string(failed_) + " failed";
  if (diverged_ > 0) text += ", " + std::to_string(diverged_) + " diverged";
  return text + (asked_to_stop_ ? ", stopping" : ", about " + duration(left()) + " left");
}

void Progress::draw() {
  print_if_heard("\r\033[K" + on_one_line(bar(share()) + ' ' + state()));
  drawn_ = true;
  drawn_at_ = Clock::now();
}

void Progress::passed() {
  if (!open_) return;
  worked_seconds_ += awake_.pass();
  if (live_ && since(drawn_at_) >= redraw_seconds) draw();
  if (!live_ && since(said_at_) >= plain_seconds) {
    print_if_heard(state() + '\n');
    said_at_ = Clock::now();
  }
}

void Progress::close() {
  if (drawn_) print_if_heard("\r\033[K");
  drawn_ = open_ = false;
}

}  // namespace crosstalk::cli
