#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/rows.hpp"
#include "measure/change.hpp"
#include "measure/evidence.hpp"
#include "measure/needs.hpp"
#include "measure/summary.hpp"

namespace crosstalk::measure {

/// The rows of one measurement.
class Rows {
 public:
  explicit Rows(std::int64_t step) : step_(step) {}
  void add(std::string_view measure, std::string_view split, double value);
  /// The mean as `measure`, quantiles as measure.q05 .q10 .q25 .q50 .q75 .q90 .q95, the shares above,
  /// at and below 0 as measure.positive .zero .negative; no row where there are no pairs (a set of one
  /// sample).
  void add(std::string_view measure, std::string_view split, const Summary& summary);
  std::vector<Row> take() { return std::move(rows_); }

 private:
  std::int64_t step_;
  std::vector<Row> rows_;
};

/// One thing that researchers read. It holds no state and draws no random number; one file each, one line in
/// base/measures.def.
class Measure {
 public:
  virtual ~Measure() = default;
  virtual std::string_view name() const = 0;
  virtual void declare(Needs& needs) const = 0;
  /// What shows before the update of a step.
  virtual void measure(const Evidence& evidence, Rows& rows) const = 0;
  /// What only that update shows, for measures that declare needs.change().
  virtual void measure_change(const Change&, Rows&) const {}
};

/// Rows of the cosines of a function's gradients over each set of pairs: `measure` as a summary,
/// measure.sign, the mean of their signs, and measure.left_out, how many pairs have a gradient of 0 and hence
/// no cosine.
void add_cosines(const Evidence& evidence, Function function, std::string_view measure, Rows& rows);

/// Rows of one part of an agent's score on both splits, and of the two policies beside it: `measure`,
/// measure.random, measure.blind. None where the task is no agent's.
void add_scores(const Evidence& evidence, std::string_view measure, double Score::* part, Rows& rows);

}  // namespace crosstalk::measure
