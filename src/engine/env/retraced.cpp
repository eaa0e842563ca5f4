#include "env/retraced.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>

namespace crosstalk::env {
namespace {

constexpr std::int64_t seeds = std::int64_t{1} << 31;  // what Gymnasium's and NumPy's generators take
constexpr std::uint64_t tried_seed = 1;
constexpr std::int64_t tried_steps = 100;

/// What stands before the record in what is hashed.
struct Before {
  std::uint64_t high, low;
  double reward;
  std::uint64_t end;  // 0: it goes on; 1: terminated; 2: truncated
};

}  // namespace

Retraced::Retraced(std::unique_ptr<Player> player, std::string name, at::ScalarType type, at::Device device,
                   std::int64_t most_steps, bool tries)
    : player_(std::move(player)),
      name_(std::move(name)),
      spaces_{player_->form().observation(), {player_->actions()}, seeds},
      drawing_(std::make_shared<ArrayDrawing>(player_->form(), type, device)),
      most_steps_(most_steps),
      its_own_(player_->most_steps() > 0 ? player_->most_steps() : most_steps_ + 1),
      noted_(sizeof(Before) + drawing_->bytes()) {
  if (tries) try_twice();
}

void Retraced::reset(std::uint64_t seed) {
  seed_ = seed;
  actions_.clear();
  trace_ = {};
  player_->reset(seed);
  note({});
}

Outcome Retraced::step(std::span<const std::int64_t> action) {
  if (action.size() != 1 || action[0] < 0 || action[0] >= player_->actions())
    throw Error(ErrorKind::environment, name_ + ": there is no such action; there are 0 to " +
                                            std::to_string(player_->actions() - 1));
  Outcome outcome = player_->step(action[0]);
  actions_.push_back(action[0]);
  const auto made = std::ssize(actions_);
  if (!outcome.ended() && made >= std::min(its_own_, most_steps_)) {
    outcome.truncated = true;
    if (made < its_own_) ++cut_;
  }
  note(outcome);
  return outcome;
}

void Retraced::note(const Outcome& outcome) {
  const Before before{trace_.high, trace_.low, outcome.reward,
                      outcome.terminated  ? 1u
                      : outcome.truncated ? 2u
                                          : 0u};
  std::memcpy(noted_.data(), &before, sizeof before);
  player_->record(noted_.data() + sizeof before);
  trace_ = xxh3({reinterpret_cast<const char*>(noted_.data()), noted_.size()});
}

void Retraced::record(std::byte* to) const {
  std::memcpy(to, noted_.data() + sizeof(Before), noted_.size() - sizeof(Before));
}

void Retraced::try_twice() {
  const auto once = [&] {
    reset(tried_seed);
    for (std::int64_t at = 0; at < tried_steps; ++at) {
      const std::int64_t action = at % player_->actions();
      if (step({&action, 1}).ended()) break;
    }
    return trace_.hex();
  };
  if (once() != once())
    unrepeatable_ =
        name_ +
        " shows another episode when it is reset with the same seed: a run in it cannot be computed "
        "again to the last bit, and one that is interrupted goes on with a new episode";
}

void Retraced::save(tensor::State& state) const {
  const auto count = static_cast<std::int64_t>(actions_.size());
  at::Tensor actions = at::empty({count}, at::kLong);
  std::copy(actions_.begin(), actions_.end(), actions.mutable_data_ptr<std::int64_t>());
  state.tensors["actions"] = actions;
  state.positions["seed"] = seed_;
  state.positions["trace_high"] = trace_.high;
  state.positions["trace_low"] = trace_.low;
}

bool Retraced::load(const tensor::State& state) {
  const at::Tensor saved = state.tensor("actions").contiguous();
  if (saved.scalar_type() != at::kLong || saved.dim() != 1)
    throw Error(ErrorKind::data, "the checkpoint's episode holds no list of actions");
  const std::span<const std::int64_t> actions{saved.const_data_ptr<std::int64_t>(),
                                              static_cast<std::size_t>(saved.numel())};
  if (std::any_of(actions.begin(), actions.end(),
                  [&](std::int64_t action) { return action < 0 || action >= player_->actions(); }))
    throw Error(ErrorKind::data, "the checkpoint's episode holds an action that " + name_ + " does not have");
  const Xxh3 trace{state.position("trace_high"), state.position("trace_low")};
  seed_ = state.position("seed");
  if (unrepeatable_) return false;
  if (plays_again(actions, trace)) return true;
  unrepeatable_ =
      name_ +
      " showed another episode when the one that was interrupted was played again from its seed "
      "by its " +
      std::to_string(actions.size()) +
      " actions: the run goes on with a new episode, and cannot be computed again to the last bit";
  return false;
}

/// An error while it is played again is another episode too: the first time there was none.
bool Retraced::plays_again(std::span<const std::int64_t> actions, const Xxh3& trace) {
  try {
    reset(seed_);
    for (std::size_t at = 0; at < actions.size(); ++at) {
      if (step(actions.subspan(at, 1)).ended() && at + 1 < actions.size()) return false;
    }
  } catch (const Error&) {
    return false;
  }
  return trace_.high == trace.high && trace_.low == trace.low;
}

}  // namespace crosstalk::env
