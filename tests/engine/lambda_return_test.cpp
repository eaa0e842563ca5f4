// lambda-returns against their definition: plain sums over n-step returns, each from its own rewards.
#include "learn/lambda_return.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tensor/random.hpp"

namespace crosstalk::learn {
namespace {

using Numbers = std::vector<double>;

struct Episode {
  Numbers rewards, next_values;  // (T), (T, heads)
  std::size_t heads = 1;
  LastStep last = LastStep::terminal;

  std::size_t steps() const { return rewards.size(); }
  /// v(s_t) for t = 1..T; the terminal state's is 0.
  double value(std::size_t t, std::size_t head) const {
    return t == steps() && last == LastStep::terminal ? 0 : next_values[(t - 1) * heads + head];
  }
};

Episode drawn(std::size_t steps, std::size_t heads, LastStep last) {
  tensor::Stream stream(steps * 10 + heads, "episode");
  Episode episode{Numbers(steps), Numbers(steps * heads), heads, last};
  for (double& reward : episode.rewards) reward = stream.uniform(-1, 1);
  for (double& value : episode.next_values) value = stream.uniform(-2, 2);  // also where nothing follows
  return episode;
}

/// G_t:t+n = r_t + gamma r_t+1 + ... + gamma^(n-1) r_t+n-1 + gamma^n v(s_t+n)
double n_step_return(const Episode& episode, std::size_t t, std::size_t n, std::size_t head, double gamma) {
  double sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += std::pow(gamma, static_cast<double>(k)) * episode.rewards[t + k];
  return sum + std::pow(gamma, static_cast<double>(n)) * episode.value(t + n, head);
}

/// (1 - lambda) sum over n = 1..T-t-1 of lambda^(n-1) G_t:t+n, + lambda^(T-t-1) G_t:T
double by_definition(const Episode& episode, std::size_t t, std::size_t head, double gamma, double lambda) {
  const std::size_t longest = episode.steps() - t;
  double sum = 0;
  for (std::size_t n = 1; n < longest; ++n)
    sum += (1 - lambda) * std::pow(lambda, static_cast<double>(n - 1)) *
           n_step_return(episode, t, n, head, gamma);
  return sum +
         std::pow(lambda, static_cast<double>(longest - 1)) * n_step_return(episode, t, longest, head, gamma);
}

Numbers returns_of(const Episode& episode, double gamma, double lambda) {
  Numbers returns(episode.next_values.size());
  lambda_returns(episode.rewards, episode.next_values, episode.last, gamma, lambda, returns);
  return returns;
}

const std::size_t lengths[] = {1, 2, 50};
const LastStep ends[] = {LastStep::terminal, LastStep::truncated};

TEST(LambdaReturn, is_the_weighted_sum_of_n_step_returns) {
  for (const std::size_t steps : lengths)
    for (const std::size_t heads : {1, 2})
      for (const LastStep last : ends)
        for (const double gamma : {1.0, 0.9})
          for (const double lambda : {0.0, 0.5, 0.9, 1.0}) {
            const Episode episode = drawn(steps, heads, last);
            const Numbers returns = returns_of(episode, gamma, lambda);
            for (std::size_t t = 0; t < steps; ++t)
              for (std::size_t h = 0; h < heads; ++h)
                EXPECT_NEAR(returns[t * heads + h], by_definition(episode, t, h, gamma, lambda), 1e-12)
                    << steps << " steps, step " << t << ", gamma " << gamma << ", lambda " << lambda;
          }
}

TEST(LambdaReturn, of_lambda_1_is_the_discounted_sum_of_rewards_and_of_a_cut_the_value_behind_it) {
  for (const std::size_t steps : lengths)
    for (const LastStep last : ends) {
      const Episode episode = drawn(steps, 1, last);
      const Numbers returns = returns_of(episode, 0.95, 1);
      double sum = last == LastStep::terminal ? 0 : episode.next_values.back();
      for (std::size_t t = steps; t-- > 0;) {
        sum = episode.rewards[t] + 0.95 * sum;
        EXPECT_NEAR(returns[t], sum, 1e-12);
      }
    }
}

TEST(LambdaReturn, of_lambda_0_is_the_target_of_td_0) {
  for (const std::size_t steps : lengths)
    for (const LastStep last : ends) {
      const Episode episode = drawn(steps, 2, last);
      const Numbers returns = returns_of(episode, 0.95, 0);
      for (std::size_t t = 0; t < steps; ++t)
        for (std::size_t h = 0; h < 2; ++h)
          EXPECT_NEAR(returns[t * 2 + h], episode.rewards[t] + 0.95 * episode.value(t + 1, h), 1e-12);
    }
}

TEST(LambdaReturn, does_not_look_at_a_value_behind_an_end) {
  Episode episode = drawn(50, 1, LastStep::terminal);
  const Numbers before = returns_of(episode, 1, 0.5);
  episode.next_values.back() = 1e6;
  EXPECT_EQ(returns_of(episode, 1, 0.5), before);
  episode.last = LastStep::truncated;
  EXPECT_NE(returns_of(episode, 1, 0.5), before);
}

TEST(LambdaReturn, may_be_written_over_the_values_it_is_made_of_and_of_no_steps_there_are_none) {
  Episode episode = drawn(50, 2, LastStep::truncated);
  const Numbers returns = returns_of(episode, 0.9, 0.7);
  lambda_returns(episode.rewards, episode.next_values, episode.last, 0.9, 0.7, episode.next_values);
  EXPECT_EQ(episode.next_values, returns);
  lambda_returns({}, {}, LastStep::truncated, 0.9, 0.7, {});
}

}  // namespace
}  // namespace crosstalk::learn
