#pragma once

#include <cstdint>
#include <span>

namespace crosstalk::learn {

/// How the last step of an episode was its last.
enum class LastStep {
  terminal,  // nothing follows: the last state is worth 0, whatever is said of it
  truncated  // the episode was cut, or goes on and is seen so far: what follows is worth v of the last state
};

/// The lambda-returns of one episode of T steps (Sutton and Barto, second edition, section 12.1), of H values
/// side by side (the heads of a network):
///     G_t = r_t + gamma ((1 - lambda) v(s_t+1) + lambda G_t+1),   G_T = 0 or v(s_T)
/// which are the n-step returns G_t:t+n weighted by (1 - lambda) lambda^(n-1), what is left of the weight on
/// the longest. lambda = 0 is TD(0)'s target, lambda = 1 is Monte Carlo's, which looks at no value but that
/// of a cut. rewards (T); next_values (T, H): v(s_t+1) in row t; returns (T, H), may be next_values. No steps
/// give no returns.
void lambda_returns(std::span<const double> rewards, std::span<const double> next_values, LastStep last,
                    double gamma, double lambda, std::span<double> returns);

/// Makes of these returns (T, H) those of a published mistake: the longest, which is Monte Carlo's, weighs
/// lambda^(T-t+1) in place of lambda^(T-t-1), so that the weights do not add up to 1. Of the last step that
/// leaves lambda^2 of its return. The others as lambda_returns() has them.
void underweigh_longest(std::span<const double> rewards, std::span<const double> next_values, LastStep last,
                        double gamma, double lambda, std::span<double> returns);

}  // namespace crosstalk::learn
