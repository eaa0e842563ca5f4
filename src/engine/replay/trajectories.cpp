#include "replay/trajectories.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::data, "the checkpoint's trajectories " + why);
}

/// Of each step: 0, it goes on; 1, terminated; 2, truncated; and 4 more where another episode begins than
/// that of the step before it.
constexpr std::uint8_t terminated = 1, truncated = 2, begins = 4;

at::Tensor flags(const std::deque<Step>& steps) {
  at::Tensor all = at::empty({static_cast<std::int64_t>(steps.size())}, at::kByte);
  auto* to = all.mutable_data_ptr<std::uint8_t>();
  const Step* before = nullptr;
  for (const Step& step : steps) {
    *to = step.terminated ? terminated : step.truncated ? truncated : 0;
    if (before != nullptr && before->episode != step.episode) *to |= begins;
    before = &step;
    ++to;
  }
  return all;
}

/// The same, and what follows from it: observations are numbered through, and an episode has one more of them
/// than steps. `start`: the first record; the first step's is `record`.
void read_flags(const at::Tensor& saved, std::int64_t start, std::int64_t record, std::int64_t episode,
                std::deque<Step>& steps) {
  const at::Tensor all = saved.contiguous();
  if (all.scalar_type() != at::kByte || all.numel() != static_cast<std::int64_t>(steps.size()))
    refuse("and the flags of their steps are not as many");
  const auto* from = all.const_data_ptr<std::uint8_t>();
  for (Step& step : steps) {
    const bool other = (*from & begins) != 0;
    const std::uint8_t end = *from & ~begins;
    if (end > truncated || (other && &step == &steps.front())) refuse("hold an end that there is not");
    step.terminated = end == terminated;
    step.truncated = end == truncated;
    record += other ? 1 : 0;
    episode += other ? 1 : 0;
    if (other) start = record;
    step.start = start;
    step.record = record++;
    step.episode = episode;
    ++from;
  }
}

/// The smallest type that every choice fits into; of torch's unsigned ones the first alone is whole, so that
/// the others are signed.
at::ScalarType smallest_type(const std::vector<std::int64_t>& choices) {
  const std::int64_t most = choices.empty() ? 0 : *std::max_element(choices.begin(), choices.end()) - 1;
  return most <= 0xff ? at::kByte : most <= 0x7fff ? at::kShort : most <= 0x7fffffff ? at::kInt : at::kLong;
}

at::Tensor rewards(const std::deque<Step>& steps, at::ScalarType type) {
  at::Tensor all = at::empty({static_cast<std::int64_t>(steps.size())}, at::kDouble);
  auto* to = all.mutable_data_ptr<double>();
  for (const Step& step : steps) *to++ = step.reward;
  return all.to(type);
}

void read_rewards(const at::Tensor& saved, at::ScalarType type, std::deque<Step>& steps) {
  if (saved.scalar_type() != type || saved.numel() != static_cast<std::int64_t>(steps.size()))
    refuse("and their rewards are not as many");
  const at::Tensor all = saved.to(at::kDouble).contiguous();
  const auto* from = all.const_data_ptr<double>();
  for (Step& step : steps) step.reward = *from++;
}

}  // namespace

Trajectories::Trajectories(std::shared_ptr<const env::Drawing> drawing, std::vector<std::int64_t> choices,
                           at::ScalarType type, Keeping keeping)
    : drawing_(std::move(drawing)),
      choices_(std::move(choices)),
      type_(type),
      keeping_(keeping),
      records_(drawing_->bytes(), keeping_.folder),
      actions_(choices_.size() * sizeof(std::int64_t)) {}

void Trajectories::begin(const env::Environment& environment) {
  if (keeping_.evict == Keeping::Evict::episodes && keeping_.capacity > 0) {
    while (size() > 0) {
      const Id next = episode(first_).end;
      if (end() - next < keeping_.capacity) break;
      drop(next);
    }
  }
  environment.record(begin_episode());
}

std::byte* Trajectories::begin_episode() {
  start_ = records_.end();
  open_ = end();
  ++begun_;
  return records_.add();
}

void Trajectories::add(std::span<const std::int64_t> action, const env::Outcome& outcome,
                       const env::Environment& environment) {
  add_step(action, outcome);
  environment.record(records_.add());
  if (keeping_.evict == Keeping::Evict::steps && keeping_.capacity > 0 && size() > keeping_.capacity)
    drop(first_ + 1);
}

void Trajectories::add_step(std::span<const std::int64_t> action, const env::Outcome& outcome) {
  steps_.push_back({records_.end() - 1, start_, begun_ - 1, rounded(outcome.reward), outcome.terminated,
                    outcome.truncated});
  std::memcpy(actions_.add(), action.data(), action.size_bytes());
  if (outcome.ended()) ++finished_;
}

void Trajectories::cut() {
  steps_.back().truncated = true;
  ++finished_;
}

void Trajectories::append(const Trajectories& other) {
  for (Id row = other.first(); row < other.end(); ++row) {
    const Step& step = other[row];
    if (!other.neighbour(row, -1))
      std::memcpy(begin_episode(), other.records_[step.record], drawing_->bytes());
    add_step(other.action(row), {step.reward, step.terminated, step.truncated});
    std::memcpy(records_.add(), other.records_[step.record + 1], drawing_->bytes());
  }
}

