#pragma once

#include <memory>

#include "learn/objective.hpp"
#include "trace/jet.hpp"

namespace crosstalk::measure {

/// What follows the rows of a side, where their aims move with a network: dots with `trace` are those of the
/// gradients of the aims.
struct AimsMove {
  std::unique_ptr<trace::Passage> passage;
  trace::Trace trace;
  double share;  // of theta's step that this network makes

  /// (n, K) along the gradients of another side, and (n) along a vector.
  at::Tensor along_each(const trace::Trace& others) const;
  at::Tensor along(const at::Tensor& vector) const;
};

/// One side of the pairs: rows, and one number of each, whose gradient is that of its loss but for a scale.
struct Side {
  /// `held`: the aims, where they stay what they were; nullptr: as they are now.
  Side(const learn::Objective& objective, data::Rows rows, const nn::Network& network,
       const nn::Parameters& parameters, learn::Passes& passes, const learn::Aims* held = nullptr);

  const learn::Objective& objective;
  data::Rows rows;
  at::Tensor inputs;
  learn::Aims aims;
  trace::Passage passage;
  bool is_single;        // the loss is of one number, d^2 / 2; else the number is the loss, its slopes held
  at::Tensor cotangent;  // (n, p) of the number at the outputs
  at::Tensor scale;      // (n): grad J = scale times the gradient of the number; d, or 1
  double half = 1;       // of a loss that is a mean of squares
  trace::Trace trace;
  // Once it has looked behind:
  std::optional<AimsMove> live, own;  // by the network itself; as the run's own aims move, where that differs
  bool moves_as_live = false;         // the run's own aims move with the network

  /// (n, K, p): what the loss's gradient at the outputs moves by where these move by `tangents` (n, K, p) and
  /// the aims by `aims_move` (n, K), undefined: not at all.
  at::Tensor moves(const at::Tensor& tangents, const at::Tensor& aims_move) const;
  /// (n, p): the same along one direction a row, `tangents` (n, p) and `aims_move` (n).
  at::Tensor moves_along_one(const at::Tensor& tangents, const at::Tensor& aims_move) const;
  /// Fills in what the aims move with.
  void look_behind(learn::Passes& passes);
};

/// All pairs of two sides.
struct PairsOfSides {
  PairsOfSides(Side a, Side b);

  Side a, b;
  at::Tensor first;       // (A, B, p) what the outputs at A move by along the number's gradient at B
  at::Tensor second;      // (A, B): grad f_B . H_A grad f_B
  trace::Tangent own;     // of B along its own gradient
  at::Tensor own_second;  // (A, B): grad f_A . H_B grad f_B
  at::Tensor dots;        // (A, B): grad f_A . grad f_B

  /// (A, B): the gradients at A with those of e . f at B, e (B, p).
  at::Tensor dots_with(const at::Tensor& e) const;
  at::Tensor scales() const;  // (A, B)
  /// The interference of two sides, (A, B).
  static at::Tensor interference(const Side& a, const Side& b);
};

}  // namespace crosstalk::measure
