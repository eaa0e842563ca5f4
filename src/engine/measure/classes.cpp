#include "measure/classes.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

std::vector<std::int64_t> classes_of(const data::Rows& rows) {
  at::Tensor labels;
  if (!rows.table->beside("label", rows.ids, labels) || labels.scalar_type() != at::kLong) return {};
  labels = labels.cpu().contiguous();
  const auto* label = labels.const_data_ptr<std::int64_t>();
  return {label, label + labels.numel()};
}

}  // namespace crosstalk::measure
