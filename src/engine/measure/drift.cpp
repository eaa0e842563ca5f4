#include "measure/drift.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "measure/blocks.hpp"

namespace crosstalk::measure {
namespace {

/// Each once, ascending.
std::vector<data::Id> different(std::vector<data::Id> rows) {
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

template <class Number>
at::Tensor stored(const std::vector<Number>& numbers) {
  return at::tensor(numbers, c10::CppTypeToScalarType<Number>::value);
}

template <class Number>
std::vector<Number> read(const tensor::State& state, const std::string& name) {
  const at::Tensor all = state.tensor(name).contiguous();
  const auto* first = all.const_data_ptr<Number>();
  return {first, first + all.numel()};
}

}  // namespace

std::optional<Drifts> Drift::take() {
  noting_ = true;
  if (!begun_) return std::nullopt;
  for (const auto& [row, _] : notes_) read_.left_out.push_back(row);
  return std::exchange(read_, {});
}

void Drift::before(const learn::Update& update, learn::Passes& passes) {
  if (notes_.empty()) return;
  data::Rows again{update.batch.rows.table, {}};
  for (const data::Id row : update.batch.rows.ids)
    if (notes_.contains(row)) again.ids.push_back(row);
  if (again.ids.empty()) return;
  again.ids = different(std::move(again.ids));
  const std::vector<double> values = values_at(again, passes);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto note = notes_.find(again.ids[i]);
    read_.rows.push_back(again.ids[i]);
    read_.values.push_back(values[i] - note->second.value);
    read_.updates.push_back(static_cast<double>(subject_.networks().updates() - note->second.update - 1));
    notes_.erase(note);
  }
}

void Drift::after(const learn::Update& update, learn::Passes& passes) {
  if (!std::exchange(noting_, false)) return;
  const Readout readout = subject_.readout();
  if (!readout.heads.empty() && !readout.values) return;  // logits, which predict nothing
  data::Rows rows{update.batch.rows.table, different(update.batch.rows.ids)};
  if (rows.ids.size() > most_) rows.ids.resize(most_);
  const std::vector<double> values = values_at(rows, passes);
  for (std::size_t i = 0; i < values.size(); ++i)
    notes_[rows.ids[i]] = {values[i], subject_.networks().updates()};
  begun_ = true;
  give_up();
}

void Drift::give_up() {
  while (notes_.size() > most_) {
    const auto by_age = [](const auto& a, const auto& b) { return a.second.update < b.second.update; };
    const std::int64_t oldest = std::min_element(notes_.begin(), notes_.end(), by_age)->second.update;
    std::erase_if(notes_, [&](const auto& note) { return note.second.update == oldest; });
  }
}

/// The value of the action taken, of several choices their mean; where nobody acts, of the state.
std::vector<double> Drift::values_at(const data::Rows& rows, learn::Passes& passes) const {
  const Readout readout = subject_.readout();
  std::vector<double> all;
  each_block(rows, [&](const data::Rows& block, std::int64_t) {
    block.table->draw(block.ids, data::At::before, passes.inputs());
    const at::Tensor values =
        learn::values_of(passes.output(learn::Net::online, passes.inputs()), readout.atoms);
    at::Tensor value = values.select(1, 0);
    if (!readout.heads.empty()) {
      const at::Tensor taken = subject_.taken({"batch", block});
      value = (values * taken).sum(1) / static_cast<double>(readout.heads.size());
    }
    value = value.to(at::kCPU, at::kDouble).contiguous();
    all.insert(all.end(), value.const_data_ptr<double>(), value.const_data_ptr<double>() + value.numel());
  });
  return all;
}

void Drift::save(tensor::State& state) const {
  std::vector<data::Id> rows;
  std::vector<std::int64_t> updates;
  std::vector<double> values;
  for (const auto& [row, note] : notes_) {
    rows.push_back(row);
    values.push_back(note.value);
    updates.push_back(note.update);
  }
  state.tensors = {{"noted.rows", stored(rows)},          {"noted.values", stored(values)},
                   {"noted.updates", stored(updates)},    {"read.rows", stored(read_.rows)},
                   {"read.values", stored(read_.values)}, {"read.updates", stored(read_.updates)}};
  state.positions = {{"noting", noting_}, {"begun", begun_}};
}

void Drift::load(const tensor::State& state) {
  const auto rows = read<data::Id>(state, "noted.rows");
  const auto values = read<double>(state, "noted.values");
  const auto updates = read<std::int64_t>(state, "noted.updates");
  read_ = {read<data::Id>(state, "read.rows"),
           read<double>(state, "read.values"),
           read<double>(state, "read.updates"),
           {}};
  if (values.size() != rows.size() || updates.size() != rows.size() ||
      read_.values.size() != read_.rows.size() || read_.updates.size() != read_.rows.size())
    throw Error(ErrorKind::data, "the checkpoint's values of transitions are not as many as these");
  notes_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) notes_[rows[i]] = {values[i], updates[i]};
  noting_ = state.count("noting") > 0;
  begun_ = state.count("begun") > 0;
}

}  // namespace crosstalk::measure
