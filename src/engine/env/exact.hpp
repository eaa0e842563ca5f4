#pragma once

#include <memory>

#include "data/table.hpp"
#include "env/decision_process.hpp"
#include "env/environment.hpp"
#include "tensor/random.hpp"

namespace crosstalk::env {

/// Draws states' observations. A record is the state's number; an episode's end, which no state is, is all
/// zeros.
class StateDrawing final : public Drawing {
 public:
  StateDrawing(const DecisionProcess& process, at::ScalarType type, at::Device device);

  std::size_t bytes() const override { return sizeof(std::int32_t); }
  void draw(std::span<const std::byte* const> records, at::Tensor& slot) const override;
  void check(const std::byte* record) const override;
  /// The same of numbers of states, Branch::end among them.
  void draw(std::span<const std::int64_t> states, at::Tensor& slot) const;

 private:
  at::Tensor observations_;  // (states + 1, features), the last row of zeros
};

/// A decision process that an agent acts in. Chance is one number a reset and one a step, from the stream
/// (seed, "environment"), looked up in the process's list of what may follow.
class Exact final : public Environment {
 public:
  Exact(std::shared_ptr<const DecisionProcess> process, std::shared_ptr<const StateDrawing> drawing);

  const Spaces& spaces() const override { return spaces_; }
  std::shared_ptr<const Drawing> drawing() const override { return drawing_; }
  void reset(std::uint64_t seed) override;
  /// Error(environment) after an episode's end or for an action that is not there.
  Outcome step(std::span<const std::int64_t> action) override;
  void record(std::byte* to) const override;
  void save(tensor::State& state) const override;
  bool load(const tensor::State& state) override;

  const DecisionProcess& process() const { return *process_; }
  std::int32_t state() const { return state_; }  // Branch::end where the episode is over

 private:
  std::shared_ptr<const DecisionProcess> process_;
  std::shared_ptr<const StateDrawing> drawing_;
  Spaces spaces_;
  std::uint64_t seed_ = 0;
  tensor::Stream chance_;
  std::int32_t state_ = Branch::end;
  std::int64_t steps_ = 0;  // of this episode so far
};

/// All states of a decision process as rows; beside each, as "value", what it is worth.
class States final : public data::Table {
 public:
  /// values (states).
  States(std::shared_ptr<const StateDrawing> drawing, at::Tensor values);

  data::Id first() const override { return 0; }
  data::Id end() const override { return values_.size(0); }
  void draw(std::span<const data::Id> rows, data::At at, at::Tensor& slot) const override;
  bool beside(std::string_view name, std::span<const data::Id> rows, at::Tensor& slot) const override;

 private:
  std::shared_ptr<const StateDrawing> drawing_;
  at::Tensor values_;
};

}  // namespace crosstalk::env
