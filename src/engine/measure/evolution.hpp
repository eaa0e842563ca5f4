#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "data/table.hpp"

namespace crosstalk::measure {

/// How the interference of pairs (A, B) would change by a step of SGD on B alone, theta - alpha grad J(B):
/// derivatives by alpha at 0 (Bengio, Pineau and Precup 2020, section 6). J is d^2 / 2 of one number a sample
/// where the loss is of one, whatever function of d is learned by; otherwise the loss itself (of a mean of
/// squares half of it). All (A, B) double, on the CPU; docs/evolution.md has the formulas.
struct Terms {
  at::Tensor r1, r2, r3;  // rho' = - r1 - r2 - r3 (16), (17)
  at::Tensor total() const;
  at::Tensor r1_own, r2_own;  // where the aims move as the run's own do, not with the network
  at::Tensor total_own() const;
  bool aims_move = false;  // of (17); else (16)
  at::Tensor bar;          // rho-bar' (15) of the number whose error is pulled; undefined: there are several
};

/// What momentum makes of it, with the run's own aims: mu the moving average of gradients before the update.
struct MomentumTerms {
  double beta;
  at::Tensor first;   // (1 - beta) rho'
  at::Tensor second;  // - beta mu . H_A grad J_B: with the first (21), without its error of sign
  at::Tensor step;    // along the step of (19), m = beta mu + (1 - beta) grad J_B
};

/// What the update that followed made of the pairs' interference.
struct StepTerms {
  at::Tensor predicted;  // to first order along the step that theta really made
  at::Tensor came;       // rho after it, the aims as they are then, minus rho before
};

/// Shares of the parameters of each use in the terms' means: (L).
struct LayerTerms {
  std::vector<std::string> layers;
  at::Tensor r1, r2, r3;
};

/// What is asked of pairs beside the terms.
struct EvolutionAsked {
  bool momentum = false, step = false, layers = false;
};

struct Evolution {
  data::Rows a, b;          // O: others at random; S: of the minibatch of the update that followed
  at::Tensor interference;  // (A, B) rho
  Terms terms;
  at::Tensor errors_a, errors_b;                   // (A), (B) d; undefined: the loss is not of one number
  at::Tensor distances;                            // (A, B) between the inputs
  std::vector<std::int64_t> classes_a, classes_b;  // empty: they have none
  std::optional<MomentumTerms> momentum;
  std::optional<StepTerms> step;
  std::optional<LayerTerms> layers;
};

}  // namespace crosstalk::measure
