#pragma once

#include <set>

#include "measure/evidence.hpp"

namespace crosstalk::measure {

/// What a measure wants gathered. Two that want the same share it.
class Needs {
 public:
  void gram(Function function) { functions_.insert(function); }
  void errors() { errors_ = true; }  // all of Errors but the loss
  void loss() { loss_ = true; }
  void change() { change_ = true; }

  bool wants(Function function) const { return functions_.contains(function); }
  bool wants_errors() const { return errors_; }
  bool wants_loss() const { return loss_; }
  bool wants_change() const { return change_; }
  bool wants_samples() const { return !functions_.empty() || change_; }

 private:
  std::set<Function> functions_;
  bool errors_ = false, loss_ = false, change_ = false;
};

}  // namespace crosstalk::measure
