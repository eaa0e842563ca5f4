#pragma once

#include "base/xxh3.hpp"
#include "env/foreign.hpp"

namespace crosstalk::env {

/// An environment of a player, whose inside nobody can save: an episode is kept as its seed and the actions
/// since, and is played again to be had again. A running hash of all that was shown and earned tells whether
/// it is the same one.
class Retraced final : public Environment {
 public:
  /// An episode is cut after `most_steps`, or the player's own limit. `tries`: it is tried now whether one
  /// seed and the same actions give the same episode twice; where they do not, unrepeatable() tells and no
  /// episode is played again.
  Retraced(std::unique_ptr<Player> player, std::string name, at::ScalarType type, at::Device device,
           std::int64_t most_steps, bool tries = true);

  const Spaces& spaces() const override { return spaces_; }
  std::shared_ptr<const Drawing> drawing() const override { return drawing_; }
  void reset(std::uint64_t seed) override;
  Outcome step(std::span<const std::int64_t> action) override;
  void record(std::byte* to) const override;
  void save(tensor::State& state) const override;
  /// False where the episode played again is another one; then unrepeatable() tells.
  bool load(const tensor::State& state) override;
  std::optional<std::string> unrepeatable() const override { return unrepeatable_; }
  /// How many episodes were cut after `most_steps`; those that the player itself ends are not counted.
  std::int64_t cut() const { return cut_; }
  const Player& player() const { return *player_; }

 private:
  void note(const Outcome& outcome);
  void try_twice();
  bool plays_again(std::span<const std::int64_t> actions, const Xxh3& trace);

  std::unique_ptr<Player> player_;
  std::string name_;
  Spaces spaces_;
  std::shared_ptr<const ArrayDrawing> drawing_;
  std::int64_t most_steps_, its_own_;  // of an episode: by the run, and by the rules of the environment
  std::int64_t cut_ = 0;
  std::uint64_t seed_ = 0;
  std::vector<std::int64_t> actions_;  // of this episode so far
  Xxh3 trace_;                         // of all that it has shown and given
  std::vector<std::byte> noted_;       // what the trace takes in next; the record now stands at its end
  std::optional<std::string> unrepeatable_;
};

}  // namespace crosstalk::env
