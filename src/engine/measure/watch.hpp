#pragma once

#include <optional>

#include "learn/learner.hpp"
#include "measure/aimed_rows.hpp"
#include "measure/around.hpp"
#include "measure/subject.hpp"
#include "trace/jet.hpp"

namespace crosstalk::measure {

/// Sees an update from both sides: what its minibatch was, what lies around it, and what it made of each loss
/// there. It goes over the rows in blocks, so that none but the numbers that come out grow with them, and
/// changes nothing.
class Watch {
 public:
  /// `subject` outlives it. Aims that are the network's own move with it where those of the loss that is
  /// learned by do, and else are held. Error(config) where the subject has no loss of that name, or its
  /// network no jets where the second order is asked for.
  struct Asked {
    bool first, second;  // the change to first order, and to second (with first)
    bool squares;        // that of the squared TD error too, where the subject has one
  };
  Watch(Subject& subject, const Reach& reach, Asked asked);

  /// Before the update: theta and the aims are held.
  void before(const learn::Update& update, learn::Passes& passes);
  /// After it.
  Around after();

 private:
  /// Some of the rows, one after the other.
  struct Block {
    std::size_t number;
    std::int64_t first, count;
  };
  /// The rows of a block that have an aim, and their aims.
  struct Held {
    AimedRows aimed;
    learn::Aims aims;
  };
  struct Loss {
    std::string name;
    const learn::Objective* objective;
    std::vector<Held> held;  // of each block
    Change change;
    bool squares = false;  // of the error, in place of the loss

    at::Tensor of(const learn::Pull& pull) const { return squares ? squares_of(pull.errors) : pull.losses; }
  };

  static at::Tensor squares_of(const at::Tensor& errors);
  template <class Visit>
  void each_block(Visit visit) const;
  std::span<const data::Id> ids_of(const Block& block) const;
  Held held(const learn::Objective& objective, const Block& block, learn::Passes& passes) const;
  void look(const Block& block, const nn::Parameters& was);
  void look_ahead(Loss& loss, const Block& block, const nn::Parameters& was);
  learn::Pull pull(const Loss& loss, const Block& block) const;
  at::Tensor slopes(const nn::Parameters& was, const at::Tensor& cotangent);
  void add_second(Loss& loss, const Block& block, const trace::Jet& outputs, const at::Tensor& output,
                  const learn::Pull& pull);
  trace::Jet outputs_move(const nn::Parameters& was) const;

  Subject& subject_;
  const nn::Network& network_;
  Reach reach_;
  Asked asked_;
  Around around_;
  std::vector<Loss> losses_;
  at::Tensor theta_, step_;  // before the update; what the update added to it
  at::Tensor inputs_;
  nn::Tape tape_;
  nn::Gradients gradients_;
};

}  // namespace crosstalk::measure
