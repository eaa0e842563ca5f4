#pragma once

#include "learn/aimed.hpp"
#include "learn/source.hpp"
#include "replay/sum_tree.hpp"
#include "tensor/random.hpp"

/// Minibatches of the steps that an agent has seen, drawn with replacement from those that have an aim, from
/// the stream "batches" of a run's seed, or another. While there are none, no batch is given.
namespace crosstalk::learn {

/// Each with the same chance.
class Uniform final : public Source {
 public:
  Uniform(const replay::Trajectories& steps, const Objective& objective, std::int64_t size,
          std::uint64_t seed, std::string_view stream = "batches")
      : steps_(steps),
        aimed_(steps, objective),
        size_(static_cast<std::size_t>(size)),
        stream_(seed, stream) {}
  bool next(Batch& batch) override;
  void save(tensor::State& state) const override { state.positions["batches"] = stream_.position(); }
  void load(const tensor::State& state) override;

 private:
  const replay::Trajectories& steps_;
  Aimed aimed_;
  std::size_t size_;
  tensor::Stream stream_;
};

/// Prioritised replay, proportional (Schaul, Quan, Antonoglou and Silver 2016): row i with the chance
///     P(i) = p_i^alpha / sum_k p_k^alpha,   p_i = |d_i| + 1e-6
/// d_i the error of the last update on it, summed over choices, or its loss where there are no errors (of
/// Rainbow's distributions: Hessel et al. 2018 take the loss too). A row that has none yet has the largest
/// p^alpha that there has been, at first 1. What is drawn too often weighs less in the batch's mean:
///     w_i = (N P(i))^-beta / max_j w_j
/// N the rows with an aim, the maximum over the batch. beta goes linearly from its first value to 1. Every
/// draw is by itself, not one from each of as many equal parts of the sum, as in the paper's appendix: the
/// chance of a row is the same, a batch varies more. For steps that give way one by one.
class Prioritised final : public Source {
 public:
  struct Settings {
    std::int64_t batch = 32;
    double exponent = 0.6;        // alpha
    double weight = 0.4;          // beta at the first step
    std::int64_t steps = 1;       // of the environment, after which beta is 1
    std::int64_t capacity = 1;    // of the ring of steps
    at::TensorOptions like = {};  // of the weights
  };
  Prioritised(const replay::Trajectories& steps, const Objective& objective, Settings settings,
              std::uint64_t seed)
      : steps_(steps), aimed_(steps, objective), settings_(settings), stream_(seed, "batches") {}
  bool next(Batch& batch) override;
  void learned(const Update& update) override;
  void save(tensor::State& state) const override;
  /// Error(data) where it is not of the steps that are there.
  void load(const tensor::State& state) override;

 private:
  void look();
  void check() const;
  std::int64_t place(data::Id row) const { return row % settings_.capacity; }
  data::Id row_at(std::int64_t place) const;

  const replay::Trajectories& steps_;
  Aimed aimed_;
  Settings settings_;
  tensor::Stream stream_;
  replay::SumTree tree_;  // p^alpha, in the row's place of the ring
  data::Id noted_ = 0;    // the rows before this one have a place
  data::Id ranked_ = 0;   // and those before this one a number there, if they have an aim
  float largest_ = 1;
};

}  // namespace crosstalk::learn
