#pragma once

#include "measure/evolution.hpp"
#include "measure/readings.hpp"

namespace crosstalk::measure {

/// The split of everything that is of pairs of others with the minibatch.
inline constexpr const char* of_pairs = "others-batch";

/// Puts down numbers of all pairs (A, B) as NAME: their mean; NAME.positive, .zero and .negative, the shares
/// of the pairs above, at and below 0; NAME.above and NAME.below, the means over the pairs above 0 and over
/// those below (no row where there are none); NAME.deviation, the standard deviation over the pairs;
/// NAME.median.
void add_pairs(const std::string& name, const at::Tensor& values, Readings& readings);
/// And the quantiles that a Summary has, which reports and rules do not load.
void add_pairs_with_quantiles(const std::string& name, const at::Tensor& values, Readings& readings);

/// NAME.skewness and NAME.kurtosis, the third and fourth moment about the mean by powers of the deviation,
/// the fourth less 3: both are 0 of a normal distribution. No rows where all values are the same.
void add_tails(const std::string& name, const at::Tensor& values, Readings& readings);

/// The same as an array NAME (A, B), whose axes say which rows the pairs are of.
void add_pairs_array(const Evolution& evolution, const std::string& name, const at::Tensor& values,
                     Readings& readings);

/// Means over some of the pairs, NAME and an ending: .within and .between, those of one class and of two;
/// .near and .far, the quarter whose inputs are nearest and the one farthest apart; .agree and .disagree,
/// those whose errors have the same sign and opposite ones; .near.agree and .near.disagree, the same of the
/// nearest quarter. No row where there are no such pairs, where samples have no class or no error of one
/// number, or where more than half of the pairs are as near as the nearest quarter.
void add_pairs_apart(const Evolution& evolution, const std::string& name, const at::Tensor& values,
                     Readings& readings);

}  // namespace crosstalk::measure
