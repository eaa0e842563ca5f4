#include "learn/descent.hpp"

#include <ATen/ops/zeros_like.h>

#include "trace/gradient.hpp"

namespace crosstalk::learn {

void Descent::direct(const Objective&, const Networks& networks, Update& update) {
  const nn::Parameters& online = networks.noisy(Net::online);
  if (!update.gradient.defined()) update.gradient = at::zeros_like(online.theta());
  networks.network().backward(online, update.tape, update.pull.cotangent, update.gradients);
  trace::gradient_into(networks.network(), online, update.tape, update.gradients, update.gradient);
  if (share_ != 1) update.gradient.mul_(share_);
}

}  // namespace crosstalk::learn
