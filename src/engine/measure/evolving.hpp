#pragma once

#include <memory>

#include "learn/learner.hpp"
#include "measure/evolution.hpp"
#include "measure/subject.hpp"

namespace crosstalk::measure {

/// Measures how the interference of pairs evolves at an update: B of its minibatch S, A of other rows O at
/// random. It changes nothing. One forward and backward pass over each side (and over what follows it, where
/// the aims move), a curvature for each pair (trace/jet.hpp), and Grams.
class Evolving {
 public:
  /// `count` rows a side at most (probe.others). `subject` outlives it. Error(config) where the subject has
  /// no such loss, its network no jets, or its optimiser no momentum where that is asked for.
  Evolving(Subject& subject, std::int64_t count, EvolutionAsked asked);
  ~Evolving();

  /// Before the update; nothing where no row beside the minibatch has an aim.
  void before(const learn::Update& update, learn::Passes& passes);
  /// When it is over, and a target has followed.
  std::optional<Evolution> ended(learn::Passes& passes);

 private:
  struct Pairs;
  struct AlongVector;
  void add_terms(Pairs& pairs);
  void add_momentum(const Pairs& pairs);
  void add_layers(const Pairs& pairs);
  void add_step(const Pairs& pairs, learn::Passes& passes);

  Subject& subject_;
  const learn::Objective& objective_;
  std::int64_t count_;
  EvolutionAsked asked_;
  std::optional<Evolution> evolution_;
  std::unique_ptr<Pairs> pairs_;
};

}  // namespace crosstalk::measure
