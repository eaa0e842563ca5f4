#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/shared_json.hpp"

namespace crosstalk::work {

/// A run to be done: who, what, and the other fields of the message `run` (seed, data, checkpoint,
/// checkpoint_seconds, kept).
struct Assignment {
  std::string run;
  SharedJson configuration;
  Json fields;
};

/// Makes the file of a run's data again where it is gone or damaged, and gives the message's field `data`
/// (file, sha256); null when the user interrupted it. Error where it cannot be made, or would be other data.
using DataAgain = std::function<Json(const std::string& run)>;

/// What a worker could not use is made again (data) or removed (a checkpoint: its run begins anew), each a
/// few times a run at most, and said.
class Mending {
 public:
  Mending(DataAgain data, std::function<void(const std::string&)> remark)
      : data_(std::move(data)), remark_(std::move(remark)) {}

  /// By the message with which its worker ended the assignment. True when it is to be handed out again (its
  /// data may be elsewhere now); where the mending failed, `message` says why.
  bool mended(Assignment& assignment, const Json& end, std::string& message);
  /// The same where the worker died: the data may have been cut while it read them.
  bool mended_after_death(Assignment& assignment, std::string& message);

 private:
  bool mend(Assignment& assignment, const std::string& unusable, const std::string& wrong);

  DataAgain data_;
  std::function<void(const std::string&)> remark_;
  std::map<std::pair<std::string, std::string>, int>
      mended_;  // of a run and "data" or "checkpoint": how often
};

}  // namespace crosstalk::work
