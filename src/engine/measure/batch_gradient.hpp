#pragma once

#include "measure/subject.hpp"
#include "trace/trace.hpp"

namespace crosstalk::measure {

/// The direction of the loss gradient of a whole set of rows, and how single rows' gradients lie to it. Rows
/// pass by in blocks: of no row a gradient is formed, and of the set one vector as long as theta.
class BatchGradient {
 public:
  /// `subject` outlives it.
  explicit BatchGradient(Subject& subject);

  /// The gradient of the sum over these rows of each one's own loss, the one that is learned by, times its
  /// weight. Rows without an aim do not count.
  void look(const Set& all, learn::Passes& passes);
  /// (n) double, on the CPU: the cosine of each row's loss gradient with it; NaN where one of them is 0, as
  /// that of a row without an aim is.
  at::Tensor cosines(const data::Rows& rows, learn::Passes& passes);

 private:
  trace::Trace trace_of(const data::Rows& rows, const at::Tensor& weights, learn::Passes& passes);

  Subject& subject_;
  const nn::Network& network_;
  at::Tensor direction_;  // (P) of length 1, or 0
  at::Tensor inputs_;
  nn::Tape tape_;
  nn::Gradients gradients_;
};

}  // namespace crosstalk::measure
