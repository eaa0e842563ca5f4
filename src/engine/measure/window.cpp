#include "measure/window.hpp"

#include <ATen/ATen.h>

#include "measure/aimed_rows.hpp"
#include "measure/blocks.hpp"

namespace crosstalk::measure {
namespace {

/// `of` says what is wanted of some rows that have an aim, (rows, H).
template <class Of>
Window filled(const learn::Objective& objective, Neighbours steps, Of of) {
  Window window{.steps = std::move(steps)};
  const data::Rows& all = window.steps.rows;
  window.defined = at::zeros({all.size()}, at::kBool);
  each_block(all, [&](const data::Rows& rows, std::int64_t first) {
    const AimedRows block = aimed_rows(objective, *rows.table, rows.ids);
    if (block.empty()) return;
    const at::Tensor values = of(block.rows).to(at::kCPU, at::kDouble);
    if (!window.values.defined()) window.values = at::zeros({all.size(), values.size(1)}, at::kDouble);
    const at::Tensor where = block.places + first;
    window.values.index_copy_(0, where, values);
    window.defined.index_fill_(0, where, true);
  });
  return window;
}

Window errors_at(const learn::Objective& objective, Neighbours steps, learn::Passes& passes) {
  return filled(objective, std::move(steps), [&](const data::Rows& rows) {
    learn::Aims aims;
    learn::Pull pull;
    objective.aims(rows, passes, aims);
    objective.inputs(rows, passes.inputs());
    objective.pull(passes.output(learn::Net::online, passes.inputs()), aims, learn::Over::samples, {}, pull);
    return pull.errors;
  });
}

}  // namespace

std::optional<std::int64_t> Window::begin(std::int64_t sample) const {
  const std::int64_t first = steps.place(sample, 0), length = steps.offsets();
  if (steps.place(sample, length - 1) == Neighbours::masked ||
      !defined.narrow(0, first, length).all().item<bool>())
    return std::nullopt;
  return first;
}

Window errors_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                    learn::Passes& passes) {
  return errors_at(objective, neighbours(samples, 0, length - 1), passes);
}

Window errors_again(const learn::Objective& objective, const Window& before, learn::Passes& passes) {
  return errors_at(objective, before.steps, passes);
}

Window targets_along(const learn::Objective& objective, const data::Rows& samples, std::int64_t length,
                     learn::Passes& passes) {
  return filled(objective, neighbours(samples, 0, length - 1), [&](const data::Rows& rows) {
    learn::Aims aims;
    objective.aims(rows, passes, aims);
    return aims.targets;
  });
}

}  // namespace crosstalk::measure
