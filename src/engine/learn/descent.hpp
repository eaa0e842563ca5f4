#pragma once

#include "learn/update.hpp"

namespace crosstalk::learn {

/// From an update's pull to the direction that the optimiser steps along: the gradient of the batch's loss,
/// or a share of it.
/// On the CPU linear layers and activations allocate nothing after the first update of a batch size;
/// convolutions do, and so does a layer norm's part of the gradient.
class Descent {
 public:
  explicit Descent(double share = 1) : share_(share) {}
  virtual ~Descent() = default;
  /// Fills update.gradient (P).
  virtual void direct(const Objective& objective, const Networks& networks, Update& update);
  virtual void save(tensor::State&) const {}
  virtual void load(const tensor::State&) {}

 private:
  double share_;
};

/// Of the gradient of d^2, with which the books write d grad f.
inline constexpr double half_of_square = 0.5;

}  // namespace crosstalk::learn
