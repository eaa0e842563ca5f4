#pragma once

#include <string_view>

#include "measure/evidence.hpp"
#include "measure/needs.hpp"
#include "measure/readings.hpp"

namespace crosstalk::measure {

/// One thing that researchers read. It holds no state and draws no random number; one file each, one line in
/// base/measures.def.
class Measure {
 public:
  virtual ~Measure() = default;
  virtual std::string_view name() const = 0;
  /// What it needs beside the Grams that its line in the table says.
  virtual void declare(Needs&) const {}
  /// What shows before the update of a step.
  virtual void measure(const Evidence&, Readings&) const {}
  /// What only that update shows, for measures that declare needs.change().
  virtual void change(const Evidence&, Readings&) const {}
};

/// Rows of the cosines of a function's gradients over each set of pairs: `measure` as a summary,
/// measure.sign, the mean of their signs, and measure.left_out, how many pairs have a gradient of 0 and hence
/// no cosine.
void add_cosines(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings);

/// Those of the pairs alone whose samples have one class, or different ones; no rows where they have none.
enum class Classes { same, different };
void add_cosines(const Evidence& evidence, Gradient gradient, Classes classes, std::string_view measure,
                 Readings& readings);

/// Rows of the dots of a function's gradients over each set of pairs, as a summary.
void add_dots(const Evidence& evidence, Gradient gradient, std::string_view measure, Readings& readings);

}  // namespace crosstalk::measure
