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
  /// The losses of probe.losses around the minibatch of the update that follows, before it and after it
  /// (Evidence::around): Measure::change().
  void update() { update_ = true; }
  /// Beside them the change to first order, and to second.
  void prediction() { update_ = prediction_ = true; }
  void second_prediction() { prediction(), second_ = true; }
  /// The TD error's square there, its target held, also where no loss is asked for.
  void squares() { update_ = squares_ = true; }
  /// The TD errors at probe.window steps from each sample on (Viewed::window).
  void window() { window_ = true; }
  /// And what the update that follows makes of them (Viewed::window_after): Measure::change().
  void window_after() { window_ = window_after_ = true; }
  /// The targets of what is learned by at these steps (Viewed::targets).
  void targets() { targets_ = true; }
  /// Cosines of the gradients at the samples with those at their neighbours and at others
  /// (Viewed::cosines).
  void cosines(Gradient gradient) { cosines_.insert(gradient); }
  /// Beside those of the function the distances of the console's memory there.
  void memory() { memory_ = true, cosines(Gradient::function); }
  /// What became of values between an update and the next one on the same transitions (Evidence::drifts).
  void drift() { drift_ = true; }
  /// What hidden layers make of the sampled sets (Viewed::activations).
  void activations() { activations_ = true; }
  /// The parameters (Evidence::weights).
  void weights() { weights_ = true; }
  /// And what the update that follows makes of them: Measure::change().
  void step() { weights_ = step_ = true; }
  /// How the interference of pairs evolves at the update that follows (Evidence::evolution), and what of it
  /// beside its terms: Measure::change().
  void evolution() { evolution_ = true; }
  void evolution_with_momentum() { evolution_ = asked_.momentum = true; }
  void evolution_at_the_step() { evolution_ = asked_.step = true; }
  void evolution_by_layers() { evolution_ = asked_.layers = true; }
  /// The classes of the samples (Viewed::classes).
  void classes() { classes_ = true; }
  /// Cosines of each sample's loss gradient with the full batch's (Viewed::to_batch).
  void to_batch() { to_batch_ = true; }
  /// The Gram of all outputs at the samples (Viewed::kernel).
  void kernel() { kernel_ = true; }
  /// Outputs at another set of the subject, by name.
  void outputs(const std::string& set) { outputs_.insert(set); }
  /// A number that the subject knows of itself, with those beside it ("accuracy": "accuracy.constant" too).
  void number(const std::string& name) { numbers_.insert(name); }

  bool wants(Gradient gradient) const { return grams_.contains(gradient); }
  bool wants_number(const std::string& name) const { return numbers_.contains(name); }
  bool wants_change() const { return change_; }
  bool wants_update() const { return update_; }
  bool wants_prediction() const { return prediction_; }
  bool wants_second_prediction() const { return second_; }
  bool wants_squares() const { return squares_; }
  bool wants_window() const { return window_; }
  bool wants_window_after() const { return window_after_; }
  bool wants_targets() const { return targets_; }
  bool wants_evolution() const { return evolution_; }
  const EvolutionAsked& evolution_asked() const { return asked_; }
  bool wants_classes() const { return classes_; }
  bool wants_to_batch() const { return to_batch_; }
  bool wants_kernel() const { return kernel_; }
  bool wants_memory() const { return memory_; }
  bool wants_drift() const { return drift_; }
  bool wants_activations() const { return activations_; }
  bool wants_weights() const { return weights_; }
  bool wants_step() const { return step_; }
  const std::set<Gradient>& cosines() const { return cosines_; }
  bool wants_samples() const {
    return !grams_.empty() || !cosines_.empty() || !losses_.empty() || change_ || window_ || targets_ ||
           activations_ || to_batch_ || kernel_;
  }
  const std::set<std::string>& losses() const { return losses_; }
  const std::set<std::string>& outputs() const { return outputs_; }
  const std::set<std::string>& numbers() const { return numbers_; }

 private:
  std::set<Gradient> grams_, cosines_;
  std::set<std::string> losses_, outputs_, numbers_;
  bool change_ = false, update_ = false, prediction_ = false, second_ = false, squares_ = false,
       window_ = false;
  bool memory_ = false, drift_ = false, activations_ = false, weights_ = false, step_ = false;
  bool evolution_ = false;
  EvolutionAsked asked_;
  bool classes_ = false, to_batch_ = false, kernel_ = false, window_after_ = false, targets_ = false;
};

}  // namespace crosstalk::measure
