#include "measure/window.hpp"

#include <ATen/ATen.h>

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
    data::Rows block{all.table, {}};
    std::vector<std::int64_t> places;
    for (std::size_t i = first; i < std::min(first + rows_at_once, all.ids.size()); ++i) {
      if (!objective.defined(*all.table, all.ids[i])) continue;
      block.ids.push_back(all.ids[i]);
      places.push_back(static_cast<std::int64_t>(i));
    }
    if (places.empty()) continue;
    learn::Aims aims;
    learn::Pull pull;
    objective.aims(block, passes, aims);
    objective.inputs(block, passes.inputs());
    objective.pull(passes.output(learn::Net::online, passes.inputs()), aims, learn::Over::samples, {}, pull);
    if (!window.errors.defined()) window.errors = at::zeros({all.size(), pull.errors.size(1)}, at::kDouble);
    const at::Tensor where = at::tensor(places, at::kLong);
    window.errors.index_copy_(0, where, pull.errors.to(at::kCPU, at::kDouble));
    window.defined.index_fill_(0, where, true);
  }
  return window;
}

}  // namespace crosstalk::measure
