#include "replay/gathered.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"

namespace crosstalk::replay {
namespace {

template <class Number>
void put(std::vector<Number>& behind, std::span<const Number> more) {
  behind.insert(behind.end(), more.begin(), more.end());
}

template <class Number>
at::Tensor tensor_of(const std::vector<Number>& column, std::int64_t width) {
  const std::int64_t rows = width == 0 ? 0 : std::ssize(column) / width;
  return at::from_blob(const_cast<Number*>(column.data()), {rows, width},
                       at::TensorOptions(c10::CppTypeToScalarType<Number>::value));
}

template <class Number>
at::Tensor tensor_of(const std::vector<Number>& column) {
  return at::from_blob(const_cast<Number*>(column.data()), {std::ssize(column)},
                       at::TensorOptions(c10::CppTypeToScalarType<Number>::value));
}

/// Each episode's sum, in the order of its steps.
void sum_up(std::span<const double> each, std::span<const std::int64_t> lengths, std::vector<double>& sums) {
  if (each.empty()) return;
  std::size_t at = 0;
  for (const std::int64_t length : lengths) {
    double sum = 0;
    for (std::int64_t i = 0; i < length; ++i) sum += each[at++];
    sums.push_back(sum);
  }
}

}  // namespace

void Gathered::see(const Seen& seen) {
  const auto right = [](std::size_t there, std::int64_t expected) {
    return there == static_cast<std::size_t>(expected);
  };
  if (!right(seen.record.size(), static_cast<std::int64_t>(form_->observation.bytes())) ||
      !right(seen.ram.size(), form_->ram) || !right(seen.values.size(), form_->values ? form_->actions : 0))
    throw Error(ErrorKind::environment, "an observation came with " + std::to_string(seen.ram.size()) +
                                            " bytes of memory and " + std::to_string(seen.values.size()) +
                                            " values where the set keeps " + std::to_string(form_->ram) +
                                            " and " + std::to_string(form_->values ? form_->actions : 0));
  put(observations_, {reinterpret_cast<const std::uint8_t*>(seen.record.data()), seen.record.size()});
  put(ram_, seen.ram);
  put(values_, seen.values);
}

void Gathered::begin(std::uint64_t seed, const Seen& seen) {
  see(seen);
  lengths_.push_back(0);
  seeds_.push_back(static_cast<std::int64_t>(seed));
}

void Gathered::add(std::int64_t action, const env::Outcome& outcome, const Seen& seen,
                   std::span<const std::int64_t> executed) {
  see(seen);
  ++lengths_.back();
  actions_.push_back(action);
  rewards_.push_back(outcome.reward);
  if (form_->scores) scores_.push_back(outcome.score.value_or(outcome.reward));
  terminations_.push_back(outcome.terminated ? 1 : 0);
  truncations_.push_back(outcome.truncated ? 1 : 0);
  const auto frames = static_cast<std::size_t>(form_->frames);
  put(executed_, executed.first(std::min(executed.size(), frames)));
  executed_.resize(actions_.size() * frames, -1);
}

void Gathered::append(const Gathered& other) {
  const auto all = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  all(observations_, other.observations_), all(actions_, other.actions_), all(rewards_, other.rewards_);
  all(scores_, other.scores_), all(terminations_, other.terminations_), all(truncations_, other.truncations_);
  all(lengths_, other.lengths_), all(seeds_, other.seeds_), all(executed_, other.executed_);
  all(ram_, other.ram_), all(values_, other.values_);
}

void Gathered::append(const Segment& segment) {
  put(observations_, numbers<std::uint8_t>(segment.observations));
  put(actions_, numbers<std::int64_t>(segment.actions));
  put(rewards_, numbers<double>(segment.rewards));
  if (form_->scores) put(scores_, numbers<double>(segment.scores));
  put(terminations_, numbers<std::uint8_t>(segment.terminations));
  put(truncations_, numbers<std::uint8_t>(segment.truncations));
  put(lengths_, numbers<std::int64_t>(segment.lengths));
  put(seeds_, numbers<std::int64_t>(segment.seeds));
  if (form_->frames > 0) put(executed_, numbers<std::int64_t>(segment.executed));
  if (form_->ram > 0) put(ram_, numbers<std::uint8_t>(segment.ram));
  if (form_->values) put(values_, numbers<float>(segment.values));
}

void Gathered::clear() { *this = Gathered(*form_); }

std::uint64_t Gathered::bytes() const {
  const auto of = [](const auto& column) { return column.size() * sizeof(column[0]); };
  return of(observations_) + of(actions_) + of(rewards_) + of(scores_) + of(terminations_) +
         of(truncations_) + of(lengths_) + of(seeds_) + of(executed_) + of(ram_) + of(values_);
}

std::map<std::string, at::Tensor> Gathered::tensors() const {
  std::map<std::string, at::Tensor> all{
      {"observations", tensor_of(observations_, static_cast<std::int64_t>(form_->observation.bytes()))},
      {"actions", tensor_of(actions_)},
      {"rewards", tensor_of(rewards_)},
      {"terminations", tensor_of(terminations_)},
      {"truncations", tensor_of(truncations_)},
      {"lengths", tensor_of(lengths_)},
      {"seeds", tensor_of(seeds_)}};
  if (form_->scores) all["scores"] = tensor_of(scores_);
  if (form_->frames > 0) all["executed"] = tensor_of(executed_, form_->frames);
  if (form_->ram > 0) all["ram"] = tensor_of(ram_, form_->ram);
  if (form_->values) all["values"] = tensor_of(values_, form_->actions);
  return all;
}

void sums(const Gathered& steps, std::vector<double>& returns, std::vector<double>& scores) {
  sum_up(steps.rewards(), steps.lengths(), returns);
  sum_up(steps.scores(), steps.lengths(), scores);
}

void sums(const Segment& steps, std::vector<double>& returns, std::vector<double>& scores) {
  const auto lengths = numbers<std::int64_t>(steps.lengths);
  sum_up(numbers<double>(steps.rewards), lengths, returns);
  if (steps.scores.defined()) sum_up(numbers<double>(steps.scores), lengths, scores);
}

}  // namespace crosstalk::replay
