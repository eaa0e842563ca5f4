#include "learn/lambda_return.hpp"

namespace crosstalk::learn {

void lambda_returns(std::span<const double> rewards, std::span<const double> next_values, LastStep last,
                    double gamma, double lambda, std::span<double> returns) {
  const std::size_t steps = rewards.size(), heads = steps == 0 ? 0 : next_values.size() / steps;
  for (std::size_t t = steps; t-- > 0;) {
    for (std::size_t h = 0; h < heads; ++h) {
      const double value = next_values[t * heads + h];
      double follows = last == LastStep::terminal ? 0 : value;
      if (t + 1 < steps) follows = (1 - lambda) * value + lambda * returns[(t + 1) * heads + h];
      returns[t * heads + h] = rewards[t] + gamma * follows;
    }
  }
}

void underweigh_longest(std::span<const double> rewards, std::span<const double> next_values, LastStep last,
                        double gamma, double lambda, std::span<double> returns) {
  const std::size_t steps = rewards.size(), heads = steps == 0 ? 0 : next_values.size() / steps;
  for (std::size_t h = 0; h < heads; ++h) {
    double longest = last == LastStep::terminal ? 0 : next_values[(steps - 1) * heads + h];
    double lacking = 1 - lambda * lambda;  // lambda^(T-t-1) - lambda^(T-t+1)
    for (std::size_t t = steps; t-- > 0; lacking *= lambda) {
      longest = rewards[t] + gamma * longest;
      returns[t * heads + h] -= lacking * longest;
    }
  }
}

}  // namespace crosstalk::learn
