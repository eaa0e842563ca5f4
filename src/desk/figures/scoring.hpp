#pragma once

#include <string_view>

namespace crosstalk::figures {

struct MeasuredRun;

/// What a kind of experiment (task.kind and learner.algorithm, or that it learns from another agent's steps)
/// means for the figures: the panel of Fig. 1 that it belongs to, the measure whose gap is drawn, and how an
/// error is made of it.
struct Scoring {
  std::string_view name;      // task.kind
  std::string_view way;       // learner.algorithm, or "offline"
  std::string_view panel;     // "supervised", "value-based", "policy gradient", "offline"
  std::string_view measure;   // "accuracy", "squared_error", "reward": its splits train and test
  bool larger_is_better;      // then error = 1 - measure, for 1 is the best there is (a reward's regret)
  std::string_view error;     // what an error and a difference of errors is counted in
  std::string_view constant;  // the measure of what needs no input: "accuracy.constant", "reward.blind"
  std::string_view without;   // whose that is, in words: "the mean of the training targets"
  std::string_view gap;       // what the gap is, for an axis: "generalisation gap (reward, train - test)"

  bool is_agent() const { return measure == "reward"; }
};

/// nullptr for a kind without a line in the table.
const Scoring* scoring_of(const MeasuredRun& run);

}  // namespace crosstalk::figures
