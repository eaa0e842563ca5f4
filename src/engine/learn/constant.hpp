#pragma once

#include "learn/loss.hpp"

namespace crosstalk::learn {

/// How well the predictor that `training` makes best does on `targets`, by the loss's own formulas, in
/// double. Both are targets as examples have them: classes (N) of `outputs`, or numbers (N, outputs).
Constant constant_errors(const Loss& loss, const at::Tensor& training, const at::Tensor& targets,
                                  std::int64_t outputs);

}  // namespace crosstalk::learn
