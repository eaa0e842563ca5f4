#pragma once

#include "measure/evidence.hpp"

namespace crosstalk::measure {

/// The effective rank (Roy and Vetterli 2007) of singular values or eigenvalues, none below 0:
/// exp(- sum_k p_k ln p_k), p_k = s_k / sum_i s_i. 0 where all of them are.
double effective_rank(const at::Tensor& values);

/// Calls visit(set, singular values of the last hidden layer there) for each sampled set that has any
/// (Needs::activations).
template <class Visit>
void each_spectrum(const Evidence& evidence, Visit visit) {
  for (const Viewed& viewed : evidence.stack) {
    const at::Tensor& values = viewed.activations->singular_values;
    if (values.defined() && values.numel() > 0) visit(viewed.set, values);
  }
}

}  // namespace crosstalk::measure
