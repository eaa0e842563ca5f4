#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/rows.hpp"
#include "data/dataset.hpp"
#include "data/examples.hpp"
#include "learn/evaluate.hpp"
#include "learn/learner.hpp"
#include "measure/probe.hpp"
#include "run/configuration.hpp"

namespace crosstalk::run {

/// What one measurement yields.
struct Measurement {
  std::vector<Row> rows;
  std::vector<Array> arrays;
};

/// One run: data, network and theta, learner, probe, random streams by name, all made from configuration and
/// seed. Between two calls everything that its future depends on is in save().
class Run {
 public:
  /// At its beginning. Error(config) or Error(data) where the parts do not fit.
  Run(const Configuration& configuration, std::uint64_t seed, const data::Dataset& dataset);
  Run(const Run&) = delete;
  ~Run();

  std::int64_t step() const { return step_; }  // updates made
  std::int64_t updates() const { return updates_; }
  bool finished() const { return step_ >= updates_; }
  bool probe_due() const { return step_ % every_ == 0; }

  /// Before the update of its step; leaves training as it is to the last bit.
  Measurement measure();
  /// One update; the batch's loss before it.
  double update();
  const at::Tensor& theta() const;

  learn::State save() const;
  /// Goes on after `step` updates. Error(data) when the state is another run's.
  void load(const learn::State& state, std::int64_t step);

 private:
  bool last_probe() const { return step_ + every_ >= updates_; }
  std::vector<Array> grams(const measure::Evidence& evidence) const;

  std::int64_t step_ = 0, updates_, every_;
  bool images_;
  std::unique_ptr<data::Examples> train_, test_;
  std::unique_ptr<nn::Network> network_;
  std::unique_ptr<nn::Parameters> parameters_;
  std::unique_ptr<learn::Loss> loss_;
  std::unique_ptr<learn::Evaluation> evaluation_;
  std::unique_ptr<learn::Learner> learner_;
  std::unique_ptr<measure::Probe> probe_;
  at::Tensor sample_targets_;
  std::int64_t train_samples_;
};

}  // namespace crosstalk::run
