#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "data/table.hpp"
#include "learn/networks.hpp"

namespace crosstalk::learn {

/// What one update learns from.
struct Batch {
  data::Rows rows;
  at::Tensor weights;  // (N), what each row's loss counts for in the batch's; undefined: the objective's way
  bool opens = false;  // the first batch of a round (an episode's updates, in order)
};

/// All that a pull needs beside the outputs. Once made they are held: a loss before an update and after it is
/// of the same aims.
struct Aims {
  at::Tensor targets;    // (N) classes or returns, (N, p) numbers, (N, H) of each choice
  at::Tensor chosen;     // (N, H) int64: the output of each choice that is spoken of; undefined: all outputs
  at::Tensor discounts;  // (N, 1), where the pull itself bootstraps, from each state (N, 1 or 2)
};

/// What goes over a batch: each sample's own loss, or the batch's loss.
enum class Over { samples, batch };

/// Where the outputs are pulled.
struct Pull {
  double loss = 0;    // over a batch: its loss
  at::Tensor losses;  // over samples: (N), each one's own
  at::Tensor errors;  // over samples: (N, H), prediction minus target; undefined: there are none
  at::Tensor
      cotangent;  // (M, p), as many as inputs: gradient at the outputs of each sample's loss, or the batch's
};

/// What is to become small: from rows to inputs, to aims, to a loss and its gradient at the outputs. It
/// changes nothing but caches, so that any objective can be asked of any rows: a run learns by one and can
/// measure others.
class Objective {
 public:
  virtual ~Objective() = default;

  /// Whether the gradient is also at s', what follows a step (residual gradients).
  virtual bool looks_ahead() const { return false; }
  /// (M, input) into a slot that is reused: the observations before each step, M = N; where it looks ahead,
  /// those after each step behind them, M = 2 N; what is live() may go through others behind these, M = 3 N.
  virtual void inputs(const data::Rows& rows, at::Tensor& slot) const {
    rows.table->draw(rows.ids, data::At::before, slot);
  }
  virtual void aims(const data::Rows& rows, Passes& passes, Aims& aims) const = 0;
  /// output (M, p) for inputs(). `weights` (N) or undefined: see Batch; over a batch alone.
  virtual void pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor& weights,
                    Pull& pull) const = 0;

  /// The same error with what it bootstraps from alive, where that is the network that moves: so its loss
  /// before a step and after it are compared. nullptr: the aims stay where they are.
  virtual const Objective* live() const { return nullptr; }

  /// Whether a row has an aim: a return is unknown while its episode goes on. Rows without are left out,
  /// never guessed. While an episode goes on its rows come to have aims in their order, for good; once it has
  /// ended, a row without has none for ever.
  virtual bool defined(const data::Table&, data::Id) const { return true; }
  /// (M, p): gradient at the outputs of the one number a sample whose error is pulled; false: there is none.
  /// Eligibility traces go along it.
  virtual bool prediction(const at::Tensor& /*output*/, const Aims&, at::Tensor& /*slot*/) const {
    return false;
  }
  /// (M, K, p): what the gradient of each sample's own loss at the outputs moves by where these move along
  /// `along` (M, K, p), the aims held. Error(config) where the loss has no second derivative here.
  virtual at::Tensor curve(const at::Tensor& output, const Aims& aims, const at::Tensor& along) const;

  /// What follows these rows, where their aims are bootstrapped from one state each by `net`.
  struct Behind {
    at::Tensor inputs;     // (N, input) the states
    at::Tensor cotangent;  // (N, p): gradient of the aim at what `net` gives there; 0 where an episode ends
  };
  /// Nothing: the aims do not move with any network, or are held for what the objective is.
  virtual std::optional<Behind> behind(const data::Rows&, Net /*net*/, Passes&) const { return std::nullopt; }
  /// Whose outputs the aims are bootstrapped from, where there is something behind().
  virtual Net bootstraps_from() const { return Net::online; }
};

}  // namespace crosstalk::learn
