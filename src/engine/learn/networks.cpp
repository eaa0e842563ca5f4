#include "learn/networks.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {
namespace {

/// A ring of one has the name that it had before there were larger ones.
std::string name_of(std::size_t place) { return place == 0 ? "target" : "target/" + std::to_string(place); }

}  // namespace

Networks::Networks(const nn::Network& network, const nn::Parameters& online, Follow follow,
                   std::uint64_t seed)
    : network_(network), online_(online), noise_(network, online, seed, "noise"), follow_(follow) {
  if (follow_.how == Follow::How::none) return;
  for (std::int64_t copy = 0; copy < follow_.copies; ++copy)
    targets_.push_back(std::make_unique<Target>(network, online, seed));
}

void Networks::begun() {
  noise_.draw();
  for (const auto& target : targets_) target->noise.draw();
}

void Networks::copy() {
  ++copies_;
  at::Tensor newest = of(Net::target).theta();
  newest.copy_(online_.theta());
}

void Networks::opened() {
  if (follow_.how == Follow::How::round) copy();
}

void Networks::stepped() {
  ++updates_;
  if (follow_.how == Follow::How::every && updates_ % follow_.updates == 0) copy();
  if (follow_.how == Follow::How::polyak) {
    at::Tensor following = of(Net::target).theta();
    following.lerp_(online_.theta(), follow_.tau);
    ++copies_;
  }
}

void Networks::save(tensor::State& state) const {
  state.tensors["theta"] = online_.theta();
  for (std::size_t place = 0; place < targets_.size(); ++place)
    state.tensors[name_of(place)] = targets_[place]->plain.theta();
  state.positions["updates"] = static_cast<std::uint64_t>(updates_);
  state.positions["copies"] = static_cast<std::uint64_t>(copies_);
  if (!is_noisy()) return;
  state.positions["noise"] = noise_.position();
  if (has_target()) state.positions["noise/target"] = targets_.front()->noise.position();
}

void Networks::load(const tensor::State& state) {
  tensor::load_into(online_.theta(), state, "theta");
  for (std::size_t place = 0; place < targets_.size(); ++place)
    tensor::load_into(targets_[place]->plain.theta(), state, name_of(place));
  updates_ = state.count("updates");
  copies_ = state.count("copies");
  if (!is_noisy()) return;
  noise_.seek(state.position("noise"));
  for (const auto& target : targets_) target->noise.seek(state.position("noise/target"));
}

const at::Tensor& Passes::output(Net net, const at::Tensor& inputs) {
  nn::Tape& tape = tapes_[net == Net::online ? 0 : 1];
  const auto pass = [&](std::int64_t ago) -> const at::Tensor& {
    networks_.network().forward(under_ == Under::noise ? networks_.noisy(net, ago) : networks_.of(net, ago),
                                inputs, tape);
    return tape.output();
  };
  const std::int64_t averaged = networks_.averaged(net);
  if (averaged == 1) return pass(0);
  mean_ = pass(0).clone();
  for (std::int64_t ago = 1; ago < averaged; ++ago) mean_ += pass(ago);
  return mean_ /= static_cast<double>(averaged);
}

std::int64_t Passes::version(Net net) const {
  const std::int64_t parameters = networks_.version(net);
  if (under_ == Under::nothing || !networks_.is_noisy()) return parameters;
  // Other noise in each update. What goes without it counts up from 0.
  return -1 - parameters - networks_.updates();
}

}  // namespace crosstalk::learn
