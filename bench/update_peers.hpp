#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

/// The same update, 21-64-64-7 with leaky ReLU, batch 32, squared error, Adam, written as others write it.
namespace crosstalk::bench {

constexpr double rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

/// x (rows, 21), y (rows, 7), theta (P) as the network lays it out; batches as row numbers.
struct Problem {
  at::Tensor x, y, theta;
  std::int64_t inputs, hidden, outputs, batch;
};

struct Update {
  std::function<void(const std::int64_t* rows)> step;
  std::function<at::Tensor()> theta;  // (P), for the comparison at the end
};

/// torch::nn and torch::optim in C++, autograd behind them: the usual program.
Update autograd_update(const Problem& problem);

/// Plain ATen without autograd: the backward by hand, Adam over one flat vector.
Update aten_update(const Problem& problem);

}  // namespace crosstalk::bench
