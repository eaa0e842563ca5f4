#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/state.hpp"

namespace crosstalk::env {

/// What an agent sees and what it can do.
struct Spaces {
  std::vector<std::int64_t> observation;  // shape of one: (d) or (C, H, W)
  std::vector<std::int64_t> choices;  // sizes of the discrete choices that stand side by side at each step
  std::int64_t levels = 0;            // reset(seed) differs for seeds below this; 0: for all
};

struct Outcome {
  double reward = 0;
  bool terminated = false;  // the episode ended by the environment's rules
  bool truncated = false;   // it was cut: time ran out
  /// What the task itself counts, where what is learned from is another number: a game's own score.
  std::optional<double> score = std::nullopt;
  bool ended() const { return terminated || truncated; }
};

/// How an observation is stored small and drawn again: a record of a few bytes, and observations of many of
/// them at once. It needs no environment, so that stored transitions can be drawn without one.
class Drawing {
 public:
  virtual ~Drawing() = default;
  virtual std::size_t bytes() const = 0;  // of one record
  /// How many of an episode's latest records an observation shows.
  virtual std::int64_t history() const { return 1; }
  /// Observations (N, observation) of N x history() records, those of one side by side and the oldest first,
  /// into `slot`, which is reused. What would lie before an episode's first record is that record.
  virtual void draw(std::span<const std::byte* const> records, at::Tensor& slot) const = 0;
  /// The class of what is shown; nothing where it has none.
  virtual std::optional<std::int64_t> label(const std::byte* /*record*/) const { return std::nullopt; }
  /// Error(data) for a record, out of a file, of an observation that there is not.
  virtual void check(const std::byte* record) const = 0;
};

/// A task that an agent acts in, an episode after the other. An implementation is one pair of files and one
/// line in base/environments.def.
class Environment {
 public:
  virtual ~Environment() = default;
  virtual const Spaces& spaces() const = 0;
  virtual std::shared_ptr<const Drawing> drawing() const = 0;

  /// Begins an episode; the same seed and the same actions give the same episode.
  virtual void reset(std::uint64_t seed) = 0;
  /// One step with an action of each choice; after an end reset() comes first.
  virtual Outcome step(std::span<const std::int64_t> action) = 0;
  /// What is new in the observation now as bytes() of a record; with a history of 1, all of it.
  virtual void record(std::byte* to) const = 0;

  /// In the middle of an episode, and back; false where that episode cannot be had again: reset() comes next.
  virtual void save(tensor::State& state) const = 0;
  [[nodiscard]] virtual bool load(const tensor::State& state) = 0;
  /// Why a run in it cannot be repeated to the last bit, as far as is known by now; nothing: it can.
  virtual std::optional<std::string> unrepeatable() const { return std::nullopt; }
};

}  // namespace crosstalk::env
