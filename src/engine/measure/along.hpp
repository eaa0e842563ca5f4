#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "measure/evidence.hpp"
#include "measure/readings.hpp"

namespace crosstalk::measure {

/// How many steps on either side are "behind" and "ahead".
inline constexpr std::int64_t nearest = 5;
constexpr bool is_behind(std::int64_t offset) { return offset < 0 && offset >= -nearest; }
constexpr bool is_ahead(std::int64_t offset) { return offset > 0 && offset <= nearest; }

/// Under which name a loss of probe.losses stands: NAME of what is learned by, NAME.td of the others.
std::string name_of(const std::string& loss, std::string_view name);

/// Puts down a number of each row around an update, as NAME:
///   rows    the mean over the minibatch ("batch"), over the steps up to 5 behind and ahead of each of its
///           samples ("behind", "ahead"), over all offsets but 0 ("neighbours") and
///           over the others ("others"). A transition counts as often as it stands there; where none does,
///           there is no row
///   arrays  NAME: the mean at each offset, NaN where no sample has a step; NAME.count: how many have.
///           Their axis is "offset"
/// values (n) double, of around.near.rows; where `defined` (n) is false they do not count.
void add_along(const Around& around, const std::string& name, const at::Tensor& defined,
               const at::Tensor& values, Readings& readings);

/// The arrays NAME and NAME.count over offsets: the mean of what `at(sample, offset)` has, NaN where it has
/// nothing of any sample, and of how many samples it has something.
void add_curve(const Neighbours& near, const std::string& name, const std::string& split,
               const std::function<std::optional<double>(std::int64_t sample, std::int64_t offset)>& at,
               Readings& readings);

/// The array NAME.rows: which transitions the minibatch and the others were, by their numbers in the
/// trajectories.
void add_rows_of(const Around& around, const std::string& name, Readings& readings);

/// The array NAME.rows of a set: which transitions its samples are.
void add_rows_of(const Set& set, const std::string& name, Readings& readings);

/// The share of the variance of `values` that `predicted` explains, over the same transitions as add_along:
///     1 - sum (value - predicted)^2 / sum (value - mean value)^2
/// on "batch", "neighbours" and "others"; no row where the values do not vary.
void add_explained(const Around& around, const std::string& name, const Change& change,
                   const at::Tensor& predicted, Readings& readings);

/// Puts down each set's cosines of a function's gradients as NAME: rows over all neighbours but the samples
/// themselves, NAME.behind and NAME.ahead over up to 5 steps, NAME.others over the others; the arrays NAME
/// and NAME.count over offsets as add_along has them, and NAME.rows.
void add_cosines_along(const Evidence& evidence, Gradient gradient, std::string_view name,
                       Readings& readings);

/// NAME, of each set: the correlation, over pairs of a sample and another, of the cosine of the function's
/// gradients with the distance of the console's memory; the arrays NAME.cosine and NAME.distance of all
/// pairs, which say the transitions on their axes.
void add_distances(const Evidence& evidence, std::string_view name, Readings& readings);

}  // namespace crosstalk::measure
