#pragma once

#include "measure/around.hpp"
#include "measure/scalar.hpp"
#include "measure/subject.hpp"
#include "trace/grams.hpp"

namespace crosstalk::measure {

/// Makes cosines of gradients along trajectories from Grams of small blocks of rows, each of which is made
/// and dropped: no gradient of a sample is ever formed whole, and memory grows with the numbers that come out
/// alone.
class Angles {
 public:
  /// `subject` outlives it; `function` is probe.function, `budget_bytes` runtime.memory.
  Angles(Subject& subject, Function function, std::int64_t budget_bytes);

  /// Of a set's samples with their neighbours and with others. `memory`: beside the others the distance of
  /// the console's memory, the mean of the bytes' absolute differences.
  Cosines of(Gradient gradient, const data::Rows& samples, const Reach& reach, bool memory,
             learn::Passes& passes);

 private:
  void look_along(Gradient gradient, learn::Passes& passes, Cosines& cosines);
  void look_apart(Gradient gradient, const data::Rows& samples, learn::Passes& passes, Cosines& cosines);
  Gram gram(Gradient gradient, const data::Rows& rows, learn::Passes& passes);
  Gram gram_of_function(const data::Rows& rows);
  Gram gram_of_loss(const data::Rows& rows, learn::Passes& passes);

  Subject& subject_;
  Function function_;
  trace::Grams grams_;
  at::Tensor inputs_;
};

}  // namespace crosstalk::measure
