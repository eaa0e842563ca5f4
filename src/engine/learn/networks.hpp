#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "nn/network.hpp"
#include "tensor/state.hpp"

namespace crosstalk::learn {

/// Whose parameters: those that learn, or those that are bootstrapped from.
enum class Net { online, target };

/// How the target network follows the one that learns.
struct Follow {
  enum class How {
    none,    // there is none
    every,   // copied after every so many updates
    polyak,  // target += tau (online - target) after each update
    round,   // copied when a round of batches begins (an episode's updates, in order)
    never    // it stays as it began
  };
  How how = How::none;
  std::int64_t updates = 1;
  double tau = 0;
};

/// The parameters of a run and how they follow one another; what a checkpoint holds of them.
class Networks {
 public:
  /// `online` is the run's, and moves in place.
  Networks(const nn::Network& network, const nn::Parameters& online, Follow follow = {});

  const nn::Network& network() const { return network_; }
  const nn::Parameters& of(Net net) const { return net == Net::online ? online_ : *target_; }
  bool has_target() const { return target_ != nullptr; }
  /// Changes when the parameters do; what a cache may be keyed by.
  std::int64_t version(Net net) const { return net == Net::online ? updates_ : copies_; }
  std::int64_t updates() const { return updates_; }

  void opened();   // a round of batches begins
  void stepped();  // after an update

  void save(tensor::State& state) const;
  /// Error(data) where theta is missing or another network's.
  void load(const tensor::State& state);

 private:
  void copy();

  const nn::Network& network_;
  const nn::Parameters& online_;
  std::unique_ptr<nn::Parameters> target_;
  Follow follow_;
  std::int64_t updates_ = 0, copies_ = 0;
};

/// Forward passes on tapes of their own: one object for learning, one for acting, one for measuring. It holds
/// nothing that a checkpoint would need.
class Passes {
 public:
  explicit Passes(const Networks& networks) : networks_(networks) {}

  const Networks& networks() const { return networks_; }
  /// (N, p), valid until the next call for the same net.
  const at::Tensor& output(Net net, const at::Tensor& inputs);
  /// For what is looked at: a slot that is reused.
  at::Tensor& inputs() { return inputs_; }
  /// Gives back the memory of what was computed last, which is then gone.
  void release() { tapes_ = {}, inputs_.reset(); }

 private:
  const Networks& networks_;
  std::array<nn::Tape, 2> tapes_;
  at::Tensor inputs_;
};

}  // namespace crosstalk::learn
