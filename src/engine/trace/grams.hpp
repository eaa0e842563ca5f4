#pragma once

#include <functional>

#include "trace/gram_matrix.hpp"
#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// Outputs and Gram matrices of one set of samples within a budget of memory, measurement after measurement.
/// Where it fits, one forward pass over all samples serves every matrix: a backward pass and a contraction
/// each. Where it does not, each matrix walks over the samples in blocks (blocks.hpp). Which of the two it
/// is, and so the last bits, depends on sizes, the number of threads and the budget, not on the machine.
class Grams {
 public:
  /// `network` must outlive it. budget_bytes (runtime.memory) is for the matrices of one set and all that is
  /// formed on the way to them; x, theta and what the caller holds stand beside it.
  Grams(const nn::Network& network, std::int64_t budget_bytes);

  /// Begins with the samples x (N, input), of which `matrices` Gram matrices will be asked for: the network's
  /// outputs (N, p), the same to the last bit however many these are, valid until the next call.
  /// Error(config) that says both numbers where the budget is too small. `parameters` must stay as they are
  /// until the last matrix is made. `see` is called with the tape of each pass, which the next overwrites:
  /// once, or for each block of samples, of which `first` is the first.
  using See = std::function<void(const nn::Tape& tape, std::int64_t first)>;
  const at::Tensor& outputs(const nn::Parameters& parameters, const at::Tensor& x, int matrices,
                            const See& see = {});

  /// Of those samples: the scalar of each has the gradient `cotangent` (N, p) at the outputs.
  GramMatrix gram(const at::Tensor& cotangent);

  /// Whether the matrices are made in one pass over all samples.
  bool in_one_pass() const { return whole() <= double(budget_); }
  /// For people: each part's method in the last matrix and its cost (plan.hpp); empty where none was made.
  std::string methods() const;

 private:
  /// Bytes that a sample takes in one pass over all of them: on the tape, and with the backward pass.
  struct Needs {
    double forward = 0, both = 0;
  };
  Needs needs_of_a_sample() const;
  double kept() const;     // bytes of the matrices and the outputs
  double forward() const;  // of a forward pass over all samples
  double whole() const;    // of the matrices in one pass
  void check_budget() const;
  void forward_in_blocks(const See& see);

  const nn::Network& network_;
  std::int64_t budget_;
  const nn::Parameters* parameters_ = nullptr;
  at::Tensor x_, outputs_;
  int matrices_ = 0;
  Needs sample_;
  nn::Tape tape_;  // of all samples, where one pass serves
  nn::Gradients gradients_;
  Scratch scratch_;
};

}  // namespace crosstalk::trace
