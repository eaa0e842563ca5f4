#include "trace/cross_gram.hpp"

#include <ATen/ops/zeros.h>

#include "base/error.hpp"
#include "trace/rule.hpp"

namespace crosstalk::trace {

std::vector<at::Tensor> cross_gram_per_layer(const Trace& rows, const Trace& columns,
                                             const Options& options) {
  check(rows);
  check(columns);
  if (rows.layers.size() != columns.layers.size() || rows.layout->size() != columns.layout->size())
    throw Error(ErrorKind::config, "a cross-Gram needs two traces of one network: these have " +
                                       std::to_string(rows.layers.size()) + " and " +
                                       std::to_string(columns.layers.size()) + " layers, " +
                                       std::to_string(rows.layout->size()) + " and " +
                                       std::to_string(columns.layout->size()) + " parameters");
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < rows.layers.size(); ++i) {
    const LayerTrace &left = rows.layers[i], &right = columns.layers[i];
    if (left.use.index() != right.use.index() ||
        left.inputs.sizes().slice(1) != right.inputs.sizes().slice(1) ||
        left.inputs.scalar_type() != right.inputs.scalar_type())
      throw Error(ErrorKind::config, "a cross-Gram needs two traces of one network: layer " + left.name +
                                         " meets " + right.name + " with other shapes or another type");
    parts.push_back(rule(left.use).products(left, right, *rows.layout, options));
  }
  return parts;
}

at::Tensor cross_gram(const Trace& rows, const Trace& columns, const Options& options) {
  const std::vector<at::Tensor> parts = cross_gram_per_layer(rows, columns, options);
  if (parts.empty()) return at::zeros({rows.samples, columns.samples});
  at::Tensor sum = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) sum.add_(parts[i]);
  return sum;
}

}  // namespace crosstalk::trace
