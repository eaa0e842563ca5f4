#pragma once

#include "learn/objective.hpp"

namespace crosstalk::learn {

/// One update as a value: for the descent, the source, and whoever measures. Its tensors are slots that are
/// reused by the next.
struct Update {
  Batch batch;
  Aims aims;
  at::Tensor inputs;       // (M, input)
  nn::Tape tape;           // of the pass at them
  Pull pull;               // over the batch
  nn::Gradients gradients; // of the pass back
  at::Tensor gradient;     // (P): what is stepped along
};

}  // namespace crosstalk::learn
