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

}  // namespace crosstalk::learn
