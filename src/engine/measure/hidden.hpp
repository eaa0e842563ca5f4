#pragma once

#include <string>
#include <vector>

#include "measure/pairs.hpp"
#include "nn/network.hpp"

namespace crosstalk::measure {

/// A hidden layer over a set's samples.
struct Units {
  std::string layer;     // the place of its activation function in network.layers and its word: "1 leaky";
                         // of dueling streams, "3 leaky value" and "3 leaky advantage"
  at::Tensor magnitude;  // (units) double: the mean of |h| over the samples
};

/// What the hidden layers make of a set's samples, in short.
struct Activations {
  std::vector<Units> layers;   // those with an activation function, from the input on
  at::Tensor singular_values;  // (min(n, d)) double, the largest first, of what the output layer reads of
                               // these n samples, d numbers each; NaN where one of these is not finite;
                               // undefined: there is no hidden layer
};

/// Reads hidden layers off the tapes of forward passes: what activation functions gave, after them. A unit of
/// a convolution is a channel, of which the mean of |h| over its positions is kept; the two streams of a
/// dueling network are two layers. The output layer is the last with weights: what it reads stands after all
/// that is in front of it (layer norm, say), that of a convolution position by position and that of dueling
/// streams side by side.
class Hidden {
 public:
  /// `network` outlives it.
  explicit Hidden(const nn::Network& network);

  /// Begins with so many samples.
  void begin(std::int64_t samples);
  /// Those from `first` on are on this tape.
  void see(const nn::Tape& tape, std::int64_t first);
  Activations of(Range samples) const;

 private:
  struct Layer {
    std::size_t place;            // in the network
    std::vector<std::string> of;  // "" or the names of its streams
    at::Tensor magnitudes;        // (n, streams, units) double, on the CPU
  };

  std::vector<Layer> layers_;
  const nn::Network& network_;
  std::size_t output_ = 0;  // the output layer
  bool has_hidden_ = false;
  std::int64_t samples_ = 0;
  at::Tensor read_;  // (n, d) double, on the CPU: what the output layer reads
};

}  // namespace crosstalk::measure
