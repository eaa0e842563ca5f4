#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "work/coordinator.hpp"

namespace crosstalk::cli {

/// A bar as long as the share, 0 to 1, of its whole: "[######..................]".
std::string bar(double share);
/// A line cut to the terminal's width, so that it can be drawn again in its place.
std::string on_one_line(std::string line);

/// Shows how a study goes: a line for each finished run; below them, on a terminal, one live line with a bar;
/// elsewhere a plain line now and then.
class Progress : public work::Watcher {
 public:
  Progress(const store::Store& store, std::vector<std::string> swept, int jobs);
  ~Progress() override;

  /// Begins to show; until then it is silent. `expected`: estimated seconds of each run that is to be done,
  /// by which the bar and the time left go.
  void open(std::map<std::string, double> expected);
  void close();  // takes the live line away

  void began(const std::string& run) override;
  void progressed(const std::string& run, std::int64_t step, std::int64_t of) override;
  void finished(const work::Finished& how) override;
  void stopping(bool at_once) override;
  void said(const std::string& line) override;
  void passed() override;

 private:
  void say(const std::string& line);
  void draw();
  double share() const;  // of the expected work that is done
  double left() const;   // seconds on the clock
  std::string state() const;

  const store::Store& store_;
  std::vector<std::string> swept_;
  std::map<std::string, store::RunRecord> records_;
  std::map<std::string, double> expected_;
  std::map<std::string, double> running_;  // how much of each is done, 0 to 1
  double all_ = 0, past_ = 0;
  int jobs_, total_ = 0, done_ = 0, failed_ = 0, diverged_ = 0;
  bool live_, colour_, open_ = false, drawn_ = false, asked_to_stop_ = false;
  std::chrono::steady_clock::time_point drawn_at_, said_at_;
  work::Awake awake_;
  double worked_seconds_ = 0;  // without the time in which all was suspended
};

}  // namespace crosstalk::cli
