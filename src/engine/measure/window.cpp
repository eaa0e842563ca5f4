#include "measure/window.hpp"

#include <ATen/ATen.h>

#include "measure/aimed_rows.hpp"
#include "measure/blocks.hpp"

namespace crosstalk::measure {
Window errors_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                    learn::Passes& passes) {
  Window window{.steps = neighbours(samples, 0, length - 1)};
  const data::Rows& all = window.steps.rows;
  window.defined = at::zeros({all.size()}, at::kBool);
  each_block(all, [&](const data::Rows& rows, std::int64_t first) {
    const AimedRows block = aimed_rows(objective, *rows.table, rows.ids);
    if (block.empty()) return;
    learn::Aims aims;
    learn::Pull pull;
    objective.aims(block.rows, passes, aims);
    objective.inputs(block.rows, passes.inputs());
    objective.pull(passes.output(learn::Net::online, passes.inputs()), aims, learn::Over::samples, {}, pull);
    if (!window.errors.defined()) window.errors = at::zeros({all.size(), pull.errors.size(1)}, at::kDouble);
    const at::Tensor where = block.places + first;
    window.errors.index_copy_(0, where, pull.errors.to(at::kCPU, at::kDouble));
    window.defined.index_fill_(0, where, true);
  });
  return window;
}

}  // namespace crosstalk::measure
