#include "measure/window.hpp"

#include <ATen/ATen.h>

#include "measure/aimed_rows.hpp"

namespace crosstalk::measure {
namespace {

constexpr std::size_t rows_at_once = 128;

}  // namespace

Window errors_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                    learn::Passes& passes) {
  Window window{.steps = neighbours(samples, 0, length - 1)};
  const data::Rows& all = window.steps.rows;
  window.defined = at::zeros({all.size()}, at::kBool);
  for (std::size_t first = 0; first < all.ids.size(); first += rows_at_once) {
    const std::size_t count = std::min(rows_at_once, all.ids.size() - first);
    const AimedRows block = aimed_rows(objective, *all.table, {all.ids.data() + first, count});
    if (block.empty()) continue;
    learn::Aims aims;
    learn::Pull pull;
    objective.aims(block.rows, passes, aims);
    objective.inputs(block.rows, passes.inputs());
    objective.pull(passes.output(learn::Net::online, passes.inputs()), aims, learn::Over::samples, {}, pull);
    if (!window.errors.defined()) window.errors = at::zeros({all.size(), pull.errors.size(1)}, at::kDouble);
    const at::Tensor where = block.places + static_cast<std::int64_t>(first);
    window.errors.index_copy_(0, where, pull.errors.to(at::kCPU, at::kDouble));
    window.defined.index_fill_(0, where, true);
  }
  return window;
}

}  // namespace crosstalk::measure
