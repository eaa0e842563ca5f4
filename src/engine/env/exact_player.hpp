#pragma once

#include "env/exact.hpp"
#include "env/foreign.hpp"

namespace crosstalk::env {

/// An exact environment as what is played and stored: it shows the features of a state in double precision,
/// all zeros where an episode is over.
class ExactPlayer final : public Player {
 public:
  explicit ExactPlayer(std::shared_ptr<const DecisionProcess> process);

  std::int64_t actions() const override { return process_->actions; }
  const ArrayForm& form() const override { return form_; }
  void reset(std::uint64_t seed) override { exact_.reset(seed); }
  Outcome step(std::int64_t action) override { return exact_.step({&action, 1}); }
  void record(std::byte* to) const override;

 private:
  std::shared_ptr<const DecisionProcess> process_;
  Exact exact_;
  ArrayForm form_;
};

}  // namespace crosstalk::env
