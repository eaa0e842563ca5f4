#include "learn/networks.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

Networks::Networks(const nn::Network& network, const nn::Parameters& online, Follow follow)
    : network_(network), online_(online), follow_(follow) {
  if (follow_.how != Follow::How::none)
    target_ = std::make_unique<nn::Parameters>(network, online.theta().clone());
}

void Networks::copy() {
  target_->theta().copy_(online_.theta());
  ++copies_;
}

void Networks::opened() {
  if (follow_.how == Follow::How::round) copy();
}

void Networks::stepped() {
  ++updates_;
  if (follow_.how == Follow::How::every && updates_ % follow_.updates == 0) copy();
  if (follow_.how == Follow::How::polyak) {
    at::Tensor following = target_->theta();
    following.lerp_(online_.theta(), follow_.tau);
    ++copies_;
  }
}

void Networks::save(tensor::State& state) const {
  state.tensors["theta"] = online_.theta();
  if (target_) state.tensors["target"] = target_->theta();
  state.positions["updates"] = static_cast<std::uint64_t>(updates_);
  state.positions["copies"] = static_cast<std::uint64_t>(copies_);
}

void Networks::load(const tensor::State& state) {
  tensor::load_into(online_.theta(), state, "theta");
  if (target_) tensor::load_into(target_->theta(), state, "target");
  updates_ = state.count("updates");
  copies_ = state.count("copies");
}

const at::Tensor& Passes::output(Net net, const at::Tensor& inputs) {
  nn::Tape& tape = tapes_[net == Net::online ? 0 : 1];
  networks_.network().forward(networks_.of(net), inputs, tape);
  return tape.output();
}

}  // namespace crosstalk::learn
