#pragma once

#include "trace/options.hpp"
#include "trace/trace.hpp"

namespace crosstalk::trace {

/// What one method would cost for one layer's Gram of N samples.
struct Cost {
  Method method;
  double flops;    // multiplications and additions
  double bytes;    // moved through memory
  double scratch;  // bytes formed and dropped
  double seconds;  // predicted, at the calling thread's number of threads
};

/// The rates behind the prediction, of one thread, measured on AMD EPYC processors (Zen 4) with AVX-512; on
/// another processor the choice holds as long as their ratios do. bench/plan.py sets prediction and clock
/// side by side. The two of pairs were fitted to 34 convolutions drawn at random (least squares of the
/// relative error, 21% left).
struct Rates {
  double product = 85e9;        // flops a second of products over samples (sgemm_ on blocks of 64)
  double small_product = 95e9;  // of one sample's weight gradient (oneDNN's block kernel)
  double pairs = 50e9;          // of the tiles of pairs of positions: products, elementwise product, sums
  double unfold = 200e6;        // numbers a second that ATen's im2col puts in order, position by position
  double memory = 10e9;         // bytes a second
  double call = 4e-6;           // seconds a tensor operation takes at least
};

/// Every method that the layer has, with its cost. Never empty.
std::vector<Cost> gram_costs(const LayerTrace& layer, const tensor::Layout& layout,
                             const Options& options = {}, const Rates& rates = {});

struct LayerPlan {
  std::string name;
  Cost chosen;
  std::vector<Cost> others;
};

/// The Gram's methods part by part (parts.hpp; a layer, where parameters have one use each), as gram() would
/// run them.
std::vector<LayerPlan> plan(const Trace& trace, const Options& options = {}, const Rates& rates = {});

/// One line a layer, for people: name, method, what it costs and what the others would.
std::string describe(const std::vector<LayerPlan>& plan);
std::string_view name(Method method);

}  // namespace crosstalk::trace
