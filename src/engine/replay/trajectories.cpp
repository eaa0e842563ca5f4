#include "replay/trajectories.hpp"

#include <ATen/ATen.h>

#include <cstring>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::data, "the checkpoint's trajectories " + why);
}

/// Rows [first, end) of records as a tensor (end - first, bytes).
at::Tensor to_bytes(const Records& records, std::size_t bytes) {
  at::Tensor all = at::empty({records.end() - records.first(), static_cast<std::int64_t>(bytes)}, at::kByte);
  auto* to = all.mutable_data_ptr<std::uint8_t>();
  for (std::int64_t i = records.first(); i < records.end(); ++i, to += bytes)
    std::memcpy(to, records[i], bytes);
  return all;
}

void from_bytes(const at::Tensor& saved, std::size_t bytes, std::int64_t first, Records& records) {
  if (saved.scalar_type() != at::kByte || saved.dim() != 2 ||
      saved.size(1) != static_cast<std::int64_t>(bytes))
    refuse("do not hold records of " + std::to_string(bytes) + " bytes");
  const at::Tensor whole = saved.contiguous();
  const auto* from = whole.const_data_ptr<std::uint8_t>();
  records.clear(first);
  for (std::int64_t i = 0; i < whole.size(0); ++i, from += bytes) std::memcpy(records.add(), from, bytes);
}

/// A column of a table of steps.
template <class T>
at::Tensor column(const std::deque<Step>& steps, at::ScalarType type, T Step::* part) {
  at::Tensor all = at::empty({static_cast<std::int64_t>(steps.size())}, type);
  T* to = all.mutable_data_ptr<T>();
  for (const Step& step : steps) *to++ = step.*part;
  return all;
}

/// Of each step: 0, it goes on; 1, terminated; 2, truncated.
at::Tensor ends(const std::deque<Step>& steps) {
  at::Tensor all = at::empty({static_cast<std::int64_t>(steps.size())}, at::kByte);
  auto* to = all.mutable_data_ptr<std::uint8_t>();
  for (const Step& step : steps) *to++ = step.terminated ? 1 : step.truncated ? 2 : 0;
  return all;
}

void read_ends(const tensor::State& state, std::deque<Step>& steps) {
  const at::Tensor all = state.tensor("end").contiguous();
  if (all.scalar_type() != at::kByte || all.numel() != static_cast<std::int64_t>(steps.size()))
    refuse("and their ends are not as many");
  const auto* from = all.const_data_ptr<std::uint8_t>();
  for (Step& step : steps) {
    if (*from > 2) refuse("hold an end that there is not");
    step.terminated = *from == 1;
    step.truncated = *from++ == 2;
  }
}

template <class T>
void read_column(const tensor::State& state, const char* name, at::ScalarType type, std::deque<Step>& steps,
                 T Step::* part) {
  const at::Tensor all = state.tensor(name).contiguous();
  if (all.scalar_type() != type || all.numel() != static_cast<std::int64_t>(steps.size()))
    refuse(std::string("and their ") + name + " are not as many");
  const T* from = all.const_data_ptr<T>();
  for (Step& step : steps) step.*part = *from++;
}

}  // namespace

Trajectories::Trajectories(std::shared_ptr<const env::Drawing> drawing, std::vector<std::int64_t> choices,
                           at::ScalarType type, Keeping keeping)
    : drawing_(std::move(drawing)),
      choices_(std::move(choices)),
      type_(type),
      keeping_(keeping),
      records_(drawing_->bytes()),
      actions_(choices_.size() * sizeof(std::int64_t)) {}

void Trajectories::begin(const env::Environment& environment) {
  if (keeping_.evict == Keeping::Evict::episodes && keeping_.capacity > 0) {
    while (size() > 0) {
      const Id next = episode(first_).end;
      if (end() - next < keeping_.capacity) break;
      drop(next);
    }
  }
  environment.record(records_.add());
  open_ = end();
  ++begun_;
}

void Trajectories::add(std::span<const std::int64_t> action, const env::Outcome& outcome,
                       const env::Environment& environment) {
  add_step(action, outcome);
  environment.record(records_.add());
  if (keeping_.evict == Keeping::Evict::steps && keeping_.capacity > 0 && size() > keeping_.capacity)
    drop(first_ + 1);
}

void Trajectories::add_step(std::span<const std::int64_t> action, const env::Outcome& outcome) {
  steps_.push_back({records_.end() - 1, begun_ - 1, rounded(outcome.reward), outcome.terminated,
                    outcome.truncated});
  std::memcpy(actions_.add(), action.data(), action.size_bytes());
  if (outcome.ended()) ++finished_;
}

