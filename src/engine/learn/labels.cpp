#include "learn/labels.hpp"

#include <ATen/ATen.h>

#include "base/error.hpp"

namespace crosstalk::learn {

void Labels::aims(const data::Rows& rows, Passes&, Aims& aims) const {
  if (!rows.table->beside("label", rows.ids, aims.targets))
    throw Error(ErrorKind::config, "supervised learning needs labels, and was given rows without any");
}

void Labels::pull(const at::Tensor& output, const Aims& aims, Over over, const at::Tensor&,
                  Pull& pull) const {
  if (over == Over::batch) {
    pull.loss = loss_.of_batch(output, aims.targets, pull.cotangent);
  } else {
    pull.losses = loss_.sample_losses(output, aims.targets);
    pull.cotangent = loss_.sample_cotangents(output, aims.targets);
    if (loss_.is_square()) pull.errors = output - aims.targets;
  }
}

bool Labels::prediction(const at::Tensor& output, const Aims&, at::Tensor& slot) const {
  if (!loss_.is_square() || output.size(1) != 1) return false;
  slot = at::ones_like(output);
  return true;
}

at::Tensor Labels::curve(const at::Tensor& output, const Aims&, const at::Tensor& along) const {
  return loss_.curve(output, along);
}

}  // namespace crosstalk::learn
