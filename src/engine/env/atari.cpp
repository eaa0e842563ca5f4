#include "env/atari.hpp"

#include <algorithm>
#include <cstring>

namespace crosstalk::env {
namespace {

constexpr const char* sticking = "sticky actions";
constexpr std::int64_t nothing = 0;  // the console's number of doing nothing
constexpr std::int64_t pictures = 4;

void take_larger(std::vector<std::uint8_t>& of, std::span<const std::uint8_t> other) {
  for (std::size_t i = 0; i < of.size(); ++i) of[i] = std::max(of[i], other[i]);
}

}  // namespace

Atari::Atari(std::unique_ptr<Emulator> emulator, const AtariRules& rules)
    : emulator_(std::move(emulator)),
      rules_(rules),
      form_{.kept = ArrayForm::Kept::bytes, .extents = {Resizing::side, Resizing::side}, .history = pictures},
      resizing_(emulator_->height(), emulator_->width()),
      chance_(0, sticking),
      seen_(Resizing::places),
      other_(Resizing::places),
      screen_(static_cast<std::size_t>(emulator_->height() * emulator_->width())) {}

void Atari::reset(std::uint64_t seed) {
  chance_ = tensor::Stream(seed, sticking);
  action_ = nothing;
  executed_.clear();
  emulator_->start();
  resizing_(emulator_->last(), seen_);
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
  if (!two || !rules_.maximum_first) {
    resizing_(emulator_->last(), seen_);
    if (!two) return;
    resizing_(emulator_->last_but_one(), other_);
    return take_larger(seen_, other_);
  }
  std::ranges::copy(emulator_->last(), screen_.begin());
  take_larger(screen_, emulator_->last_but_one());
  resizing_(screen_, seen_);
}

void Atari::record(std::byte* to) const { std::memcpy(to, seen_.data(), seen_.size()); }

}  // namespace crosstalk::env
