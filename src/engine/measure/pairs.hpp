#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "trace/gram_matrix.hpp"

namespace crosstalk::measure {

/// Dots of gradients over the stacked sets of samples.
using Gram = trace::GramMatrix;

/// The cosine of two samples' gradients; NaN where one of them is 0, and has no direction.
inline double cosine(const Gram& gram, std::int64_t u, std::int64_t v) {
  const double norms = gram.norm(u) * gram.norm(v);
  return norms > 0 ? gram.dot(u, v) / norms : std::numeric_limits<double>::quiet_NaN();
}

/// Samples [first, last) of the stack.
struct Range {
  std::int64_t first, last;
  std::int64_t size() const { return last - first; }
};

/// Pairs of samples (u, v): within one set the distinct ones, u < v, without the diagonal; between two sets
/// all. u and v count through the stack.
class PairSet {
 public:
  /// `gram` must outlive the pairs.
  PairSet(std::string split, const Gram& gram, Range rows, Range columns)
      : split_(std::move(split)), gram_(&gram), rows_(rows), columns_(columns) {}

  const std::string& split() const { return split_; }  // "train-test": the two sets' names
  std::int64_t count() const {
    return within() ? rows_.size() * (rows_.size() - 1) / 2 : rows_.size() * columns_.size();
  }

  double dot(std::int64_t u, std::int64_t v) const { return gram_->dot(u, v); }
  double norm(std::int64_t u) const { return gram_->norm(u); }

  /// Calls visit(u, v) for each pair, row by row.
  template <class Visit>
  void each(Visit visit) const {
    for (std::int64_t u = rows_.first; u < rows_.last; ++u) {
      for (std::int64_t v = within() ? u + 1 : columns_.first; v < columns_.last; ++v) visit(u, v);
    }
  }

 private:
  bool within() const { return rows_.first == columns_.first; }
  std::string split_;
  const Gram* gram_;
  Range rows_, columns_;
};

}  // namespace crosstalk::measure
