#include "trace/cross_gram.hpp"

#include <ATen/ops/zeros.h>

#include "base/error.hpp"
#include "trace/parts.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {
namespace {

std::vector<std::size_t> parameters_of(const LayerTrace& layer) {
  std::vector<std::size_t> segments;
  nn::each_segment(layer.use, [&](std::size_t segment) { segments.push_back(segment); });
  return segments;
}

bool are_alike(const LayerTrace& left, const LayerTrace& right) {
  return left.use.index() == right.use.index() && parameters_of(left) == parameters_of(right) &&
         left.output_gradients.scalar_type() == right.output_gradients.scalar_type();
}

void check_one_network(const Trace& rows, const Trace& columns) {
  check(rows);
  check(columns);
  if (rows.layers.size() != columns.layers.size() || rows.layout.size() != columns.layout.size())
    throw Error(ErrorKind::config, "a cross-Gram needs two traces of one network: these have " +
                                       std::to_string(rows.layers.size()) + " and " +
                                       std::to_string(columns.layers.size()) + " layers, " +
                                       std::to_string(rows.layout.size()) + " and " +
                                       std::to_string(columns.layout.size()) + " parameters");
  for (std::size_t i = 0; i < rows.layers.size(); ++i) {
    const LayerTrace &left = rows.layers[i], &right = columns.layers[i];
    if (!are_alike(left, right))
      throw Error(ErrorKind::config, "a cross-Gram needs two traces of one network: layer " + left.name +
                                         " meets " + right.name + " with other parameters or another type");
  }
}

}  // namespace

bool are_of_one_network(const Trace& rows, const Trace& columns) {
  return rows.layout.size() == columns.layout.size() &&
         std::ranges::equal(rows.layers, columns.layers, are_alike);
}

at::Tensor cross_gram(const Trace& rows, const Trace& columns, const Options& options) {
  check_one_network(rows, columns);
  const std::vector<Part> left = parts(rows), right = parts(columns);
  at::Tensor sum;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const at::Tensor own = products(left[i], right[i], rows.layout, options);
    sum = sum.defined() ? sum.add_(own) : own;
  }
  return sum.defined() ? sum : at::zeros({rows.samples, columns.samples});
}

}  // namespace crosstalk::trace
