#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "nn/noise.hpp"
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
  std::int64_t copies = 1;  // every: so many stay, and what is bootstrapped from is their mean
};

/// The parameters of a run and how they follow one another; what a checkpoint holds of them. Noisy layers
/// learn under noise that is drawn anew for each update, of each network by itself, from the streams "noise"
/// and "noise/target" of the seed. It is the same before the update and after it. Where several copies stay
/// they are under one noise.
class Networks {
 public:
  /// `online` is the run's, and moves in place. `seed` is that of the noise; without noisy layers nothing is
  /// drawn.
  Networks(const nn::Network& network, const nn::Parameters& online, Follow follow = {},
           std::uint64_t seed = 0);

  const nn::Network& network() const { return network_; }
  /// theta with the noise off: what is measured and judged. Of the target the copy that was made last, or one
  /// made so many copies before it, as far as there are any.
  const nn::Parameters& of(Net net, std::int64_t ago = 0) const {
    return net == Net::online ? online_ : target(ago).plain;
  }
  /// theta under the noise of the update that is made: what is learned from.
  const nn::Parameters& noisy(Net net, std::int64_t ago = 0) const {
    return net == Net::online ? noise_.parameters() : target(ago).noise.parameters();
  }
  bool is_noisy() const { return network_.noise().size() > 0; }
  bool has_target() const { return !targets_.empty(); }
  /// The share of a step of the network that learns which the target takes after it: tau where it follows by
  /// polyak, 0 where it is copied now and then.
  double target_share() const { return follow_.how == Follow::How::polyak ? follow_.tau : 0; }
  /// Of how many thetas what the network says is the mean: the target's copies that there are so far, the
  /// first of them the network as it began; else 1.
  std::int64_t averaged(Net net) const {
    return net == Net::online ? 1 : std::min(copies_ + 1, most_averaged());
  }
  /// And when all are there; 0 where there is no target.
  std::int64_t most_averaged() const { return static_cast<std::int64_t>(targets_.size()); }
  /// Changes when the parameters do.
  std::int64_t version(Net net) const { return net == Net::online ? updates_ : copies_; }
  std::int64_t updates() const { return updates_; }

  void opened();   // a round of batches begins
  void begun();    // an update begins
  void stepped();  // after an update

  void save(tensor::State& state) const;
  /// Error(data) where theta is missing or another network's.
  void load(const tensor::State& state);

 private:
  void copy();

  struct Target {
    Target(const nn::Network& network, const nn::Parameters& online, std::uint64_t seed)
        : plain(network, online.theta().clone()), noise(network, plain, seed, "noise/target") {}
    nn::Parameters plain;
    nn::Noise noise;
  };

  const Target& target(std::int64_t ago) const {
    return *targets_[static_cast<std::size_t>((copies_ - ago) % most_averaged())];
  }

  const nn::Network& network_;
  const nn::Parameters& online_;
  nn::Noise noise_;
  std::vector<std::unique_ptr<Target>> targets_;  // a ring: copy n is in place n % size
  Follow follow_;
  std::int64_t updates_ = 0, copies_ = 0;
};

/// Forward passes on tapes of their own: one object for learning, which goes under the noise of an update,
/// and one for measuring, which goes without. It holds nothing that a checkpoint would need.
class Passes {
 public:
  enum class Under { nothing, noise };
  explicit Passes(const Networks& networks, Under under = Under::nothing)
      : networks_(networks), under_(under) {}

  const Networks& networks() const { return networks_; }
  /// (N, p), valid until the next call for the same net. Of the target the mean over its copies.
  const at::Tensor& output(Net net, const at::Tensor& inputs);
  /// Changes when what output() says does; never the same for two objects that say different things.
  std::int64_t version(Net net) const;
  /// For what is looked at: a slot that is reused.
  at::Tensor& inputs() { return inputs_; }
  /// Gives back the memory of what was computed last, which is then gone.
  void release() { tapes_ = {}, mean_.reset(), inputs_.reset(); }

 private:
  const Networks& networks_;
  Under under_;
  std::array<nn::Tape, 2> tapes_;
  at::Tensor mean_, inputs_;
};

}  // namespace crosstalk::learn
