#include "trace/grams.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>

#include <set>

#include "base/error.hpp"
#include "base/gram_memory.hpp"
#include "base/text.hpp"
#include "trace/blocks.hpp"
#include "trace/gram.hpp"
#include "trace/plan.hpp"

namespace crosstalk::trace {
namespace {

constexpr std::int64_t block = 128;  // samples of a forward pass in blocks

double matrix_bytes(const at::Tensor& x) { return double(x.size(0) * x.size(0) * x.element_size()); }

/// Adds up tensors, memory that several see once, without what belongs to `x`.
class Held {
 public:
  explicit Held(const at::Tensor& x) { seen_.insert(x.storage().unsafeGetStorageImpl()); }
  void add(const at::Tensor& tensor) {
    if (tensor.defined() && seen_.insert(tensor.storage().unsafeGetStorageImpl()).second)
      bytes_ += double(tensor.storage().nbytes());
  }
  double bytes() const { return bytes_; }

 private:
  std::set<const void*> seen_;
  double bytes_ = 0;
};

}  // namespace

Grams::Grams(const nn::Network& network, std::int64_t budget_bytes)
    : network_(network), budget_(budget_bytes) {}

Grams::Needs Grams::needs_of_a_sample() const {
  nn::Tape tape;
  nn::Gradients gradients;
  network_.forward(*parameters_, x_.narrow(0, 0, 1), tape);
  network_.backward(*parameters_, tape, at::zeros_like(tape.output()), gradients);
  Held held(x_);
  for (const at::Tensor& value : tape.values) held.add(value);
  const double forward = held.bytes();
  double reordered = 0;  // a convolution's input and output in another order, while it runs
  for (const at::Tensor& gradient : gradients) held.add(gradient);
  for (const LayerTrace& layer : make_trace(network_, *parameters_, tape, gradients).layers) {
    held.add(layer.inputs);
    reordered = std::max(reordered, double((layer.inputs.numel() + layer.output_gradients.numel()) *
                                           layer.inputs.element_size()));
  }
  return {forward + reordered, held.bytes() + reordered};
}

double Grams::kept() const {
  return matrices_ * matrix_bytes(x_) + double(x_.size(0) * network_.outputs() * x_.element_size());
}

double Grams::forward() const { return sample_.forward * double(x_.size(0)) + double(beside_tensors); }

double Grams::whole() const {
  // Beside the matrices that are kept: a part's products, those of its inputs, and a sum for each thread.
  const int threads = x_.is_cpu() ? at::get_num_threads() : 1;
  return kept() + sample_.both * double(x_.size(0)) + (2 + (threads > 1 ? threads : 0)) * matrix_bytes(x_) +
         double(Options{}.scratch_bytes + beside_tensors);
}

void Grams::check_budget() const {
  const GramSizes sizes{x_.size(0), matrices_, static_cast<std::int64_t>(x_.element_size())};
  const std::string samples = "a probe of " + with_commas(x_.size(0)) + " samples ",
                    mend = ": allow more, or take fewer probe.samples";
  if (const std::string beyond = beyond_memory(sizes, budget_); !beyond.empty())
    throw Error(ErrorKind::config, samples + beyond + mend);
  if (in_one_pass()) return;
  const double least = kept() + double(least_budget(network_, *parameters_, x_));
  if (least > double(budget_))
    throw Error(ErrorKind::config, samples + "needs " + spelled_memory(least, true) + ", of these " +
                                       spelled_memory(sizes.bytes()) +
                                       " for its Gram matrices, where runtime.memory allows " +
                                       spelled_memory(double(budget_)) + mend);
}

const at::Tensor& Grams::outputs(const nn::Parameters& parameters, const at::Tensor& x, int matrices,
                                 const See& see) {
  const bool same_sizes =
      x_.defined() && x_.sizes() == x.sizes() && x_.dtype() == x.dtype() && x_.device() == x.device();
  parameters_ = &parameters, x_ = x, matrices_ = matrices;
  if (!same_sizes) sample_ = needs_of_a_sample();
  if (matrices > 0) check_budget();
  const bool whole_forward = forward() <= double(budget_);
  // A tape for the backward pass, or a small one for the next measurement.
  const bool keeps_tape = in_one_pass() && (matrices > 0 || 4 * forward() <= double(budget_));
  if (whole_forward) {
    network_.forward(parameters, x, tape_);
    if (see) see(tape_, 0);
    if (keeps_tape) return tape_.output();
    outputs_ = tape_.output().clone();
  } else {
    forward_in_blocks(see);
  }
  tape_ = {}, gradients_ = {}, scratch_ = {};  // room for the walk
  return outputs_;
}

void Grams::forward_in_blocks(const See& see) {
  tape_ = {};
  const std::int64_t samples = x_.size(0);
  outputs_ = at::empty({samples, network_.outputs()}, x_.options());
  for (std::int64_t first = 0; first < samples; first += block) {
    const std::int64_t count = std::min(block, samples - first);
    network_.forward(*parameters_, x_.narrow(0, first, count), tape_);
    if (see) see(tape_, first);
    outputs_.narrow(0, first, count).copy_(tape_.output());
  }
}

GramMatrix Grams::gram(const at::Tensor& cotangent) {
  if (in_one_pass()) {
    network_.backward(*parameters_, tape_, cotangent, gradients_);
    return GramMatrix(
        trace::gram(make_trace(network_, *parameters_, tape_, gradients_), {.scratch = &scratch_}));
  }
  return GramMatrix(gram_in_blocks(
      network_, *parameters_, x_,
      [&](const at::Tensor& output, std::int64_t first) {
        return cotangent.narrow(0, first, output.size(0));
      },
      static_cast<std::int64_t>(double(budget_) - kept())));
}

std::string Grams::methods() const {
  if (!x_.defined()) return "";
  if (in_one_pass()) {
    if (gradients_.empty()) return "";
    return describe(plan(make_trace(network_, *parameters_, tape_, gradients_)));
  }
  nn::Tape tape;
  nn::Gradients gradients;
  const std::int64_t count = std::min(block, x_.size(0));
  network_.forward(*parameters_, x_.narrow(0, 0, count), tape);
  network_.backward(*parameters_, tape, at::zeros_like(tape.output()), gradients);
  return "in blocks of at most " + std::to_string(block) + " samples, since one pass over " +
         with_commas(x_.size(0)) + " takes " + spelled_memory(whole(), true) +
         " where runtime.memory allows " + spelled_memory(double(budget_)) + "\n" +
         describe(plan(make_trace(network_, *parameters_, tape, gradients)));
}

}  // namespace crosstalk::trace
