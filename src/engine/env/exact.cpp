#include "env/exact.hpp"

#include <ATen/ATen.h>

#include <cstring>

#include "base/error.hpp"
#include "env/solve.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::env {
namespace {

/// Which of the things that have these chances, in their order, a number in [0, 1) means. What rounding
/// leaves below 1 means the last one.
template <class Things, class Chance>
std::size_t drawn(const Things& things, double number, Chance chance) {
  std::size_t last = 0;
  double below = 0;
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (chance(things[i]) == 0) continue;
    last = i;
    below += chance(things[i]);
    if (number < below) break;
  }
  return last;
}

at::Tensor numbers(std::span<const std::int64_t> rows) {
  return at::tensor(at::IntArrayRef(rows.data(), rows.size()), at::kLong);
}

}  // namespace

StateDrawing::StateDrawing(const DecisionProcess& process, at::ScalarType type, at::Device device)
    : observations_(
          at::cat({observations(process), at::zeros({1, process.features}, at::kDouble)}).to(device, type)) {}

void StateDrawing::draw(std::span<const std::int64_t> states, at::Tensor& slot) const {
  const auto count = static_cast<std::int64_t>(states.size()), end = observations_.size(0) - 1;
  tensor::fit(slot, {count, observations_.size(1)}, observations_);
  if (!slot.is_cpu()) {
    at::Tensor rows = numbers(states);
    rows.masked_fill_(rows == Branch::end, end);
    at::index_select_out(slot, observations_, 0, rows.to(slot.device()));
    return;
  }
  const std::size_t row = static_cast<std::size_t>(observations_.size(1)) * observations_.itemsize();
  const auto* from = static_cast<const std::byte*>(observations_.const_data_ptr());
  auto* to = static_cast<std::byte*>(slot.mutable_data_ptr());
  for (const std::int64_t state : states) {
    std::memcpy(to, from + static_cast<std::size_t>(state == Branch::end ? end : state) * row, row);
    to += row;
  }
}

void StateDrawing::draw(std::span<const std::byte* const> records, at::Tensor& slot) const {
  std::vector<std::int64_t> states(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::int32_t state;
    std::memcpy(&state, records[i], sizeof state);
    states[i] = state;
  }
  draw(states, slot);
}

void StateDrawing::check(const std::byte* record) const {
  std::int32_t state;
  std::memcpy(&state, record, sizeof state);
  if (state < Branch::end || state >= observations_.size(0) - 1)
    throw Error(ErrorKind::data, "the checkpoint's transitions are of state " + std::to_string(state) +
                                     ", and there are " + std::to_string(observations_.size(0) - 1));
}

Exact::Exact(std::shared_ptr<const DecisionProcess> process, std::shared_ptr<const StateDrawing> drawing)
    : process_(std::move(process)),
      drawing_(std::move(drawing)),
      spaces_{{process_->features}, {process_->actions}},
      chance_(seed_, "environment") {}

void Exact::reset(std::uint64_t seed) {
  seed_ = seed;
  chance_ = tensor::Stream(seed, "environment");
  state_ = static_cast<std::int32_t>(
      drawn(process_->start, chance_.uniform(), [](double chance) { return chance; }));
  steps_ = 0;
}

Outcome Exact::step(std::span<const std::int64_t> action) {
  if (state_ == Branch::end)
    throw Error(ErrorKind::environment,
                std::string(process_->name) + ": a step after an episode's end; begin one with reset");
  if (action.size() != 1 || action[0] < 0 || action[0] >= process_->actions)
    throw Error(ErrorKind::environment,
                std::string(process_->name) + ": there is no action " +
                    (action.size() == 1 ? std::to_string(action[0]) : "of several choices") +
                    "; there are 0 to " + std::to_string(process_->actions - 1));
  const std::vector<Branch>& branches = process_->after(state_, action[0]);
  const Branch& branch =
      branches[drawn(branches, chance_.uniform(), [](const Branch& branch) { return branch.probability; })];
  state_ = branch.next;
  ++steps_;
  const bool over = state_ == Branch::end;
  return {branch.reward, over, !over && process_->most_steps > 0 && steps_ >= process_->most_steps};
}

void Exact::record(std::byte* to) const { std::memcpy(to, &state_, sizeof state_); }

void Exact::save(tensor::State& state) const {
  state.positions["seed"] = seed_;
  state.positions["drawn"] = chance_.position();
  state.positions["state"] = static_cast<std::uint64_t>(state_ + 1);  // 0: the episode is over
  state.positions["steps"] = static_cast<std::uint64_t>(steps_);
}

bool Exact::load(const tensor::State& state) {
  const std::uint64_t place = state.position("state");
  if (place > static_cast<std::uint64_t>(process_->states))
    throw Error(ErrorKind::data, "the checkpoint's episode is in a state that " +
                                     std::string(process_->name) + " does not have");
  seed_ = state.position("seed");
  chance_ = tensor::Stream(seed_, "environment");
  chance_.seek(state.position("drawn"));
  state_ = static_cast<std::int32_t>(place) - 1;
  steps_ = state.count("steps");
  return true;
}

States::States(std::shared_ptr<const StateDrawing> drawing, at::Tensor values)
    : drawing_(std::move(drawing)), values_(std::move(values)) {}

void States::draw(std::span<const data::Id> rows, data::At, at::Tensor& slot) const {
  drawing_->draw(rows, slot);
}

bool States::beside(std::string_view name, std::span<const data::Id> rows, at::Tensor& slot) const {
  if (name != "value") return false;
  slot = values_.index_select(0, numbers(rows).to(values_.device()));
  return true;
}

}  // namespace crosstalk::env
