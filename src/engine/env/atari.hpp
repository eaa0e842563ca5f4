#pragma once

#include "env/foreign.hpp"
#include "env/resizing.hpp"
#include "tensor/random.hpp"

namespace crosstalk::env {

/// A console that plays one game a frame at a time, written elsewhere. It heeds each action that it is given,
/// and what it does after a start follows from these actions alone.
class Emulator {
 public:
  struct Frames {
    std::int64_t count = 0;  // that were played
    double score = 0;        // the game's own, over them
    double signs = 0;        // of each frame's
    bool over = false;       // the game is over; no frame is played then
  };

  virtual ~Emulator() = default;
  virtual const std::vector<std::int64_t>& actions()
      const = 0;  // the console's numbers of those to choose from
  virtual std::int64_t height() const = 0;
  virtual std::int64_t width() const = 0;
  /// Begins the game anew; Error(environment) where it fails. last() is its first screen.
  virtual void start() = 0;
  /// A frame by each of these actions until the game is over.
  virtual Frames play(std::span<const std::int64_t> actions) = 0;
  /// Grey, (height, width), after the last action of play() and after the one before it, if there was one.
  virtual std::span<const std::uint8_t> last() const = 0;
  virtual std::span<const std::uint8_t> last_but_one() const = 0;
  virtual std::vector<std::uint8_t> memory() const = 0;
};

/// An Atari game as the paper has it (docs/atari.md): a step is some frames, at each of which the action of
/// the frame before may be done again; the reward is the sum of the frames' signs; what is seen is the last
/// four 84 x 84 pictures, the newest the larger of the last two screens at each place. An episode is what
/// follows from its seed, which decides when actions stick, and its actions.
class Atari final : public Player {
 public:
  Atari(std::unique_ptr<Emulator> emulator, const AtariRules& rules);

  std::int64_t actions() const override { return std::ssize(emulator_->actions()); }
  const ArrayForm& form() const override { return form_; }
  void reset(std::uint64_t seed) override;
  Outcome step(std::int64_t action) override;
  void record(std::byte* to) const override;
  std::vector<std::uint8_t> memory() const override { return emulator_->memory(); }
  std::vector<std::int64_t> executed() const override { return executed_; }

 private:
  void stick(std::int64_t action);
  void see();

  std::unique_ptr<Emulator> emulator_;
  AtariRules rules_;
  ArrayForm form_;
  Resizing resizing_;
  tensor::Stream chance_;
  std::int64_t action_ = 0;             // of the frame before, by the console's number
  std::vector<std::int64_t> executed_;  // of the last step's frames
  std::vector<std::uint8_t> seen_;      // the newest picture
  std::vector<std::uint8_t> screen_;    // the larger values of two
};

}  // namespace crosstalk::env
