#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::measure {

/// Dots of gradients over the stacked sets of samples.
struct Gram {
  std::vector<double> dots;   // (n, n)
  std::vector<double> norms;  // (n)
};

/// Samples [first, last) of the stack.
struct Range {
  std::int64_t first, last;
  std::int64_t size() const { return last - first; }
};

/// Pairs of samples (u, v): within one set the distinct ones, u < v, without the diagonal; between two sets
/// all. u and v count through the stack.
class PairSet {
 public:
  /// `gram` must outlive the pairs; it is of `stacked` samples.
  PairSet(std::string split, const Gram& gram, Range rows, Range columns)
      : split_(std::move(split)), gram_(&gram), rows_(rows), columns_(columns) {}

  const std::string& split() const { return split_; }  // "train-test": the two sets' names
  std::int64_t count() const {
    return within() ? rows_.size() * (rows_.size() - 1) / 2 : rows_.size() * columns_.size();
  }

  double dot(std::int64_t u, std::int64_t v) const {
    return gram_->dots[static_cast<std::size_t>(u) * gram_->norms.size() + static_cast<std::size_t>(v)];
  }
  double norm(std::int64_t u) const { return gram_->norms[static_cast<std::size_t>(u)]; }

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
