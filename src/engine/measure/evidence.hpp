#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "data/table.hpp"
#include "learn/atoms.hpp"
#include "measure/around.hpp"
#include "measure/cosines.hpp"
#include "measure/drifts.hpp"
#include "measure/evolution.hpp"
#include "measure/hidden.hpp"
#include "measure/kernel.hpp"
#include "measure/pairs.hpp"
#include "measure/weights.hpp"
#include "measure/window.hpp"

namespace crosstalk::measure {

/// Whose gradient by theta: that of the function measured (probe.function), or of one sample's own loss.
enum class Gradient { function, loss };

/// A named set of samples: "train", "test", "seen", "states". Its name is the split of its rows.
struct Set {
  std::string name;
  data::Rows rows;
  bool fixed = false;       // the same rows, of the same content, all through a run
  at::Tensor weights = {};  // (n) what each row counts for in what is learned; undefined: all the same
};

/// Whether its rows are transitions, which have numbers for life.
bool is_of_steps(const Set& set);

/// Numbers that a subject knows of itself: "accuracy" -> "train" -> 0.9. Beside it stand its lines to beat:
/// "accuracy.constant", "reward.blind".
using Numbers = std::map<std::string, std::map<std::string, double>>;

/// How outputs are choices. What measures see are values, where the network gives distributions of them.
struct Readout {
  std::vector<std::int64_t> heads;         // sizes of the choices that they divide into; empty: nobody acts
  bool values = false;                     // they are values of actions (else logits)
  std::optional<learn::Atoms> atoms = {};  // the network gives distributions over these, whose means they are
};

/// What one objective says of a set, its targets held.
struct Losses {
  at::Tensor losses;  // (n)
  at::Tensor errors;  // (n, H), prediction minus target; undefined: this loss has none
};

/// A set with what was computed at it; what nobody asked for is undefined or not there.
struct Viewed {
  Set set;
  at::Tensor outputs, outputs_after;       // (n, p) double, on the CPU; what the next update made of them.
                                           // Of distributions their means
  std::map<std::string, Losses> losses;    // by objective; "own" is the one that is learned by
  std::optional<Window> window;            // the TD errors from each sample on
  std::optional<Window> window_after;      // the same when the next update has moved prediction and target
  std::optional<Window> targets;           // of what is learned by, from each sample on
  std::map<Gradient, Cosines> cosines;     // of the gradients at the samples and around them
  std::optional<Activations> activations;  // of the hidden layers at the samples
  std::vector<std::int64_t> classes;       // of each sample; empty: it has none
  at::Tensor to_batch;           // (n) double, cosines with the full batch's gradient (BatchGradient)
  std::optional<Kernel> kernel;  // of all outputs
  Json axis;                     // what its samples are in pictures, or null
};

/// What a probe has gathered at one moment of a run; measures read it.
struct Evidence {
  bool last = false;  // the measurement after a run's last update
  Readout readout;
  /// The sets that gradients are compared over, in the order of the stack; none where there is nothing to be
  /// measured yet (an agent that has learned nothing).
  std::vector<Viewed> stack;
  std::map<std::string, Viewed> others;  // sets beside them, by name: "states"
  std::map<Gradient, Gram> grams;        // over the stack
  std::optional<Around> around;          // the update that followed: Measure::change()
  std::optional<Evolution> evolution;    // of interference at that update: Measure::change()
  std::optional<Drifts> drifts;          // since the last measurement
  std::optional<Weights> weights;        // the parameters, and what that update made of them
  Numbers numbers;

  /// Where a set of the stack lies in it.
  Range range(std::size_t set) const;
  /// The pairs within each set of the stack and between each two; none where that Gram is not there.
  std::vector<PairSet> pairs(Gradient gradient) const;
  /// The class of each sample of the stack; empty where some have none.
  std::vector<std::int64_t> classes() const;
  std::optional<double> number(const std::string& name, const std::string& split) const;
};

}  // namespace crosstalk::measure
