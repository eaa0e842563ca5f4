#pragma once

#include <set>
#include <string>

#include "measure/evidence.hpp"

namespace crosstalk::measure {

/// What a measure wants gathered. Two that want the same share it.
class Needs {
 public:
  /// A Gram over the stack of sampled sets.
  void gram(Gradient gradient) { grams_.insert(gradient); }
  /// Each sample's loss (and error) at the sampled sets: "own" is the objective that is learned by, "td" the
  /// semi-gradient TD error.
  void losses(const std::string& objective) { losses_.insert(objective); }
  /// Outputs at the sampled sets before the update that follows and after it: Measure::change().
  void change() { change_ = true; }
  /// Outputs at another set of the subject, by name.
  void outputs(const std::string& set) { outputs_.insert(set); }
  /// A number that the subject knows of itself, with those beside it ("accuracy": "accuracy.constant" too).
  void number(const std::string& name) { numbers_.insert(name); }

  bool wants(Gradient gradient) const { return grams_.contains(gradient); }
  bool wants_number(const std::string& name) const { return numbers_.contains(name); }
  bool wants_change() const { return change_; }
  bool wants_samples() const { return !grams_.empty() || change_ || !losses_.empty(); }
  const std::set<std::string>& losses() const { return losses_; }
  const std::set<std::string>& outputs() const { return outputs_; }
  const std::set<std::string>& numbers() const { return numbers_; }

 private:
  std::set<Gradient> grams_;
  std::set<std::string> losses_, outputs_, numbers_;
  bool change_ = false;
};

}  // namespace crosstalk::measure
