#pragma once

#include "env/decision_process.hpp"

namespace crosstalk::env {

/// Baird's counterexample (Baird 1995; as Sutton and Barto have it, second edition, section 11.2). Seven
/// states; "dashed" leads to one of the first six with equal chances, "solid" to the seventh; every reward is
/// 0, and there is no end. The policy that is evaluated, "solid", always takes the solid action, while steps
/// are taken by one that is dashed in six of seven steps, so that all states are visited equally often.
///
/// True values are 0, and a linear function of the 8 features has them at w = 0: v(s_i) = 2 w_i + w_8 for the
/// first six, w_7 + 2 w_8 for the seventh. From w = (1, 1, 1, 1, 1, 1, 10, 1) and with a discount of 0.99 the
/// semi-gradient diverges at any rate, also in expectation.
DecisionProcess baird(const Sizes& sizes);

}  // namespace crosstalk::env