void Trajectories::append(const Trajectories& other) {
  const auto add_record = [&](std::int64_t record) {
    std::memcpy(records_.add(), other.records_[record], drawing_->bytes());
  };
  for (Id row = other.first(); row < other.end(); ++row) {
    const Step& step = other[row];
    if (!other.neighbour(row, -1)) {
      add_record(step.record);
      open_ = end();
      ++begun_;
    }
    add_step(other.action(row), {step.reward, step.terminated, step.truncated});
    add_record(step.record + 1);
  }
}

void Trajectories::add_alone(const std::byte* before, std::span<const std::int64_t> action,
                             const env::Outcome& outcome, const std::byte* after) {
  std::memcpy(records_.add(), before, drawing_->bytes());
  open_ = end();
  ++begun_;
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
  records_.drop_until(steps_.empty() ? records_.end() : steps_.front().record);
}

Id Trajectories::drawn(std::int64_t place) const {
  if (keeping_.evict == Keeping::Evict::episodes || keeping_.capacity == 0) return first_ + place;
  const std::int64_t ring = keeping_.capacity;
  return first_ + (place - first_ % ring + ring) % ring;
}

void Trajectories::draw(std::span<const Id> rows, At at, at::Tensor& slot) const {
  std::vector<const std::byte*> records;
  records.reserve(rows.size());
  const std::int64_t later = at == At::after || keeping_.aliased ? 1 : 0;
  for (const Id row : rows) records.push_back(records_[(*this)[row].record + later]);
  drawing_->draw(records, slot);
}

void Trajectories::now(at::Tensor& slot) const {
  const std::byte* const newest = records_[records_.end() - 1];
  drawing_->draw({&newest, 1}, slot);
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

void Trajectories::save(tensor::State& state) const {
  state.tensors["observations"] = to_bytes(records_, drawing_->bytes());
  state.tensors["actions"] = to_bytes(actions_, choices_.size() * sizeof(std::int64_t));
  state.tensors["record"] = column(steps_, at::kLong, &Step::record);
  state.tensors["episode"] = column(steps_, at::kLong, &Step::episode);
  state.tensors["reward"] = column(steps_, at::kDouble, &Step::reward);
  state.tensors["end"] = ends(steps_);
  state.positions["first"] = static_cast<std::uint64_t>(first_);
  state.positions["observed"] = static_cast<std::uint64_t>(records_.first());
  state.positions["open"] = static_cast<std::uint64_t>(open_);
  state.positions["begun"] = static_cast<std::uint64_t>(begun_);
  state.positions["finished"] = static_cast<std::uint64_t>(finished_);
}

void Trajectories::load(const tensor::State& state) {
  from_bytes(state.tensor("observations"), drawing_->bytes(), state.count("observed"), records_);
  first_ = state.count("first");
  from_bytes(state.tensor("actions"), choices_.size() * sizeof(std::int64_t), first_, actions_);
  for (std::int64_t i = records_.first(); i < records_.end(); ++i) drawing_->check(records_[i]);
  const std::int64_t held = state.tensor("reward").numel();
  if (actions_.end() - first_ != held || (keeping_.capacity > 0 && keeping_.evict == Keeping::Evict::steps &&
                                          held > keeping_.capacity))
    refuse("hold " + std::to_string(held) + " steps where as many actions and at most " +
           std::to_string(keeping_.capacity) + " steps are expected");
  steps_.assign(static_cast<std::size_t>(held), Step{});
  read_column(state, "record", at::kLong, steps_, &Step::record);
  read_column(state, "episode", at::kLong, steps_, &Step::episode);
  read_column(state, "reward", at::kDouble, steps_, &Step::reward);
  read_ends(state, steps_);
  open_ = state.count("open"), begun_ = state.count("begun"), finished_ = state.count("finished");
  if (finished_ > begun_ || open_ < first_ || open_ > end()) refuse("count episodes that cannot be");
  for (Id row = first_; row < end(); ++row) {
    const Step& step = (*this)[row];
    if (step.record < records_.first() || step.record + 1 >= records_.end())
      refuse("name an observation that they do not hold");
    for (std::size_t choice = 0; choice < choices_.size(); ++choice)
      if (action(row)[choice] < 0 || action(row)[choice] >= choices_[choice])
        refuse("hold an action that the task does not have");
  }
}

const Trajectories& trajectories(const data::Table& table) {
  const auto* steps = dynamic_cast<const Trajectories*>(&table);
  if (steps == nullptr)
    throw Error(ErrorKind::config,
                "what is learned or measured needs an agent's steps, and was given rows that are none");
  return *steps;
}

}  // namespace crosstalk::replay
