#include "learn/chain.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"
#include "trace/gradient.hpp"

namespace crosstalk::learn {

void Chain::direct(const Objective& objective, const Networks& networks, Update& update) {
  Descent::direct(objective, networks, update);
  const at::Tensor& theta = networks.of(Net::online).theta();
  if (!before_.defined()) {
    before_ = theta.clone();
    return;
  }
  if (!earlier_) earlier_.emplace(networks.network(), before_);
  add_gradient(networks, *earlier_, update.gradient);
  before_.copy_(theta);
}

void Chain::add_gradient(const Networks& networks, const nn::Parameters& before, at::Tensor& gradient) {
  if (!reference_->next(batch_)) return;
  const replay::Trajectories& steps = replay::trajectories(*batch_.rows.table);
  const nn::Network& network = networks.network();
  const nn::Parameters& online = networks.of(Net::online);
  steps.draw(batch_.rows.ids, data::At::before, inputs_);
  network.forward(online, inputs_, now_);
  network.forward(before, inputs_, then_);
  const at::Tensor actions = taken(steps, batch_.rows.ids, values_, online.theta());
  const at::Tensor moved = chosen_outputs(now_.output(), values_.heads, actions) -
                           chosen_outputs(then_.output(), values_.heads, actions);
  const at::Tensor slopes = moved * (2 * weight_ / static_cast<double>(batch_.rows.size()));
  network.backward(online, now_, at_chosen(now_.output(), values_.heads, actions, slopes), gradients_);
  if (!along_.defined()) along_ = at::zeros_like(online.theta());
  trace::gradient_into(network, online, now_, gradients_, along_);
  gradient.add_(along_);
}

void Chain::save(tensor::State& state) const {
  if (before_.defined()) state.tensors["before"] = before_;
  state.put("reference", tensor::saved(*reference_));
}

void Chain::load(const tensor::State& state) {
  const auto saved = state.tensors.find("before");
  before_ = saved == state.tensors.end() ? at::Tensor() : saved->second.clone();
  earlier_.reset();
  reference_->load(state.part("reference"));
}

}  // namespace crosstalk::learn