void Trajectories::lend(const LentEpisodes& episodes) {
  const std::size_t choices = choices_.size();
  std::int64_t record = records_.end();
  records_.lend(episodes.records, std::ssize(episodes.rewards) + std::ssize(episodes.lengths));
  std::size_t at = 0;
  for (const std::int64_t length : episodes.lengths) {
    start_ = record;
    open_ = end();
    for (std::int64_t i = 0; i < length; ++i, ++at) {
      steps_.push_back({record++, start_, begun_, rounded(episodes.rewards[at]), episodes.terminated[at] != 0,
                        episodes.truncated[at] != 0});
      std::memcpy(actions_.add(), episodes.actions.data() + at * choices, choices * sizeof(std::int64_t));
    }
    ++record;  // what the last step led to
    ++begun_, ++finished_;
  }
}

void Trajectories::add_alone(const std::byte* before, std::span<const std::int64_t> action,
                             const env::Outcome& outcome, const std::byte* after) {
  std::memcpy(begin_episode(), before, drawing_->bytes());
  add_step(action, outcome);
  std::memcpy(records_.add(), after, drawing_->bytes());
}

double Trajectories::rounded(double reward) const {
  return type_ == at::kFloat ? static_cast<double>(static_cast<float>(reward)) : reward;
}

void Trajectories::drop(Id first) {
  steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(first - first_));
  actions_.drop_until(first);
  first_ = first;
  open_ = std::max(open_, first_);  // of an episode longer than what is kept, its first steps are gone
  records_.drop_until(steps_.empty() ? records_.end() : earliest_needed());
}

/// The first record that the oldest step's observation shows.
std::int64_t Trajectories::earliest_needed() const {
  return std::max(steps_.front().start, steps_.front().record - (drawing_->history() - 1));
}

/// The records of an observation, the oldest first, of an episode that begins with record `start`.
void Trajectories::look(std::int64_t newest, std::int64_t start,
                        std::vector<const std::byte*>& records) const {
  for (std::int64_t record = newest - (drawing_->history() - 1); record <= newest; ++record)
    records.push_back(records_[std::max(record, start)]);
}

Id Trajectories::drawn(std::int64_t place) const {
  if (keeping_.evict == Keeping::Evict::episodes || keeping_.capacity == 0) return first_ + place;
  const std::int64_t ring = keeping_.capacity;
  return first_ + (place - first_ % ring + ring) % ring;
}

void Trajectories::draw(std::span<const Id> rows, At at, at::Tensor& slot) const {
  std::vector<const std::byte*> records;
  records.reserve(rows.size() * static_cast<std::size_t>(drawing_->history()));
  const std::int64_t later = (at == At::after || keeping_.aliased ? 1 : 0) + (keeping_.shifted ? 1 : 0);
  for (const Id row : rows) {
    const std::int64_t shown = later > 1 && !neighbour(row, 1) ? 1 : later;  // behind an episode is nothing
    look((*this)[row].record + shown, (*this)[row].start, records);
  }
  drawing_->draw(records, slot);
}

bool Trajectories::beside(std::string_view name, std::span<const Id> rows, at::Tensor& slot) const {
  if (name != "label") return false;
  std::vector<std::int64_t> labels;
  for (const Id row : rows)
    if (const std::optional<std::int64_t> label = drawing_->label(before(row))) labels.push_back(*label);
  if (labels.size() < rows.size()) return false;
  slot = at::tensor(labels, at::kLong);
  return true;
}

data::Columns Trajectories::columns(std::span<const Id> rows) const {
  const auto count = static_cast<std::int64_t>(rows.size());
  const at::Tensor actions = at::empty({count, static_cast<std::int64_t>(choices_.size())}, at::kLong),
                   rewards = at::empty({count}, at::kDouble), episodes = at::empty({count}, at::kLong),
                   terminated = at::empty({count}, at::kByte), truncated = at::empty({count}, at::kByte);
  for (std::int64_t i = 0; i < count; ++i) {
    const Id row = rows[static_cast<std::size_t>(i)];
    const Step& step = (*this)[row];
    std::ranges::copy(action(row), actions.mutable_data_ptr<std::int64_t>() + i * actions.size(1));
    rewards.mutable_data_ptr<double>()[i] = step.reward;
    episodes.mutable_data_ptr<std::int64_t>()[i] = step.episode;
    terminated.mutable_data_ptr<std::uint8_t>()[i] = step.terminated;
    truncated.mutable_data_ptr<std::uint8_t>()[i] = step.truncated;
  }
  data::Columns all{{"action", actions},
                    {"reward", rewards},
                    {"episode", episodes},
                    {"terminated", terminated},
                    {"truncated", truncated}};
  draw(rows, At::before, all["before"]);
  draw(rows, At::after, all["after"]);
  return all;
}

void Trajectories::now(at::Tensor& slot) const {
  std::vector<const std::byte*> records;
  now(records);
  drawing_->draw(records, slot);
}

