#include "env/atari.hpp"

#include <algorithm>
#include <cstring>

namespace crosstalk::env {
namespace {

constexpr const char* sticking = "sticky actions";
constexpr std::int64_t nothing = 0;  // the console's number of doing nothing
constexpr std::int64_t pictures = 4;

void take_larger(std::span<std::uint8_t> of, std::span<const std::uint8_t> other) {
  std::uint8_t* const to = of.data();
  const std::uint8_t* const from = other.data();
  for (std::size_t i = 0; i < of.size(); ++i) to[i] = std::max(to[i], from[i]);
}

}  // namespace

Atari::Atari(std::unique_ptr<Emulator> emulator, const AtariRules& rules)
    : emulator_(std::move(emulator)),
      rules_(rules),
      form_{.kept = ArrayForm::Kept::bytes, .extents = {Resizing::side, Resizing::side}, .history = pictures},
      resizing_(emulator_->height(), emulator_->width()),
      chance_(0, sticking),
      seen_(Resizing::places),
      screen_(static_cast<std::size_t>(emulator_->height() * emulator_->width())) {}

void Atari::reset(std::uint64_t seed) {
  chance_ = tensor::Stream(seed, sticking);
  action_ = nothing;
  executed_.clear();
  emulator_->start();
  std::ranges::copy(resizing_(emulator_->last()), seen_.begin());
}

Outcome Atari::step(std::int64_t action) {
  stick(emulator_->actions()[static_cast<std::size_t>(action)]);
  const Emulator::Frames frames = emulator_->play(executed_);
  see();
  executed_.resize(static_cast<std::size_t>(frames.count));
  return {.reward = frames.signs, .terminated = frames.over, .score = frames.score};
}

/// A number is drawn at each frame, whatever comes of it.
void Atari::stick(std::int64_t action) {
  executed_.clear();
  for (std::int64_t frame = 0; frame < rules_.frame_skip; ++frame) {
    if (chance_.uniform() >= rules_.sticky) action_ = action;
    executed_.push_back(action_);
  }
}

/// A step of one frame has one screen.
void Atari::see() {
  const bool two = executed_.size() > 1;
  if (two && rules_.maximum_first) {
    std::ranges::copy(emulator_->last(), screen_.begin());
    take_larger(screen_, emulator_->last_but_one());
    std::ranges::copy(resizing_(screen_), seen_.begin());
    return;
  }
  std::ranges::copy(resizing_(two ? emulator_->last_but_one() : emulator_->last()), seen_.begin());
  if (two) take_larger(seen_, resizing_(emulator_->last()));
}

void Atari::record(std::byte* to) const { std::memcpy(to, seen_.data(), seen_.size()); }

}  // namespace crosstalk::env
