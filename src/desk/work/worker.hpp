#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "work/child.hpp"

namespace crosstalk::work {

/// One worker process: messages (base/message.hpp) to and from it, without ever waiting for it.
class Worker {
 public:
  explicit Worker(const Command& command);

  int descriptor() const { return child_.output(); }
  Child& child() { return child_; }
  /// False when the other end is gone; what became of it `closed` and Child::ended tell.
  bool send(const Json& message);
  /// Every whole message that has come. Error(environment) on bytes that are none.
  std::vector<Json> receive();
  bool closed() const { return closed_; }
  /// Its silence: the seconds for which others waited for it since it spoke, or was spoken to.
  double silent_seconds() const { return silent_seconds_; }
  void waited(double seconds) { silent_seconds_ += seconds; }

  /// What it wrote to standard error since `mark`, its last lines.
  void mark();
  std::string complaint() const;

 private:
  Child child_;
  std::filesystem::path errors_;
  std::uintmax_t marked_ = 0;
  std::string buffer_;
  bool closed_ = false;
  double silent_seconds_ = 0;
};

}  // namespace crosstalk::work
