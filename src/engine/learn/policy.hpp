#pragma once

#include <functional>
#include <memory>
#include <span>

#include "learn/atoms.hpp"
#include "learn/heads.hpp"
#include "tensor/random.hpp"

namespace crosstalk::learn {

/// The outputs (p) of one observation, computed when somebody asks.
using Look = std::function<std::span<const double>()>;

/// From an observation to an action of each choice.
class Policy {
 public:
  virtual ~Policy() = default;
  /// `step`: how many steps its agent has made.
  virtual void act(const Look& look, tensor::Stream& stream, std::int64_t step,
                   std::span<std::int64_t> action) const = 0;
};

/// The largest output of each head, of equal ones the first. Draws nothing.
class Greedy final : public Policy {
 public:
  explicit Greedy(Heads heads) : heads_(std::move(heads)) {}
  void act(const Look& look, tensor::Stream& stream, std::int64_t step,
           std::span<std::int64_t> action) const override;

 private:
  Heads heads_;
};

/// Each head's action drawn from the softmax of its outputs; a number of the stream each.
class Softmax final : public Policy {
 public:
  explicit Softmax(Heads heads) : heads_(std::move(heads)) {}
  void act(const Look& look, tensor::Stream& stream, std::int64_t step,
           std::span<std::int64_t> action) const override;

 private:
  Heads heads_;
};

/// Epsilon, falling linearly from `from` to `to` over `steps`, behind the first `wait`.
struct Exploration {
  double from, to;
  std::int64_t steps, wait = 0;
  double at(std::int64_t step) const;
};

/// Greedy but for a share epsilon of steps, at which all choices are drawn uniformly (one coin for all).
class EpsilonGreedy final : public Policy {
 public:
  EpsilonGreedy(Heads heads, Exploration exploration)
      : heads_(heads), greedy_(std::move(heads)), exploration_(exploration) {}
  void act(const Look& look, tensor::Stream& stream, std::int64_t step,
           std::span<std::int64_t> action) const override;

 private:
  Heads heads_;
  Greedy greedy_;
  Exploration exploration_;
};

/// Another policy, which looks at the means of the distributions that the outputs are.
class ByMeans final : public Policy {
 public:
  ByMeans(Atoms atoms, std::unique_ptr<const Policy> policy) : atoms_(atoms), policy_(std::move(policy)) {}
  void act(const Look& look, tensor::Stream& stream, std::int64_t step,
           std::span<std::int64_t> action) const override;

 private:
  Atoms atoms_;
  std::unique_ptr<const Policy> policy_;
};

/// Actions of one choice with these probabilities, whatever is seen.
class Fixed final : public Policy {
 public:
  explicit Fixed(std::vector<double> probabilities) : probabilities_(std::move(probabilities)) {}
  void act(const Look& look, tensor::Stream& stream, std::int64_t step,
           std::span<std::int64_t> action) const override;

 private:
  std::vector<double> probabilities_;
};

}  // namespace crosstalk::learn