std::optional<Id> Trajectories::neighbour(Id row, std::int64_t offset) const {
  const Id other = row + offset;
  if (other < first_ || other >= end() || (*this)[other].episode != (*this)[row].episode) return std::nullopt;
  return other;
}

std::span<const std::int64_t> Trajectories::action(Id row) const {
  return {reinterpret_cast<const std::int64_t*>(actions_[row]), choices_.size()};
}

Trajectories::Episode Trajectories::episode(Id row) const {
  Episode episode{row, row + 1};
  while (neighbour(episode.begin, -1)) --episode.begin;
  while (episode.end < end() && (*this)[episode.end].episode == (*this)[row].episode) ++episode.end;
  return episode;
}

/// (size, choices), of the type in which checkpoints have them.
at::Tensor Trajectories::actions() const {
  const auto choices = static_cast<std::int64_t>(choices_.size());
  at::Tensor all = at::empty({size(), choices}, at::kLong);
  auto* to = all.mutable_data_ptr<std::int64_t>();
  for (Id row = first_; row < end(); ++row) to = std::copy_n(action(row).data(), choices, to);
  return all.to(smallest_type(choices_));
}

void Trajectories::read_actions(const at::Tensor& saved) {
  const auto choices = static_cast<std::int64_t>(choices_.size());
  if (saved.scalar_type() != smallest_type(choices_) || saved.dim() != 2 || saved.size(1) != choices)
    refuse("do not hold actions of " + std::to_string(choices) + " choices");
  const at::Tensor all = saved.to(at::kLong).contiguous();
  const auto* from = all.const_data_ptr<std::int64_t>();
  actions_.clear(first_);
  for (std::int64_t i = 0; i < all.size(0); ++i, from += choices) {
    for (std::int64_t c = 0; c < choices; ++c)
      if (from[c] < 0 || from[c] >= choices_[static_cast<std::size_t>(c)])
        refuse("hold an action that the task does not have");
    std::memcpy(actions_.add(), from, choices_.size() * sizeof(std::int64_t));
  }
}

/// A step takes its observation, an action, a reward in the run's precision and a byte.
void Trajectories::save(tensor::State& state) const {
  records_.save(state);
  state.tensors["actions"] = actions();
  state.tensors["rewards"] = rewards(steps_, type_);
  state.tensors["flags"] = flags(steps_);
  state.positions["first"] = static_cast<std::uint64_t>(first_);
  state.positions["observed"] = static_cast<std::uint64_t>(records_.first());
  state.positions["open"] = static_cast<std::uint64_t>(open_);
  state.positions["begun"] = static_cast<std::uint64_t>(begun_);
  state.positions["finished"] = static_cast<std::uint64_t>(finished_);
  state.positions["episode"] = static_cast<std::uint64_t>(steps_.empty() ? begun_ : steps_.front().episode);
  if (drawing_->history() > 1)  // records that are kept for what the first step shows of its past
    state.positions["earlier"] =
        static_cast<std::uint64_t>(steps_.empty() ? 0 : steps_.front().record - records_.first());
}

void Trajectories::load(const tensor::State& state) {
  records_.load(state, state.count("observed"));
  for (std::int64_t i = records_.first(); i < records_.end(); ++i) drawing_->check(records_[i]);
  first_ = state.count("first");
  read_actions(state.tensor("actions"));
  const std::int64_t held = actions_.end() - first_;
  if (keeping_.capacity > 0 && keeping_.evict == Keeping::Evict::steps && held > keeping_.capacity)
    refuse("hold " + std::to_string(held) + " steps where at most " + std::to_string(keeping_.capacity) +
           " are expected");
  steps_.assign(static_cast<std::size_t>(held), Step{});
  read_rewards(state.tensor("rewards"), type_, steps_);
  const std::int64_t earlier = drawing_->history() > 1 ? state.count("earlier") : 0;
  if (earlier >= drawing_->history()) refuse("keep more of what is past than is shown");
  read_flags(state.tensor("flags"), records_.first(), records_.first() + earlier, state.count("episode"),
             steps_);
  open_ = state.count("open"), begun_ = state.count("begun"), finished_ = state.count("finished");
  if (finished_ > begun_ || open_ < first_ || open_ > end()) refuse("count episodes that cannot be");
  // Behind the last step stands what it led to, and behind that perhaps what a new episode begins with.
  const std::int64_t spare = held == 0 ? 0 : records_.end() - steps_.back().record - 2;
  if (spare < 0 || spare > 1 || (held > 0 && steps_.back().episode + 1 + spare != begun_))
    refuse("hold other observations than their steps have");
  start_ = held == 0 || spare == 1 ? std::max(records_.first(), records_.end() - 1) : steps_.back().start;
}

const Trajectories& trajectories(const data::Table& table) {
  const auto* steps = dynamic_cast<const Trajectories*>(&table);
  if (steps == nullptr)
    throw Error(ErrorKind::config,
                "what is learned or measured needs an agent's steps, and was given rows that are none");
  return *steps;
}

}  // namespace crosstalk::replay
