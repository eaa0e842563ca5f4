#pragma once

#include "measure/hidden.hpp"
#include "measure/scalar.hpp"
#include "measure/subject.hpp"
#include "trace/grams.hpp"

namespace crosstalk::measure {

/// The sampled sets, stacked: one forward pass over all of them, the losses there, one backward pass and one
/// Gram a function.
class Stack {
 public:
  /// `subject` outlives it; `function` is probe.function, `budget_bytes` runtime.memory.
  Stack(Subject& subject, Function function, std::int64_t budget_bytes);

  /// Fills evidence.stack by what is needed of it; it may stay empty (nothing is to be measured yet).
  void gather(const Needs& needs, learn::Passes& passes, Evidence& evidence);
  /// An agent's loss as a number: the mean over the samples of what it learns by.
  void add_own_loss(const Needs& needs, learn::Passes& passes, Evidence& evidence);
  /// Where the evidence was gathered from, (n, input): for a pass over the same samples later.
  const at::Tensor& inputs() const { return inputs_; }
  /// The outputs there after the update that followed.
  void look_again(const at::Tensor& inputs, Evidence& evidence);

  std::string methods() const { return grams_.methods(); }

 private:
  void look(const Needs& needs, Evidence& evidence);
  void gather_losses(const std::string& objective, const Needs& needs, learn::Passes& passes,
                     Evidence& evidence);
  const at::Tensor& look_ahead(const learn::Objective& objective, const Needs& needs,
                               const Evidence& evidence);
  void gather_grams(const Needs& needs, learn::Passes& passes, Evidence& evidence);
  int matrices(const Needs& needs) const;

  Subject& subject_;
  Function function_;
  trace::Grams grams_, ahead_;  // of the stack; of s and s' of all its steps
  Hidden hidden_;
  at::Tensor inputs_;         // of the stack, (n, input)
  bool inputs_stay_ = false;  // all of its sets are fixed
  at::Tensor outputs_;        // of the stack, (n, p)
  at::Tensor own_;  // cotangents of the own objective, (n, p) or (2 n, p), where they were asked for
};

/// The Gram of the sum of two uses, from that of both: rows n of 2 n are at s, the others at s'.
Gram folded(const Gram& both);

/// A copy in double precision on the CPU: the tape that an output stands on is used again.
at::Tensor exact(const at::Tensor& output);

}  // namespace crosstalk::measure
