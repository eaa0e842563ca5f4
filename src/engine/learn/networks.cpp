#include "learn/networks.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {

Networks::Networks(const nn::Network& network, const nn::Parameters& online, Follow follow,
                   std::uint64_t seed)
    : network_(network), online_(online), noise_(network, online, seed, "noise"), follow_(follow) {
  if (follow_.how != Follow::How::none) target_ = std::make_unique<Target>(network, online, seed);
}

void Networks::begun() {
  noise_.draw();
  if (target_) target_->noise.draw();
}

void Networks::copy() {
  target_->plain.theta().copy_(online_.theta());
  ++copies_;
}

void Networks::opened() {
  if (follow_.how == Follow::How::round) copy();
}

void Networks::stepped() {
  ++updates_;
  if (follow_.how == Follow::How::every && updates_ % follow_.updates == 0) copy();
  if (follow_.how == Follow::How::polyak) {
    at::Tensor following = target_->plain.theta();
    following.lerp_(online_.theta(), follow_.tau);
    ++copies_;
  }
}

void Networks::save(tensor::State& state) const {
  state.tensors["theta"] = online_.theta();
  if (target_) state.tensors["target"] = target_->plain.theta();
  state.positions["updates"] = static_cast<std::uint64_t>(updates_);
  state.positions["copies"] = static_cast<std::uint64_t>(copies_);
  if (!is_noisy()) return;
  state.positions["noise"] = noise_.position();
  if (target_) state.positions["noise/target"] = target_->noise.position();
}

void Networks::load(const tensor::State& state) {
  tensor::load_into(online_.theta(), state, "theta");
  if (target_) tensor::load_into(target_->plain.theta(), state, "target");
  updates_ = state.count("updates");
  copies_ = state.count("copies");
  if (!is_noisy()) return;
  noise_.seek(state.position("noise"));
  if (target_) target_->noise.seek(state.position("noise/target"));
}

const at::Tensor& Passes::output(Net net, const at::Tensor& inputs) {
  nn::Tape& tape = tapes_[net == Net::online ? 0 : 1];
  networks_.network().forward(under_ == Under::noise ? networks_.noisy(net) : networks_.of(net), inputs,
                              tape);
  return tape.output();
}

std::int64_t Passes::version(Net net) const {
  const std::int64_t parameters = networks_.version(net);
  if (under_ == Under::nothing || !networks_.is_noisy()) return parameters;
  // Other noise in each update. What goes without it counts up from 0.
  return -1 - parameters - networks_.updates();
}

}  // namespace crosstalk::learn
